// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.service;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.mien.api.Batch;
import org.mien.api.Feature;
import org.mien.api.InputSpec;
import org.mien.api.Key;
import org.mien.api.Output;
import org.mien.api.data.Dataset;
import org.mien.api.data.Picture;
import org.mien.api.data.Preprocessor;
import org.mien.api.data.Sample;
import org.mien.api.data.Targets;
import org.mien.api.evaluate.Answer;
import org.mien.api.evaluate.Evaluator;
import org.mien.api.evaluate.Findings;
import org.mien.api.evaluate.Results;
import org.mien.api.method.Backbone;
import org.mien.api.method.Build;
import org.mien.api.method.Loss;
import org.mien.api.method.Method;
import org.mien.api.method.Model;
import org.mien.api.method.Phase;
import org.mien.api.method.Plan;
import org.mien.api.net.Net;
import org.mien.api.net.Ops;
import org.mien.api.net.Pass;
import org.mien.api.net.Trunk;
import org.mien.api.net.Var;
import org.mien.core.internal.model.Predictor;
import org.mien.nn.BatchNorm;
import org.mien.nn.Conv2d;
import org.mien.nn.Fn;
import org.mien.nn.Linear;
import org.mien.nn.Sequence;

/** The smallest plugin of each kind. */
public final class Fakes {
    private Fakes() {}

    /** Pictures of one colour: red, green or blue by class, with noise. */
    public static final class Colours implements Dataset<Colours.Settings> {
        /**
         * Keys.
         *
         * @param samples of the training split
         * @param bad index of a sample that cannot be read
         */
        public record Settings(
                @Key(value = "60", min = 1, max = 1000, doc = "training samples") int samples,
                @Key(value = "-1", doc = "a sample that cannot be read") int bad) {}

        @Override
        public Class<Settings> settings() {
            return Settings.class;
        }

        @Override
        public Open open(Settings settings) {
            return new Open() {
                @Override
                public Targets targets() {
                    return Targets.classes(List.of("red", "green", "blue"));
                }

                @Override
                public Stream<Sample> samples() {
                    int all = settings.samples() + 30;
                    return IntStream.range(0, all)
                            .mapToObj(
                                    i ->
                                            Sample.of("colour-" + i, Integer.toString(i))
                                                    .split(
                                                            i < settings.samples()
                                                                    ? Sample.Split.TRAIN
                                                                    : Sample.Split.TEST)
                                                    .label(i % 3)
                                                    .subject("person " + i / 6)
                                                    .build());
                }

                @Override
                public Picture read(Sample sample) throws java.io.IOException {
                    int i = Integer.parseInt(sample.where());
                    if (i == settings.bad()) {
                        throw new java.io.IOException("row " + i + " has 2303 pixels");
                    }
                    byte[] rgb = new byte[8 * 8 * 3];
                    for (int p = 0; p < rgb.length; p++) {
                        int noise = (p * 31 + i * 17) % 64;
                        rgb[p] = (byte) (p % 3 == i % 3 ? 150 + noise : noise);
                    }
                    return Picture.rgb(8, 8, ByteBuffer.wrap(rgb));
                }

                /** Without noise, of every other sample. */
                @Override
                public Optional<Picture> atRest(Sample sample) {
                    int i = Integer.parseInt(sample.where());
                    byte[] rgb = new byte[8 * 8 * 3];
                    for (int p = i % 3; p < rgb.length; p += 3) {
                        rgb[p] = (byte) 150;
                    }
                    return i % 2 == 0
                            ? Optional.of(Picture.rgb(8, 8, ByteBuffer.wrap(rgb)))
                            : Optional.empty();
                }

                @Override
                public void close() {}
            };
        }
    }

    /** A convolution, batch normalisation and the mean. */
    public static class Small implements Backbone<Small.Settings> {
        /**
         * Keys.
         *
         * @param size of the input
         */
        public record Settings(@Key(value = "8", min = 4, max = 64, doc = "side") int size) {}

        @Override
        public Class<Settings> settings() {
            return Settings.class;
        }

        @Override
        public InputSpec input(Settings s) {
            return new InputSpec(
                    s.size(), s.size(), List.of(0.5f, 0.5f, 0.5f), List.of(0.5f, 0.5f, 0.5f));
        }

        @Override
        public Trunk trunk(Settings s, InputSpec input) {
            return new Trunk(
                    input,
                    List.of(
                            new Trunk.Stage(
                                    Feature.map("conv", 6, s.size(), s.size()),
                                    () ->
                                            new Sequence(
                                                    new Conv2d(3, 6, 3, 1, 1),
                                                    new BatchNorm(6),
                                                    new Fn(Ops::relu))),
                            new Trunk.Stage(
                                    Feature.vector("pool", 6),
                                    () -> new Fn(Ops::globalAveragePool))));
        }
    }

    /** No keys. */
    public record None() {}

    /** The mean of each channel: nothing that mixes samples. */
    public static final class Plain implements Backbone<None> {
        @Override
        public Class<None> settings() {
            return None.class;
        }

        @Override
        public InputSpec input(None s) {
            return new InputSpec(8, 8, List.of(0f, 0f, 0f), List.of(1f, 1f, 1f));
        }

        @Override
        public Trunk trunk(None s, InputSpec input) {
            return new Trunk(
                    input,
                    List.of(
                            new Trunk.Stage(
                                    Feature.vector("pool", 3),
                                    () -> new Fn(Ops::globalAveragePool))));
        }
    }

    /** A backbone of maps only. */
    public static final class MapsOnly implements Backbone<None> {
        @Override
        public Class<None> settings() {
            return None.class;
        }

        @Override
        public InputSpec input(None s) {
            return new InputSpec(8, 8, List.of(0f, 0f, 0f), List.of(1f, 1f, 1f));
        }

        @Override
        public Trunk trunk(None s, InputSpec input) {
            return new Trunk(
                    input,
                    List.of(
                            new Trunk.Stage(
                                    Feature.map("conv", 6, 8, 8),
                                    () -> new Conv2d(3, 6, 3, 1, 1))));
        }
    }

    /** A map and, after it, an output layer of 40 weights. */
    public static final class WithOutput implements Backbone<None> {
        @Override
        public Class<None> settings() {
            return None.class;
        }

        @Override
        public InputSpec input(None s) {
            return new InputSpec(8, 8, List.of(0f, 0f, 0f), List.of(1f, 1f, 1f));
        }

        @Override
        public Trunk trunk(None s, InputSpec input) {
            return new Trunk(
                    input,
                    List.of(
                            new Trunk.Stage(
                                    Feature.map("conv", 7, 8, 8), () -> new Conv2d(3, 7, 3, 1, 1)),
                            new Trunk.Stage(
                                    Feature.vector("output", 5),
                                    () ->
                                            new Sequence(
                                                    new Fn(Ops::globalAveragePool),
                                                    new Linear(7, 5)))));
        }
    }

    /** Reads the mean of a map. */
    public static final class OnMaps implements Method<None> {
        @Override
        public Class<None> settings() {
            return None.class;
        }

        @Override
        public Plan plan(None s) {
            return Plan.on(Feature.Kind.MAP);
        }

        @Override
        public Model build(Build build, None s) {
            Trunk trunk = build.trunk();
            int width = trunk.feature(Feature.Kind.MAP).channels();
            Linear head = build.part("head", new Linear(width, build.labels().size()));
            return (batch, pass) -> {
                NDArray map = trunk.run(pass, batch.face(), Feature.Kind.MAP);
                return Output.logits(head.run(pass, pass.globalAveragePool(map)));
            };
        }
    }

    /** A linear layer with dropout, or what a test wants in its place. */
    public static final class Head implements Method<Head.Settings> {
        /**
         * Keys.
         *
         * @param dropout rate
         */
        public record Settings(
                @Key(value = "0.1", min = 0, max = 0.9, doc = "dropout") double dropout) {}

        private final BiFunction<Batch, Pass, Loss> loss;
        private final String view;
        private String term;
        private String measure;
        private int outputs;

        public Head() {
            this(null, "face");
        }

        public Head(BiFunction<Batch, Pass, Loss> loss, String view) {
            this.loss = loss;
            this.view = view;
        }

        /** A version with one more loss term. */
        public Head term(String name) {
            term = name;
            return this;
        }

        /** A version that logs the number 30. */
        Head measure(String name) {
            measure = name;
            return this;
        }

        /** A version with more outputs than there are classes. */
        public Head outputs(int more) {
            outputs = more;
            return this;
        }

        @Override
        public Class<Settings> settings() {
            return Settings.class;
        }

        @Override
        public Plan plan(Settings s) {
            return Plan.on(Feature.Kind.VECTOR).views(view).phase("train", "lr=0.05", "epochs=3");
        }

        @Override
        public Model build(Build build, Settings s) {
            Trunk trunk = build.trunk();
            int width = trunk.feature(Feature.Kind.VECTOR).channels();
            Linear head = build.part("head", new Linear(width, build.labels().size() + outputs));
            return new Model() {
                @Override
                public Output predict(Batch batch, Pass pass) {
                    NDArray x = trunk.run(pass, batch.view(view), Feature.Kind.VECTOR);
                    return Output.logits(head.run(pass, pass.dropout(x, s.dropout())))
                            .also("embedding", Output.Role.EMBEDDING, x)
                            .also("face", Output.Role.WEIGHTS, x.get(":, 0:2"), "one", "two");
                }

                @Override
                public List<Phase> phases(Build training) {
                    return List.of(
                            Phase.of(
                                    "train",
                                    (batch, pass) -> {
                                        NDArray logits = predict(batch, pass).logits();
                                        Loss given = loss == null ? null : loss.apply(batch, pass);
                                        if (given != null) {
                                            return given;
                                        }
                                        NDArray entropy = pass.crossEntropy(logits, batch);
                                        Loss own = Loss.of("cross-entropy", entropy).scores(logits);
                                        if (measure != null) {
                                            own.measure(measure, pass.scope().create(30f));
                                        }
                                        return term == null
                                                ? own
                                                : own.plus(term, 0.5, () -> entropy.mul(2));
                                    }));
                }
            };
        }
    }

    /** Two phases: one moves the head, one counts the calls of its rules in state. */
    public static final class TwoPhases implements Method<None> {
        static final class Counts extends Net {
            final Var rules = state("rules", 0, 1);
            final Var after = state("after", 0, 1);

            @Override
            public NDArray run(Pass pass, NDArray x) {
                return x;
            }
        }

        @Override
        public Class<None> settings() {
            return None.class;
        }

        @Override
        public Plan plan(None s) {
            return Plan.on(Feature.Kind.VECTOR)
                    .phase("head", "lr=0.1", "optimizer=sgd")
                    .phase("body", "lr=0.01");
        }

        @Override
        public Model build(Build build, None s) {
            Trunk trunk = build.trunk();
            Linear head = build.part("head", new Linear(6, build.labels().size()));
            return new Model() {
                @Override
                public Output predict(Batch batch, Pass pass) {
                    return Output.logits(
                            head.run(pass, trunk.run(pass, batch.face(), Feature.Kind.VECTOR)));
                }

                @Override
                public List<Phase> phases(Build training) {
                    Counts counts = training.part("counts", new Counts());
                    return List.of(
                            Phase.of(
                                            "head",
                                            (batch, pass) -> {
                                                NDArray logits = predict(batch, pass).logits();
                                                pass.keep("logits", logits);
                                                return Loss.of(
                                                        "ce", pass.crossEntropy(logits, batch));
                                            })
                                    .moves(head),
                            Phase.of(
                                            "body",
                                            (batch, pass) -> {
                                                pass.kept("logits");
                                                return Loss.of(
                                                                "ce",
                                                                pass.crossEntropy(
                                                                        predict(batch, pass)
                                                                                .logits(),
                                                                        batch))
                                                        .rule(
                                                                () ->
                                                                        pass.write(
                                                                                counts.rules,
                                                                                pass.read(
                                                                                                counts.rules)
                                                                                        .add(1)));
                                            })
                                    .moves(trunk, counts)
                                    .every(2)
                                    .from(1)
                                    .afterUpdate(
                                            pass ->
                                                    pass.write(
                                                            counts.after,
                                                            pass.read(counts.after).add(1))));
                }
            };
        }
    }

    /**
     * A head alone for two epochs, then all; after each of those it keeps what it says of each
     * class on average, and counts.
     */
    public static final class Staged implements Method<Staged.Settings> {
        /**
         * Keys.
         *
         * @param rest whether the second phase goes on to the end
         */
        public record Settings(@Key(value = "true", doc = "whether all go on") boolean rest) {}

        private static final class Known extends Net {
            final Var rows = state("rows", 0, 3, 3);
            final Var seen = state("seen", 0, 1);
            final Var times = state("times", 0, 1);

            @Override
            public NDArray run(Pass pass, NDArray x) {
                return x;
            }
        }

        @Override
        public Class<Settings> settings() {
            return Settings.class;
        }

        @Override
        public Plan plan(Settings s) {
            return Plan.on(Feature.Kind.VECTOR).phase("head", "lr=0.1").phase("all", "lr=0.01");
        }

        @Override
        public Model build(Build build, Settings s) {
            Trunk trunk = build.trunk();
            Linear head = build.part("head", new Linear(6, build.classes()));
            return new Model() {
                @Override
                public Output predict(Batch batch, Pass pass) {
                    return Output.logits(
                            head.run(pass, trunk.run(pass, batch.face(), Feature.Kind.VECTOR)));
                }

                private Loss loss(Batch batch, Pass pass) {
                    return Loss.crossEntropy(pass, predict(batch, pass).logits(), batch);
                }

                @Override
                public List<Phase> phases(Build training) {
                    Known known = training.part("known", new Known());
                    Phase all =
                            Phase.of("all", this::loss)
                                    .moves(trunk, head, known)
                                    .from(s.rest() ? 2 : 0)
                                    .until(s.rest() ? Integer.MAX_VALUE : 2)
                                    .afterEpoch(
                                            this::tally, (sums, pass) -> know(sums, pass, known));
                    return List.of(Phase.of("head", this::loss).moves(head).until(2), all);
                }

                private Map<String, NDArray> tally(Batch batch, Pass pass) {
                    NDArray member = batch.labels().oneHot(3, DataType.FLOAT32);
                    return Map.of(
                            "said",
                            member.transpose().matMul(predict(batch, pass).probabilities()),
                            "samples",
                            member.sum(new int[] {0}));
                }

                private void know(Map<String, NDArray> sums, Pass pass, Known known) {
                    NDArray samples = sums.get("samples");
                    pass.write(known.rows, sums.get("said").div(samples.reshape(3, 1)));
                    pass.write(known.seen, samples.sum().reshape(1));
                    pass.write(known.times, pass.read(known.times).add(1));
                }
            };
        }
    }

    /**
     * Paints faces from their features with a part of training. Its second phase judges what the
     * first one painted.
     */
    public static final class Paints implements Method<None> {
        /** Told each phase as it begins. */
        final Consumer<String> begins;

        public Paints() {
            this(phase -> {});
        }

        public Paints(Consumer<String> begins) {
            this.begins = begins;
        }

        @Override
        public Class<None> settings() {
            return None.class;
        }

        @Override
        public Plan plan(None s) {
            return Plan.on(Feature.Kind.VECTOR)
                    .train("epochs=3")
                    .phase("paint", "lr=0.01")
                    .phase("judge", "lr=0.02", "optimizer=sgd");
        }

        @Override
        public Model build(Build build, None s) {
            Trunk trunk = build.trunk();
            Linear head = build.part("head", new Linear(6, build.labels().size()));
            return new Model() {
                private NDArray features(Batch batch, Pass pass) {
                    return trunk.run(pass, batch.face(), Feature.Kind.VECTOR);
                }

                @Override
                public Output predict(Batch batch, Pass pass) {
                    return Output.logits(head.run(pass, features(batch, pass)));
                }

                @Override
                public List<Phase> phases(Build training) {
                    Linear brush = training.part("brush", new Linear(6, 192));
                    Linear judge = training.part("judge", new Linear(192, 1));
                    training.gallery(
                            (batch, pass) ->
                                    Output.none()
                                            .also("original", Output.Role.IMAGE, batch.face())
                                            .also(
                                                    "Painted face",
                                                    Output.Role.IMAGE,
                                                    brush.run(pass, features(batch, pass))
                                                            .reshape(-1, 3, 8, 8)));
                    return List.of(
                            Phase.of("paint", (batch, pass) -> paint(batch, pass, brush, judge))
                                    .moves(trunk, head, brush),
                            Phase.of("judge", (batch, pass) -> judge(batch, pass, judge))
                                    .moves(judge));
                }

                private Loss paint(Batch batch, Pass pass, Linear brush, Linear judge) {
                    begins.accept("paint");
                    NDArray features = features(batch, pass);
                    NDArray painted = brush.run(pass, features);
                    pass.keep("painted", painted);
                    NDArray face = batch.face().reshape(-1, 192);
                    return Loss.of("pixels", painted.sub(face).square().mean())
                            .plus("ce", 1, () -> pass.crossEntropy(head.run(pass, features), batch))
                            .plus(
                                    "judged",
                                    0.1,
                                    () -> judge.run(pass, painted).sub(1).square().mean());
                }

                private Loss judge(Batch batch, Pass pass, Linear judge) {
                    begins.accept("judge");
                    NDArray real = judge.run(pass, batch.face().reshape(-1, 192));
                    NDArray fake = judge.run(pass, pass.kept("painted"));
                    return Loss.of(
                            "judgement", real.sub(1).square().mean().add(fake.square().mean()));
                }
            };
        }
    }

    /** A head that reads left and right apart. */
    public static final class Oriented implements Method<Head.Settings> {
        private final Head head = new Head();

        @Override
        public Class<Head.Settings> settings() {
            return head.settings();
        }

        @Override
        public Plan plan(Head.Settings s) {
            return head.plan(s).oriented();
        }

        @Override
        public Model build(Build build, Head.Settings s) {
            return head.build(build, s);
        }
    }

    /** Has a key with bounds that nobody could check. */
    public static final class Odd implements Preprocessor<Odd.Settings> {
        /**
         * @param name its key
         */
        public record Settings(@Key(value = "a", max = 3, doc = "a name") String name) {}

        @Override
        public When when() {
            return When.ONCE;
        }

        @Override
        public Class<Settings> settings() {
            return Settings.class;
        }

        @Override
        public Step open(Settings s, String view) {
            return List::of;
        }
    }

    /** Says that it may mirror. */
    public static final class Mirrors implements Preprocessor<None> {
        @Override
        public When when() {
            return When.EACH_USE;
        }

        @Override
        public Class<None> settings() {
            return None.class;
        }

        @Override
        public boolean mirrors(None s) {
            return true;
        }

        @Override
        public Step open(None s, String view) {
            return List::of;
        }
    }

    /** Adds a draw to every pixel in training. */
    public static final class Noise implements Preprocessor<None> {
        @Override
        public When when() {
            return When.EACH_USE;
        }

        @Override
        public Class<None> settings() {
            return None.class;
        }

        @Override
        public Step open(None s, String view) {
            return new Step() {
                @Override
                public List<Picture> apply(Picture picture) {
                    return List.of(picture);
                }

                @Override
                public List<Picture> vary(Picture picture, RandomGenerator random) {
                    ByteBuffer bytes = picture.bytes();
                    byte[] rgb = new byte[bytes.remaining()];
                    bytes.get(rgb);
                    for (int i = 0; i < rgb.length; i++) {
                        rgb[i] = (byte) Math.min(255, (rgb[i] & 255) + random.nextInt(30));
                    }
                    return List.of(
                            Picture.rgb(picture.width(), picture.height(), ByteBuffer.wrap(rgb)));
                }
            };
        }
    }

    /** Cuts the left half. */
    public static final class LeftHalf implements Preprocessor<None> {
        @Override
        public When when() {
            return When.VIEW;
        }

        @Override
        public List<String> views() {
            return List.of("left");
        }

        @Override
        public Class<None> settings() {
            return None.class;
        }

        @Override
        public Step open(None s, String view) {
            return picture ->
                    List.of(
                            org.mien.vision.Images.crop(
                                    picture, 0, 0, picture.width() / 2, picture.height()));
        }
    }

    /** Share of right answers. */
    public static final class Share implements Evaluator<None> {
        @Override
        public Class<None> settings() {
            return None.class;
        }

        @Override
        public void evaluate(Results results, None s, Findings findings) {
            int right = 0;
            for (int i = 0; i < results.samples().size(); i++) {
                right +=
                        Predictor.likeliest(results.probabilities()[i])
                                        == results.samples().get(i).label()
                                ? 1
                                : 0;
            }
            findings.share("accuracy", (double) right / results.samples().size());
            findings.number("undefined", Double.NaN);
            findings.table("first", List.of("id"), List.of(List.of(results.samples().get(0).id())));
            List<Answer> answers = new ArrayList<>();
            results.visit(answers::add);
            findings.number("width", answers.get(0).extras().get("embedding").values().length);
        }
    }
}
