// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What the command line says. */
final class Options {
    static final String USAGE =
            """
            usage: mien bench [NAME...] [--quick] [--json] [--repeat=N] [--threads=1|2]
                              [--python=PROGRAM] [--no-tuned] [--yunet=FILE]

              NAME        train, infer-1, infer-16, vit-train, vit-predict, mae-train,
                          ir50-predict-1, ir50-predict-16, input, weights, busy, start, swap,
                          predict, predict-faces (default: all)
              --quick     a look of two minutes: few measurements, one thread, without NAME only
                          train, infer-1, infer-16, vit-train, vit-predict and predict
              --json      an object a line: circumstances, each row as it is done, circumstances
              --repeat    measurements of each, 1 to 1000 (default: 20; of start and predict 5, of
                          predict-faces 3)
              --threads   of training and networks: 1, 2 (default: both), each on a core of its own
              --python    with which to compare (default: python3, where it has torch)
              --no-tuned  leaves out the column of Python as an expert runs it
              --yunet     face_detection_yunet_2023mar.onnx, for predict-faces (default: the one in
                          ../shared/data/models, where it is there)
            """;

    private static final List<String> WITH_VALUE =
            List.of("--repeat", "--threads", "--python", "--yunet");

    private final List<Benchmark> benchmarks = new ArrayList<>();
    private int repeat;
    private List<Integer> threads;
    private String python;
    private Path yunet;
    private boolean quick;
    private boolean json;
    private boolean tuned = true;

    /**
     * Reads it.
     *
     * @throws IllegalArgumentException in words, when it cannot be
     */
    Options(String... arguments) {
        for (String argument : arguments) {
            int equals = argument.indexOf('=');
            String option = equals < 0 ? argument : argument.substring(0, equals);
            if (WITH_VALUE.contains(option)) {
                if (equals < 0 || equals == argument.length() - 1) {
                    throw new IllegalArgumentException(
                            option + " needs a value behind '='\n" + USAGE);
                }
                set(option, argument.substring(equals + 1));
            } else {
                set(argument);
            }
        }
        if (benchmarks.isEmpty()) {
            benchmarks.addAll(quick ? Benchmark.QUICK : List.of(Benchmark.values()));
        }
        if (threads == null) {
            threads = quick ? List.of(1) : List.of(1, 2);
        }
    }

    private void set(String argument) {
        switch (argument) {
            case "--quick" -> quick = true;
            case "--json" -> json = true;
            case "--no-tuned" -> tuned = false;
            default -> {
                Benchmark one =
                        Benchmark.named(argument)
                                .orElseThrow(
                                        () ->
                                                new IllegalArgumentException(
                                                        "'"
                                                                + argument
                                                                + "' is no benchmark and no option\n"
                                                                + USAGE));
                if (!benchmarks.contains(one)) {
                    benchmarks.add(one);
                }
            }
        }
    }

    private void set(String option, String value) {
        switch (option) {
            case "--repeat" -> repeat = number(option, value, 1000);
            case "--threads" -> threads = List.of(number(option, value, 2));
            case "--python" -> python = value;
            default -> yunet = Path.of(value).toAbsolutePath();
        }
    }

    private static int number(String option, String text, int most) {
        if (!text.matches("[0-9]{1,4}")
                || Integer.parseInt(text) < 1
                || Integer.parseInt(text) > most) {
            throw new IllegalArgumentException(
                    option + "=" + text + ": expected a number, 1 to " + most);
        }
        return Integer.parseInt(text);
    }

    /** What to measure, in the order asked for. */
    List<Benchmark> benchmarks() {
        return benchmarks;
    }

    /** How often. */
    int repeat(Benchmark benchmark) {
        if (repeat > 0) {
            return repeat;
        }
        return switch (benchmark) {
            case START, PREDICT -> quick ? 3 : 5;
            case PREDICT_FACES -> quick ? 1 : 3;
            default -> quick ? 5 : 20;
        };
    }

    /** Seconds for which a process warms up. */
    double warm() {
        return quick ? 0.5 : 3;
    }

    /** Numbers of threads of networks. */
    List<Integer> threads() {
        return threads;
    }

    /** The Python that was named. */
    Optional<String> python() {
        return Optional.ofNullable(python);
    }

    /** The file of YuNet that was named. */
    Optional<Path> yunet() {
        return Optional.ofNullable(yunet);
    }

    boolean quick() {
        return quick;
    }

    boolean json() {
        return json;
    }

    /** Whether Python is also run as an expert does. */
    boolean tuned() {
        return tuned;
    }
}
