// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.mien.api.Output;
import org.mien.api.data.Picture;
import org.mien.api.data.Sample;
import org.mien.api.data.Targets;
import org.mien.api.evaluate.Answer;
import org.mien.api.evaluate.Drawing;
import org.mien.api.evaluate.Evaluator;
import org.mien.api.evaluate.Findings;
import org.mien.api.evaluate.Judge;
import org.mien.api.evaluate.Results;

class AnswersTest {
    /** No keys. */
    public record None() {}

    private static Found by(Evaluating work, Answers answers) {
        return Found.by(
                new Evaluator<None>() {
                    @Override
                    public Class<None> settings() {
                        return None.class;
                    }

                    @Override
                    public void evaluate(Results results, None settings, Findings findings) {
                        work.evaluate(results, findings);
                    }
                },
                new None(),
                answers);
    }

    private interface Evaluating {
        void evaluate(Results results, Findings findings);
    }

    private static Sample sample(String id) {
        return Sample.of(id, id).split(Sample.Split.TEST).label(1).build();
    }

    private static Drawing drawing(String id) {
        Picture face = Picture.rgb(1, 1, ByteBuffer.wrap(new byte[3]));
        return new Drawing(sample(id), face, Optional.empty(), Map.of("it", face));
    }

    @Test
    void whatIsAddedIsThereInItsOrder() {
        Answers answers =
                Answers.of("a", "b")
                        .sample(-1, 0.75, 0.25)
                        .drawing(drawing("mine"), 0.5, 0.5)
                        .extra(
                                Output.Role.WEIGHTS,
                                "w",
                                List.of("left", "right"),
                                new double[] {1, 2},
                                new double[] {3, 4});
        assertEquals(List.of("a", "b"), answers.labels());
        assertEquals(List.of("s0", "mine"), answers.samples().stream().map(Sample::id).toList());
        assertEquals(-1, answers.samples().get(0).label());
        assertArrayEquals(new float[][] {{0.75f, 0.25f}, {0.5f, 0.5f}}, answers.probabilities());
        List<Answer> visited = new ArrayList<>();
        answers.visit(visited::add);
        assertEquals(answers.samples(), visited.stream().map(Answer::sample).toList());
        assertArrayEquals(new float[] {0.5f, 0.5f}, visited.get(1).probabilities());
        Answer.Extra weights = visited.get(1).extras(Output.Role.WEIGHTS).get("w");
        assertArrayEquals(new float[] {3, 4}, weights.values());
        assertEquals(List.of("left", "right"), weights.columns());
        assertEquals(Map.of(), visited.get(1).extras(Output.Role.EMBEDDING));
        List<String> drawn = new ArrayList<>();
        answers.drawings(drawing -> drawn.add(drawing.sample().id()));
        assertEquals(List.of("mine"), drawn);
    }

    @Test
    void whatIsNotAddedIsRefusedAsByThePlatform() {
        Answers answers = Answers.of("a", "b").sample(0);
        assertEquals(0, answers.probabilities().length);
        String none =
                assertThrows(IllegalArgumentException.class, () -> answers.drawings(drawing -> {}))
                        .getMessage();
        assertTrue(none.contains("draws nothing"), none);
        assertThrows(IllegalArgumentException.class, () -> answers.judge("other-1"));
        List<String> asked = new ArrayList<>();
        Judge judge =
                new Judge() {
                    @Override
                    public List<String> labels() {
                        return List.of("b", "a");
                    }

                    @Override
                    public float[][] probabilities(List<Picture> pictures) {
                        return new float[pictures.size()][2];
                    }
                };
        answers.judges(
                run -> {
                    asked.add(run);
                    return judge;
                });
        assertEquals(judge, answers.judge("other-1"));
        assertEquals(List.of("other-1"), asked);
    }

    @Test
    void whatIsFoundIsKept() {
        Found found =
                by(
                        (results, findings) -> {
                            findings.number("z", results.samples().size());
                            findings.number("a", 0.5);
                            findings.table("t", List.of("x"), List.of(List.of(1)));
                            findings.note("so");
                        },
                        Answers.of("a").sample(0, 1));
        assertEquals(List.of("z", "a"), List.copyOf(found.metrics().keySet()));
        assertEquals(1.0, found.metrics().get("z"));
        assertEquals(
                Map.of("t", new Found.Table(List.of("x"), List.of(List.of(1)))), found.tables());
        assertEquals(List.of("so"), found.notes());
    }

    @Test
    void whatIsLearntBesideClassesIsGivenSampleBySample() {
        Targets targets =
                Targets.none()
                        .withMultiLabel(List.of("AU1", "AU12"))
                        .withValues(new Targets.Value("valence", -1, 1));
        Answers answers =
                Answers.of(targets)
                        .sample(sample("one"))
                        .sample(sample("two"))
                        .multiLabel(new double[] {0.25, 0.75}, new double[] {0.5, 1})
                        .values(new double[] {-1}, new double[] {0.5});
        assertEquals(targets, answers.targets());
        assertEquals(List.of(), answers.labels());
        for (Answers one : List.of(answers, answers.inOrder(0, 1))) {
            assertArrayEquals(new float[][] {{0.25f, 0.75f}, {0.5f, 1}}, one.multiLabel());
            assertArrayEquals(new float[][] {{-1}, {0.5f}}, one.values());
        }
        List<Answer> visited = new ArrayList<>();
        answers.inOrder(1, 0).visit(visited::add);
        assertEquals("two", visited.get(0).sample().id());
        assertEquals(0, visited.get(0).probabilities().length);
        assertArrayEquals(new float[] {0.5f, 1}, visited.get(0).multiLabel());
        assertArrayEquals(new float[] {-1}, visited.get(1).values());
    }

    @Test
    void unitsHeatMapsAndPicturesAreKept() {
        Picture face = Picture.rgb(1, 1, ByteBuffer.wrap(new byte[3]));
        double[][] values = {{1, Double.NaN}};
        Found found =
                by(
                        (results, findings) -> {
                            findings.share("share", 1);
                            findings.number("number", 7);
                            findings.heatMap("map", List.of("row"), List.of("a", "b"), values);
                            findings.picture("face", face);
                            values[0][0] = 2;
                        },
                        Answers.of("a"));
        assertEquals(
                Map.of("share", Findings.Unit.SHARE, "number", Findings.Unit.NUMBER),
                found.units());
        Found.HeatMap map = found.heatMaps().get("map");
        assertEquals(List.of("row"), map.rows());
        assertEquals(List.of("a", "b"), map.columns());
        assertArrayEquals(new double[][] {{1, Double.NaN}}, map.values());
        assertEquals(Map.of("face", face), found.pictures());
    }

    private static void fails(String words, Consumer<Findings> work) {
        String message =
                assertThrows(
                                AssertionError.class,
                                () ->
                                        by(
                                                (results, findings) -> work.accept(findings),
                                                Answers.of("a")))
                        .getMessage();
        assertTrue(message.contains(words), message);
    }

    @Test
    void whatThePlatformCouldNotShowFailsTheTest() {
        List<String> one = List.of("a");
        fails("the share 'half' is 50.0", f -> f.share("half", 50));
        fails("'map' is not 1 x 1", f -> f.heatMap("map", one, one, new double[][] {{1, 2}}));
        fails("'map' is not 1 x 1", f -> f.heatMap("map", one, one, new double[0][]));
        fails(
                "two heat maps",
                f -> {
                    f.heatMap("map", one, one, new double[][] {{1}});
                    f.heatMap("map", one, one, new double[][] {{1}});
                });
        Picture raw = Picture.rgb(1, 1, ByteBuffer.wrap(new byte[3]));
        fails(
                "is encoded; expected raw pixels",
                f -> f.picture("face", Picture.encoded(ByteBuffer.wrap(new byte[3]))));
        fails(
                "two pictures",
                f -> {
                    f.picture("face", raw);
                    f.picture("face", raw);
                });
    }

    @Test
    void oneNameTwiceFailsTheTest() {
        assertThrows(
                AssertionError.class,
                () ->
                        by(
                                (results, findings) -> {
                                    findings.number("a", 0);
                                    findings.number("a", 1);
                                },
                                Answers.of("a")));
        assertThrows(
                AssertionError.class,
                () ->
                        by(
                                (results, findings) -> {
                                    findings.table("t", List.of(), List.of());
                                    findings.table("t", List.of(), List.of());
                                },
                                Answers.of("a")));
    }
}
