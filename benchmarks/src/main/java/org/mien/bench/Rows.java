// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.bench;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/** The rows of a run: reports each as it is done, and counts those that failed. */
final class Rows {
    /** What gives a row or several. */
    interface Work {
        void run() throws IOException;
    }

    private final Report report;
    private final Map<String, String> facts;
    private int all;
    private int failed;
    private boolean over;

    /**
     * None yet.
     *
     * @param report where they go
     * @param facts grows by what is noted
     */
    Rows(Report report, Map<String, String> facts) {
        this.report = report;
        this.facts = facts;
    }

    /** Says on standard error, and with the circumstances, what a reader of the rows must know. */
    void note(String about, String text) {
        Bench.say(about + ": " + text);
        facts.put(about, text);
    }

    /** Says why a row is not there. */
    void leaveOut(String name, String why) {
        note(name, "left out: " + why);
    }

    /** A row is done. */
    void add(Measured row) {
        if (!report(row)) {
            // Ctrl-C ends the processes that are asked too, which is no failure of theirs.
            while (true) {
                LockSupport.park();
            }
        }
    }

    private synchronized boolean report(Measured row) {
        if (!over) {
            all++;
            failed += row.failures().isEmpty() ? 0 : 1;
            report.row(row);
        }
        return !over;
    }

    /** Does what gives rows; where it fails, that is a row with the reason. */
    void attempt(Benchmark benchmark, int threads, Work work) {
        attempt(benchmark.id(), benchmark.what(), benchmark.unit(), threads, work);
    }

    /** Does what gives a row, which would have this name; where it fails, it has the reason. */
    void attempt(String name, String what, String unit, int threads, Work work) {
        try {
            work.run();
        } catch (IOException | RuntimeException e) {
            Side mien = Side.failed(reason(e));
            add(new Measured(name, what, unit, threads, mien, Side.NONE, Side.NONE));
        }
    }

    /** No row comes after this. */
    synchronized void close() {
        over = true;
    }

    /** How many failed, in words; null where none did. */
    synchronized String failures() {
        return failed == 0
                ? null
                : failed + " of " + all + (all == 1 ? " row" : " rows") + " failed, see above";
    }

    /** What an exception says, in one line. */
    static String reason(Exception e) {
        String text = e instanceof IllegalStateException ? e.getMessage() : e.toString();
        return String.valueOf(text).strip().replaceAll("\\s*\\R\\s*", "; ");
    }
}
