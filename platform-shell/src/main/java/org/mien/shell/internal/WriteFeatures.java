// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.Option;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.apache.karaf.shell.support.completers.StringsCompleter;
import org.mien.core.Evaluations;
import org.mien.core.Features;
import org.mien.core.MienException;
import org.mien.core.Pipelines;
import org.mien.core.Plugins;
import org.mien.core.Runs;
import org.mien.core.Value;

/** {@code fer:features}. */
@Service
@Command(
        scope = "fer",
        name = "features",
        description = "Writes features of a backbone for an array, images or a pipeline's dataset")
public final class WriteFeatures extends FerCommand {
    @Reference Plugins plugins;
    @Reference Features features;
    @Reference Pipelines pipelines;
    @Reference Runs runs;
    @Reference Evaluations evaluations;

    @Option(
            name = "--run",
            description =
                    "A run whose trained backbone is read, with its keys and steps, instead of"
                            + " --backbone and --weights")
    @Completion(RunIds.class)
    String trained;

    @Option(
            name = "--outputs",
            description =
                    "With --run: what its method answers on its dataset instead of its backbone's"
                            + " features, as probabilities,embedding")
    String outputs;

    @Option(name = "--backbone", description = "Id of a backbone; must be given, or a run")
    @Completion(BackboneIds.class)
    String backbone;

    @Option(
            name = "--weights",
            description = "File of weights: .safetensors, .npz or a state dict of PyTorch")
    @Completion(ImageFiles.class)
    String weights;

    @Option(
            name = "--kind",
            description = "The last feature of a kind: map, vector or tokens; else of all")
    @Completion(
            value = StringsCompleter.class,
            values = {"map", "vector", "tokens"})
    String kind = "";

    @Option(name = "--stage", description = "The feature of a stage; fer:backbone-info shows them")
    String stage = "";

    @Option(
            name = "--tap",
            description =
                    "Something more that the network offers: output (of each stage), attention",
            multiValued = true)
    List<String> taps;

    @Option(
            name = "--input",
            description =
                    "An array (.npy) of (N, 3, height, width), images, folders or patterns of them,"
                            + " or a pipeline or recipe whose dataset is read; must be given",
            multiValued = true)
    @Completion(ImageFiles.class)
    List<String> inputs;

    @Option(name = "--split", description = "Of a dataset: train, validation or test; else all")
    @Completion(
            value = StringsCompleter.class,
            values = {"train", "validation", "test"})
    String split = "";

    @Option(
            name = "--output",
            description =
                    "The file to write, ending in .npz; must be given. What is too large for one"
                            + " goes into FILE-00001.npz, FILE-00002.npz ..")
    @Completion(ImageFiles.class)
    String output;

    @Option(name = "--batch", description = "Images at once, 16 when not given")
    String batch = "16";

    @Argument(
            index = 0,
            name = "key=value",
            description =
                    "More images, and keys: of the backbone (size=112), of the steps to the input"
                            + " (preprocess=..), of the pipeline",
            multiValued = true)
    @Completion(BackboneKeys.class)
    List<String> rest;

    private long shown;

    @Override
    void run() {
        List<String> typed = plain(rest);
        given("--output", output);
        if (outputs != null) {
            writeOutputs(typed);
            return;
        }
        given("--input", inputs);
        List<String> keys = typed.stream().filter(this::isKey).toList();
        Map<String, String> values =
                new LinkedHashMap<>(TypedKeys.of(keys, plugins, screen.folder()));
        List<String> things =
                Stream.concat(inputs.stream(), typed.stream().filter(one -> !isKey(one))).toList();
        if (!batch.matches("[1-9]\\d{0,5}")) {
            throw new MienException(
                    "--batch is '" + batch + "'; expected a number of images from 1");
        }
        checkOutput();
        boolean tensor =
                things.size() == 1 && things.get(0).toLowerCase(Locale.ROOT).endsWith(".npy");
        String pipeline = tensor ? "" : pipeline(things);
        List<Path> images =
                tensor || !pipeline.isEmpty()
                        ? List.of()
                        : ImagePaths.of(screen.folder(), things, this::told).stream()
                                .map(ImagePaths.Image::path)
                                .toList();
        Path file = weights == null ? null : file(weights);
        if (trained != null) {
            file = ofRun(values, tensor);
        }
        given("--backbone", backbone);
        Features.Order order =
                new Features.Order(
                        backbone,
                        values,
                        file,
                        kind,
                        stage,
                        taps == null ? List.of() : List.copyOf(taps),
                        tensor ? file(things.get(0)) : null,
                        images,
                        pipeline,
                        split,
                        file(output),
                        Integer.parseInt(batch));
        AtomicBoolean stop = new AtomicBoolean();
        Features.Written written =
                Relay.<int[], Features.Written>run(
                        tell ->
                                features.write(
                                        order,
                                        (done, all) -> tell.accept(new int[] {done, all}),
                                        stop::get),
                        counts -> {
                            progress(counts[0], counts[1]);
                            if (screen.gone()) {
                                stop.set(true);
                            }
                        },
                        () -> {
                            stop.set(true);
                            interrupted("Stopping.");
                        },
                        screen.mark());
        if (json) {
            screen.line(
                    Json.line(
                            Json.object(
                                    "backbone", written.backbone(),
                                    "stage", written.stage(),
                                    "gives", written.gives(),
                                    "weights", written.weights(),
                                    "items", written.items(),
                                    "files", written.files(),
                                    "kept", written.kept(),
                                    "record", written.record().toString())));
            return;
        }
        List<Path> files = written.files();
        facts(
                "backbone", written.backbone(),
                "weights", written.weights(),
                "feature", written.stage() + ": " + written.gives(),
                "items", Text.count(written.items()),
                "files",
                        files.size() == 1
                                ? files.get(0).toString()
                                : files.size() + " from " + files.get(0),
                "kept", written.kept() == 0 ? "" : written.kept() + " that were there already",
                "record", written.record().toString());
    }

    private void checkOutput() {
        if (!output.toLowerCase(Locale.ROOT).endsWith(".npz")) {
            throw new MienException("--output is '" + output + "'; expected a name ending in .npz");
        }
    }

    /** What the method of a run answers, on a split of its dataset. */
    private void writeOutputs(List<String> typed) {
        checkOutput();
        boolean others =
                inputs != null
                        || backbone != null
                        || weights != null
                        || taps != null
                        || !kind.isEmpty()
                        || !stage.isEmpty();
        if (trained == null || others) {
            throw new MienException(
                    "--outputs goes with --run RUN, --split, --output FILE and keys only; other"
                            + " pictures are dataset=.. dataset.path=..");
        }
        List<String> names = List.of(outputs.strip().split("\\s*,\\s*"));
        Evaluations.Outputs written =
                evaluations.outputs(
                        trained,
                        split.isEmpty() ? "test" : split,
                        TypedKeys.of(typed, plugins, screen.folder()),
                        names,
                        file(output));
        if (json) {
            screen.line(
                    Json.line(
                            Json.object(
                                    "run", written.run(),
                                    "split", written.split(),
                                    "samples", written.samples(),
                                    "outputs", written.widths(),
                                    "file", written.file().toString())));
            return;
        }
        facts(
                "run", written.run(),
                "split", written.split(),
                "samples", Text.count(written.samples()),
                "outputs",
                        written.widths().entrySet().stream()
                                .map(one -> one.getKey() + " (" + one.getValue() + ")")
                                .collect(Collectors.joining(", ")),
                "file", written.file().toString());
    }

    /**
     * Takes the backbone of a run, with its keys where none is given, and for pictures its steps.
     *
     * @param tensor whether what is read needs no steps
     * @return its checkpoint
     */
    private Path ofRun(Map<String, String> values, boolean tensor) {
        if (backbone != null || weights != null) {
            throw new MienException("--run stands for --backbone and --weights; give it or those");
        }
        Runs.Details details = runs.details(trained);
        Map<String, Value> own = details.values();
        backbone = own.containsKey("backbone") ? own.get("backbone").value() : "";
        if (backbone.isEmpty()) {
            throw new MienException("run '" + details.run().id() + "' uses no backbone");
        }
        List<String> begins = new ArrayList<>(List.of("backbone."));
        if (!tensor) {
            begins.add("image.");
            String steps =
                    values.getOrDefault(
                            "preprocess",
                            own.containsKey("preprocess") ? own.get("preprocess").value() : "");
            values.put("preprocess", steps);
            for (String step : steps.split("[^A-Za-z0-9_-]+")) {
                if (!step.isEmpty()) {
                    begins.add(step + ".");
                }
            }
        }
        own.forEach(
                (key, value) -> {
                    boolean counts =
                            begins.stream().anyMatch(key::startsWith)
                                    && !key.equals("backbone.weights")
                                    && value.value() != null;
                    boolean given =
                            values.containsKey(key)
                                    || values.containsKey(key.replaceFirst("^backbone[.]", ""));
                    if (counts && !given) {
                        values.put(key, value.value());
                    }
                });
        return details.run().folder().resolve("best.safetensors");
    }

    private static void given(String option, Object value) {
        if (value == null) {
            throw new MienException(
                    "option '" + option + "' must be given; --help says what it takes");
        }
    }

    /** A pipeline or recipe, where that is what was named; else empty. */
    private String pipeline(List<String> things) {
        String name = things.get(0);
        if (things.size() > 1 || Files.exists(file(name)) || name.matches(".*[/*?\\[{].*")) {
            return "";
        }
        boolean known =
                Stream.concat(
                                pipelines.all().stream().map(Pipelines.Pipeline::name),
                                pipelines.recipes().stream().map(Pipelines.Published::name))
                        .anyMatch(name::equals);
        if (!known) {
            throw new MienException(
                    "'"
                            + name
                            + "' is neither a file nor a pipeline or recipe. fer:pipeline-list and"
                            + " fer:recipe-list show those");
        }
        return name;
    }

    /** On a terminal one line drawn over and over, elsewhere a line now and then. */
    private void progress(int done, int all) {
        long now = System.nanoTime();
        boolean terminal = screen.columns() > 0;
        long pause = terminal ? 500_000_000L : 10_000_000_000L;
        boolean last = done == all && shown > 0; // nobody hears of what is quickly done
        if (last || done < all && now - shown > pause) {
            String text = Text.count(done) + " of " + Text.count(all);
            screen.message(terminal ? "\r" + text + (done == all ? "\n" : "") : text + "\n");
            shown = last ? 0 : now;
        }
    }
}
