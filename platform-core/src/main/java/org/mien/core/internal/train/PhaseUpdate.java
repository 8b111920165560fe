// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.train;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.mien.api.Batch;
import org.mien.api.data.Sample;
import org.mien.api.method.Phase;
import org.mien.api.net.Trunk;
import org.mien.core.MienException;
import org.mien.core.internal.pipeline.BoundPipeline;
import org.mien.core.internal.pipeline.PlatformKeys;
import org.mien.core.internal.run.Checkpoint;
import org.mien.nn.spi.Gathered;
import org.mien.nn.spi.Optimizer;
import org.mien.nn.spi.TorchPass;
import org.mien.nn.spi.TrainingStep;
import org.mien.nn.spi.Weights;

/**
 * A phase with what moves its weights: an optimiser, the rates of each part, gathered gradients.
 */
final class PhaseUpdate {
    /**
     * Where a run stands in a step.
     *
     * @param step from 0, over the run
     * @param perEpoch steps of an epoch
     * @param epochs epochs of the run
     * @param drops how often what is chosen by stood still
     */
    record Moment(long step, long perEpoch, int epochs, int drops) {}

    /**
     * What weights that move alike have in common.
     *
     * @param part path of the part whose rates they have, or empty
     * @param depth stages of the backbone behind theirs
     * @param decays whether they decay
     */
    private record Alike(String part, int depth, boolean decays) {}

    private final Phase phase;
    private final PlatformKeys.Rule rule;
    private final Map<String, PlatformKeys.Rates> rates = new LinkedHashMap<>();
    private final int accumulate;
    private final Set<String> moved;
    private final List<String> partOfGroup = new ArrayList<>();
    private final Optimizer optimizer;
    private final Gathered gathered;

    /**
     * Of a phase.
     *
     * @param weights all weights of the run, where its state lies too
     * @throws MienException when its keys leave nothing to move, or do not go together
     */
    PhaseUpdate(BoundPipeline bound, Phase phase, Weights weights) {
        this.phase = phase;
        rule = bound.rule(phase.name());
        accumulate = bound.loop().accumulate();
        moved = TrainingStep.moved(phase, weights);
        moved.removeIf(
                path ->
                        weights.entries().get(path).var().trained()
                                && !within(path, rule.freeze()).isEmpty());
        rates.put("", rule.rates());
        Map<String, PlatformKeys.Rates> parts = bound.partRates(phase.name());
        Map<String, Integer> depths = rule.layerDecay() == 1 ? Map.of() : depths(bound.trunk());
        Map<Alike, List<String>> alike = new LinkedHashMap<>();
        for (String path : moved) {
            Weights.Entry entry = weights.entries().get(path);
            if (entry.var().trained()) {
                String part = within(path, parts.keySet());
                if (!part.isEmpty()) {
                    rates.put(part, parts.get(part));
                }
                boolean decays = rule.decayVectors() || entry.var().shape().length > 1;
                String[] steps = entry.start().split("\\.", 3);
                int depth = steps[0].equals("backbone") ? depths.getOrDefault(steps[1], 0) : 0;
                alike.computeIfAbsent(new Alike(part, depth, decays), key -> new ArrayList<>())
                        .add(path);
            }
        }
        if (alike.isEmpty() && !rule.freeze().isEmpty()) {
            throw new MienException(
                    "phase '"
                            + phase.name()
                            + "': freeze = "
                            + String.join(",", rule.freeze())
                            + " leaves it no weight to move");
        }
        List<Optimizer.Group> groups = new ArrayList<>();
        alike.forEach(
                (like, paths) -> {
                    partOfGroup.add(like.part());
                    groups.add(
                            new Optimizer.Group(
                                    paths,
                                    Math.pow(rule.layerDecay(), like.depth()),
                                    like.decays() ? rates.get(like.part()).weightDecay() : 0));
                });
        optimizer = new Optimizer(settings(), weights, groups);
        gathered = new Gathered(weights);
    }

    private Optimizer.Settings settings() {
        try {
            return new Optimizer.Settings(
                    Optimizer.Rule.valueOf(rule.optimizer().name()),
                    rule.momentum(),
                    rule.nesterov(),
                    rule.beta1(),
                    rule.beta2(),
                    rule.eps());
        } catch (IllegalArgumentException e) {
            throw new MienException("phase '" + phase.name() + "': " + e.getMessage());
        }
    }

    /** The innermost of some parts that a weight lies in, or empty. */
    private static String within(String path, Iterable<String> parts) {
        String found = "";
        for (String part : parts) {
            if ((path + ".").startsWith(part + ".") && part.length() > found.length()) {
                found = part;
            }
        }
        return found;
    }

    /** Stages of the backbone by how many with weights lie behind them. */
    private static Map<String, Integer> depths(Trunk trunk) {
        Map<String, Integer> depths = new LinkedHashMap<>();
        List<String> names =
                trunk.parts().entrySet().stream()
                        .filter(part -> part.getValue().parameters() > 0)
                        .map(Map.Entry::getKey)
                        .toList();
        for (int i = 0; i < names.size(); i++) {
            depths.put(names.get(i), names.size() - 1 - i);
        }
        return depths;
    }

    Phase phase() {
        return phase;
    }

    /** What it moves, weights and state. */
    Set<String> moved() {
        return moved;
    }

    /** The rates of each part that has its own, and of all others under "". */
    Map<String, PlatformKeys.Rates> rates() {
        return rates;
    }

    /** Whether one of its learning rates follows what is chosen by. */
    boolean watches() {
        return rates.values().stream()
                .anyMatch(one -> one.schedule() == PlatformKeys.Schedule.PLATEAU);
    }

    /** The learning rate of each part that has one of its own, and of all others under "". */
    private Map<String, Double> rates(Moment now) {
        long step = now.step() - phase.from() * now.perEpoch();
        int epochs = Math.min(phase.until(), now.epochs()) - phase.from();
        Map<String, Double> all = new LinkedHashMap<>();
        rates.forEach(
                (part, one) -> all.put(part, one.rate(step, now.perEpoch(), epochs, now.drops())));
        return all;
    }

    /**
     * Makes its share of a step.
     *
     * @param truth class of each sample
     * @param last whether it is its last one in this epoch: what is gathered moves weights now
     * @param values told all numbers, by their names in the metrics
     * @return whether it moved weights
     * @throws MienException when a number is not finite; then it has moved nothing
     */
    boolean step(
            Batch batch,
            TorchPass pass,
            Moment now,
            long[] truth,
            boolean last,
            Map<String, Double> values) {
        String prefix = phase.name().equals("train") ? "" : phase.name() + ".";
        TrainingStep step = TrainingStep.forward(phase, moved, batch, pass);
        step.terms().forEach((term, value) -> values.put(prefix + term, value));
        values.put(prefix + "loss", step.total());
        if (!Double.isFinite(step.total())) {
            throw notFinite("loss", step.total(), now, values, batch);
        }
        step.measures().forEach((measure, value) -> values.put(prefix + measure, value));
        double norm = Optimizer.norm(step.gradients());
        values.put(prefix + "gradient-norm", norm);
        if (!Double.isFinite(norm)) {
            throw notFinite("gradient's norm", norm, now, values, batch);
        }
        Map<String, Double> rate = rates(now);
        boolean updated =
                step.update(gradients -> optimise(gradients, norm, rate, truth.length, last));
        rate.forEach(
                (part, value) ->
                        values.put(prefix + (part.isEmpty() ? "" : part + ".") + "lr", value));
        NDArray scores = step.loss().scores();
        if (scores != null) {
            long[] said = scores.argMax(1).toLongArray();
            int right = 0;
            for (int i = 0; i < truth.length; i++) {
                right += said[i] == truth[i] ? 1 : 0;
            }
            values.put(prefix + "accuracy", (double) right / truth.length);
        }
        return updated;
    }

    /** Moves weights by gradients, or gathers those until there are enough. */
    private boolean optimise(
            Map<String, NDArray> gradients,
            double norm,
            Map<String, Double> rate,
            int samples,
            boolean last) {
        if (accumulate <= 1) {
            update(gradients, norm, rate);
            return true;
        }
        gathered.add(gradients, samples);
        if (gathered.batches() < accumulate && !last) {
            return false;
        }
        Map<String, NDArray> mean = gathered.mean();
        update(mean, Optimizer.norm(mean), rate);
        gathered.clear();
        return true;
    }

    private void update(Map<String, NDArray> gradients, double norm, Map<String, Double> rate) {
        double clip = rule.clip();
        if (clip > 0 && norm > clip) {
            Optimizer.scale(gradients, clip / (norm + 1e-6)); // as PyTorch does
        }
        optimizer.update(gradients, partOfGroup.stream().mapToDouble(rate::get).toArray());
    }

    private MienException notFinite(
            String what, double value, Moment now, Map<String, Double> values, Batch batch) {
        return new MienException(
                "step "
                        + now.step()
                        + ": the "
                        + what
                        + " of phase '"
                        + phase.name()
                        + "' is "
                        + value
                        + " ("
                        + values
                        + "), samples "
                        + batch.samples().stream().map(Sample::id).toList()
                        + ". No weight was moved by it; the last checkpoint stands. Lower train.lr,"
                        + " set train.clip, or look at these samples.");
    }

    /** Lets go of what it remembers, when it has run for the last time. */
    void end() {
        optimizer.forget();
        gathered.clear();
    }

    // ---------------------------------------------------------------- checkpoints

    private String stateName() {
        return "optimizer/" + phase.name() + "/";
    }

    private String countName() {
        return "gathered/" + phase.name();
    }

    private String gatheredName() {
        return countName() + "/";
    }

    /** Adds what its optimiser remembers of each weight. */
    void saveState(Map<String, Checkpoint.Values> arrays) {
        optimizer.state().forEach((name, array) -> put(arrays, stateName() + name, array));
    }

    /** Adds the gradients that are gathered. */
    void saveGathered(Map<String, Checkpoint.Values> arrays) {
        if (gathered.batches() > 0) {
            gathered.sums().forEach((path, sum) -> put(arrays, gatheredName() + path, sum));
            float[] counts = {gathered.batches(), (float) gathered.samples()};
            arrays.put(countName(), new Checkpoint.Values(new long[] {2}, counts));
        }
    }

    /** Takes an array of a checkpoint back; gives whether it is one of its own. */
    boolean restore(String name, Checkpoint.Values values) {
        if (name.startsWith(stateName())) {
            String of = name.substring(stateName().length());
            optimizer.restore(of, values.elements(), values.shape());
        } else if (name.startsWith(gatheredName())) {
            String of = name.substring(gatheredName().length());
            gathered.restore(of, values.elements(), values.shape());
        } else if (name.equals(countName())) {
            float[] counts = values.elements();
            gathered.restore((int) counts[0], counts[1]);
        } else {
            return false;
        }
        return true;
    }

    /** An array with its name; its elements are read when the file is written. */
    static void put(Map<String, Checkpoint.Values> arrays, String name, NDArray array) {
        arrays.put(
                name,
                new Checkpoint.Values(array.getShape().getShape(), () -> Weights.elements(array)));
    }
}
