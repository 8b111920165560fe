// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.mien.core.internal.job.KillTest;
import org.mien.engine.Torch;

/** A thousand steps after the warm-up take no memory: no native array, no resident page. */
@EnabledOnOs(OS.LINUX)
class MemoryTest {
    private static final int WARM = 300;
    private static final int STEPS = 1000;

    /** The process that trains, with a heap that is resident from the start. */
    public static final class Child {
        private Child() {}

        /**
         * Prints native arrays and resident kilobytes after the warm-up and a thousand steps later.
         *
         * @param args the work folder
         */
        public static void main(String[] args) {
            AtomicInteger steps = new AtomicInteger();
            KillTest.Child.platform(Path.of(args[0]), 1000)
                    .jobs()
                    .train(
                            "killed",
                            Map.of(),
                            event -> {},
                            () -> {
                                int step = steps.getAndIncrement();
                                if (step == WARM || step == WARM + STEPS) {
                                    System.out.println(
                                            Torch.get().arrays() + " " + residentKilobytes());
                                }
                                return step == WARM + STEPS;
                            });
        }

        private static long residentKilobytes() {
            try {
                System.gc();
                MBeanServer server = ManagementFactory.getPlatformMBeanServer();
                ObjectName commands = new ObjectName("com.sun.management:type=DiagnosticCommand");
                // What the allocator holds back for later is no leak. From Java 17.0.9 on.
                server.invoke(commands, "systemTrimNativeHeap", new Object[0], new String[0]);
            } catch (JMException e) {
                System.err.println("measured without trimming: " + e.getMessage());
            }
            try {
                return Files.readAllLines(Path.of("/proc/self/status")).stream()
                        .filter(line -> line.startsWith("VmRSS:"))
                        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                        .findFirst()
                        .orElseThrow();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    @Test
    void aThousandStepsTakeNoMemory(@TempDir Path work) throws Exception {
        Process child =
                KillTest.java(
                        List.of("-Xms128m", "-Xmx128m", "-XX:+AlwaysPreTouch", "-XX:+UseSerialGC"),
                        Child.class,
                        work.toString());
        try (BufferedReader out = child.inputReader()) {
            String[] before = out.readLine().split(" ");
            String[] after = out.readLine().split(" ");
            assertEquals(before[0], after[0], "native arrays");
            double growth = Double.parseDouble(after[1]) / Double.parseDouble(before[1]);
            assertTrue(
                    growth < 1.03,
                    "resident memory grew from " + before[1] + " to " + after[1] + " KiB");
            assertEquals(0, child.waitFor());
        } finally {
            child.destroyForcibly();
        }
    }
}
