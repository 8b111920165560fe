// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.regression;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.mien.api.data.Sample;
import org.mien.api.data.Targets;
import org.mien.api.evaluate.Findings.Unit;
import org.mien.testkit.Answers;
import org.mien.testkit.Found;

class RegressionEvaluatorTest {
    private static final double[] LABELS = {
        0.0, 0.8, 0.9, 0.1, -0.8, -1.0, -0.3, 0.7, 1.0, 0.4, -0.5, -1.0
    };
    private static final double[] SAID = {
        0.33, 0.69, 0.51, -0.05, -0.47, -0.36, 0.17, 0.64, 0.61, 0.11, -0.4, -0.45
    };
    private static final float NOT = Float.NaN;

    private static Targets.Value value(String name, double least) {
        return new Targets.Value(name, least, 1);
    }

    /** Numbers said, a row a sample, and labels; a row without labels knows none. */
    private static Answers run(Targets targets, double[][] said, float[]... labels) {
        Answers answers = Answers.of(targets);
        for (int i = 0; i < labels.length; i++) {
            answers.sample(Sample.of("s" + i, "").values(labels[i]).build());
        }
        return answers.values(said);
    }

    private static Answers valence(double[] said, double... labels) {
        double[][] rows = new double[said.length][];
        float[][] known = new float[labels.length][];
        for (int i = 0; i < labels.length; i++) {
            rows[i] = new double[] {said[i]};
            known[i] = new float[] {(float) labels[i]};
        }
        return run(Targets.none().withValues(value("valence", -1)), rows, known);
    }

    private static Found judge(Answers run) {
        return Found.by(new RegressionEvaluator(), new RegressionEvaluator.Settings(), run);
    }

    @Test
    void numbersAsNumpyHasThem() {
        // x, y = (np.float32(SAID).astype(float), np.float32(LABELS).astype(float))
        // 2 * np.mean((x - x.mean()) * (y - y.mean()))
        //     / (x.var() + y.var() + (x.mean() - y.mean()) ** 2)
        // np.corrcoef(x, y)[0, 1]
        // np.sqrt(np.mean((x - y) ** 2)), np.mean(abs(x - y)), np.mean(np.sign(x) == np.sign(y))
        Found found = judge(valence(SAID, LABELS));
        assertEquals(0.8111885604892289, found.metrics().get("ccc valence"), 1e-14);
        assertEquals(0.9246047073445437, found.metrics().get("pearson valence"), 1e-14);
        assertEquals(0.3636963029548914, found.metrics().get("rmse valence"), 1e-14);
        assertEquals(0.3175000023717682, found.metrics().get("meanAbsoluteError valence"), 1e-14);
        // The label 0 agrees with no sign but 0.
        assertEquals(0.75, found.metrics().get("signAgreement valence"));
        assertEquals(Unit.SHARE, found.units().get("signAgreement"));
        assertEquals(Unit.NUMBER, found.units().get("ccc"));
        assertEquals(List.of(), found.notes());
    }

    @Test
    void zeroIsASignOfItsOwn() {
        Found found = judge(valence(new double[] {0, 0, -0.0, 0.1}, 0, 0.5, 0, 0));
        assertEquals(0.5, found.metrics().get("signAgreement valence"));
    }

    @Test
    void meansAreOverTheValuesThatHaveTheMetric() {
        Targets targets =
                Targets.none().withValues(value("valence", -1), value("pain", 0), value("calm", 0));
        double[][] said = {{0.5, 0.2, 0.5}, {-0.5, 0.2, 0.5}, {0.5, 0.2, 0.5}, {0.3, 0.4, 0.5}};
        Found found =
                judge(
                        run(
                                targets,
                                said,
                                new float[] {0.5f, 0, NOT},
                                new float[] {-0.5f, 0.4f, NOT},
                                new float[] {NOT, 0.2f, NOT},
                                new float[0]));
        assertEquals(
                List.of(
                        "ccc",
                        "pearson",
                        "rmse",
                        "meanAbsoluteError",
                        "signAgreement",
                        "ccc valence",
                        "pearson valence",
                        "rmse valence",
                        "meanAbsoluteError valence",
                        "signAgreement valence",
                        "ccc pain",
                        "pearson pain",
                        "rmse pain",
                        "meanAbsoluteError pain",
                        "ccc calm",
                        "pearson calm",
                        "rmse calm",
                        "meanAbsoluteError calm"),
                List.copyOf(found.metrics().keySet()));
        // Of pain the run always says 0.2: no correlation, but an agreement, which is 0.
        assertEquals(1, found.metrics().get("ccc valence"), 1e-12);
        assertEquals(0, found.metrics().get("ccc pain"));
        assertEquals(0.5, found.metrics().get("ccc"), 1e-12);
        assertEquals(Double.NaN, found.metrics().get("pearson pain"));
        assertEquals(1, found.metrics().get("pearson"), 1e-12);
        assertEquals(Math.sqrt(0.08 / 3), found.metrics().get("rmse pain"), 1e-7);
        assertEquals(Math.sqrt(0.08 / 3) / 2, found.metrics().get("rmse"), 1e-7);
        assertEquals(1, found.metrics().get("signAgreement"));
        assertEquals(Double.NaN, found.metrics().get("rmse calm"));
        Found.Table table = found.tables().get("perValue");
        assertEquals(
                List.of(
                        "value",
                        "ccc",
                        "pearson",
                        "rmse",
                        "meanAbsoluteError",
                        "signAgreement",
                        "samples"),
                table.columns());
        assertEquals(List.of(2L, 3L, 0L), table.rows().stream().map(row -> row.get(6)).toList());
        assertEquals(
                List.of(
                        "2 of 4 samples have no valence and are left out of it.",
                        "1 of 4 samples have no pain and are left out of it.",
                        "The run says 0.2 of every pain, so its ccc is 0, and its pearson is not a"
                                + " number and in no mean.",
                        "4 of 4 samples have no calm and are left out of it; so it has no metric"
                                + " and is in no mean."),
                found.notes());
    }

    @Test
    void labelsThatAreAllAlikeHaveNoAgreement() {
        // The mean of these in floating point is not 0.1, nor their variance 0.
        double[] same = new double[10];
        Arrays.fill(same, 0.1);
        double[] said = same.clone();
        Found exact = judge(valence(said, same));
        said[0] = -0.1;
        Found near = judge(valence(said, same));
        for (Found found : List.of(exact, near)) {
            for (String metric : Set.of("ccc", "ccc valence", "pearson", "pearson valence")) {
                assertEquals(Double.NaN, found.metrics().get(metric), metric);
            }
            assertEquals(
                    List.of(
                            "All labels of valence are 0.1, so its ccc and pearson are not numbers"
                                    + " and in no mean."),
                    found.notes());
        }
        assertEquals(0, exact.metrics().get("rmse"));
        assertEquals(0.02, near.metrics().get("meanAbsoluteError"), 1e-8);
        assertEquals(0.9, near.metrics().get("signAgreement"), 1e-12);
    }

    @Test
    void withoutNumbersBelowZeroNoValueHasASign() {
        Targets targets = Targets.none().withValues(value("pain", 0));
        Found found =
                judge(
                        run(
                                targets,
                                new double[][] {{0.1}, {0.3}},
                                new float[] {0.2f},
                                new float[] {0.4f}));
        Set<String> signs =
                found.metrics().keySet().stream()
                        .filter(name -> name.startsWith("sign"))
                        .collect(Collectors.toSet());
        assertEquals(Set.of(), signs);
        assertFalse(found.metrics().get("ccc").isNaN());
    }

    @Test
    void whatCannotBeJudgedIsToldInWords() {
        Targets valence = Targets.none().withValues(value("valence", -1));
        assertSays(
                "answers with 2 classes; expected values",
                Answers.of("a", "b").sample(0, 0.1, 0.9));
        assertSays("none of the 1 samples", run(valence, new double[][] {{0}}, new float[0]));
        assertSays("none of the 0 samples", run(valence, new double[0][]));
        assertSays("0 predictions for 1 samples", run(valence, new double[0][], new float[] {0}));
        assertSays(
                "s0 has 2 values, and run test-1 gives it 1; expected 1",
                run(valence, new double[][] {{0}}, new float[] {0, 0}));
        assertSays(
                "s0 has 1 values, and run test-1 gives it 2; expected 1",
                run(valence, new double[][] {{0, 0}}, new float[] {0}));
        assertSays("gives NaN for sample s0", run(valence, new double[][] {{NOT}}, new float[1]));
    }

    private static void assertSays(String part, Answers run) {
        String message =
                assertThrows(IllegalArgumentException.class, () -> judge(run)).getMessage();
        assertTrue(message.contains(part), message);
    }
}
