// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * How many of the processors that this process may use are taken by others, between one look and
 * the next. Not safe for several threads.
 */
final class Neighbours {
    /** Times since the machine started, in ticks: of all allowed processors, and what they did. */
    private record Look(long all, long busy, long own) {}

    private final Path proc;
    private Set<String> allowed = Set.of();
    private Look before;

    Neighbours() {
        this(Path.of("/proc"));
    }

    /** With the folder in which Linux tells of processes. */
    Neighbours(Path proc) {
        this.proc = proc;
    }

    /**
     * Processors that others took since the last look.
     *
     * @return from 0; nothing at the first look, and where the system does not say
     */
    OptionalDouble taken() {
        Look now;
        try {
            now = look();
        } catch (IOException | RuntimeException e) {
            return OptionalDouble.empty();
        }
        Look last = before;
        before = now;
        if (last == null || now.all <= last.all) {
            return OptionalDouble.empty();
        }
        double others = now.busy - last.busy - (now.own - last.own);
        return OptionalDouble.of(
                Math.max(0, others * allowed.size() / (double) (now.all - last.all)));
    }

    private Look look() throws IOException {
        allowed = allowed();
        long all = 0;
        long busy = 0;
        for (String line : Files.readAllLines(proc.resolve("stat"))) {
            String[] fields = line.split(" +");
            if (!allowed.contains(fields[0])) {
                continue;
            }
            // user nice system idle iowait irq softirq steal; what guests take is in user.
            for (int i = 1; i <= 8; i++) {
                long ticks = Long.parseLong(fields[i]);
                all += ticks;
                busy += i == 4 || i == 5 ? 0 : ticks;
            }
        }
        String self = Files.readString(proc.resolve("self/stat"));
        // The name before may have spaces.
        String[] fields = self.substring(self.lastIndexOf(')') + 2).split(" ");
        return new Look(all, busy, Long.parseLong(fields[11]) + Long.parseLong(fields[12]));
    }

    private Set<String> allowed() throws IOException {
        Set<String> found = new HashSet<>();
        for (String line : Files.readAllLines(proc.resolve("self/status"))) {
            if (line.startsWith("Cpus_allowed_list:")) {
                for (String range : line.substring(line.indexOf(':') + 1).strip().split(",")) {
                    String[] ends = range.split("-");
                    int last = Integer.parseInt(ends[ends.length - 1]);
                    for (int i = Integer.parseInt(ends[0]); i <= last; i++) {
                        found.add("cpu" + i);
                    }
                }
            }
        }
        return found;
    }
}
