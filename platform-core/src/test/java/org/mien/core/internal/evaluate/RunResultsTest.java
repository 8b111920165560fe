// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.evaluate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.mien.api.Output.Role;
import org.mien.api.data.Dataset;
import org.mien.api.data.Picture;
import org.mien.api.evaluate.Answer;
import org.mien.api.evaluate.Drawing;
import org.mien.api.evaluate.Evaluator;
import org.mien.api.evaluate.Findings;
import org.mien.api.evaluate.Results;
import org.mien.core.internal.plugin.Kind;
import org.mien.core.internal.service.Fakes;
import org.mien.core.internal.service.OnPlatform;

class RunResultsTest extends OnPlatform {
    /** Writes down what it sees of the columns. */
    private static final class Columns implements Evaluator<Fakes.None> {
        @Override
        public Class<Fakes.None> settings() {
            return Fakes.None.class;
        }

        @Override
        public void evaluate(Results results, Fakes.None settings, Findings findings) {
            List<Answer> answers = new ArrayList<>();
            results.visit(answers::add);
            Answer.Extra face = answers.get(0).extras(Role.WEIGHTS).get("face");
            findings.note("face: " + face.columns());
            findings.note("embedding: " + answers.get(0).extras().get("embedding").columns());
            findings.note("embeddings: " + answers.get(0).extras(Role.EMBEDDING).keySet());
            findings.number("width", face.values().length);
        }
    }

    @Test
    void columnsOfAnExtraHaveTheNamesThatTheMethodGaveThem() {
        bind(Kind.EVALUATOR, "columns", new Columns());
        String run = train("demo", "train.epochs=1", "evaluators=columns").id();
        var evaluation = mien.evaluations().evaluate(run, "test", Map.of());
        assertEquals(
                List.of("face: [one, two]", "embedding: []", "embeddings: [embedding]"),
                evaluation.notes());
        assertEquals(Map.of("width", 2.0), evaluation.metrics());
    }

    /** Keeps what it is shown. */
    private static final class Looks implements Evaluator<Fakes.None> {
        final List<Drawing> drawings = new ArrayList<>();
        String asked;
        float[][] said;
        float[][] own;

        @Override
        public Class<Fakes.None> settings() {
            return Fakes.None.class;
        }

        @Override
        public void evaluate(Results results, Fakes.None settings, Findings findings) {
            drawings.clear();
            results.drawings(drawings::add);
            own = results.probabilities();
            List<Picture> faces = drawings.stream().map(Drawing::face).toList();
            said = results.judge(asked == null ? results.run() : asked).probabilities(faces);
            findings.note("judge names " + results.judge(results.run()).labels());
        }
    }

    @Test
    void anEvaluatorSeesWhatAMethodDrawsAndAsksARunAboutIt() throws IOException {
        Looks looks = new Looks();
        bind(Kind.EVALUATOR, "looks", looks);
        bind(Kind.METHOD, "paints", new Fakes.Paints());
        String run = train("demo", "method=paints", "train.epochs=1", "evaluators=looks").id();
        assertEquals(
                List.of("judge names [red, green, blue]"),
                mien.evaluations().evaluate(run, "test", Map.of()).notes());
        assertEquals(30, looks.drawings.size());
        Dataset.Open dataset = new Fakes.Colours().open(new Fakes.Colours.Settings(60, -1));
        for (Drawing drawing : looks.drawings) {
            assertEquals(List.of("original", "Painted face"), names(drawing));
            assertEquals(dataset.read(drawing.sample()).bytes(), drawing.face().bytes());
            assertEquals(drawing.face().bytes(), drawing.pictures().get("original").bytes());
            assertEquals(
                    dataset.atRest(drawing.sample()).map(Picture::bytes),
                    drawing.atRest().map(Picture::bytes),
                    drawing.sample().id());
        }
        // Asked about what it was given, the run says what it said.
        assertArrayEquals(looks.own, looks.said);
    }

    private static List<String> names(Drawing drawing) {
        return List.copyOf(drawing.pictures().keySet());
    }

    @Test
    void whoDrawsNothingOrCannotBeAskedIsNamed() {
        Looks looks = new Looks();
        bind(Kind.EVALUATOR, "looks", looks);
        bind(Kind.METHOD, "paints", new Fakes.Paints());
        String plain = train("demo", "train.epochs=1", "evaluators=looks").id();
        String nothing = refused(() -> mien.evaluations().evaluate(plain, "test", Map.of()));
        assertTrue(nothing.contains("draws no pictures"), nothing);
        String paints = train("demo", "method=paints", "train.epochs=1", "evaluators=looks").id();
        looks.asked = "nobody-7";
        String unknown = refused(() -> mien.evaluations().evaluate(paints, "test", Map.of()));
        assertTrue(unknown.contains("nobody-7"), unknown);
    }
}
