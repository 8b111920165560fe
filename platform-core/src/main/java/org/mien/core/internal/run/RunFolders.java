// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.run;

import com.google.gson.JsonParseException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.mien.api.data.Targets;
import org.mien.core.Evaluations;
import org.mien.core.MienException;
import org.mien.core.Runs;
import org.mien.core.Value;
import org.mien.core.internal.data.DataFacts;
import org.mien.core.internal.io.Atomic;
import org.mien.core.internal.io.Digests;
import org.mien.core.internal.io.Json;
import org.mien.core.internal.pipeline.BoundPipeline;
import org.mien.core.internal.pipeline.Names;
import org.mien.core.internal.plugin.Words;

/** The folders of runs. A folder is the truth: nothing of a run is kept elsewhere. */
public final class RunFolders {
    /** Checkpoint chosen on the validation split. */
    public static final String BEST = "best.safetensors";

    /** Checkpoint of the last epoch. */
    public static final String LAST = "last.safetensors";

    /** What the run is made of. */
    public static final String CONFIG = "config.json";

    private static final Pattern PACKED =
            Pattern.compile(
                    "(config|run|notes)\\.json|metrics\\.jsonl|report\\.html|(evaluations/[^/]+/)?"
                            + "((evaluation|pictures)-[a-z]+\\.json|predictions-[a-z]+\\.csv)|"
                            + "[A-Za-z][A-Za-z_-]{0,40}\\.md|"
                            + Pattern.quote(BEST));
    static final String STATE = "run.json";

    /** In a zip a line for each other file: its SHA-256 and its name. */
    static final String SUMS = "SHA256SUMS";

    /**
     * What {@code run.json} holds.
     *
     * @param pipeline its pipeline
     * @param state what it does
     * @param started ISO 8601
     * @param seconds so far
     * @param epochs done
     * @param bestEpoch from 1; 0 when none
     * @param chosenBy the metric it was chosen by; empty before it began
     * @param chosenValue of that metric on the validation split
     * @param text why it failed
     * @param shares names of the numbers of its training that are shares
     */
    public record State(
            String pipeline,
            JobState state,
            String started,
            double seconds,
            int epochs,
            int bestEpoch,
            String chosenBy,
            double chosenValue,
            String text,
            Set<String> shares) {
        /** A state that nobody knows is as good as none. */
        public State {
            shares = shares == null ? Set.of() : shares;
            state = state == null ? JobState.FAILED : state;
            chosenBy = chosenBy == null ? "" : chosenBy;
        }

        /** A run that has not begun. */
        public static State fresh(String pipeline, String started) {
            return new State(
                    pipeline, JobState.QUEUED, started, 0, 0, 0, "", Double.NaN, "", Set.of());
        }

        public State with(Ending ending) {
            return new State(
                    pipeline,
                    ending.state(),
                    started,
                    seconds,
                    epochs,
                    bestEpoch,
                    chosenBy,
                    chosenValue,
                    ending.text(),
                    shares);
        }
    }

    /**
     * A plugin that took part.
     *
     * @param kind its kind
     * @param id its id
     * @param bundle symbolic name
     * @param version of the bundle
     */
    public record Part(String kind, String id, String bundle, String version) {
        public String words() {
            return kind + " " + id + " " + version;
        }

        public static List<Part> of(BoundPipeline bound) {
            return bound.plugins().stream()
                    .map(e -> new Part(e.kind().word(), e.id(), e.bundle(), e.version()))
                    .toList();
        }
    }

    /**
     * A plugin that was replaced while the run was under way.
     *
     * @param step steps done when the new code took over
     * @param by the new code
     */
    public record Swap(long step, Part by) {}

    /**
     * What an epoch goes through.
     *
     * @param sampler how samples are drawn
     * @param samples their number, those that come again counted again
     */
    public record Epoch(String sampler, int samples) {}

    /**
     * What {@code config.json} holds: all it takes to do it again.
     *
     * @param pipeline its pipeline
     * @param values every key with its origin
     * @param targets what was learnt
     * @param splits samples of each split
     * @param validation where the validation split came from
     * @param epoch what an epoch goes through; null where the data were not looked at yet
     * @param plugins who took part from the start
     * @param swaps who took over later
     * @param engine engine, device and threads
     * @param java version of Java
     * @param data classes and people of the splits; null where they were not looked at yet
     * @param starts what files of weights and earlier runs gave
     */
    public record Config(
            String pipeline,
            Map<String, Value> values,
            Targets targets,
            Map<String, Integer> splits,
            String validation,
            Epoch epoch,
            List<Part> plugins,
            List<Swap> swaps,
            String engine,
            String java,
            DataFacts data,
            List<StartedFrom> starts) {
        /** Older ones know no swaps and no starts. */
        public Config {
            swaps = swaps == null ? List.of() : swaps;
            starts = starts == null ? List.of() : starts;
        }

        /** What is known of a run before the data are looked at. */
        public static Config of(BoundPipeline bound, String engine) {
            return new Config(
                    bound.pipeline(),
                    bound.values(),
                    Targets.none(),
                    Map.of(),
                    "",
                    null,
                    Part.of(bound),
                    List.of(),
                    engine,
                    System.getProperty("java.version"),
                    null,
                    List.of());
        }

        /** A configuration that is written before the data were looked at has no splits yet. */
        public boolean complete() {
            return !splits.isEmpty();
        }

        /** The configuration with those plugins of another version that take over at a step. */
        public Config with(List<Part> now, long step) {
            Map<String, Part> last = new LinkedHashMap<>();
            plugins.forEach(part -> last.put(part.kind() + part.id(), part));
            swaps.forEach(swap -> last.put(swap.by().kind() + swap.by().id(), swap.by()));
            List<Swap> all = new ArrayList<>(swaps);
            for (Part part : now) {
                if (!part.equals(last.get(part.kind() + part.id()))) {
                    all.add(new Swap(step, part));
                }
            }
            return new Config(
                    pipeline,
                    values,
                    targets,
                    splits,
                    validation,
                    epoch,
                    plugins,
                    all,
                    engine,
                    java,
                    data,
                    starts);
        }

        /** The configuration of a run that goes on with data that changed where none was read. */
        public Config with(Config now) {
            return new Config(
                    pipeline,
                    values,
                    targets,
                    now.splits,
                    now.validation,
                    epoch,
                    plugins,
                    swaps,
                    engine,
                    java,
                    now.data,
                    starts);
        }

        /** The configuration of a run that goes on from this one's end. */
        public Config longer(Map<String, Value> keys, String on) {
            return new Config(
                    pipeline,
                    keys,
                    targets,
                    splits,
                    validation,
                    epoch,
                    plugins,
                    swaps,
                    on,
                    System.getProperty("java.version"),
                    data,
                    starts);
        }

        /** The configuration of a run that started from these; one that goes on loads none. */
        public Config from(List<StartedFrom> loaded) {
            return loaded.isEmpty()
                    ? this
                    : new Config(
                            pipeline,
                            values,
                            targets,
                            splits,
                            validation,
                            epoch,
                            plugins,
                            swaps,
                            engine,
                            java,
                            data,
                            loaded);
        }
    }

    private final Path folder;
    private final Clock clock;
    private final Aliases aliases;

    public RunFolders(Path folder, Clock clock) {
        this.folder = folder;
        aliases = new Aliases(folder);
        this.clock = clock;
    }

    /** Where they lie. */
    public Path folder() {
        return folder;
    }

    /** Makes the folder of a new run. */
    public Path create(String pipeline) {
        try {
            Files.createDirectories(folder);
            int number = 1;
            for (String id : ids()) {
                if (id.matches(Pattern.quote(pipeline) + "-\\d{1,9}")) {
                    int other = Integer.parseInt(id.substring(pipeline.length() + 1));
                    number = Math.max(number, other + 1);
                }
            }
            while (true) {
                try {
                    return Files.createDirectory(folder.resolve(pipeline + "-" + number));
                } catch (FileAlreadyExistsException e) {
                    number++;
                }
            }
        } catch (IOException e) {
            throw new MienException(
                    "cannot make a folder for the run in "
                            + folder
                            + ": "
                            + e.getMessage()
                            + ". Check that the folder can be written and the disk has room.");
        }
    }

    private List<String> ids() throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(Files::isDirectory)
                    .map(path -> path.getFileName().toString())
                    .filter(Names::begins) // what is being unpacked begins with a dot
                    .sorted()
                    .toList();
        }
    }

    /** Whether there is a run. */
    public boolean exists(String id) {
        return Names.begins(id) && Files.isDirectory(folder.resolve(id));
    }

    /** Their other names. */
    public Aliases aliases() {
        return aliases;
    }

    /**
     * The folder of a run, or an error that names those there are.
     *
     * @param name its id, or an alias
     */
    public Path find(String name) {
        try {
            List<String> ids = ids();
            String id = ids.contains(name) ? name : aliases.find(name).orElse(name);
            if (!ids.contains(id)) {
                throw new MienException(
                        (id.equals(name) ? "" : "alias '" + name + "': ")
                                + "run '"
                                + id
                                + "' does not exist."
                                + Words.hint(id, ids)
                                + " fer:run-list shows them all.");
            }
            return folder.resolve(id);
        } catch (IOException e) {
            throw new MienException(
                    "the runs in " + folder + " cannot be listed: " + e.getMessage());
        }
    }

    public static void write(Path run, State state) throws IOException {
        Atomic.write(run.resolve(STATE), Json.pretty(state));
    }

    public static void write(Path run, Config config) throws IOException {
        Atomic.write(run.resolve(CONFIG), Json.pretty(config));
    }

    /**
     * Writes what was found.
     *
     * @param into the run's folder, or that of a named evaluation
     */
    public static void write(Path into, Evaluations.Evaluation evaluation) throws IOException {
        Atomic.write(evaluation(into, evaluation.split()), Json.pretty(evaluation));
    }

    /** The file of an evaluation in a folder. */
    public static Path evaluation(Path folder, String split) {
        return folder.resolve("evaluation-" + split + ".json");
    }

    /** Packs what others need of a run; the last checkpoint, which only resuming needs, stays. */
    public static void export(Path run, Path file) {
        free(file);
        try (Stream<Path> all = Files.walk(run, 3)) {
            List<Path> packed =
                    all.filter(Files::isRegularFile)
                            .filter(path -> PACKED.matcher(place(run, path)).matches())
                            .sorted()
                            .toList();
            Atomic.write(
                    file,
                    out -> {
                        ZipOutputStream zip = new ZipOutputStream(out);
                        StringBuilder sums = new StringBuilder();
                        for (Path path : packed) {
                            ZipEntry entry =
                                    new ZipEntry(run.getFileName() + "/" + place(run, path));
                            entry.setLastModifiedTime(Files.getLastModifiedTime(path));
                            zip.putNextEntry(entry);
                            DigestOutputStream through =
                                    new DigestOutputStream(zip, Digests.sha256());
                            Files.copy(path, through);
                            zip.closeEntry();
                            sums.append(
                                            HexFormat.of()
                                                    .formatHex(through.getMessageDigest().digest()))
                                    .append("  ")
                                    .append(place(run, path))
                                    .append('\n');
                        }
                        zip.putNextEntry(new ZipEntry(run.getFileName() + "/" + SUMS));
                        zip.write(sums.toString().getBytes(StandardCharsets.UTF_8));
                        zip.closeEntry();
                        zip.finish();
                    });
        } catch (IOException e) {
            throw new MienException(
                    "run '" + run.getFileName() + "' cannot be packed: " + e.getMessage());
        }
    }

    private static String place(Path run, Path file) {
        return run.relativize(file).toString().replace('\\', '/');
    }

    /** Refuses a file that exists, or whose folder does not. */
    public static void free(Path file) {
        if (Files.exists(file)) {
            throw new MienException(file + " exists already; name another file, or remove it");
        }
        Path folder = file.toAbsolutePath().getParent();
        if (!Files.isDirectory(folder)) {
            throw new MienException("the folder " + folder + " does not exist; make it first");
        }
    }

    /** Deletes a run: its state first, so that what is left of it is not taken for a run. */
    public static void delete(Path run) {
        try {
            Files.deleteIfExists(run.resolve(STATE));
            try (Stream<Path> all = Files.walk(run)) {
                for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        } catch (IOException e) {
            throw new MienException(
                    "run '" + run.getFileName() + "' cannot be deleted whole: " + e.getMessage());
        }
    }

    /** Whether a run has ever begun: its data were looked at, and its network was built. */
    public static boolean begun(Path run) {
        try {
            return config(run).complete();
        } catch (MienException e) {
            return true; // whatever lies there is not ours to judge
        }
    }

    /** How a run stands; nothing for a folder that does not say so. */
    public static Optional<State> known(Path run) {
        return Files.exists(run.resolve(STATE)) ? Optional.of(state(run)) : Optional.empty();
    }

    public static State state(Path run) {
        return read(run.resolve(STATE), State.class);
    }

    public static Config config(Path run) {
        Config config = read(run.resolve(CONFIG), Config.class);
        if (config.targets() == null) {
            throw new MienException(
                    "run '"
                            + run.getFileName()
                            + "' was made by an earlier build of Mien, which did not write down what"
                            + " it learnt. It cannot be used; train it anew");
        }
        return config;
    }

    public static <T> T read(Path file, Class<T> type) {
        try {
            if (Files.size(file) > 64 << 20) {
                throw new MienException(file + " is larger than 64 MiB; it is not ours");
            }
            T value = Json.read(Files.readString(file), type);
            if (value == null) {
                throw new MienException(file + " is empty");
            }
            return value;
        } catch (IOException | JsonParseException e) {
            throw new MienException(
                    file + " cannot be read: " + e.getMessage() + ". The run cannot be used.");
        }
    }

    /**
     * All runs, oldest first.
     *
     * @param active ids of runs that are under way in this process
     */
    public List<Runs.Run> all(Set<String> active) {
        List<Runs.Run> runs = new ArrayList<>();
        try {
            for (String id : ids()) {
                runs.add(info(id, active));
            }
        } catch (IOException e) {
            throw new MienException(
                    "the runs in " + folder + " cannot be listed: " + e.getMessage());
        }
        runs.sort(Comparator.comparing(Runs.Run::started).thenComparing(Runs.Run::id));
        return runs;
    }

    /** One run. */
    public Runs.Run info(String name, Set<String> active) {
        Path run = find(name);
        String id = run.getFileName().toString();
        State state;
        try {
            state = state(run);
        } catch (MienException e) {
            state = State.fresh("", "").with(new Ending(JobState.FAILED, e.getMessage()));
        }
        boolean died = !state.state().over() && !active.contains(id);
        Map<String, Map<String, Double>> evaluations = new LinkedHashMap<>();
        Map<String, Set<String>> shares = new LinkedHashMap<>();
        for (String split : List.of("train", "validation", "test")) {
            Path file = evaluation(run, split);
            if (Files.exists(file)) {
                Evaluations.Evaluation own = read(file, Evaluations.Evaluation.class);
                if (own.keys().isEmpty()) { // an earlier build kept any under this name
                    evaluations.put(split, own.metrics());
                    shares.put(split, own.shares());
                }
            }
        }
        return new Runs.Run(
                id,
                state.pipeline(),
                (died ? JobState.FAILED : state.state()).name(),
                state.started(),
                state.seconds(),
                state.epochs(),
                state.bestEpoch(),
                state.chosenBy(),
                state.chosenValue(),
                evaluations,
                run,
                died ? "the platform ended while it was " + state.state() : state.text(),
                state.shares(),
                shares);
    }

    public String now() {
        return clock.instant().toString();
    }
}
