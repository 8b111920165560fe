// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.classification;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.mien.api.data.Sample;
import org.mien.api.data.Targets;
import org.mien.testkit.Answers;
import org.mien.testkit.Found;

class MultiLabelEvaluatorTest {
    private static final float NOT = Float.NaN;

    /** What is said of each sample, and what holds; a row without labels knows none. */
    private static Answers run(String[] labels, double[][] said, float[]... held) {
        Answers answers = Answers.of(Targets.none().withMultiLabel(List.of(labels)));
        for (int i = 0; i < held.length; i++) {
            answers.sample(Sample.of("s" + i, "").multiLabel(held[i]).build());
        }
        return answers.multiLabel(said);
    }

    /** Of one label. */
    private static Answers one(double[] said, double... held) {
        double[][] rows = new double[said.length][];
        float[][] known = new float[held.length][];
        for (int i = 0; i < held.length; i++) {
            rows[i] = new double[] {said[i]};
            known[i] = new float[] {(float) held[i]};
        }
        return run(new String[] {"AU12"}, rows, known);
    }

    private static Found judge(Answers run, double threshold) {
        return Found.by(
                new MultiLabelEvaluator(), new MultiLabelEvaluator.Settings(threshold), run);
    }

    private static final double[] SAID = {.9, .8, .8, .5, .5, .5, .3, .3, .1, .7};
    private static final double[] HELD = {1, 0, 1, 1, 0, 0, 1, 0, 0, 1};

    @Test
    void numbersAsNumpyHasThem() {
        // p, t = np.float32(SAID), np.array(HELD); d = p >= .5; tp = (d & (t == 1)).sum()
        // 2 * tp / (d.sum() + t.sum()), tp / d.sum(), tp / t.sum()
        // pos, neg = p[t == 1], p[t == 0]
        // np.mean((pos[:, None] > neg) + .5 * (pos[:, None] == neg))
        // scikit-learn's f1_score, precision_score, recall_score and roc_auc_score are these.
        Found found = judge(one(SAID, HELD), 0.5);
        assertEquals(0.6666666666666666, found.metrics().get("f1 AU12"), 1e-15);
        assertEquals(0.72, found.metrics().get("auc AU12"));
        assertEquals(
                List.of(List.of("AU12", 2.0 / 3, 4.0 / 7, 0.8, 0.72, 5L, 10L)),
                found.tables().get("perLabel").rows());
        assertEquals(0.6, found.metrics().get("exactMatch"));
        assertEquals(List.of(), found.notes());
    }

    @Test
    void theThresholdIsAKeyAndTheAreaNeedsNone() {
        Found found = judge(one(SAID, HELD), 0.75);
        // Found are the first three, two of them rightly.
        assertEquals(2 * 2.0 / (3 + 5), found.metrics().get("f1 AU12"), 1e-15);
        assertEquals(0.72, found.metrics().get("auc AU12"));
    }

    @Test
    void tiesCountByHalf() {
        assertEquals(
                0.5, judge(one(new double[] {.4, .4, .4}, 1, 0, 0), 0.5).metrics().get("auc AU12"));
        assertEquals(0.5, judge(one(new double[] {-0.0, 0}, 1, 0), 0.5).metrics().get("auc AU12"));
        assertEquals(1, judge(one(new double[] {.2, .1}, 1, 0), 0.5).metrics().get("auc AU12"));
        assertEquals(0, judge(one(new double[] {.1, .2}, 1, 0), 0.5).metrics().get("auc AU12"));
    }

    @Test
    void strengthsHoldFromAHalfOn() {
        Found found = judge(one(new double[] {.6, .6, .4}, 0.5, 0.49, 0), 0.5);
        assertEquals(1L, found.tables().get("perLabel").rows().get(0).get(5));
        assertEquals(2.0 / 3, found.metrics().get("f1 AU12"), 1e-15);
    }

    @Test
    void whatIsNotKnownOrNeverHeldIsInNoMean() {
        Answers run =
                run(
                        new String[] {"AU1", "AU2", "AU4", "AU5"},
                        new double[][] {
                            {.9, .9, .9, .1}, {.1, .9, .9, .1}, {.9, .1, .9, .1}, {.9, .9, .9, .9}
                        },
                        new float[] {1, 0, 1, 1},
                        new float[] {0, NOT, 1, 0},
                        new float[] {NOT, 0, 1, 0},
                        new float[0]);
        Found found = judge(run, 0.5);
        assertEquals(
                List.of(
                        "meanF1",
                        "meanAuc",
                        "exactMatch",
                        "f1 AU1",
                        "auc AU1",
                        "f1 AU2",
                        "auc AU2",
                        "f1 AU4",
                        "auc AU4",
                        "f1 AU5",
                        "auc AU5"),
                List.copyOf(found.metrics().keySet()));
        Map<String, Double> metrics = found.metrics();
        assertEquals(1, metrics.get("f1 AU1"));
        assertEquals(Double.NaN, metrics.get("f1 AU2"));
        assertEquals(1, metrics.get("f1 AU4"));
        assertEquals(0, metrics.get("f1 AU5"));
        assertEquals(2.0 / 3, metrics.get("meanF1"), 1e-15);
        assertEquals(1, metrics.get("auc AU1"));
        assertEquals(Double.NaN, metrics.get("auc AU2"));
        assertEquals(Double.NaN, metrics.get("auc AU4"));
        assertEquals(0.5, metrics.get("auc AU5"));
        assertEquals(0.75, metrics.get("meanAuc"));
        // The first is wrong in AU2 and AU5, the others right in what is known of them.
        assertEquals(2.0 / 3, metrics.get("exactMatch"), 1e-15);
        assertEquals(
                List.of(
                        List.of("AU1", 1.0, 1.0, 1.0, 1.0, 1L, 2L),
                        List.of("AU2", Double.NaN, 0.0, Double.NaN, Double.NaN, 0L, 2L),
                        List.of("AU4", 1.0, 1.0, 1.0, Double.NaN, 3L, 3L),
                        List.of("AU5", 0.0, 0.0, 0.0, 0.5, 1L, 3L)),
                found.tables().get("perLabel").rows());
        assertEquals(
                List.of(
                        "Not known of some of the 4 samples, which are left out of it: AU1 (2), AU2"
                                + " (2), AU4 (1), AU5 (1).",
                        "No sample holds the label, so its F1, recall and AUC are not numbers and"
                                + " in no mean: AU2.",
                        "Every sample holds the label, so its AUC is not a number and in no mean:"
                                + " AU4.",
                        "Never found, so their precision is undefined and written as 0: AU5."),
                found.notes());
    }

    @Test
    void whatCannotBeJudgedIsToldInWords() {
        String[] label = {"AU1"};
        assertSays(
                "answers with 2 classes; expected several labels at once",
                Answers.of("a", "b").sample(0, 0.1, 0.9));
        assertSays("none of the 1 samples", run(label, new double[][] {{0}}, new float[0]));
        assertSays("none of the 0 samples", run(label, new double[0][]));
        assertSays("0 predictions for 1 samples", run(label, new double[0][], new float[] {0}));
        assertSays(
                "s0 has 2 labels, and run test-1 gives it 1; expected 1",
                run(label, new double[][] {{0}}, new float[] {0, 0}));
        assertSays(
                "s0 has 1 labels, and run test-1 gives it 2; expected 1",
                run(label, new double[][] {{0, 0}}, new float[] {0}));
        assertSays("gives NaN for sample s0", run(label, new double[][] {{NOT}}, new float[1]));
    }

    private static void assertSays(String part, Answers run) {
        String message =
                assertThrows(IllegalArgumentException.class, () -> judge(run, 0.5)).getMessage();
        assertTrue(message.contains(part), message);
    }
}
