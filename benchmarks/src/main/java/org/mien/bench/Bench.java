// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.bench;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** {@code ./mien bench}: the platform and Python PyTorch in turn, and what both needed. */
public final class Bench {
    private static final String USAGE =
            """
            usage: mien bench [NAME...] [--json] [--repeat=N] [--threads=1|2] [--python=PROGRAM]

              NAME       train, infer-1, infer-16, vit-train, vit-predict, mae-train,
                         ir50-predict-1, ir50-predict-16, input, weights, start, swap,
                         predict (default: all)
              --repeat   measurements of each, 1 to 1000 (default: 20; of start and predict 5)
              --threads  of training and networks: 1, 2 (default: both), each on a core of its own
              --python   with which to compare (default: python3, where it has torch)
            """;

    private static final List<String> NAMES =
            List.of(
                    "train",
                    "infer-1",
                    "infer-16",
                    "vit-train",
                    "vit-predict",
                    "mae-train",
                    "ir50-predict-1",
                    "ir50-predict-16",
                    "input",
                    "weights",
                    "start",
                    "swap",
                    "predict");

    private static final Map<String, String> WHAT =
            Map.ofEntries(
                    Map.entry("train", "ResNet-18, one training step of 16 x 3 x 112 x 112, AdamW"),
                    Map.entry("infer-1", "ResNet-18, probabilities of 1 x 3 x 112 x 112"),
                    Map.entry("infer-16", "ResNet-18, probabilities of 16 x 3 x 112 x 112"),
                    Map.entry("vit-train", "ViT-T, one training step of 8 x 3 x 224 x 224, AdamW"),
                    Map.entry("vit-predict", "ViT-T, probabilities of 1 x 3 x 224 x 224"),
                    Map.entry(
                            "mae-train",
                            "MAE on ViT-T, one training step of 16 x 3 x 224 x 224, AdamW"),
                    Map.entry("ir50-predict-1", "IR-50, embedding of 1 x 3 x 112 x 112"),
                    Map.entry("ir50-predict-16", "IR-50, embeddings of 16 x 3 x 112 x 112"),
                    Map.entry(
                            "input", "JPEG 224 x 224 in memory to normalised float batches of 16"),
                    Map.entry(
                            "weights",
                            "a .pth file of 100 MB to floats in memory; Python loads weights only"),
                    Map.entry("start", "'mien start' until the demo pipeline is READY"),
                    Map.entry(
                            "swap", "bundle:update of a method until its pipeline is READY again"),
                    Map.entry(
                            "predict",
                            "one 'mien predict' of 100 photographs of 640 x 480, ResNet-18 of 112 x"
                                    + " 112; Python loads nothing in that time"));

    /** Largest ratio to Python, or smallest where more is better; others are shown only. */
    private static final Map<String, Double> RATIOS =
            Map.of(
                    "train", 0.88,
                    "infer-1", 0.62,
                    "infer-16", 0.75,
                    "vit-train", 0.97,
                    "vit-predict", 0.85,
                    "mae-train", 0.95,
                    "mae-train above idle", 1.0,
                    "input", 1.5);

    /** Least MB/s from a file of weights. */
    private static final double WEIGHTS = 400;

    private static final int PHOTOGRAPHS = 100;

    private final Set<String> names = new LinkedHashSet<>();
    private final Path root = Path.of(System.getProperty("mien.root"));
    private final Path folder = root.resolve("benchmarks/target/bench");
    private final Map<String, String> facts = new LinkedHashMap<>();
    private final List<Measured> results = new ArrayList<>();
    private int repeat;
    private List<Integer> threads = List.of(1, 2);
    private String python = "python3";
    private boolean pythonAsked;
    private boolean json;
    private boolean taskset;
    private List<Integer> cores = List.of();

    private Bench(String[] arguments) {
        for (String argument : arguments) {
            if (argument.equals("--json")) {
                json = true;
            } else if (argument.startsWith("--repeat=")) {
                repeat = number(argument, 1000);
            } else if (argument.startsWith("--threads=")) {
                threads = List.of(number(argument, 2));
            } else if (argument.startsWith("--python=")) {
                python = argument.substring(9);
                pythonAsked = true;
            } else if (NAMES.contains(argument)) {
                names.add(argument);
            } else {
                throw new IllegalArgumentException(
                        "'" + argument + "' is no benchmark and no option\n" + USAGE);
            }
        }
        if (names.isEmpty()) {
            names.addAll(NAMES);
        }
    }

    private static int number(String option, int most) {
        String text = option.substring(option.indexOf('=') + 1);
        if (!text.matches("[0-9]{1,4}")
                || Integer.parseInt(text) < 1
                || Integer.parseInt(text) > most) {
            throw new IllegalArgumentException(option + ": expected a number, 1 to " + most);
        }
        return Integer.parseInt(text);
    }

    /**
     * Runs.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        try {
            if (List.of(arguments).contains("--help")) {
                System.out.print(USAGE);
                return;
            }
            new Bench(arguments).run();
        } catch (IllegalArgumentException | IllegalStateException e) {
            System.err.println("mien: bench: " + e.getMessage());
            System.exit(1);
        } catch (IOException e) {
            System.err.println("mien: bench: cannot read or write: " + e.getMessage());
            System.exit(1);
        }
    }

    private static void say(String text) {
        System.err.println("mien: " + text);
    }

    private void run() throws IOException {
        Files.createDirectories(folder);
        look();
        boolean peer = findPython();
        Path photographs = Photographs.write(folder.resolve("photographs"), PHOTOGRAPHS, 640, 480);
        Path faces = Photographs.write(folder.resolve("faces"), PHOTOGRAPHS, 224, 224);
        for (String name : names) {
            switch (name) {
                case "start", "swap", "predict" -> {}
                case "input", "weights" -> compare(name, 1, faces, peer);
                default -> {
                    for (int count : threads) {
                        if (count <= cores.size()) {
                            compare(name, count, faces, peer);
                        } else {
                            say(name + " with " + count + " threads: not enough cores, left out");
                        }
                    }
                }
            }
        }
        if (names.contains("start") || names.contains("swap") || names.contains("predict")) {
            platform(photographs, peer);
        }
        System.out.println(json ? Report.json(results, facts) : Report.table(results, facts));
    }

    /** Versions, processor, cores and allocator. */
    private void look() throws IOException {
        facts.put(
                "mien",
                Files.readString(root.resolve("distribution/target/assembly/version")).strip());
        facts.put("processor", processor());
        cores = cores();
        taskset = works("taskset", "--version");
        facts.put(
                "cores",
                cores.size() + (taskset ? ", pinned by taskset" : ", not pinned: no taskset"));
        String preload = System.getenv("LD_PRELOAD");
        facts.put(
                "allocator of mien",
                preload != null && preload.contains("tcmalloc")
                        ? "tcmalloc"
                        : "glibc, with the launcher's settings");
        facts.put("allocator of python", "glibc, as it is");
    }

    private static String processor() throws IOException {
        Path info = Path.of("/proc/cpuinfo");
        if (!Files.isReadable(info)) {
            return System.getProperty("os.arch");
        }
        try (Stream<String> lines = Files.lines(info)) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.replaceFirst(".*:\\s*", ""))
                    .findFirst()
                    .orElse(System.getProperty("os.arch"));
        }
    }

    /** Numbers of the cores this process may use. */
    private static List<Integer> cores() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (Files.isReadable(status)) {
            for (String line : Files.readAllLines(status)) {
                if (line.startsWith("Cpus_allowed_list:")) {
                    return numbers(line.replaceFirst(".*:\\s*", ""));
                }
            }
        }
        return IntStream.range(0, Runtime.getRuntime().availableProcessors()).boxed().toList();
    }

    /** The numbers of a list such as 0-3,8. */
    static List<Integer> numbers(String list) {
        List<Integer> numbers = new ArrayList<>();
        for (String range : list.split(",")) {
            String[] ends = range.strip().split("-");
            int last = Integer.parseInt(ends[ends.length - 1]);
            for (int i = Integer.parseInt(ends[0]); i <= last; i++) {
                numbers.add(i);
            }
        }
        return numbers;
    }

    private static boolean works(String... command) {
        try {
            return new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private boolean findPython() {
        if (works(python, "-c", "import torch, PIL, numpy")) {
            return true;
        }
        String lacks = python + " is not there, or cannot import torch, PIL and numpy";
        if (pythonAsked) {
            throw new IllegalArgumentException(lacks);
        }
        say(lacks + ": nothing is compared. Name another with --python=PROGRAM");
        facts.put("python", "none: " + lacks);
        return false;
    }

    /** The environment without what the launcher sets for its own allocator. */
    private static Map<String, String> plain() {
        Map<String, String> environment = new TreeMap<>(System.getenv());
        environment.keySet().removeIf(key -> key.equals("LD_PRELOAD") || key.startsWith("MALLOC_"));
        return environment;
    }

    private Child child(boolean mien, String name, int count, Path files) {
        List<String> command = new ArrayList<>();
        if (taskset && count > 0) {
            String list =
                    String.join(
                            ",", cores.subList(0, count).stream().map(String::valueOf).toList());
            command.addAll(List.of("taskset", "-c", list));
        }
        Map<String, String> environment = mien ? new TreeMap<>(System.getenv()) : plain();
        if (count > 0) {
            environment.put("OMP_NUM_THREADS", Integer.toString(count));
        }
        if (mien) {
            command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            for (String key : List.of("mien.torch", "mien.opencv")) {
                command.add("-D" + key + "=" + System.getProperty(key));
            }
            command.addAll(
                    List.of("-XX:-UsePerfData", "-cp", System.getProperty("java.class.path")));
            command.add(Worker.class.getName());
        } else {
            command.addAll(List.of(python, root.resolve("benchmarks/peer.py").toString()));
        }
        command.addAll(List.of(name, files.toString()));
        String side = mien ? "mien" : "python";
        Child child = new Child(side, command, environment, folder.resolve(side + ".log"));
        child.facts().forEach((key, value) -> facts.put(side + " " + key, value));
        facts.remove(side + " threads");
        facts.remove(side + " idle");
        return child;
    }

    /** Both sides in turn, each first every other time. */
    private void compare(String name, int count, Path files, boolean peer) {
        int n = repeat == 0 ? 20 : repeat;
        say(name + ", " + count + (count == 1 ? " thread" : " threads"));
        double[] mien = new double[n];
        double[] other = new double[peer ? n : 0];
        double mienPeak;
        double mienIdle;
        double[] otherPeak = new double[other.length == 0 ? 0 : 1];
        double[] otherAbove = new double[otherPeak.length];
        try (Child a = child(true, name, count, files);
                Child b = peer ? child(false, name, count, files) : null) {
            for (int i = 0; i < n; i++) {
                if (b != null && i % 2 == 1) {
                    other[i] = b.once();
                }
                mien[i] = a.once();
                if (b != null && i % 2 == 0) {
                    other[i] = b.once();
                }
            }
            mienPeak = a.end();
            mienIdle = a.idle();
            if (b != null) {
                otherPeak[0] = b.end();
                otherAbove[0] = otherPeak[0] - b.idle();
            }
        }
        boolean weights = name.equals("weights");
        boolean rate = weights || name.equals("input");
        results.add(
                new Measured(
                        name,
                        WHAT.get(name),
                        weights ? "MB/s" : rate ? "images/s" : "ms",
                        count,
                        !rate,
                        mien,
                        other,
                        target(name, count),
                        !weights));
        if (!rate || weights) {
            results.add(
                    new Measured(
                            name + " memory",
                            "largest memory of the process, JVM and Python included",
                            "MB",
                            count,
                            true,
                            new double[] {mienPeak},
                            otherPeak,
                            Double.NaN,
                            true));
        }
        if (name.endsWith("train")) {
            results.add(
                    new Measured(
                            name + " above idle",
                            "the same, less what it had before the first network",
                            "MB",
                            count,
                            true,
                            new double[] {mienPeak - mienIdle},
                            otherAbove,
                            target(name + " above idle", count),
                            true));
        }
    }

    /** Of transformers on one core only. */
    private static double target(String name, int threads) {
        if (name.equals("weights")) {
            return WEIGHTS;
        }
        return threads > 1 && name.matches("(vit|mae)-.*")
                ? Double.NaN
                : RATIOS.getOrDefault(name, Double.NaN);
    }

    private void platform(Path photographs, boolean peer) throws IOException {
        int n = repeat == 0 ? 5 : repeat;
        Path work = folder.resolve("work");
        delete(work);
        Files.createDirectories(work);
        try (Platform platform = new Platform(root, work, plain())) {
            say("start");
            double first = platform.start();
            if (names.contains("start")) {
                double[] seconds = new double[n];
                for (int i = 0; i < n; i++) {
                    platform.mien("stop");
                    seconds[i] = platform.start();
                }
                alone("start", "s", true, seconds, 6);
                alone("first start", "s", true, new double[] {first}, Double.NaN);
            }
            if (names.contains("swap")) {
                say("swap");
                alone(
                        "swap",
                        "ms",
                        true,
                        platform.swaps(Path.of(System.getProperty("mien.bench.jar"))),
                        60);
            }
            if (names.contains("predict")) {
                say("predict");
                predict(platform, photographs, peer, n);
            }
        }
        delete(work);
    }

    private void alone(String name, String unit, boolean smaller, double[] values, double target) {
        String what = WHAT.getOrDefault(name, "the same in a new work folder");
        results.add(
                new Measured(name, what, unit, 0, smaller, values, new double[0], target, false));
    }

    private void predict(Platform platform, Path photographs, boolean peer, int n)
            throws IOException {
        String run = platform.train();
        List<Path> files;
        try (Stream<Path> all = Files.list(photographs)) {
            files = all.sorted().toList();
        }
        platform.predict(run, files);
        double[] mien = new double[n];
        double[] other = new double[peer ? n : 0];
        try (Child b = peer ? child(false, "predict", 0, photographs) : null) {
            for (int i = 0; i < n; i++) {
                mien[i] = platform.predict(run, files);
                if (b != null) {
                    other[i] = b.once();
                }
            }
            if (b != null) {
                b.end();
            }
        }
        results.add(
                new Measured(
                        "predict",
                        WHAT.get("predict"),
                        "images/s",
                        0,
                        false,
                        mien,
                        other,
                        Double.NaN,
                        true));
    }

    private static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> all = Files.walk(folder)) {
                all.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
            }
        }
    }
}
