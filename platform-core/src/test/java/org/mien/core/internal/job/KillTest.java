// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.job;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mien.api.run.RunEvent;
import org.mien.core.Runs;
import org.mien.core.internal.pipeline.ConfiguredPipelines;
import org.mien.core.internal.plugin.Kind;
import org.mien.core.internal.plugin.Registry;
import org.mien.core.internal.run.RunFolders;
import org.mien.core.internal.service.Fakes;
import org.mien.core.internal.service.Platform;
import org.mien.engine.Torch;

/** A process that trains is killed again and again; what is left always goes on to the same end. */
public class KillTest {
    private static final int KILLS = 20;

    /** The process: trains the one run of a folder, or goes on with it. */
    public static final class Child {
        private Child() {}

        /**
         * Prints "training" when it does, and "done".
         *
         * @param args the work folder
         */
        public static void main(String[] args) {
            Platform mien = platform(Path.of(args[0]), Integer.parseInt(args[1]));
            List<Runs.Run> runs = mien.runs().all();
            if (runs.isEmpty()) {
                mien.jobs().train("killed", Map.of(), Child::tell, () -> false);
            } else {
                mien.jobs().resume(runs.get(0).id(), Child::tell, () -> false);
            }
            System.out.println("done");
        }

        /** A platform with the one pipeline "killed". */
        public static Platform platform(Path work, int epochs) {
            Torch torch = Torch.start(Path.of(System.getProperty("mien.torch")));
            Registry registry = new Registry(null);
            ConfiguredPipelines pipelines = new ConfiguredPipelines();
            registry.bind(Kind.DATASET, new Fakes.Colours(), Map.of("mien.id", "colours"));
            registry.bind(Kind.BACKBONE, new Fakes.Small(), Map.of("mien.id", "small"));
            registry.bind(Kind.METHOD, new Fakes.Head(), Map.of("mien.id", "head"));
            registry.bind(Kind.PREPROCESSOR, new Fakes.Noise(), Map.of("mien.id", "noise"));
            Hashtable<String, Object> keys = new Hashtable<>();
            keys.put("name", "killed");
            keys.put("dataset", "colours");
            keys.put("dataset.samples", "240");
            keys.put("backbone", "small");
            keys.put("method", "head");
            keys.put("preprocess", "noise");
            keys.put("train.epochs", Integer.toString(epochs));
            keys.put("train.batch", "16");
            keys.put("train.device", "cpu");
            keys.put("train.schedule", "cosine");
            keys.put("data.sampler", "balanced");
            pipelines.updated(ConfiguredPipelines.PID + ".killed", keys);
            return new Platform(registry, pipelines, torch, work);
        }

        private static void tell(RunEvent event) {
            if (event.kind() == RunEvent.Kind.STARTED) {
                System.out.println("training");
            }
        }
    }

    private static Process child(Path work) throws IOException {
        return java(List.of("-Xshare:auto"), Child.class, work.toString(), "60");
    }

    /** Another Java with the natives and classes of this one. */
    public static Process java(List<String> options, Class<?> main, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(
                List.of(
                        "-XX:TieredStopAtLevel=1",
                        "-Dmien.torch=" + System.getProperty("mien.torch"),
                        "-Dmien.opencv=" + System.getProperty("mien.opencv"),
                        "-cp",
                        System.getProperty("java.class.path"),
                        main.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    }

    private static Path run(Path work) {
        return work.resolve("runs").resolve("killed-1");
    }

    @Test
    void twentyKillsChangeNothing(@TempDir Path whole, @TempDir Path broken) throws Exception {
        Process unbroken = child(whole);
        assertEquals("training", unbroken.inputReader().readLine());
        long begin = System.nanoTime();
        assertEquals("done", unbroken.inputReader().readLine());
        long length = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin);
        Random random = new Random(20);
        int kills = 0;
        boolean ended = false;
        while (kills < KILLS && !ended) {
            Process process = child(broken);
            BufferedReader out = process.inputReader();
            assertEquals("training", out.readLine());
            // A small share of the run, so that all the kills fall into it.
            ended = process.waitFor(random.nextInt((int) (length / 20) + 1), TimeUnit.MILLISECONDS);
            if (!ended) {
                process.destroyForcibly().waitFor();
                kills++;
            }
        }
        // Only a machine that has become much faster since the first run ends it early.
        assertTrue(kills >= KILLS / 2, "killed only " + kills + " times");
        if (!ended) {
            Process last = child(broken);
            assertEquals("training", last.inputReader().readLine());
            assertEquals("done", last.inputReader().readLine());
        }
        for (String file : List.of(RunFolders.BEST, RunFolders.LAST, "metrics.jsonl")) {
            assertArrayEquals(
                    Files.readAllBytes(run(whole).resolve(file)),
                    Files.readAllBytes(run(broken).resolve(file)),
                    file);
        }
    }
}
