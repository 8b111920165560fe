// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.pipeline;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.mien.api.Key;
import org.mien.core.Plugins;
import org.mien.core.internal.plugin.Keys;
import org.mien.engine.ThreadLease;
import org.mien.engine.Torch;
import org.mien.vision.Limits;

/** The platform's own keys, as records like those of plugins. */
public final class PlatformKeys {
    private PlatformKeys() {}

    /**
     * What a pipeline is made of.
     *
     * @param dataset id
     * @param backbone id, or empty
     * @param method id
     * @param preprocess ids
     * @param evaluators ids
     * @param seed of every draw
     * @param select what an epoch is chosen by
     */
    public record Chosen(
            @Key(doc = "id of the dataset") String dataset,
            @Key(value = "", doc = "id of the backbone; empty for a method without one")
                    String backbone,
            @Key(doc = "id of the method") String method,
            @Key(
                            value = "",
                            doc =
                                    "steps from image to input, in order: ids, ID+ID:SHARE for"
                                            + " steps that vary under one coin, ID@VIEW for a step on a"
                                            + " view after it was cut")
                    List<String> preprocess,
            @Key(value = "", doc = "ids of the evaluators") List<String> evaluators,
            @Key(
                            value = "",
                            doc =
                                    "backbone, or stages of it, that stand as they start: no"
                                            + " gradient, and statistics neither of the batch nor"
                                            + " from it; empty for none")
                    List<String> freeze,
            @Key(value = "1", min = 0, doc = "seed of every draw of a run") long seed,
            @Key(
                            value = "auto",
                            doc =
                                    "what the epoch that is used, train.patience and the schedule"
                                            + " plateau go by, on the validation split: auto (accuracy"
                                            + " of a method that names classes, else loss), accuracy,"
                                            + " mean-class-accuracy, macro-f1, ccc, loss, or"
                                            + " EVALUATOR.METRIC of an evaluator of the pipeline")
                    String select) {}

    /** Which of two values of a metric is better. */
    public enum Mode {
        /** As the metric is known to be. */
        AUTO,
        /** The larger one. */
        MAX,
        /** The smaller one. */
        MIN
    }

    /**
     * How epochs are compared.
     *
     * @param mode which value is better
     */
    public record Select(
            @Key(
                            value = "auto",
                            doc =
                                    "which value of select is better: max, min, or auto for metrics"
                                            + " of which it is known")
                    Mode mode) {}

    /**
     * Where the backbone starts.
     *
     * @param weights a file
     */
    public record BackboneStart(
            @Key(
                            value = "",
                            doc =
                                    "file of weights that the backbone starts from: .safetensors,"
                                            + " .npz, or a state dict of PyTorch; empty for none")
                    String weights) {}

    /**
     * Where all parts start.
     *
     * @param init a run or a file
     */
    public record MethodStart(
            @Key(
                            value = "",
                            doc =
                                    "an earlier run, or a file of weights, that all parts start"
                                            + " from; empty for none")
                    String init) {}

    /** Which training samples an epoch goes through. */
    public enum Sampling {
        /** Each once. */
        SHUFFLE,
        /** As many as there are, drawn with replacement, each class as likely as any other. */
        BALANCED,
        /** Those of rare classes several times. */
        REPEAT_SQRT,
        /** Of each class as many as the smallest has. */
        SMALLEST
    }

    /**
     * What is read.
     *
     * @param validation share
     * @param perClass most samples of a class in training; 0 for all
     * @param sampler which of them an epoch goes through
     * @param repeatBelow share of a class
     * @param cache megabytes
     * @param classes those that count, in their order; empty for all
     * @param map other names of classes, as {@code contempt:disgust}
     * @param fraction share of training
     * @param noise share of training with wrong labels
     */
    public record Data(
            @Key(
                            value = "0.1",
                            min = 0,
                            max = 0.9,
                            doc =
                                    "share of the training split that becomes the validation split"
                                            + " where the dataset has none")
                    double validation,
            @Key(
                            value = "0",
                            min = 0,
                            max = 50_000_000,
                            doc =
                                    "most samples of each class that are trained on, drawn by the"
                                            + " seed from the training split after validation has"
                                            + " left it; 0 for all")
                    int perClass,
            @Key(
                            value = "shuffle",
                            doc =
                                    "which training samples an epoch goes through: shuffle each"
                                            + " once; balanced as many as there are, drawn with"
                                            + " replacement, each class as likely as any other;"
                                            + " repeat-sqrt those of a class of share f"
                                            + " ceil(sqrt(data.repeat-below / f)) times; smallest of"
                                            + " each class as many as the smallest has, others in each"
                                            + " epoch")
                    Sampling sampler,
            @Key(
                            value = "0.15",
                            min = 0,
                            max = 1,
                            doc = "share of a class below which repeat-sqrt repeats its samples")
                    double repeatBelow,
            @Key(
                            value = "2048",
                            min = 0,
                            max = 1048576,
                            doc =
                                    "room for pictures after the steps done once, in MiB of files"
                                            + " that are gone with the run; 0 for none")
                    int cache,
            @Key(
                            value = "",
                            doc =
                                    "classes that count, by their names after data.map and in this"
                                            + " order; samples of the others are left out; empty"
                                            + " for all")
                    List<String> classes,
            @Key(
                            value = "",
                            doc =
                                    "classes under other names, as contempt:disgust, or 1:surprise;"
                                            + " classes with one name are one")
                    List<String> map,
            @Key(
                            value = "1",
                            min = 0.0001,
                            max = 1,
                            doc =
                                    "share of each class in training that is trained on, drawn by"
                                            + " the seed")
                    double fraction,
            @Key(
                            value = "0",
                            min = 0,
                            max = 0.9,
                            doc =
                                    "share of the training samples that get another class, drawn by"
                                            + " the seed: symmetric label noise")
                    double noise) {
        /** Checks that pairs are pairs and names stand once. */
        public Data {
            for (String pair : map) {
                if (!pair.matches("(?s)\\s*[^\\s].*:\\s*[^\\s].*")) {
                    throw new IllegalArgumentException(
                            "map '" + pair + "'; expected CLASS:NAME, such as contempt:disgust");
                }
            }
            if (Set.copyOf(classes).size() < classes.size()) {
                throw new IllegalArgumentException(
                        "classes '"
                                + String.join(", ", classes)
                                + "' names one twice; expected each class once");
            }
        }
    }

    /**
     * What a file may be before it is decoded.
     *
     * @param maxBytes of a file
     * @param maxPixels of a picture
     * @param maxSide of a picture
     */
    public record Image(
            @Key(value = "67108864", min = 1, max = 1 << 30, doc = "largest image file, in bytes")
                    long maxBytes,
            @Key(
                            value = "64000000",
                            min = 1,
                            max = 700_000_000,
                            doc =
                                    "most pixels of an image, width times height; decoding takes"
                                            + " some 6 bytes a pixel")
                    long maxPixels,
            @Key(
                            value = "16384",
                            min = 1,
                            max = 1 << 20,
                            doc = "largest width and height of an image, in pixels")
                    int maxSide) {
        /** The same for the decoder. */
        public Limits limits() {
            return new Limits(maxBytes, maxPixels, maxSide);
        }
    }

    /**
     * The loop.
     *
     * @param epochs passes over the training split
     * @param batch samples of a step
     * @param accumulate steps
     * @param device where
     * @param threads number, auto or free
     * @param loaderThreads threads
     * @param smoothing share
     * @param classWeights rule
     * @param ema decay
     * @param patience epochs
     * @param plateau epochs
     */
    public record Loop(
            @Key(value = "10", min = 1, max = 100000, doc = "passes over the training split")
                    int epochs,
            @Key(value = "32", min = 1, max = 65536, doc = "samples of a step") int batch,
            @Key(
                            value = "1",
                            min = 1,
                            max = 65536,
                            doc =
                                    "steps whose gradients are averaged, by samples, before weights"
                                            + " are moved once; the rest of an epoch counts with the"
                                            + " next")
                    int accumulate,
            @Key(value = "auto", doc = "auto, cpu or cuda:N") String device,
            @Key(
                            value = "auto",
                            doc =
                                    "threads that compute on a CPU: auto for one a processor, a"
                                            + " number from 1 to 1024, or free for what other"
                                            + " processes leave, looked at again while it trains;"
                                            + " the last bits of a run depend on it")
                    String threads,
            @Key(value = "1", min = 1, max = 64, doc = "threads that read and prepare pictures")
                    int loaderThreads,
            @Key(
                            value = "0",
                            min = 0,
                            max = 0.9,
                            doc = "label smoothing: share of the target spread over all classes")
                    double smoothing,
            @Key(
                            value = "none",
                            doc =
                                    "how classes count in the cross-entropy: balanced counts each"
                                            + " by the inverse of its training samples")
                    ClassWeights classWeights,
            @Key(
                            value = "0",
                            min = 0,
                            max = 0.99999,
                            doc =
                                    "decay of a running average of the weights, which is then what"
                                            + " is validated and used; 0 for none")
                    double ema,
            @Key(
                            value = "0",
                            min = 0,
                            max = 100000,
                            doc =
                                    "epochs without a better value of select after which the run"
                                            + " ends; 0 never")
                    int patience,
            @Key(
                            value = "5",
                            min = 1,
                            max = 100000,
                            doc =
                                    "epochs without a better value of select after which the"
                                            + " schedule plateau lowers the learning rate")
                    int plateau) {
        /** Checks the number of threads. */
        public Loop {
            if (!threads.matches("auto|free|[1-9]\\d{0,2}|10[01]\\d|102[0-4]")) {
                throw new IllegalArgumentException(
                        "threads '"
                                + threads
                                + "'; expected auto, free or a number from 1 to 1024");
            }
        }

        /** What to ask the engine for. */
        public ThreadLease lease(Torch torch) {
            return torch.threads(
                    switch (threads) {
                        case "auto" -> torch.allThreads();
                        case "free" -> 0;
                        default -> Integer.parseInt(threads);
                    });
        }
    }

    /** Of which datasets pictures are kept for a report. */
    public enum Shown {
        /** Of none. */
        NONE,
        /** Of those that say that anyone may see them. */
        PUBLISHABLE,
        /** Of every one. */
        ALL
    }

    /**
     * What a report shows.
     *
     * @param images of which datasets
     * @param gallery samples
     * @param galleryEvery epochs
     */
    public record Report(
            @Key(
                            value = "publishable",
                            doc =
                                    "whether pictures are kept for the report, of an evaluation's"
                                            + " worst mistakes and of what the method draws:"
                                            + " publishable only where the dataset says that anyone"
                                            + " may see them")
                    Shown images,
            @Key(
                            value = "4",
                            min = 0,
                            max = 16,
                            doc =
                                    "samples of the validation split, or else of the training"
                                            + " split, of which a method that draws is shown; 0 for"
                                            + " none")
                    int gallery,
            @Key(
                            value = "5",
                            min = 1,
                            max = 100000,
                            doc =
                                    "epochs from one such drawing to the next; the first and the"
                                            + " last epoch are always drawn")
                    int galleryEvery) {}

    /**
     * How a run predicts images.
     *
     * @param threads number, or auto
     */
    public record Predict(
            @Key(
                            value = "auto",
                            doc =
                                    "threads that read and prepare images: auto for as many as the"
                                            + " process may use, or a number from 1 to 64")
                    String threads) {
        private static final String AUTO = "auto";

        /** Checks the number. */
        public Predict {
            if (!threads.equals(AUTO) && !threads.matches("[1-9]|[1-5]\\d|6[0-4]")) {
                throw new IllegalArgumentException(
                        "threads '" + threads + "'; expected auto or a number from 1 to 64");
            }
        }

        /** Threads that read and prepare images. */
        public int workers() {
            return threads.equals(AUTO)
                    ? Math.min(64, Runtime.getRuntime().availableProcessors())
                    : Integer.parseInt(threads);
        }
    }

    /** How classes count in the cross-entropy. */
    public enum ClassWeights {
        /** By their samples. */
        NONE,
        /** Alike. */
        BALANCED
    }

    /** Update rules. */
    public enum Optimizer {
        /** See {@link org.mien.nn.spi.Optimizer.Rule#SGD}. */
        SGD,
        /** See {@link org.mien.nn.spi.Optimizer.Rule#ADAM}. */
        ADAM,
        /** See {@link org.mien.nn.spi.Optimizer.Rule#ADAMW}. */
        ADAMW
    }

    /** How the learning rate moves after the warm-up. */
    public enum Schedule {
        /** It does not. */
        CONSTANT,
        /** Along half a cosine to zero, by step. */
        COSINE,
        /** By a factor after each epoch. */
        EXPONENTIAL,
        /** By a factor at each milestone. */
        MULTI_STEP,
        /** By a factor each time what is chosen by stands still. */
        PLATEAU,
        /** To a rate of its own at each milestone. */
        TABLE
    }

    /**
     * How fast weights move: {@code train.*} for all, {@code train.<part>.*} for those of a part of
     * the network.
     *
     * @param lr learning rate
     * @param weightDecay decay
     * @param schedule of the learning rate
     * @param warmup epochs
     * @param milestones epochs
     * @param gamma factor
     * @param table epochs and rates
     */
    public record Rates(
            @Key(value = "1e-3", min = 0, max = 1000, doc = "learning rate") double lr,
            @Key(value = "0", min = 0, max = 10, doc = "weight decay") double weightDecay,
            @Key(value = "constant", doc = "how the learning rate moves") Schedule schedule,
            @Key(
                            value = "0",
                            min = 0,
                            max = 100000,
                            doc = "epochs over which the learning rate rises from zero")
                    double warmup,
            @Key(value = "", doc = "epochs at which multi-step multiplies by gamma")
                    List<String> milestones,
            @Key(
                            value = "0.1",
                            min = 0,
                            max = 1,
                            doc =
                                    "factor of exponential (after each epoch), multi-step and"
                                            + " plateau")
                    double gamma,
            @Key(
                            value = "",
                            doc =
                                    "learning rates of table, each with the epoch from which on it"
                                            + " counts, as 6:5e-5,12:1e-5; before the first, lr")
                    List<String> table) {
        /** A factor after each epoch below which it would stand still in no time. */
        private static final double SLOWEST = 0.5;

        private static final String NUMBER = "\\d{1,9}(\\.\\d{0,17})?([eE]-?\\d{1,2})?";

        /** Checks milestones, factor and table. */
        public Rates {
            for (String milestone : milestones) {
                if (!milestone.matches("\\d{1,6}")) {
                    throw new IllegalArgumentException(
                            "milestone '" + milestone + "'; expected epochs such as 10,18,25");
                }
            }
            if (schedule == Schedule.EXPONENTIAL && gamma < SLOWEST) {
                throw new IllegalArgumentException(
                        "the schedule exponential multiplies the learning rate by gamma after each"
                                + " epoch, and gamma is "
                                + gamma
                                + "; expected "
                                + SLOWEST
                                + " to 1, for example gamma = 0.9");
            }
            int before = -1;
            for (String row : table) {
                if (!row.matches("\\d{1,6}\\s*:\\s*" + NUMBER) || from(row) <= before) {
                    throw new IllegalArgumentException(
                            "table '"
                                    + String.join(",", table)
                                    + "'; expected epochs, each later than the one before, with"
                                    + " their learning rates, such as 6:5e-5,12:1e-5");
                }
                before = from(row);
            }
            if (schedule == Schedule.TABLE && table.isEmpty()) {
                throw new IllegalArgumentException(
                        "the schedule table has no table; expected table = EPOCH:RATE,.. such as"
                                + " 6:5e-5,12:1e-5");
            }
        }

        private static int from(String row) {
            return Integer.parseInt(row.substring(0, row.indexOf(':')).strip());
        }

        /**
         * The learning rate of a step.
         *
         * @param step from 0, of the phase
         * @param perEpoch steps of an epoch
         * @param epochs epochs of the phase
         * @param drops how often what is chosen by stood still
         */
        public double rate(long step, long perEpoch, int epochs, int drops) {
            double warm = warmup * perEpoch;
            if (step < warm) {
                return lr * (step + 1) / warm;
            }
            long epoch = step / perEpoch;
            return switch (schedule) {
                case CONSTANT -> lr;
                case COSINE -> {
                    double all = Math.max(1, (double) perEpoch * epochs - warm);
                    yield lr * 0.5 * (1 + Math.cos(Math.PI * (step - warm) / all));
                }
                case EXPONENTIAL -> lr * Math.pow(gamma, epoch);
                case MULTI_STEP -> {
                    long passed =
                            milestones.stream().filter(m -> Long.parseLong(m) <= epoch).count();
                    yield lr * Math.pow(gamma, passed);
                }
                case PLATEAU -> lr * Math.pow(gamma, drops);
                case TABLE -> {
                    double rate = lr;
                    for (String row : table) {
                        if (from(row) <= epoch) {
                            rate = Double.parseDouble(row.substring(row.indexOf(':') + 1));
                        }
                    }
                    yield rate;
                }
            };
        }
    }

    /**
     * How a phase moves its weights; {@code train.*} for all phases, {@code train.<phase>.*} for
     * one.
     *
     * @param optimizer rule
     * @param rates of all parts that have none of their own
     * @param decayVectors whether 1-d weights decay
     * @param freeze parts
     * @param momentum of sgd
     * @param nesterov of sgd
     * @param beta1 of adam
     * @param beta2 of adam
     * @param eps of adam
     * @param clip norm
     * @param layerDecay factor
     */
    public record Rule(
            @Key(value = "adamw", doc = "update rule") Optimizer optimizer,
            Rates rates,
            @Key(
                            value = "true",
                            doc =
                                    "whether weight decay counts for 1-d weights, too: biases and"
                                            + " those of normalisations. PyTorch's optimisers decay"
                                            + " them")
                    boolean decayVectors,
            @Key(
                            value = "",
                            doc =
                                    "parts whose weights stand, such as backbone.layer1; running"
                                            + " statistics in them still move")
                    List<String> freeze,
            @Key(value = "0.9", min = 0, max = 0.9999, doc = "momentum of sgd") double momentum,
            @Key(value = "false", doc = "whether sgd looks ahead") boolean nesterov,
            @Key(value = "0.9", min = 0, max = 0.99999, doc = "beta1 of adam and adamw")
                    double beta1,
            @Key(value = "0.999", min = 0, max = 0.99999, doc = "beta2 of adam and adamw")
                    double beta2,
            @Key(value = "1e-8", min = 0, max = 1, doc = "eps of adam and adamw") double eps,
            @Key(
                            value = "0",
                            min = 0,
                            max = 1e6,
                            doc = "largest norm over all gradients of a step; 0 for no limit")
                    double clip,
            @Key(
                            value = "1",
                            min = 0.01,
                            max = 1,
                            doc =
                                    "factor on the learning rate from each stage of the backbone to"
                                            + " the one before it; the last one and the method's"
                                            + " own parts have the full rate")
                    double layerDecay) {}

    /**
     * The queue of jobs; its keys are those of the platform, not of a pipeline.
     *
     * @param atOnce jobs
     * @param patience seconds
     */
    public record Queue(
            @Key(
                            value = "1",
                            min = 1,
                            max = 64,
                            doc = "runs that train at once; others wait for their turn")
                    int atOnce,
            @Key(
                            value = "60",
                            min = 1,
                            max = 86_400,
                            doc =
                                    "seconds that a step may take when its run is to stop; then the"
                                            + " run is given up")
                    int patience) {}

    /**
     * Runs that stay open after a prediction; keys of the platform, not of a pipeline.
     *
     * @param openRuns number
     * @param openMib memory
     * @param openMinutes minutes
     */
    public record Open(
            @Key(
                            value = "2",
                            min = 0,
                            max = 64,
                            doc =
                                    "runs that stay open after a prediction, so that the next one"
                                            + " begins at once; 0 for none")
                    int openRuns,
            @Key(
                            value = "1024",
                            min = 0,
                            max = 1 << 20,
                            doc = "most memory of their weights, in MiB")
                    int openMib,
            @Key(
                            value = "10",
                            min = 1,
                            max = 10_080,
                            doc = "minutes after its last prediction at which a run is closed")
                    int openMinutes) {}

    /** Whether a key changes no number of a run, such as what its report shows. */
    public static boolean changesNothing(String key) {
        return key.startsWith("report.") || key.startsWith("predict.");
    }

    public static List<Plugins.Key> all() {
        List<Plugins.Key> keys = new ArrayList<>();
        keys.addAll(Keys.describe("", Chosen.class));
        keys.addAll(Keys.describe("select.", Select.class));
        keys.addAll(Keys.describe("backbone.", BackboneStart.class));
        keys.addAll(Keys.describe("method.", MethodStart.class));
        keys.addAll(Keys.describe("data.", Data.class));
        keys.addAll(Keys.describe("image.", Image.class));
        keys.addAll(Keys.describe("train.", Loop.class));
        keys.addAll(Keys.describe("train.", Rule.class));
        keys.addAll(Keys.describe("report.", Report.class));
        keys.addAll(Keys.describe("predict.", Predict.class));
        return keys;
    }
}
