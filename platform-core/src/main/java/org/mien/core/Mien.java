// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.mien.api.run.RunEvent;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The platform, as a service. Every call throws {@link MienException} for what a user can put
 * right.
 */
@ProviderType
public interface Mien {
    /**
     * One key that a user may set.
     *
     * @param name full name in a pipeline, for example {@code backbone.size}
     * @param type for people: {@code integer}, {@code number}, {@code true or false}, ..
     * @param value the default, or null when the user must give one
     * @param bounds for people, may be empty
     * @param doc one sentence
     */
    record Key(String name, String type, String value, String bounds, String doc) {}

    /**
     * A plugin that is installed.
     *
     * @param kind backbone, method, dataset, preprocessor or evaluator
     * @param id its id
     * @param bundle symbolic name of its bundle
     * @param version version of its bundle
     * @param problem why it cannot be used, or empty
     * @param keys its keys
     */
    record Plugin(
            String kind,
            String id,
            String bundle,
            String version,
            String problem,
            List<Key> keys) {}

    /**
     * A value with where it came from.
     *
     * @param value as typed
     * @param origin for example {@code default}, {@code command line}, a file's name
     */
    record Value(String value, String origin) {}

    /** What a pipeline can do now. */
    enum State {
        /** A plugin it names is not there. */
        WAITING,
        /** It can train. */
        READY,
        /** A run of it is under way. */
        BUSY,
        /** Its configuration cannot work. */
        FAILED
    }

    /**
     * A pipeline.
     *
     * @param name its name
     * @param state what it can do now
     * @param why for what it waits, which run is under way, or why it failed; may be empty
     * @param source where its configuration lies
     * @param values its keys with their origin
     * @param lastGood when it FAILED: its keys when it last worked, as far as is known
     */
    record Pipeline(
            String name,
            State state,
            String why,
            String source,
            Map<String, Value> values,
            Map<String, Value> lastGood) {}

    /**
     * A run.
     *
     * @param id its id, the name of its folder
     * @param pipeline its pipeline
     * @param state QUEUED, RUNNING, WAITING (a plugin is away), PAUSED (a plugin does not fit),
     *     DONE, FAILED or CANCELLED
     * @param started when, ISO 8601
     * @param seconds how long it took
     * @param epochs epochs done
     * @param bestEpoch the epoch chosen on the validation split, from 1; 0 when none
     * @param validationAccuracy its accuracy there, 0 to 1; NaN when there is none
     * @param evaluations split to metric to value
     * @param folder where it lies
     * @param text why it failed, or empty
     */
    record Run(
            String id,
            String pipeline,
            String state,
            String started,
            double seconds,
            int epochs,
            int bestEpoch,
            double validationAccuracy,
            Map<String, Map<String, Double>> evaluations,
            Path folder,
            String text) {}

    /**
     * A run that is trained, or was since the platform started.
     *
     * @param run id of the run
     * @param pipeline its pipeline
     * @param state as in {@link Run}
     * @param epoch epochs done
     * @param epochs epochs in all
     * @param step steps done
     * @param steps steps in all; 0 before it began
     * @param text why it is in its state, may be empty
     */
    record Job(
            String run,
            String pipeline,
            String state,
            int epoch,
            int epochs,
            long step,
            long steps,
            String text) {}

    /**
     * A table of an evaluation.
     *
     * @param name its name
     * @param columns names of its columns
     * @param rows rows of text or numbers
     */
    record Table(String name, List<String> columns, List<List<Object>> rows) {}

    /**
     * What the evaluators found.
     *
     * @param run the run
     * @param split the split
     * @param samples number of samples
     * @param metrics name to value
     * @param tables tables
     * @param notes sentences
     */
    record Evaluation(
            String run,
            String split,
            int samples,
            Map<String, Double> metrics,
            List<Table> tables,
            List<String> notes) {}

    /**
     * An answer for one face.
     *
     * @param box left edge, upper edge, width and height in pixels of the image as it stands
     *     upright; null when the image was taken whole
     * @param score how sure the detector was, on its own scale; null when the image was taken whole
     * @param label the likeliest class
     * @param probabilities class to probability, in the order of the classes
     */
    record FaceAnswer(
            List<Double> box, Double score, String label, Map<String, Double> probabilities) {}

    /**
     * An answer for one image.
     *
     * @param image path or sample id
     * @param faces an answer for each face; none on error, and where the pipeline finds none
     * @param truth the true class where it is known, or null
     * @param error why there is no answer, or null
     */
    record Prediction(String image, List<FaceAnswer> faces, String truth, String error) {}

    /**
     * What a method drew of one image.
     *
     * @param image path
     * @param faces pictures of each face; none on error, and where the pipeline finds none
     * @param error why there is nothing, or null
     */
    record Drawn(String image, List<DrawnFace> faces, String error) {}

    /**
     * What a method drew of one face.
     *
     * @param pictures name to PNG, in the method's order
     * @param strip all of them side by side, as PNG
     */
    record DrawnFace(Map<String, byte[]> pictures, byte[] strip) {}

    /**
     * A method on a backbone, built without memory.
     *
     * @param method id
     * @param backbone id, or empty
     * @param kinds kinds of feature it needs
     * @param features what the backbone gives it, in words
     * @param views views it reads
     * @param input size of its input, for example {@code 3 x 64 x 64}
     * @param inference part to parameters, of what predicts
     * @param training part to parameters, of what exists in training only
     * @param pieces part, of both, to the parts that it is made of, to parameters; one that is not
     *     made of several is left out
     * @param unread parameters of the backbone's stages that the method does not read, which are
     *     not made; papers may count them
     * @param fixed elements of arrays that never move, such as sin-cos positions, of what predicts;
     *     they are no parameters, and papers may count them
     * @param trainingFixed the same of what exists in training only
     * @param phases its phases, each with when it runs if that is not at every step
     * @param keys its keys
     */
    record MethodInfo(
            String method,
            String backbone,
            List<String> kinds,
            List<String> features,
            List<String> views,
            String input,
            Map<String, Long> inference,
            Map<String, Long> training,
            Map<String, Map<String, Long>> pieces,
            long unread,
            long fixed,
            long trainingFixed,
            List<String> phases,
            List<Key> keys) {}

    /**
     * A stage of a backbone.
     *
     * @param name its name
     * @param gives what it gives, in words
     * @param parameters elements of its weights
     * @param fixed elements of its arrays that never move, such as sin-cos positions
     * @param multiplyAdds of one image: convolutions, linear layers and both products of attention
     * @param forwardBytes of the arrays that it makes of one image in a forward
     * @param trainingBytes of the arrays that a training step keeps of it for each image
     */
    record BackboneStage(
            String name,
            String gives,
            long parameters,
            long fixed,
            long multiplyAdds,
            long forwardBytes,
            long trainingBytes) {}

    /**
     * A backbone at an input size. Costs were found by running every stage on one image.
     *
     * @param backbone id
     * @param input size of its input, for example {@code 3 x 64 x 64}
     * @param mean of red, green and blue, in units of 0 to 1
     * @param deviation of red, green and blue, in units of 0 to 1
     * @param stages in order
     * @param weightBytes of all its arrays
     * @param forwardBytes that a forward needs for its weights: themselves, and what inference on a
     *     CPU makes of them; to it come those of the stages for each image
     * @param trainingBytes that a training step needs for its weights: themselves, their gradients
     *     and both moments of AdamW; to it come those of the stages for each image
     * @param keys its keys
     */
    record BackboneInfo(
            String backbone,
            String input,
            List<Float> mean,
            List<Float> deviation,
            List<BackboneStage> stages,
            long weightBytes,
            long forwardBytes,
            long trainingBytes,
            List<Key> keys) {}

    /**
     * What is wrong with a dataset, if anything.
     *
     * @param pipeline the pipeline that names it
     * @param dataset its id
     * @param counts split to class to number of samples
     * @param validation where the validation split comes from, in words
     * @param unreadable samples that cannot be read or decoded, with the reason
     * @param duplicates groups of samples with the same pixels, {@code split: id}
     */
    record DatasetCheck(
            String pipeline,
            String dataset,
            Map<String, Map<String, Integer>> counts,
            String validation,
            List<String> unreadable,
            List<List<String>> duplicates) {
        /**
         * Groups whose samples lie in more than one split: what is learnt is then also tested.
         *
         * @return some of {@link #duplicates}
         */
        public List<List<String>> acrossSplits() {
            return duplicates.stream()
                    .filter(
                            group ->
                                    group.stream()
                                                    .map(one -> one.substring(0, one.indexOf(':')))
                                                    .distinct()
                                                    .count()
                                            > 1)
                    .toList();
        }
    }

    /**
     * All it takes to do a run again.
     *
     * @param run the run
     * @param values every key with its origin
     * @param labels class names
     * @param splits samples of each split
     * @param validation where the validation split came from
     * @param plugins who took part, as kind, id and version; who took over later with the step
     * @param starts what files of weights and earlier runs gave, a line for each
     * @param gallery files in its folder that show what the method drew, in the order of the epochs
     * @param engine engine, device and threads
     * @param java version of Java
     */
    record RunDetails(
            Run run,
            Map<String, Value> values,
            List<String> labels,
            Map<String, Integer> splits,
            String validation,
            List<String> plugins,
            List<String> starts,
            List<String> gallery,
            String engine,
            String java) {}

    /**
     * A run in a comparison.
     *
     * @param run its id
     * @param pipeline its pipeline
     * @param samples number of samples it was evaluated on
     * @param values of the keys that differ; a key that a run does not have is missing
     * @param metrics name to value
     */
    record Compared(
            String run,
            String pipeline,
            int samples,
            Map<String, String> values,
            Map<String, Double> metrics) {}

    /**
     * How a metric lies over the runs of a group.
     *
     * @param n runs that have it
     * @param mean over them
     * @param deviation sample standard deviation (n - 1); NaN for a single run
     * @param least smallest value
     * @param most largest value
     */
    record Spread(int n, double mean, double deviation, double least, double most) {}

    /**
     * Runs that are alike but for their seed.
     *
     * @param runs their ids
     * @param metrics name to how it lies over them
     */
    record Group(List<String> runs, Map<String, Spread> metrics) {}

    /**
     * McNemar's exact test of two runs on the same samples.
     *
     * @param first id of a run
     * @param second id of a run of another group
     * @param samples labelled samples that both answered
     * @param onlyFirst samples that the first alone got right
     * @param onlySecond samples that the second alone got right
     * @param p two-sided probability of a difference so large, were both equally good
     * @param adjusted p by Holm's rule for the number of tests
     */
    record Paired(
            String first,
            String second,
            int samples,
            int onlyFirst,
            int onlySecond,
            double p,
            double adjusted) {}

    /**
     * Runs side by side.
     *
     * @param split on which they were evaluated
     * @param keys that differ between them
     * @param metrics that any of them has
     * @param runs the runs
     * @param groups runs folded over their seed, in the order of their first runs
     * @param pairs tests between runs of different groups
     * @param notes what a reader should know
     */
    record Comparison(
            String split,
            List<String> keys,
            List<String> metrics,
            List<Compared> runs,
            List<Group> groups,
            List<Paired> pairs,
            List<String> notes) {}

    /**
     * A figure that a paper prints.
     *
     * @param data on which data
     * @param metric of what, for example {@code accuracy}
     * @param value the figure; a share is 0 to 1
     */
    record Figure(String data, String metric, double value) {}

    /**
     * A recipe: a pipeline that a bundle brings, and that becomes one when it is used.
     *
     * @param name its name, by which it is trained as a pipeline is
     * @param bundle symbolic name of the bundle that brings it
     * @param version of the bundle
     * @param state READY when its plugins are there, WAITING, or FAILED when it is broken
     * @param why for what it waits, or why it failed; may be empty
     * @param paper where it was published
     * @param note what else there is to know
     * @param figures what the paper reports
     * @param needs keys that the user must give, with what each is
     * @param values its keys, with their origin
     */
    record Published(
            String name,
            String bundle,
            String version,
            State state,
            String why,
            String paper,
            String note,
            List<Figure> figures,
            Map<String, String> needs,
            Map<String, Value> values) {}

    /**
     * What is to be done of a sweep.
     *
     * @param what name of a sweep; or of a pipeline or recipe, over which {@code keys} span a
     *     product: {@code key=a,b} gives two cells, a key with one value counts for all
     * @param name under which it is kept; empty for {@code what}
     * @param base pipeline or recipe to start from instead of the sweep's own, or empty
     * @param keys that count for all cells
     * @param seeds as {@code 1..5} or {@code 1,2,7}; empty for the sweep's own
     * @param split on which runs are evaluated; empty for the sweep's own
     * @param resume true to go on with the sweep {@code what} as it was begun; then all else is
     *     empty
     */
    record SweepOrder(
            String what,
            String name,
            String base,
            Map<String, String> keys,
            String seeds,
            String split,
            boolean resume) {}

    /**
     * A cell of a sweep with one seed.
     *
     * @param seed the seed
     * @param run id of its run, or empty
     * @param state OPEN before it was begun, TRAINED but not evaluated on the sweep's split, DONE
     *     when it is evaluated, else as in {@link Run}
     * @param text why it is in its state, may be empty
     * @param metrics name to value on the sweep's split; none before it is DONE
     */
    record CellRun(long seed, String run, String state, String text, Map<String, Double> metrics) {
        /**
         * The same in another state.
         *
         * @param otherState the state
         * @param otherText why
         * @return the run
         */
        public CellRun as(String otherState, String otherText) {
            return new CellRun(seed, run, otherState, otherText, metrics);
        }
    }

    /**
     * A cell of a sweep.
     *
     * @param name its name
     * @param keys what it varies
     * @param figures the paper's
     * @param runs one for each seed
     * @param metrics name to how it lies over the seeds that are done
     */
    record Cell(
            String name,
            Map<String, String> keys,
            List<Figure> figures,
            List<CellRun> runs,
            Map<String, Spread> metrics) {}

    /**
     * A sweep: the same training in several cells, each with several seeds.
     *
     * @param name its name
     * @param source where it comes from
     * @param what what it shows, may be empty
     * @param paper where its figures come from, may be empty
     * @param note what else there is to know, may be empty
     * @param state OPEN before it was begun, RUNNING, STOPPED, DONE, or FAILED when it is broken
     * @param why why it failed, or empty
     * @param base pipeline or recipe that every cell starts from
     * @param split on which runs are evaluated
     * @param seeds each cell is trained with each
     * @param keys of every cell, with their origin
     * @param cells the cells
     * @param folder where it lies once it was begun
     */
    record Sweep(
            String name,
            String source,
            String what,
            String paper,
            String note,
            String state,
            String why,
            String base,
            String split,
            List<Long> seeds,
            Map<String, Value> keys,
            List<Cell> cells,
            Path folder) {
        /**
         * Runs in all.
         *
         * @return their number
         */
        public int all() {
            return cells.size() * seeds.size();
        }

        /**
         * Runs that are done.
         *
         * @return their number
         */
        public int done() {
            return (int)
                    cells.stream()
                            .flatMap(cell -> cell.runs().stream())
                            .filter(run -> run.state().equals("DONE"))
                            .count();
        }

        /**
         * The same in another state.
         *
         * @param other the state
         * @return the sweep
         */
        public Sweep with(String other) {
            return new Sweep(
                    name, source, what, paper, note, other, why, base, split, seeds, keys, cells,
                    folder);
        }

        /**
         * Names of the metrics that any run has.
         *
         * @return the names
         */
        public List<String> metrics() {
            return cells.stream()
                    .flatMap(cell -> cell.runs().stream())
                    .flatMap(run -> run.metrics().keySet().stream())
                    .distinct()
                    .toList();
        }

        /**
         * The table for programs (RFC 4180): a row for each run, for each cell the mean and the
         * sample standard deviation over its seeds, and a row for each data that the paper has
         * figures of. A share is 0 to 1.
         *
         * @return the table with its ends of line
         */
        public String csv() {
            return SweepTable.csv(this);
        }
    }

    /**
     * Every plugin, by kind and id.
     *
     * @return the plugins
     */
    List<Plugin> plugins();

    /**
     * Every pipeline, by name, with its state now.
     *
     * @return the pipelines
     */
    List<Pipeline> pipelines();

    /**
     * Every recipe, by name. A pipeline of the same name counts before it.
     *
     * @return the recipes
     */
    List<Published> recipes();

    /**
     * Makes a pipeline, as a file in {@code etc}. Its keys are checked before, as far as the
     * plugins it names are there.
     *
     * @param name its name
     * @param keys its keys
     * @param replace whether one of that name may be written anew
     * @return the pipeline, READY or WAITING
     */
    Pipeline createPipeline(String name, Map<String, String> keys, boolean replace);

    /**
     * Deletes a pipeline with its file. Runs of it go on and stay.
     *
     * @param name its name
     */
    void deletePipeline(String name);

    /**
     * Keys of the platform itself.
     *
     * @return {@code train.*} and the others
     */
    List<Key> platformKeys();

    /**
     * Trains a pipeline; returns when the run has ended. When others train already it is queued
     * behind them; while a plugin it uses is away it waits.
     *
     * @param pipeline its name, or that of a recipe
     * @param overrides keys that count for this run only
     * @param watch told what happens, on another thread
     * @param stop asked at each step; true ends the run with its checkpoint
     * @return the run
     */
    Run train(
            String pipeline,
            Map<String, String> overrides,
            Consumer<RunEvent> watch,
            BooleanSupplier stop);

    /**
     * Goes on with a run that was stopped, failed or was killed, from its last checkpoint, with the
     * keys it was started with. On a CPU it ends with the bytes of a run that was never stopped.
     *
     * @param run its id
     * @param watch told what happens, on another thread
     * @param stop asked at each step; true ends the run with its checkpoint
     * @return the run
     */
    Run resume(String run, Consumer<RunEvent> watch, BooleanSupplier stop);

    /**
     * As {@link #train}, but returns at once: the run is queued, or under way.
     *
     * @param pipeline its name
     * @param overrides keys that count for this run only
     * @return the run
     */
    Run submit(String pipeline, Map<String, String> overrides);

    /**
     * As {@link #resume}, but returns at once: the run is queued, or under way.
     *
     * @param run its id
     * @return the run
     */
    Run resubmit(String run);

    /**
     * The jobs, oldest first: those to come, those under way, and the last that are over.
     *
     * @return the jobs
     */
    List<Job> jobs();

    /**
     * Watches a job until it is over.
     *
     * @param run id of its run
     * @param watch told how it stands, then what happens, on another thread
     * @param stop true ends watching; the job goes on
     * @return the run
     */
    Run watch(String run, Consumer<RunEvent> watch, BooleanSupplier stop);

    /**
     * Stops a job after the step under way, with its checkpoint.
     *
     * @param run id of its run
     * @return the run
     */
    Run cancel(String run);

    /**
     * Every sweep, by name, with its state now: those of files, and those that were begun.
     *
     * @return the sweeps
     */
    List<Sweep> sweeps();

    /**
     * A sweep as it stands.
     *
     * @param name its name
     * @return the sweep
     */
    Sweep sweep(String name);

    /**
     * Trains and evaluates what is left of a sweep, run after run, each through the queue; returns
     * when it is over. A run that is done is not done again, one that was stopped or killed goes
     * on. A run that fails does not stop the others.
     *
     * @param order what is to be done
     * @param watch told what happens in the run under way, on another thread
     * @param say told which run begins and how it ended, in words, on this thread
     * @param stop asked at each step; true ends it with the checkpoint of the run under way
     * @return the sweep
     */
    Sweep sweep(
            SweepOrder order, Consumer<RunEvent> watch, Consumer<String> say, BooleanSupplier stop);

    /**
     * As {@link #sweep(SweepOrder, Consumer, Consumer, BooleanSupplier)}, but returns at once.
     *
     * @param order what is to be done
     * @return the sweep
     */
    Sweep submitSweep(SweepOrder order);

    /**
     * Stops a sweep after the step under way of its run, with its checkpoint.
     *
     * @param name its name
     * @return the sweep
     */
    Sweep cancelSweep(String name);

    /**
     * Evaluates a run on a split with the evaluators of its pipeline.
     *
     * @param run its id
     * @param split train, validation or test
     * @param overrides keys that count for this evaluation only
     * @return what was found; also written to the run's folder
     */
    Evaluation evaluate(String run, String split, Map<String, String> overrides);

    /**
     * Predicts images. A bad image is answered with its error; the others go on. Images are read
     * ahead, some at a time; nothing of them is kept.
     *
     * @param run id of the run
     * @param overrides keys that count for this call only
     * @param images files
     * @param samples ids of samples of the run's dataset, or "first" for the first of the test
     *     split
     * @param answer told each answer, in order, images first
     * @param stop asked at each image; true ends the call without the answers that are left
     */
    void predict(
            String run,
            Map<String, String> overrides,
            List<Path> images,
            List<String> samples,
            Consumer<Prediction> answer,
            BooleanSupplier stop);

    /**
     * Draws what a run's method shows of images. A bad image is answered with its error; the others
     * go on.
     *
     * @param run id of the run
     * @param overrides keys that count for this call only
     * @param images files
     * @param answer told each answer, in order
     * @param stop asked at each image; true ends the call without the answers that are left
     * @throws MienException for a method that draws nothing
     */
    void generate(
            String run,
            Map<String, String> overrides,
            List<Path> images,
            Consumer<Drawn> answer,
            BooleanSupplier stop);

    /**
     * Every run, oldest first.
     *
     * @return the runs
     */
    List<Run> runs();

    /**
     * Reads every sample of a pipeline's dataset.
     *
     * @param pipeline its name
     * @param overrides keys that count for this check only
     * @param progress told the samples read and those there are, on another thread
     * @param stop asked at each sample; true ends the check
     * @return what was found
     */
    DatasetCheck checkDataset(
            String pipeline,
            Map<String, String> overrides,
            BiConsumer<Integer, Integer> progress,
            BooleanSupplier stop);

    /**
     * A run with all it takes to do it again.
     *
     * @param run its id
     * @return the details
     */
    RunDetails run(String run);

    /**
     * Writes {@code report.html} into a run's folder: one file, for people, made from what lies in
     * the folder and from nothing else.
     *
     * @param run its id
     * @return the file
     */
    Path report(String run);

    /**
     * Lays evaluations of runs side by side.
     *
     * @param runs ids of two runs or more
     * @param split on which each of them was evaluated
     * @return what differs
     */
    Comparison compare(List<String> runs, String split);

    /**
     * What a run is exported as: {@code ZIP} has configuration, metrics, evaluations and the chosen
     * checkpoint; the others have the weights of the chosen checkpoint, under the names that
     * published files have where the backbone knows them.
     */
    enum Format {
        /** All that others need. */
        ZIP,
        /** Weights as safetensors. */
        SAFETENSORS,
        /** Weights as NumPy arrays. */
        NPZ
    }

    /**
     * Writes a run to be handed on.
     *
     * @param run its id
     * @param format as what
     * @param file the file to write; it must not exist
     */
    void exportRun(String run, Format format, Path file);

    /**
     * A tensor of a file.
     *
     * @param name its name
     * @param type of its elements in the file
     * @param shape its axes
     */
    record TensorInfo(String name, String type, List<Long> shape) {}

    /**
     * How a backbone, with its default keys, fits a file.
     *
     * @param backbone its id
     * @param fitting arrays of it that are in the file with their shape
     * @param arrays all of it
     * @param prefix what the names begin with in the file
     * @param otherwise the first array that has another shape there, or empty
     */
    record Fit(String backbone, int fitting, int arrays, String prefix, String otherwise) {}

    /**
     * What a file of weights holds.
     *
     * @param file the file
     * @param format what it is
     * @param wrapper keys around its state dict, or empty
     * @param sha256 of its bytes
     * @param bytes of the file
     * @param metadata text beside the tensors
     * @param tensors in the order of the file
     * @param fits backbones that find arrays in it, the best first
     */
    record WeightsInfo(
            Path file,
            String format,
            String wrapper,
            String sha256,
            long bytes,
            Map<String, String> metadata,
            List<TensorInfo> tensors,
            List<Fit> fits) {}

    /**
     * Looks into a file of weights; nothing of it is run.
     *
     * @param file safetensors, npz, npy, or a state dict of PyTorch
     * @return what it holds
     */
    WeightsInfo weights(Path file);

    /**
     * Deletes a run's folder.
     *
     * @param run its id
     */
    void deleteRun(String run);

    /**
     * Builds a method without memory.
     *
     * @param method its id
     * @param keys {@code backbone=ID}, {@code labels=N} (7 when not given), {@code backbone.*},
     *     {@code method.*}
     * @return what it needs and how large it is
     */
    MethodInfo methodInfo(String method, Map<String, String> keys);

    /**
     * Shows what a backbone costs.
     *
     * @param backbone id
     * @param keys keys of the backbone, with or without {@code backbone.}
     * @return what it is
     */
    BackboneInfo backboneInfo(String backbone, Map<String, String> keys);

    /**
     * What features are wanted. One of tensor, images and pipeline says what of.
     *
     * @param backbone id
     * @param keys of the backbone, with or without {@code backbone.}; for images also {@code
     *     preprocess}, keys of its steps and {@code image.*}; for a pipeline any key of it
     * @param weights a file, or null: the pipeline's {@code backbone.weights} if it has this
     *     backbone, else weights as they are drawn
     * @param kind {@code map}, {@code vector} or {@code tokens}: the last feature of this kind; or
     *     empty
     * @param stage whose feature it is, or empty; the last where neither is given
     * @param taps further arrays that nets offer, such as {@code attention}
     * @param tensor a file of NumPy with (N, 3, H, W) scaled as the backbone reads it, or null
     * @param images files
     * @param pipeline name of a pipeline or recipe whose dataset is read, or empty
     * @param split {@code train}, {@code validation} or {@code test}, or empty for all
     * @param output file to write, ending in {@code .npz}
     * @param batch images at once
     */
    record FeatureOrder(
            String backbone,
            Map<String, String> keys,
            Path weights,
            String kind,
            String stage,
            List<String> taps,
            Path tensor,
            List<Path> images,
            String pipeline,
            String split,
            Path output,
            int batch) {}

    /**
     * Features that were written.
     *
     * @param backbone id
     * @param stage whose feature it is
     * @param gives the feature in words
     * @param weights what was loaded, in words
     * @param items images or samples
     * @param files with the features, in order
     * @param kept files that were there already
     * @param record file that says what they are
     */
    record Features(
            String backbone,
            String stage,
            String gives,
            String weights,
            int items,
            List<Path> files,
            int kept,
            Path record) {}

    /**
     * Writes features of a backbone in inference: arrays of NumPy named {@code features} and, for a
     * dataset, {@code labels}, {@code ids}, {@code splits} and {@code classes}, for images {@code
     * paths}. What would be too large for a file goes into several. The same order goes on where it
     * was broken off.
     *
     * @param order what is wanted
     * @param progress told the items done and those there are, on another thread
     * @param stop asked at each batch; true ends it with an error
     * @return what was written
     */
    Features features(
            FeatureOrder order, BiConsumer<Integer, Integer> progress, BooleanSupplier stop);

    /**
     * The engine and where it computes, in words.
     *
     * @return for example {@code PyTorch 2.7.1, CPU, 2 threads}
     */
    String engine();
}
