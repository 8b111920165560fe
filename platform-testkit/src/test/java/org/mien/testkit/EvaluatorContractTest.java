// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.mien.api.data.Picture;
import org.mien.api.evaluate.Evaluator;
import org.mien.api.evaluate.Findings;
import org.mien.api.evaluate.Results;

class EvaluatorContractTest {
    /** No keys. */
    public record None() {}

    /** What an evaluator does. */
    private interface Work {
        void on(Results results, Findings findings);
    }

    private static Set<String> caught(Work work) throws Exception {
        return Caught.by(
                        new EvaluatorContract<None>() {
                            @Override
                            protected Evaluator<None> plugin() {
                                return new Evaluator<>() {
                                    @Override
                                    public Class<None> settings() {
                                        return None.class;
                                    }

                                    @Override
                                    public void evaluate(Results r, None s, Findings f) {
                                        work.on(r, f);
                                    }
                                };
                            }

                            @Override
                            protected Object activate(Class<?> type) {
                                return plugin();
                            }
                        })
                .keySet();
    }

    private static double likelihood(Results results) {
        double sum = 0;
        for (int i = 0; i < results.samples().size(); i++) {
            sum += Math.log(results.probabilities()[i][results.samples().get(i).label()]);
        }
        return sum / results.samples().size();
    }

    @Test
    void aGoodEvaluatorPasses() throws Exception {
        assertEquals(
                Set.of(),
                caught(
                        (results, findings) -> {
                            findings.number("likelihood", likelihood(results));
                            findings.table(
                                    "samples",
                                    List.of("id", "label"),
                                    results.samples().stream()
                                            .map(s -> List.of(s.id(), s.label()))
                                            .toList());
                        }));
    }

    @Test
    void oneThatDependsOnOrderIsCaught() throws Exception {
        assertEquals(
                Set.of("theOrderOfSamplesDoesNotMatter"),
                caught((r, f) -> f.number("first", r.probabilities()[0][0])));
    }

    @Test
    void aNumberWithoutAnExplanationIsCaught() throws Exception {
        assertEquals(
                Set.of("metricsAreFiniteOrExplained"),
                caught((r, f) -> f.number("ratio", r.samples().size() == 1 ? Double.NaN : 1)));
        assertEquals(
                Set.of(),
                caught(
                        (r, f) -> {
                            f.number("ratio", r.samples().size() == 1 ? Double.NaN : 1);
                            f.note("One sample has no ratio.");
                        }));
    }

    private static void map(Findings findings, double value) {
        findings.heatMap("map", List.of("a"), List.of("b", "c"), new double[][] {{1, value}});
    }

    private static Picture grey(double value) {
        byte level = (byte) (255 * value);
        return Picture.rgb(1, 1, ByteBuffer.wrap(new byte[] {level, level, level}));
    }

    @Test
    void heatMapsAndPicturesAreFindings() throws Exception {
        assertEquals(Set.of(), caught((r, f) -> map(f, likelihood(r))));
        assertEquals(Set.of(), caught((r, f) -> f.picture("mean", grey(0.5))));
    }

    @Test
    void aHeatMapThatDependsOnOrderIsCaught() throws Exception {
        assertEquals(
                Set.of("theOrderOfSamplesDoesNotMatter"),
                caught((r, f) -> map(f, r.probabilities()[0][0])));
        assertEquals(
                Set.of("theOrderOfSamplesDoesNotMatter"),
                caught(
                        (r, f) -> {
                            String first = r.samples().get(0).id();
                            f.heatMap("map", List.of(first), List.of("b"), new double[][] {{1}});
                        }));
    }

    @Test
    void aPictureThatDependsOnOrderIsCaught() throws Exception {
        assertEquals(
                Set.of("theOrderOfSamplesDoesNotMatter"),
                caught((r, f) -> f.picture("first", grey(r.probabilities()[0][0]))));
    }

    @Test
    void aUnitThatDependsOnOrderIsCaught() throws Exception {
        assertEquals(
                Set.of("theOrderOfSamplesDoesNotMatter"),
                caught(
                        (r, f) ->
                                f.metric(
                                        "half",
                                        0.5,
                                        r.samples().get(0).id().equals("trial-0")
                                                ? Findings.Unit.SHARE
                                                : Findings.Unit.NUMBER)));
    }

    @Test
    void aHeatMapWithoutAnExplanationIsCaught() throws Exception {
        assertEquals(
                Set.of("metricsAreFiniteOrExplained"),
                caught((r, f) -> map(f, r.samples().size() == 1 ? Double.NaN : 1)));
        assertEquals(
                Set.of(),
                caught(
                        (r, f) -> {
                            map(f, r.samples().size() == 1 ? Double.NaN : 1);
                            f.note("One sample has no ratio.");
                        }));
        assertEquals(
                Set.of("metricsAreFiniteOrExplained"),
                caught(
                        (r, f) -> {
                            map(f, Double.POSITIVE_INFINITY);
                            f.note("That is endless.");
                        }));
    }

    @Test
    void labelsAtOnceAndValuesThatAreChangedAreCaught() throws Exception {
        assertEquals(
                Set.of("resultsAreLeftAsTheyAre"),
                caught(
                        (r, f) -> {
                            f.number("likelihood", likelihood(r));
                            r.multiLabel()[0][0] = 2;
                        }));
        assertEquals(
                Set.of("resultsAreLeftAsTheyAre"),
                caught(
                        (r, f) -> {
                            f.number("likelihood", likelihood(r));
                            r.values()[0][0] = 2;
                        }));
    }

    @Test
    void aRaggedTableIsCaught() throws Exception {
        assertEquals(
                Set.of("tablesAreRectangular"),
                caught(
                        (r, f) ->
                                f.table(
                                        "ragged",
                                        List.of("a", "b"),
                                        List.of(List.of(1, 2), List.of(3)))));
    }

    @Test
    void changedResultsAreCaught() throws Exception {
        assertEquals(
                Set.of("resultsAreLeftAsTheyAre"),
                caught(
                        (r, f) -> {
                            f.number("likelihood", likelihood(r));
                            r.probabilities()[0][0] = 0;
                        }));
    }

    @Test
    void nothingFoundIsCaught() throws Exception {
        assertEquals(Set.of("itFindsSomething"), caught((r, f) -> Map.of()));
    }
}
