// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.data;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.mien.core.internal.pipeline.BoundPipeline;
import org.mien.core.internal.plugin.Border;
import org.mien.core.internal.plugin.Leases;
import org.mien.core.internal.plugin.OwnThread;

/**
 * Whether the data of a pipeline can be opened. Who asks waits a moment only; a dataset that opens
 * slowly is opened in its own time, and not again before many times that have passed. Only texts
 * are kept.
 */
public final class DataLook {
    /** Answers that are kept. */
    private static final int MOST = 200;

    /** How long an answer counts at least. */
    private static final long FRESH_NANOS = 500_000_000L;

    /** How many times the time that it took an answer counts. */
    private static final int TIMES = 10;

    /** What is known of some data. */
    private static final class Known {
        private CountDownLatch running;
        private String problem;
        private long found;
        private long took;
    }

    private final Leases leases;
    private final Map<String, Known> all = new LinkedHashMap<>();

    public DataLook(Leases leases) {
        this.leases = leases;
    }

    /**
     * Why the data cannot be opened.
     *
     * @param milliseconds that are waited for the answer
     * @return in words; empty when they can be opened, null while it is not known
     */
    public String problem(BoundPipeline bound, long milliseconds) {
        Known known;
        CountDownLatch running;
        synchronized (all) {
            // The text of a record has all its values; another registration is other code.
            String key = bound.dataset().order() + " " + bound.datasetSettings();
            known = all.computeIfAbsent(key, none -> new Known());
            if (all.size() > MOST) {
                all.remove(all.keySet().iterator().next());
            }
            long age = System.nanoTime() - known.found;
            boolean fresh =
                    known.problem != null && age < Math.max(FRESH_NANOS, TIMES * known.took);
            if (known.running == null && !fresh) {
                known.running = new CountDownLatch(1);
                begin(known, bound);
            }
            running = known.running;
        }
        try {
            if (running != null) {
                running.await(milliseconds, TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        synchronized (all) {
            return known.problem;
        }
    }

    private void begin(Known known, BoundPipeline bound) {
        long begin = System.nanoTime();
        OwnThread.start(
                "look at the data of " + bound.pipeline(),
                () -> {
                    String problem = open(bound);
                    synchronized (all) {
                        known.problem = problem;
                        known.found = System.nanoTime();
                        known.took = known.found - begin;
                        known.running.countDown();
                        known.running = null;
                    }
                });
    }

    private String open(BoundPipeline bound) {
        try {
            return leases.with(
                    "the look at the data of '" + bound.pipeline() + "'",
                    lease -> {
                        lease.hold(List.of(bound.dataset()));
                        Border.act(
                                bound.dataset(),
                                () ->
                                        bound.dataset()
                                                .dataset()
                                                .open(bound.datasetSettings())
                                                .close());
                        return "";
                    });
        } catch (Exception e) {
            return Border.words(bound.dataset().who(), List.of(), e).getMessage();
        }
    }
}
