// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.bench;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.mien.bench.Contest.Outcome;

/** What is measured of a platform that runs, through the launcher. */
final class OnPlatform implements AutoCloseable {
    private static final int PHOTOGRAPHS = 100;
    private static final int PORTRAITS = 1000;

    private final Options options;
    private final Sides sides;
    private final Rows rows;
    private final Path root;
    private final Path folder;
    private final Path work;
    private final Platform platform;
    private double firstStart = Double.NaN;
    private IllegalStateException broken;
    private String run;

    /** One that does not run yet, in a work folder of its own. */
    OnPlatform(Options options, Sides sides, Rows rows, Path root, Path folder) throws IOException {
        this.options = options;
        this.sides = sides;
        this.rows = rows;
        this.root = root;
        this.folder = folder;
        work = folder.resolve("work");
        delete(work);
        Files.createDirectories(work);
        platform = new Platform(root, work, Machine.plain());
    }

    /** Gives the rows of a benchmark. */
    void measure(Benchmark benchmark) {
        int n = options.repeat(benchmark);
        switch (benchmark) {
            case START -> rows.attempt(benchmark, 0, () -> start(n));
            case SWAP -> rows.attempt(benchmark, 0, this::swap);
            case PREDICT -> {
                rows.attempt(benchmark, 0, () -> predict(n));
                String again =
                        "first answer of a 'mien predict' of one photograph, where the run"
                                + " has predicted before";
                rows.attempt("predict again", again, "s", 0, () -> again(again, n));
            }
            default -> rows.attempt(benchmark, 0, () -> predictFaces(n));
        }
    }

    /** One that did not start does not start for the next benchmark either. */
    private void started() {
        if (broken != null) {
            throw broken;
        }
        if (Double.isNaN(firstStart)) {
            try {
                firstStart = platform.start();
            } catch (IllegalStateException e) {
                broken = e;
                throw e;
            }
        }
    }

    private void start(int n) {
        started();
        double[] seconds = new double[n];
        try {
            for (int i = 0; i < n; i++) {
                platform.mien("stop");
                seconds[i] = platform.start();
            }
        } catch (IllegalStateException e) {
            broken = e;
            throw e;
        }
        alone(Benchmark.START, Side.of(seconds));
        String first = "the same in a new work folder";
        rows.add(Measured.alone("first start", first, "s", Side.of(firstStart)));
    }

    private void swap() throws IOException {
        started();
        Path bundle = Path.of(System.getProperty("mien.bench.jar"));
        alone(Benchmark.SWAP, Side.of(platform.swaps(bundle)));
    }

    private void alone(Benchmark benchmark, Side side) {
        rows.add(Measured.alone(benchmark.id(), benchmark.what(), benchmark.unit(), side));
    }

    private String run() {
        started();
        if (run == null) {
            run = platform.train();
        }
        return run;
    }

    private Path photographs() throws IOException {
        return Photographs.write(folder.resolve("photographs"), PHOTOGRAPHS, 640, 480);
    }

    private void predict(int n) throws IOException {
        Path photographs = photographs();
        List<Path> files;
        try (Stream<Path> all = Files.list(photographs)) {
            files = all.sorted().toList();
        }
        String trained = run();
        platform.predict(trained, files);
        compare(
                Benchmark.PREDICT,
                n,
                () -> platform.predict(trained, files),
                sides.peers(Benchmark.PREDICT, 0, photographs.toString()));
    }

    private void compare(Benchmark benchmark, int n, Meter mien, Map<Who, Supplier<Meter>> peers) {
        peers.put(Who.MIEN, () -> mien);
        Map<Who, Outcome> outcomes = Contest.hold(peers, n);
        rows.add(
                Measured.of(
                        benchmark.id(),
                        benchmark.what(),
                        benchmark.unit(),
                        0,
                        outcomes,
                        Outcome::values));
    }

    private void again(String what, int n) throws IOException {
        Path photograph = photographs().resolve(Photographs.name(0));
        String trained = run();
        double[] seconds = new double[n];
        platform.firstAnswer(trained, photograph);
        for (int i = 0; i < n; i++) {
            seconds[i] = platform.firstAnswer(trained, photograph);
        }
        rows.add(Measured.alone("predict again", what, "s", Side.of(seconds)));
    }

    private void predictFaces(int n) throws IOException {
        Path shared = root.resolveSibling("shared/data");
        Path yunet =
                options.yunet().orElse(shared.resolve("models/face_detection_yunet_2023mar.onnx"));
        if (!Files.isRegularFile(yunet)) {
            rows.leaveOut(
                    Benchmark.PREDICT_FACES.id(),
                    "there is no " + yunet + "; --yunet=FILE names another");
            return;
        }
        String trained = run();
        Portraits portraits =
                new Portraits(photographs(), PHOTOGRAPHS, shared.resolve("faces/astronaut.png"));
        Path faces = Photographs.write(folder.resolve("portraits"), PORTRAITS, portraits::picture);
        Map<Who, Supplier<Meter>> peers = new EnumMap<>(Who.class);
        if (sides.peerLacks("cv2") == null) {
            peers = sides.peers(Benchmark.PREDICT_FACES, 0, faces.toString(), yunet.toString());
        } else {
            rows.note(Benchmark.PREDICT_FACES.id(), "not compared: " + sides.peerLacks("cv2"));
        }
        platform.predictFaces(trained, faces.resolve("00?.jpg").toString(), 10, yunet);
        compare(
                Benchmark.PREDICT_FACES,
                n,
                () -> platform.predictFaces(trained, faces.toString(), PORTRAITS, yunet),
                peers);
    }

    /** What a platform that failed has logged stays. */
    @Override
    public void close() throws IOException {
        try {
            platform.close();
        } catch (IllegalStateException e) {
            rows.note("platform", Rows.reason(e));
        }
        if (broken == null) {
            delete(work);
        }
    }

    private static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> all = Files.walk(folder)) {
                all.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
            }
        }
    }
}
