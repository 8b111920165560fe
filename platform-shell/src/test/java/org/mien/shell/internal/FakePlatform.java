// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.mien.api.run.RunEvent;
import org.mien.api.run.RunEvent.Kind;
import org.mien.core.Datasets;
import org.mien.core.Evaluations;
import org.mien.core.Features;
import org.mien.core.Figure;
import org.mien.core.Jobs;
import org.mien.core.MienException;
import org.mien.core.Pipelines;
import org.mien.core.Plugins;
import org.mien.core.Predictions;
import org.mien.core.Runs;
import org.mien.core.Spread;
import org.mien.core.Sweeps;
import org.mien.core.Value;
import org.mien.core.WeightFiles;
import org.mien.provision.Provisioning;

/** A platform with two pipelines and two runs, that answers what a test tells it to. */
final class FakePlatform {
    /** Stands for {@link Jobs#train}. */
    @FunctionalInterface
    interface Training {
        Runs.Run train(Consumer<RunEvent> watch, BooleanSupplier stop) throws InterruptedException;
    }

    static final Path FOLDER = Path.of("/runs/demo-1");

    List<Plugins.Plugin> plugins =
            List.of(
                    new Plugins.Plugin(
                            "backbone",
                            "resnet18",
                            "org.mien.plugin.resnet18",
                            "0.1.0",
                            "",
                            List.of(
                                    new Plugins.Key(
                                            "backbone.size",
                                            "an integer",
                                            "64",
                                            "from 32 to 512",
                                            "side of the input in pixels"))),
                    new Plugins.Plugin(
                            "dataset",
                            "fer2013",
                            "org.mien.plugin.fer2013",
                            "0.1.0",
                            "",
                            List.of(
                                    new Plugins.Key(
                                            "dataset.path", "a path", null, "", "its CSV file"))),
                    new Plugins.Plugin(
                            "method",
                            "broken",
                            "org.mien.plugin.broken",
                            "1.2.3",
                            "method 'broken': no settings",
                            List.of()),
                    new Plugins.Plugin(
                            "method",
                            "linear",
                            "org.mien.plugin.linear",
                            "0.1.0",
                            "",
                            List.of(
                                    new Plugins.Key(
                                            "method.smoothing",
                                            "a number",
                                            "0",
                                            "from 0 to 1",
                                            "label smoothing"))),
                    new Plugins.Plugin(
                            "preprocessor",
                            "flip",
                            "org.mien.plugin.basic",
                            "0.1.0",
                            "",
                            List.of()),
                    new Plugins.Plugin(
                            "preprocessor",
                            "resize",
                            "org.mien.plugin.basic",
                            "0.1.0",
                            "",
                            List.of(
                                    new Plugins.Key(
                                            "resize.antialias",
                                            "true or false",
                                            "true",
                                            "",
                                            "whether it averages"))));

    List<Pipelines.Pipeline> pipelines =
            List.of(
                    new Pipelines.Pipeline(
                            "demo",
                            Pipelines.State.READY,
                            "",
                            "etc/org.mien.pipeline-demo.cfg",
                            values(
                                    "method=linear;a file",
                                    "backbone=resnet18;a file",
                                    "dataset=schematic;a file",
                                    "preprocess=resize, flip;a file",
                                    "train.epochs=10;default"),
                            Map.of()),
                    new Pipelines.Pipeline(
                            "raf",
                            Pipelines.State.WAITING,
                            "for method 'fdrl' (feature:install mien-method-fdrl)",
                            "etc/org.mien.pipeline-raf.cfg",
                            values("method=fdrl;a file"),
                            Map.of()));

    List<Runs.Run> runs =
            List.of(
                    run("demo-1", "DONE", 3, 2, 0.925, ""),
                    run("demo-2", "FAILED", 0, 0, Double.NaN, "the disk is full"));

    /** What the last call was given. */
    final List<Object> asked = new ArrayList<>();

    MienException refusal;
    RuntimeException fault;
    Training training = (watch, stop) -> trained(watch);
    List<Predictions.Prediction> answers = new ArrayList<>();
    Evaluations.Evaluation evaluation;

    static Map<String, Value> values(String... lines) {
        Map<String, Value> values = new LinkedHashMap<>();
        for (String line : lines) {
            int equals = line.indexOf('=');
            int end = line.indexOf(';');
            values.put(
                    line.substring(0, equals),
                    new Value(line.substring(equals + 1, end), line.substring(end + 1)));
        }
        return values;
    }

    static Runs.Run run(
            String id, String state, int epochs, int best, double validation, String text) {
        Map<String, Map<String, Double>> evaluations = new LinkedHashMap<>();
        if (best > 0) {
            evaluations.put("test", Map.of("accuracy", 0.9071));
        }
        return new Runs.Run(
                id,
                "demo",
                state,
                "2026-01-02T03:04:05.678Z",
                12.34,
                epochs,
                best,
                best > 0 ? "accuracy" : "",
                validation,
                evaluations,
                FOLDER,
                text,
                Set.of("accuracy", "validation.accuracy"),
                best > 0 ? Map.of("test", Set.of("accuracy")) : Map.of());
    }

    static RunEvent event(Kind kind, int epoch, long step, Map<String, Double> values) {
        return new RunEvent(
                "demo-1",
                "demo",
                kind,
                epoch,
                2,
                step,
                20,
                values,
                "",
                Set.of("accuracy", "validation.accuracy"));
    }

    /** Values in the order given. */
    static Map<String, Double> numbers(Object... namesAndValues) {
        Map<String, Double> numbers = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            numbers.put((String) namesAndValues[i], (Double) namesAndValues[i + 1]);
        }
        return numbers;
    }

    private Runs.Run trained(Consumer<RunEvent> watch) {
        watch.accept(event(Kind.STARTED, 0, 0, Map.of()));
        for (int epoch = 0; epoch < 2; epoch++) {
            Map<String, Double> now =
                    numbers("loss", 1.0 / (epoch + 1), "accuracy", 0.5, "images/s", 99.0);
            watch.accept(event(Kind.STEP, epoch, epoch * 10 + 5, now));
            now.put("validation.accuracy", 0.6 + 0.1 * epoch);
            watch.accept(event(Kind.EPOCH, epoch, epoch * 10 + 10, now));
        }
        watch.accept(event(Kind.DONE, 2, 20, Map.of()));
        return run("demo-1", "DONE", 2, 2, 0.7, "");
    }

    List<Pipelines.Published> recipes =
            List.of(
                    new Pipelines.Published(
                            "linear-raf",
                            "org.mien.method.linear",
                            "0.1.0",
                            Pipelines.State.WAITING,
                            "for dataset 'raf-db'",
                            "Somebody et al., 2021",
                            "Faces are cut out.",
                            List.of(
                                    new Figure("RAF-DB", "accuracy", 0.8947, true),
                                    new Figure("RAF-DB", "kappa", 0.5, false)),
                            needs(),
                            values("dataset=raf-db;recipe", "method=linear;recipe")),
                    new Pipelines.Published(
                            "raf",
                            "org.mien.method.linear",
                            "0.1.0",
                            Pipelines.State.READY,
                            "the pipeline of this name counts",
                            "",
                            "",
                            List.of(),
                            Map.of(),
                            values("dataset=schematic;recipe", "method=linear;recipe")));

    private static Map<String, String> needs() {
        Map<String, String> needs = new LinkedHashMap<>();
        needs.put("dataset.path", "the folder");
        needs.put("backbone.weights", "a file");
        return needs;
    }

    static Sweeps.CellRun cellRun(long seed, String state, String text, double accuracy) {
        return new Sweeps.CellRun(
                seed,
                "demo-" + seed,
                state,
                text,
                Double.isNaN(accuracy) ? Map.of() : numbers("accuracy", accuracy),
                Double.isNaN(accuracy) ? Set.of() : Set.of("accuracy"));
    }

    static Sweeps.Sweep sweep(String state, Sweeps.CellRun last) {
        return new Sweeps.Sweep(
                "table-1",
                "sweep table-1 (org.mien.method.linear)",
                "Table 1",
                "Somebody et al., 2021",
                "",
                state,
                "",
                "demo",
                "test",
                List.of(1L, 2L),
                values("train.epochs=3;command line"),
                List.of(
                        new Sweeps.Cell(
                                "with, all",
                                Map.of("method.smoothing", "0.1"),
                                List.of(
                                        new Figure("RAF-DB", "accuracy", 0.8947, true),
                                        new Figure("MMI", "accuracy", 0.8523, true)),
                                List.of(cellRun(1, "DONE", "", 0.5), cellRun(2, "DONE", "", 0.7)),
                                Map.of("accuracy", new Spread(2, 0.6, 0.1414, 0.5, 0.7))),
                        new Sweeps.Cell(
                                "without",
                                Map.of("method.smoothing", "0"),
                                List.of(new Figure("RAF-DB", "accuracy", 0.8693, true)),
                                List.of(cellRun(1, "DONE", "", 0.5), last),
                                Map.of("accuracy", new Spread(1, 0.5, Double.NaN, 0.5, 0.5)))),
                Path.of("/work/sweeps/table-1"));
    }

    Sweeps.Sweep sweep = sweep("DONE", cellRun(2, "DONE", "", 0.5));

    private void given(Object... given) {
        asked.clear();
        asked.addAll(List.of(given));
        if (refusal != null) {
            throw refusal;
        }
        if (fault != null) {
            throw fault;
        }
    }

    Datasets.Check check;
    Runs.Details details;

    Evaluations.Comparison comparison;

    List<Evaluations.Evaluation> evaluated = List.of();

    WeightFiles.Contents weights;

    List<Jobs.Job> jobs =
            List.of(
                    new Jobs.Job("demo-1", "demo", "RUNNING", 1, 10, 12, 100, ""),
                    new Jobs.Job(
                            "raf-1",
                            "raf",
                            "WAITING",
                            3,
                            8,
                            30,
                            80,
                            "method 'fdrl' was taken away"),
                    new Jobs.Job("demo-2", "demo", "QUEUED", 0, 10, 0, 0, ""));

    /** What is drawn. */
    final Map<String, String> aliases = new TreeMap<>();

    final List<Predictions.Drawn> drawings = new ArrayList<>();

    final class ThePipelines implements Pipelines {
        @Override
        public List<Published> recipes() {
            return recipes;
        }

        @Override
        public List<Pipeline> all() {
            given();
            return pipelines;
        }

        @Override
        public Pipeline create(String name, Map<String, String> keys, boolean replace) {
            given("create", name, keys, replace);
            return new Pipeline(
                    name,
                    State.WAITING,
                    "for method 'm'",
                    "org.mien.pipeline-" + name + ".cfg",
                    Map.of(),
                    Map.of());
        }

        @Override
        public void delete(String name) {
            given("delete", name);
        }
    }

    final class TheSweeps implements Sweeps {
        @Override
        public List<Sweep> all() {
            return List.of(sweep);
        }

        @Override
        public Sweep get(String name) {
            given(name);
            return sweep;
        }

        @Override
        public Sweep run(
                Order order, Consumer<RunEvent> watch, Consumer<String> say, BooleanSupplier stop) {
            given(order);
            say.accept("1/4 cell 'with, all', seed 1: trains");
            try {
                training.train(watch, stop);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            say.accept("1/4 cell 'with, all', seed 1: DONE, run demo-1");
            return sweep;
        }

        @Override
        public Sweep submit(Order order) {
            given(order, "background");
            return sweep;
        }

        @Override
        public Sweep cancel(String name) {
            given(name, "cancel");
            return sweep;
        }
    }

    final class ThePlugins implements Plugins {
        @Override
        public List<Plugin> all() {
            given();
            return plugins;
        }

        @Override
        public boolean asked(Map<String, Value> values, List<Plugin> some) {
            throw new UnsupportedOperationException("nothing here removes plugins");
        }

        @Override
        public List<Plugins.Key> platformKeys() {
            return List.of(
                    new Plugins.Key("backbone", "text", "", "", "id of the backbone"),
                    new Plugins.Key("preprocess", "a list with commas", "", "", "ids of the steps"),
                    new Plugins.Key("train.epochs", "an integer", "10", "from 1", "passes"),
                    new Plugins.Key(
                            "train.optimizer",
                            "one of",
                            "adamw",
                            "sgd, adam, adamw",
                            "update rule"));
        }

        @Override
        public MethodInfo method(String method, Map<String, String> keys) {
            given(method, keys);
            Map<String, Long> inference = new LinkedHashMap<>();
            inference.put("backbone", 11_176_512L);
            inference.put("classifier", 3_591L);
            Map<String, Long> stages = new LinkedHashMap<>();
            stages.put("stem", 9_536L);
            stages.put("block0", 4_000_000L);
            stages.put("block1", 4_000_000L);
            stages.put("block2", 3_000_000L);
            stages.put("3x3", 166_976L);
            return new MethodInfo(
                    method,
                    "resnet18",
                    List.of("VECTOR"),
                    List.of("pool: vector (N, 512)"),
                    List.of("face"),
                    "3 x 64 x 64",
                    inference,
                    Map.of("centres", 3584L),
                    Map.of("backbone", stages),
                    12_847_616,
                    0,
                    0,
                    384L,
                    List.of("train"),
                    plugins.get(3).keys());
        }

        @Override
        public BackboneInfo backbone(String backbone, Map<String, String> keys) {
            given(backbone, keys);
            return new BackboneInfo(
                    backbone,
                    "3 x 32 x 32",
                    List.of(0.5f, 0.5f, 0.5f),
                    List.of(0.25f, 0.25f, 0.25f),
                    List.of(
                            new BackboneStage(
                                    "embed",
                                    "tokens (65, 192)",
                                    9_408,
                                    12_480,
                                    602_112,
                                    1025,
                                    1 << 20),
                            new BackboneStage("cls", "vector (192)", 0, 0, 0, 768, 768)),
                    87_552,
                    175_104,
                    200_448,
                    plugins.get(0).keys());
        }
    }

    final class TheJobs implements Jobs {
        @Override
        public Runs.Run train(
                String pipeline,
                Map<String, String> overrides,
                Consumer<RunEvent> watch,
                BooleanSupplier stop) {
            given(pipeline, overrides);
            try {
                return training.train(watch, stop);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public Runs.Run trainOn(
                String pipeline,
                String from,
                Map<String, String> overrides,
                Consumer<RunEvent> watch,
                BooleanSupplier stop) {
            given(pipeline, from, overrides);
            try {
                return training.train(watch, stop);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public Runs.Run submitOn(String pipeline, String from, Map<String, String> overrides) {
            given(pipeline, from, overrides);
            return run("demo-2", "QUEUED", 0, 0, Double.NaN, "");
        }

        @Override
        public Runs.Run resume(String run, Consumer<RunEvent> watch, BooleanSupplier stop) {
            given(run);
            try {
                return training.train(watch, stop);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public Runs.Run submit(String pipeline, Map<String, String> overrides) {
            given(pipeline, overrides);
            return run("demo-2", "QUEUED", 0, 0, Double.NaN, "");
        }

        @Override
        public Runs.Run resubmit(String run) {
            given(run);
            return run(run, "QUEUED", 0, 0, Double.NaN, "");
        }

        @Override
        public List<Job> all() {
            given();
            return jobs;
        }

        @Override
        public Runs.Run watch(String run, Consumer<RunEvent> watch, BooleanSupplier stop) {
            return resume(run, watch, stop);
        }

        @Override
        public Runs.Run cancel(String run) {
            given(run);
            return run(run, "CANCELLED", 1, 1, 0.5, "stopped after step 12");
        }
    }

    final class TheDatasets implements Datasets {
        @Override
        public Check check(
                String pipeline,
                Map<String, String> overrides,
                BiConsumer<Integer, Integer> progress,
                BooleanSupplier stop) {
            given(pipeline, overrides);
            progress.accept(1000, 1500);
            return check;
        }
    }

    final class TheRuns implements Runs {
        @Override
        public Details details(String run) {
            given(run);
            return details;
        }

        @Override
        public Path report(String run) {
            given(run);
            return Path.of("/runs", run, "report.html");
        }

        @Override
        public void export(String run, Format format, Path file) {
            given(run, format, file);
        }

        @Override
        public void delete(String run) {
            given(run);
        }

        @Override
        public void delete(String run, boolean force) {
            given(run, force);
        }

        @Override
        public Map<String, String> aliases() {
            return aliases;
        }

        @Override
        public String alias(String name, String run) {
            given(name, run);
            return run;
        }

        @Override
        public void removeAlias(String name) {
            given(name);
        }

        @Override
        public String id(String name) {
            return aliases.getOrDefault(name, name);
        }

        @Override
        public Run add(Path zip, String as) {
            given(zip, as);
            return runs.get(0);
        }

        @Override
        public List<Run> all() {
            given();
            return runs;
        }
    }

    final class TheEvaluations implements Evaluations {
        @Override
        public Comparison compare(List<String> runs, String split) {
            given(runs, split);
            return comparison;
        }

        @Override
        public Evaluation evaluate(
                String run, String name, String split, Map<String, String> overrides) {
            given(run, name, split, overrides);
            return evaluation;
        }

        @Override
        public Outputs outputs(
                String run,
                String split,
                Map<String, String> overrides,
                List<String> names,
                Path file) {
            given(run, split, overrides, names, file);
            Map<String, Integer> widths = new LinkedHashMap<>();
            names.forEach(name -> widths.put(name, 7));
            return new Outputs(run, split, 1400, widths, file);
        }

        @Override
        public List<Evaluation> all(String run) {
            return evaluated;
        }
    }

    final class TheWeightFiles implements WeightFiles {
        @Override
        public Contents read(Path file) {
            given(file);
            return weights;
        }
    }

    final class ThePredictions implements Predictions {
        @Override
        public Model open(String run, Map<String, String> overrides, Room room) {
            return new Model() {
                @Override
                public String run() {
                    return run;
                }

                @Override
                public int opened() {
                    return 1;
                }

                @Override
                public CompletableFuture<Prediction> ask(
                        String name, byte[] image, Duration deadline) {
                    given(run, overrides, name, image.length);
                    return CompletableFuture.completedFuture(answers.get(0));
                }

                @Override
                public CompletableFuture<Prediction> ask(Path image, Duration deadline) {
                    given(image);
                    return CompletableFuture.completedFuture(answers.get(0));
                }

                @Override
                public void close() {
                    // Nothing is open.
                }
            };
        }

        @Override
        public void predict(
                String run,
                Map<String, String> overrides,
                List<Path> images,
                List<String> samples,
                Consumer<Prediction> answer,
                BooleanSupplier stop) {
            given(run, overrides, images, samples);
            for (Prediction prediction : answers) {
                if (stop.getAsBoolean()) {
                    return;
                }
                answer.accept(prediction);
            }
        }

        @Override
        public void generate(
                String run,
                Map<String, String> overrides,
                List<Path> images,
                Consumer<Drawn> answer,
                BooleanSupplier stop) {
            given(run, overrides, images);
            for (Drawn drawn : drawings) {
                if (stop.getAsBoolean()) {
                    return;
                }
                answer.accept(drawn);
            }
        }
    }

    final class TheFeatures implements Features {
        @Override
        public Written write(
                Order order, BiConsumer<Integer, Integer> progress, BooleanSupplier stop) {
            given(order);
            progress.accept(10, 20);
            if (stop.getAsBoolean()) {
                throw new MienException("stopped");
            }
            progress.accept(20, 20);
            return new Written(
                    order.backbone(),
                    "pool",
                    "vector (512)",
                    "100 of 122 tensors of w.pth",
                    20,
                    List.of(order.output()),
                    0,
                    Path.of("/home/me/out.json"));
        }
    }

    /** All of its services. */
    List<Object> services() {
        return List.of(
                new ThePipelines(),
                new TheSweeps(),
                new ThePlugins(),
                new TheJobs(),
                new TheDatasets(),
                new TheRuns(),
                new TheEvaluations(),
                new TheWeightFiles(),
                new ThePredictions(),
                new TheFeatures(),
                new TheProvisioning());
    }

    Provisioning.Addition addition;
    Provisioning.Removal removal;

    private final class TheProvisioning implements Provisioning {
        @Override
        public Addition add(String source, Path folder, boolean trial, Consumer<Addition> before) {
            before.accept(addition);
            given(source, folder, trial);
            return addition;
        }

        @Override
        public Removal remove(String id, boolean trial, Consumer<Removal> before) {
            before.accept(removal);
            given(id, trial);
            return removal;
        }
    }
}
