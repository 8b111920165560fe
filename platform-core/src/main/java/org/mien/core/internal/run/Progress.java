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
    private static final String FORMAT = "mien-1";

    private int epoch;
    private int batches;
    private long step;
    private int bestEpoch;
    private double bestAccuracy = Double.NaN;
    private double bestLoss = Double.NaN;
    private int sinceBest;
    private int drops;
    private int sinceDrop;
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

    /** Its accuracy on the validation split; NaN when there is none. */
    public double bestAccuracy() {
        return bestAccuracy;
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

    /**
     * Ends the epoch. The best epoch is the one of the highest accuracy, or, for a method without
     * classes, of the lowest loss.
     *
     * @param accuracy on the validation split, or NaN
     * @param loss on the validation split of a method without classes, or NaN
     * @param plateau epochs without a better one after which the rate drops
     * @return true when it is the best so far; without a validation split every epoch is
     */
    public boolean epochDone(double accuracy, double loss, int plateau) {
        epoch++;
        batches = 0;
        means = new Means();
        boolean better =
                Double.isNaN(accuracy)
                        ? Double.isNaN(loss) || Double.isNaN(bestLoss) || loss < bestLoss
                        : Double.isNaN(bestAccuracy) || accuracy > bestAccuracy;
        if (better) {
            bestEpoch = epoch;
            bestAccuracy = accuracy;
            bestLoss = loss;
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
        return better;
    }

    public Map<String, String> metadata() {
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put("format", FORMAT);
        metadata.put("epoch", Integer.toString(epoch));
        metadata.put("batches", Integer.toString(batches));
        metadata.put("step", Long.toString(step));
        metadata.put("best.epoch", Integer.toString(bestEpoch));
        metadata.put("best.accuracy", Double.toString(bestAccuracy));
        metadata.put("best.loss", Double.toString(bestLoss));
        metadata.put("best.since", Integer.toString(sinceBest));
        metadata.put("drops", Integer.toString(drops));
        metadata.put("drops.since", Integer.toString(sinceDrop));
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
            progress.bestAccuracy = Double.parseDouble(metadata.get("best.accuracy"));
            progress.bestLoss = Double.parseDouble(metadata.getOrDefault("best.loss", "NaN"));
            progress.sinceBest = Integer.parseInt(metadata.get("best.since"));
            progress.drops = Integer.parseInt(metadata.get("drops"));
            progress.sinceDrop = Integer.parseInt(metadata.get("drops.since"));
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
