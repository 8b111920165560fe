// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Those who measure the same thing in turn. One that fails is out, and the others go on. */
final class Contest {
    private Contest() {}

    /**
     * What one of them gave.
     *
     * @param values its measurements
     * @param memory the most it ever had, in MB
     * @param aboveIdle the same, less what it had before its first network
     */
    record Outcome(Side values, Side memory, Side aboveIdle) {
        /** Of one that was not asked for. */
        static final Outcome NONE = new Outcome(Side.NONE, Side.NONE, Side.NONE);
    }

    private static final class Runner implements AutoCloseable {
        private final double[] values;
        private Meter meter;
        private double peak;
        private double aboveIdle;
        private String failure;

        Runner(Supplier<Meter> start, int n) {
            values = new double[n];
            attempt(() -> meter = start.get());
        }

        void attempt(Runnable what) {
            try {
                if (failure == null) {
                    what.run();
                }
            } catch (RuntimeException e) {
                failure = Rows.reason(e);
            }
        }

        void end() {
            peak = meter.end();
            aboveIdle = peak - meter.idle();
        }

        Outcome outcome() {
            if (failure != null) {
                Side failed = Side.failed(failure);
                return new Outcome(failed, failed, failed);
            }
            return new Outcome(Side.of(values), Side.of(peak), Side.of(aboveIdle));
        }

        @Override
        public void close() {
            if (meter != null) {
                meter.close();
            }
        }
    }

    /**
     * Starts each and asks each for as many measurements, another one first each time.
     *
     * @param sides how each is started
     * @param n measurements of each
     * @return what each gave, under the same names
     */
    static <K> Map<K, Outcome> hold(Map<K, Supplier<Meter>> sides, int n) {
        List<Runner> runners = new ArrayList<>();
        try {
            sides.values().forEach(start -> runners.add(new Runner(start, n)));
            for (int i = 0; i < n; i++) {
                int round = i;
                for (int j = 0; j < runners.size(); j++) {
                    Runner runner = runners.get((round + j) % runners.size());
                    runner.attempt(() -> runner.values[round] = runner.meter.once());
                }
            }
            runners.forEach(runner -> runner.attempt(runner::end));
            Map<K, Outcome> outcomes = new LinkedHashMap<>();
            sides.keySet().forEach(k -> outcomes.put(k, runners.get(outcomes.size()).outcome()));
            return outcomes;
        } finally {
            runners.forEach(Runner::close);
        }
    }
}
