// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.mien.api.data.Target;
import org.mien.api.method.Method;
import org.mien.api.method.Phase;
import org.mien.api.net.Trunk;
import org.mien.api.spi.Prefixes;

/**
 * What holds for every method. It is trained for a few steps on noise, on a tiny backbone that
 * gives a vector, a map and tokens.
 *
 * @param <S> its settings
 */
public abstract class MethodContract<S extends Record> extends PluginContract<S> {
    private static final int[] ROWS = {0, 1, 2, 3, 4, 5};

    /** For subclasses. */
    protected MethodContract() {}

    /**
     * The method.
     *
     * @return a new one
     */
    protected abstract Method<S> plugin();

    /**
     * Number of classes.
     *
     * @return at least 2
     */
    protected int classes() {
        return 3;
    }

    /**
     * The backbone it is trained on, for a method that cannot work with the tiny one.
     *
     * @return a new one of few weights; without an override 8 x 8 pixels to a map (8, 4, 4), tokens
     *     (17, 8) and a vector (12)
     */
    protected Trunk backbone() {
        return TinyTrunk.make();
    }

    @Override
    final Object made() {
        return plugin();
    }

    @Override
    final Class<S> type(Object plugin) {
        return method(plugin).settings();
    }

    @SuppressWarnings("unchecked")
    private Method<S> method(Object plugin) {
        return (Method<S>) plugin;
    }

    @Override
    final Done work(Object plugin, S settings, Object kept) throws Exception {
        try (Trial trial = new Trial(method(plugin), settings, classes(), backbone())) {
            if (kept == null) {
                trial.steps(3);
            } else {
                trial.load((Trial.Saved) kept);
            }
            Trial.Saved half = trial.save();
            trial.steps(3);
            Map<String, Object> out = trial.save().told();
            trial.predict(ROWS).forEach((name, rows) -> out.put(name + " of a prediction", rows));
            return new Done(half, out);
        }
    }

    @Override
    final long arrays() {
        return Engine.start().arrays();
    }

    @Override
    final void open(S settings) {
        plugin().plan(settings);
    }

    private Trial trial() throws Exception {
        return new Trial(plugin(), settings(), classes(), backbone());
    }

    /**
     * Where terms of the loss end a gradient on purpose: a classifier's weight that makes maps and
     * is not to learn from them. There the gradient has to be 0, though the term depends on the
     * weight.
     *
     * @return name of a term to the paths of the weights at which it ends; none at first
     */
    protected Map<String, Set<String>> stopped() {
        return Map.of();
    }

    /** The phases that the plan names are those that the model trains. */
    @Test
    public void planAndModelNameTheSamePhases() throws Exception {
        try (Trial trial = trial()) {
            List<String> names = trial.phases.stream().map(Phase::name).toList();
            assertEquals(
                    trial.plan.phases().keySet(),
                    new LinkedHashSet<>(names),
                    "phases of plan and model");
            assertEquals(trial.plan.phases().size(), names.size(), "phases " + names);
        }
    }

    /**
     * Loss terms and measures are finite scalars; within a few steps a gradient reaches every
     * weight that a phase moves, and what it does not move stands.
     */
    @Test
    public void gradientsReachWhatAPhaseMovesAndNothingElse() throws Exception {
        try (Trial trial = trial()) {
            Map<String, Set<String>> reached = new LinkedHashMap<>();
            for (int i = 0; i < 6; i++) {
                trial.step(reached);
            }
            for (Phase phase : trial.phases) {
                Set<String> missed = new LinkedHashSet<>(trial.trained(phase));
                missed.removeAll(reached.getOrDefault(phase.name(), Set.of()));
                assertEquals(
                        Set.of(),
                        missed,
                        "phase '" + phase.name() + "' moves these, and no gradient reaches them");
            }
        }
    }

    /**
     * In training and in 64 bits, gradients of each loss term and of their sum are what it does
     * when weights are moved a little, but for those that {@link #stopped} names.
     */
    @Test
    public void gradientsAreWhatTheLossDoes() throws Exception {
        try (Trial trial = trial()) {
            trial.steps(2);
            trial.compareGradients(stopped(), ROWS);
        }
    }

    /**
     * Loss terms and gradients are finite at the start on pictures without anything on them, which
     * are all alike and their own mirror images: distances are 0 there, and norms vanish.
     */
    @Test
    public void lossesAndGradientsAreFiniteOnBlankPictures() throws Exception {
        try (Trial trial = trial()) {
            trial.blank();
        }
    }

    /**
     * What is learnt is answered: probabilities (N, K), scores of several labels at once (N, L),
     * values (N, V), all finite.
     */
    @Test
    public void whatIsLearntIsAnswered() throws Exception {
        try (Trial trial = trial()) {
            trial.steps(2);
            trial.predict(ROWS);
        }
    }

    /** Probabilities are (N, K), at least 0, and sum to 1. */
    @Test
    public void probabilitiesAreProbabilities() throws Exception {
        for (int classes : new int[] {classes(), classes() + 2}) {
            try (Trial trial = new Trial(plugin(), settings(), classes, backbone())) {
                trial.steps(2);
                Map<String, float[][]> answers = trial.predict(ROWS);
                for (float[] row : answers.getOrDefault(Target.CLASS.words(), new float[0][])) {
                    float sum = 0;
                    for (float p : row) {
                        assertTrue(p >= 0 && p <= 1 + 1e-5f, "a probability is " + p);
                        sum += p;
                    }
                    assertEquals(1, sum, 1e-4, "sum of the probabilities of a sample");
                }
            }
        }
    }

    /** A sample's answer is the same alone, among others and in another order. */
    @Test
    public void inferenceDoesNotDependOnTheRestOfTheBatch() throws Exception {
        try (Trial trial = trial()) {
            trial.steps(3);
            Map<String, float[][]> together = trial.predict(ROWS);
            Map<String, float[][]> backwards = trial.predict(5, 4, 3, 2, 1, 0);
            for (int i = 0; i < ROWS.length; i++) {
                Map<String, float[][]> alone = trial.predict(ROWS[i]);
                int row = i;
                together.forEach(
                        (name, values) -> {
                            String what = name + " of sample " + row;
                            Engine.close(values[row], alone.get(name)[0], what + " alone");
                            Engine.close(
                                    values[row],
                                    backwards.get(name)[ROWS.length - 1 - row],
                                    what + " in another order");
                        });
            }
        }
    }

    /**
     * Where several rows are crops of one face, and so of one sample, each is answered as it is
     * alone, and the loss that is looked at in validation counts each row.
     */
    @Test
    public void cropsOfAFaceAreRowsOfTheirOwn() throws Exception {
        try (Trial trial = trial()) {
            trial.steps(2);
            Map<String, float[][]> crops = trial.predictCrops(ROWS);
            for (int i = 0; i < ROWS.length; i++) {
                int row = i;
                trial.predictCrop(ROWS[i], ROWS[i / 2 * 2])
                        .forEach(
                                (name, alone) ->
                                        Engine.close(
                                                alone[0],
                                                crops.get(name)[row],
                                                name + " of row " + row + ", a crop of a face"));
            }
        }
    }

    /**
     * Keys of a backbone that never moves begin with its role and shadow none of the platform's.
     */
    @Test
    public void rolesShadowNoKeyOfThePlatform() throws Exception {
        for (String role : plugin().plan(settings()).frozen().keySet()) {
            assertEquals("", Prefixes.of("its role", role), plugin().getClass().getName());
        }
    }

    /** Predicting moves nothing, and between steps it does not change training. */
    @Test
    public void predictingLeavesNoTrace() throws Exception {
        try (Trial trial = trial();
                Trial other = trial()) {
            trial.steps(2);
            other.steps(2);
            Map<String, float[]> before = trial.weights.copy();
            trial.predict(ROWS);
            Engine.same(before, trial.weights.copy(), "after predicting");
            trial.steps(2);
            other.steps(2);
            Engine.same(other.weights.copy(), trial.weights.copy(), "training after predicting");
            Map<String, float[][]> expected = other.predict(ROWS);
            trial.predict(ROWS)
                    .forEach(
                            (name, rows) -> {
                                for (int i = 0; i < rows.length; i++) {
                                    Engine.close(
                                            expected.get(name)[i],
                                            rows[i],
                                            name + " after training went on");
                                }
                            });
        }
    }

    /** The same steps twice give the same bytes. */
    @Test
    public void theSameSeedGivesTheSameBytes() throws Exception {
        try (Trial one = trial();
                Trial two = trial()) {
            Engine.same(one.weights.copy(), two.weights.copy(), "start values");
            one.steps(5);
            two.steps(5);
            Engine.same(one.weights.copy(), two.weights.copy(), "after the same steps");
        }
    }

    /** What is saved after some steps and loaded into a new model goes on with the same bytes. */
    @Test
    public void savedAndLoadedItGoesOnWithTheSameBytes() throws Exception {
        try (Trial whole = trial()) {
            whole.steps(3);
            Trial.Saved saved = whole.save();
            whole.steps(3);
            try (Trial resumed = trial()) {
                resumed.load(saved);
                Engine.same(saved.weights(), resumed.weights.copy(), "loaded");
                resumed.steps(3);
                Engine.same(whole.weights.copy(), resumed.weights.copy(), "after going on");
            }
        }
    }

    /**
     * It is written in the vocabulary of networks alone, in what predicts and in what it learns by,
     * and reads no element out; so what predicts can be recorded and run again on other samples.
     */
    @Test
    public void itsForwardCanBeRecorded() throws Exception {
        try (Trial trial = trial()) {
            trial.steps(2);
            trial.recordObjectives(ROWS);
            trial.recordPrediction(new int[] {0, 1, 2}, 3, 4, 5);
        }
    }

    /** The stages of its backbone can be tapped, and a gradient leads to them from its scores. */
    @Test
    public void itsBackboneCanBeLookedInto() throws Exception {
        try (Trial trial = trial()) {
            trial.steps(2);
            trial.look(ROWS);
        }
    }

    /**
     * Phases that begin later or end: in each epoch up to the last one of them something is
     * trained, what is saved at each turn goes on with the same bytes, and what an ended phase
     * remembered is let go of.
     */
    @Test
    public void phasesBeginAndEndInTheirTime() throws Exception {
        try (Trial whole = trial();
                Trial resumed = trial()) {
            List<Integer> turns = whole.turns();
            for (int epoch : turns) {
                Trial.Saved saved = whole.save();
                whole.epoch(epoch);
                resumed.load(saved);
                resumed.epoch(epoch);
                Engine.same(
                        whole.weights.copy(),
                        resumed.weights.copy(),
                        "gone on with in epoch " + epoch);
            }
            long before = whole.arrays();
            for (int epoch : turns) {
                whole.epoch(epoch);
            }
            assertEquals(0, whole.arrays() - before, "native arrays left by epochs " + turns);
        }
    }

    /** No native array outlives a step. */
    @Test
    public void noNativeArrayIsLeft() throws Exception {
        try (Trial trial = trial()) {
            trial.steps(3);
            trial.predict(ROWS);
            long before = trial.arrays();
            trial.steps(4);
            long trained = trial.arrays();
            assertEquals(0, trained - before, "native arrays left by four training steps");
            trial.predict(ROWS);
            trial.predict(1, 2);
            assertEquals(0, trial.arrays() - trained, "native arrays left by two predictions");
        }
    }
}
