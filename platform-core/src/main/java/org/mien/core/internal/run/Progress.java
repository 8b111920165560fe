// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.run;

import com.google.gson.JsonParseException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.mien.core.MienException;
import org.mien.core.internal.io.Json;

/**
 * Where a run stands, apart from its arrays: all that moves in the loop. It lies in the checkpoint,
 * as its metadata, so that both are of one moment.
 */
public final class Progress {
    private static final String FORMAT = "mien-2";

    private int epoch;
    private int batches;
    private long step;
    private int bestEpoch;
    private double bestValue = Double.NaN;
    private int sinceBest;
    private int drops;
    private int sinceDrop;
    private boolean lookedBack;
    private Means means = new Means();

    /** The epoch under way, from 0; epochs in all when done. */
    public int epoch() {
        return epoch;
    }

    /** Batches done of it. */
    public int batches() {
        return batches;
    }

    /** Steps done over the run. */
    public long step() {
        return step;
    }

    /** The epoch that counts so far, from 1; 0 before the first. */
    public int bestEpoch() {
        return bestEpoch;
    }

    /** What it was chosen by, on the validation split; NaN when there is none. */
    public double bestValue() {
        return bestValue;
    }

    /** Epochs since the best one. */
    public int sinceBest() {
        return sinceBest;
    }

    /** How often a plateau has lowered the learning rate. */
    public int drops() {
        return drops;
    }

    /** Means of the epoch under way. */
    public Means means() {
        return means;
    }

    public void batchDone(Map<String, Double> values, int samples) {
        means.add(values, samples);
        batches++;
        step++;
    }

    /** What phases do with numbers over the training split is done for the epoch under way. */
    public void lookedBack() {
        lookedBack = true;
    }

    /** Whether it is. */
    public boolean hasLookedBack() {
        return lookedBack;
    }

    /** Compares a value with the best so far, which may be NaN. */
    public interface Better {
        boolean than(double value, double best);
    }

    /**
     * Ends the epoch.
     *
     * @param value what epochs are chosen by, on the validation split; NaN when there is none
     * @param better whether a value is better than another
     * @param plateau epochs without a better one after which the rate drops
     * @return true when it is the best so far; without a validation split every epoch is
     */
    public boolean epochDone(double value, Better better, int plateau) {
        epoch++;
        batches = 0;
        lookedBack = false;
        means = new Means();
        boolean best = better.than(value, bestValue);
        if (best) {
            bestEpoch = epoch;
            bestValue = value;
            sinceBest = 0;
            sinceDrop = 0;
        } else {
            sinceBest++;
            sinceDrop++;
            if (sinceDrop >= plateau) {
                drops++;
                sinceDrop = 0;
            }
        }
        return best;
    }

    public Map<String, String> metadata() {
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put("format", FORMAT);
        metadata.put("epoch", Integer.toString(epoch));
        metadata.put("batches", Integer.toString(batches));
        metadata.put("step", Long.toString(step));
        metadata.put("best.epoch", Integer.toString(bestEpoch));
        metadata.put("best.value", Double.toString(bestValue));
        metadata.put("best.since", Integer.toString(sinceBest));
        metadata.put("drops", Integer.toString(drops));
        metadata.put("drops.since", Integer.toString(sinceDrop));
        metadata.put("looked-back", Boolean.toString(lookedBack));
        metadata.put("means", Json.line(means.sums));
        return metadata;
    }

    public static Progress of(Path file, Map<String, String> metadata) {
        if (!FORMAT.equals(metadata.get("format"))) {
            throw new MienException(
                    "checkpoint "
                            + file
                            + " has the format '"
                            + metadata.get("format")
                            + "'; expected "
                            + FORMAT);
        }
        Progress progress = new Progress();
        try {
            progress.epoch = Integer.parseInt(metadata.get("epoch"));
            progress.batches = Integer.parseInt(metadata.get("batches"));
            progress.step = Long.parseLong(metadata.get("step"));
            progress.bestEpoch = Integer.parseInt(metadata.get("best.epoch"));
            progress.bestValue = Double.parseDouble(metadata.get("best.value"));
            progress.sinceBest = Integer.parseInt(metadata.get("best.since"));
            progress.drops = Integer.parseInt(metadata.get("drops"));
            progress.sinceDrop = Integer.parseInt(metadata.get("drops.since"));
            progress.lookedBack = Boolean.parseBoolean(metadata.get("looked-back"));
            progress.means = new Means(Json.read(metadata.get("means"), Sums.class));
        } catch (NumberFormatException | NullPointerException | JsonParseException e) {
            throw new MienException(
                    "checkpoint " + file + " does not say where its run stands; it was changed");
        }
        return progress;
    }

    /** Sums by name: of the values times their weights, and of the weights. */
    private static final class Sums extends LinkedHashMap<String, double[]> {
        private static final long serialVersionUID = 1L;
    }

    /** Means over an epoch, weighted by batch size. */
    public static final class Means {
        private final Sums sums;

        Means() {
            this(new Sums());
        }

        private Means(Sums sums) {
            this.sums = sums;
        }

        private void add(Map<String, Double> values, int weight) {
            values.forEach(
                    (name, value) -> {
                        double[] sum = sums.computeIfAbsent(name, key -> new double[2]);
                        sum[0] += value * weight;
                        sum[1] += weight;
                    });
        }

        public Map<String, Double> values() {
            Map<String, Double> means = new LinkedHashMap<>();
            sums.forEach((name, sum) -> means.put(name, sum[0] / sum[1]));
            return means;
        }
    }
}
