// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.data;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.mien.api.InputSpec;
import org.mien.api.data.Picture;
import org.mien.api.data.Sample;
import org.mien.api.data.Sample.Split;
import org.mien.core.MienException;
import org.mien.core.internal.pipeline.BoundPipeline;
import org.mien.core.internal.pipeline.PlatformKeys;
import org.mien.core.internal.plugin.Border;
import org.mien.vision.Images;

/**
 * Finds samples that cannot be read before anything is trained on the others. With {@code data.bad
 * = skip} every picture of training and validation is read and prepared once, so that what is left
 * out follows from the data alone; else headers are looked at for some seconds, the validation
 * split first, which would be read last.
 */
public final class BadPictures {
    /** How long headers are looked at, for each split. */
    private static final long LOOK_NANOS = 4_000_000_000L;

    /** Samples that a message names. */
    private static final int NAMED = 10;

    /** Samples of a piece of work. */
    private static final int PIECE = 64;

    /**
     * What was found.
     *
     * @param bad ids of samples that cannot be read, with the reason, in the order of the splits
     * @param of samples looked at
     * @param broken whether it was told to end before all were looked at
     */
    public record Found(Map<String, String> bad, int of, boolean broken) {
        /** Nothing. */
        private static Found none() {
            return new Found(Map.of(), 0, false);
        }

        /** What is to be said of it; nothing when all is well. */
        public List<String> words() {
            return bad.isEmpty()
                    ? List.of()
                    : List.of(
                            bad.size()
                                    + " of "
                                    + of
                                    + " samples cannot be read and are left out (data.bad = skip): "
                                    + named());
        }

        private String named() {
            List<String> some =
                    bad.entrySet().stream()
                            .limit(NAMED)
                            .map(one -> "'" + one.getKey() + "': " + one.getValue())
                            .toList();
            return String.join("; ", some) + (bad.size() > NAMED ? "; .." : "");
        }
    }

    private final BoundPipeline bound;
    private final Splits splits;
    private final BooleanSupplier stop;

    private BadPictures(BoundPipeline bound, Splits splits, BooleanSupplier stop) {
        this.bound = bound;
        this.splits = splits;
        this.stop = stop;
    }

    /**
     * Before a training. What is left out has left the splits.
     *
     * @param again whether it goes on, and headers were looked at before
     * @param stop asked now and then; true ends it
     * @throws MienException when samples cannot be read and none is to be left out
     */
    public static Found before(
            BoundPipeline bound, Splits splits, boolean again, BooleanSupplier stop) {
        BadPictures look = new BadPictures(bound, splits, stop);
        if (bound.data().bad() == PlatformKeys.Bad.SKIP) {
            return look.leaveOut(List.of(Split.TRAIN, Split.VALIDATION));
        }
        if (again) {
            return Found.none();
        }
        Found found = Found.none();
        for (Split split : List.of(Split.VALIDATION, Split.TRAIN)) {
            found = look.headers(split);
            if (!found.bad().isEmpty()) {
                throw new MienException(
                        found.bad().size()
                                + " of "
                                + found.of()
                                + " samples of the split "
                                + Splits.word(split)
                                + " that were looked at cannot be read: "
                                + found.named()
                                + ". Mend or remove them, or set data.bad = skip, which leaves them"
                                + " out; ./mien dataset-check "
                                + bound.pipeline()
                                + " reads every one");
            }
        }
        return found;
    }

    /** Before an evaluation on a split, where samples that cannot be read are to be left out. */
    public static Found before(BoundPipeline bound, Splits splits, Split split) {
        return bound.data().bad() == PlatformKeys.Bad.SKIP
                ? new BadPictures(bound, splits, () -> false).leaveOut(List.of(split))
                : Found.none();
    }

    private Found headers(Split split) {
        List<Sample> samples = splits.of(split);
        try {
            if (samples.isEmpty() || !splits.read(samples.get(0)).isEncoded()) {
                return Found.none(); // made or kept by the dataset: it has no headers
            }
        } catch (MienException e) {
            // The first of the bad ones.
        }
        long end = System.nanoTime() + LOOK_NANOS;
        return all(
                samples,
                part -> {
                    Map<String, String> bad = new LinkedHashMap<>();
                    int looked = 0;
                    for (Sample sample : part) {
                        if (System.nanoTime() > end) {
                            break;
                        }
                        looked++;
                        try {
                            Picture picture = splits.read(sample);
                            Images.check(picture, bound.image().limits());
                        } catch (IOException | MienException e) {
                            bad.put(sample.id(), reason(e));
                        }
                    }
                    return new Found(bad, looked, false);
                });
    }

    private Found leaveOut(List<Split> of) {
        List<Sample> samples = new ArrayList<>();
        of.forEach(split -> samples.addAll(splits.of(split)));
        InputSpec input = bound.trunk() == null ? null : bound.trunk().input();
        if (input == null) {
            return Found.none();
        }
        Found found =
                all(
                        samples,
                        part -> {
                            Map<String, String> bad = new LinkedHashMap<>();
                            try (Chain chain = new Chain(bound, input)) {
                                for (Sample sample : part) {
                                    try {
                                        Picture picture = splits.read(sample);
                                        chain.only(chain.prepare(picture));
                                    } catch (IOException | MienException e) {
                                        bad.put(sample.id(), reason(e));
                                    }
                                }
                            }
                            return new Found(bad, part.size(), false);
                        });
        if (2 * found.bad().size() > found.of() && !found.broken()) {
            throw new MienException(
                    found.bad().size()
                            + " of "
                            + found.of()
                            + " samples cannot be read, which is more than half; data.bad = skip"
                            + " leaves out fewer. They are: "
                            + found.named());
        }
        Set<String> ids = new HashSet<>(found.bad().keySet());
        splits.leaveOut(ids);
        return found;
    }

    private String reason(Exception e) {
        String text = Border.words(bound.dataset().who(), List.of(), e).getMessage();
        return text.length() > 300 ? text.substring(0, 300) + ".." : text;
    }

    /** Looks at a part of the samples. */
    private interface Look {
        Found at(List<Sample> part);
    }

    private Found all(List<Sample> samples, Look look) {
        ExecutorService pool =
                Executors.newFixedThreadPool(
                        bound.loop().loaderThreads(),
                        work -> {
                            Thread thread = new Thread(work, "mien-look");
                            thread.setDaemon(true);
                            thread.setContextClassLoader(BadPictures.class.getClassLoader());
                            return thread;
                        });
        boolean[] broken = {false};
        try {
            List<Future<Found>> parts = new ArrayList<>();
            for (int from = 0; from < samples.size(); from += PIECE) {
                List<Sample> part = samples.subList(from, Math.min(samples.size(), from + PIECE));
                parts.add(pool.submit(() -> look.at(part)));
            }
            Map<String, String> bad = new LinkedHashMap<>();
            int of = 0;
            for (Future<Found> part : parts) {
                broken[0] = broken[0] || stop.getAsBoolean();
                if (broken[0]) {
                    break;
                }
                bad.putAll(part.get().bad());
                of += part.get().of();
            }
            return new Found(bad, of, broken[0]);
        } catch (ExecutionException e) {
            throw Border.words(bound.dataset().who(), List.of(), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new MienException("looking through the samples was interrupted");
        } finally {
            pool.shutdownNow();
            await(pool);
        }
    }

    /** No thread is left behind that reads of a dataset which is about to be closed. */
    private static void await(ExecutorService pool) {
        try {
            pool.awaitTermination(60, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
