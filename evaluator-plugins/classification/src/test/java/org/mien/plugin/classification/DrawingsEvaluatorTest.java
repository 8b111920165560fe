// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.classification;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.mien.api.data.Picture;
import org.mien.api.data.Sample;
import org.mien.api.evaluate.Drawing;
import org.mien.api.evaluate.Judge;
import org.mien.testkit.Answers;
import org.mien.testkit.Found;

class DrawingsEvaluatorTest {
    /** Two grey pixels, from 0 to 255. */
    private static Picture grey(int left, int right) {
        byte[] rgb = new byte[6];
        for (int c = 0; c < 3; c++) {
            rgb[c] = (byte) left;
            rgb[3 + c] = (byte) right;
        }
        return Picture.rgb(2, 1, ByteBuffer.wrap(rgb));
    }

    private static Drawing drawing(int label, Picture face, Picture rest, Picture drawn) {
        String id = "s" + label + face.bytes().get(0);
        return new Drawing(
                Sample.of(id, id).split(Sample.Split.TEST).label(label).build(),
                face,
                Optional.ofNullable(rest),
                Map.of("poker face", drawn));
    }

    /** It calls neutral what is dark on the left. */
    private static final Judge JUDGE =
            new Judge() {
                @Override
                public List<String> labels() {
                    return List.of("joy", "neutral"); // another order
                }

                @Override
                public float[][] probabilities(List<Picture> pictures) {
                    return pictures.stream()
                            .map(p -> (p.bytes().get(0) & 255) < 100)
                            .map(dark -> new float[] {dark ? 0 : 1, dark ? 1 : 0})
                            .toArray(float[][]::new);
                }
            };

    private static Found found(DrawingsEvaluator.Settings settings, Drawing... drawings) {
        Answers answers = Answers.of("neutral", "joy").judges(run -> JUDGE);
        for (Drawing drawing : drawings) {
            answers.drawing(drawing);
        }
        return Found.by(new DrawingsEvaluator(), settings, answers);
    }

    private static Found found(String judge, double change, Drawing... drawings) {
        return found(new DrawingsEvaluator.Settings(judge, "neutral", change, List.of()), drawings);
    }

    /** A smile on the left pixel; the poker face takes half of it away and dims the right. */
    private static Drawing smile() {
        return drawing(1, grey(204, 102), grey(102, 102), grey(153, 51));
    }

    @Test
    void errorsAreApartInsideAndOutsideOfWhatTheExpressionChanges() {
        Map<String, Double> m = found("", 0.05, smile()).metrics();
        assertEquals(0.2, m.get("poker face error"), 1e-12);
        assertEquals(0.2, m.get("poker face error inside"), 1e-12);
        assertEquals(0.2, m.get("poker face error outside"), 1e-12);
        assertEquals(0.2, m.get("poker face from rest inside"), 1e-12);
        assertEquals(0.4, m.get("face from rest inside"), 1e-12);
        assertFalse(m.containsKey("face error"), "the face does not differ from itself");
        assertFalse(m.containsKey("poker face called neutral"), "nobody was asked");
        // What counts as changed is a key.
        Found none = found("", 0.5, smile());
        assertTrue(Double.isNaN(none.metrics().get("poker face error inside")));
        assertTrue(none.notes().get(0).startsWith("No pixel differs"), none.notes().toString());
    }

    @Test
    void aJudgeThatDoesNotKnowAClassIsNotAsked() {
        Answers answers = Answers.of("neutral", "joy", "awe").judges(run -> JUDGE);
        answers.drawing(smile());
        DrawingsEvaluator.Settings settings =
                new DrawingsEvaluator.Settings("other-3", "neutral", 0.05, List.of());
        String text =
                assertThrows(
                                IllegalArgumentException.class,
                                () -> Found.by(new DrawingsEvaluator(), settings, answers))
                        .getMessage();
        assertTrue(text.contains("[joy, neutral] and can never say [awe]"), text);
    }

    @Test
    void insideCountsPixelsNotFaces() {
        Drawing changed = drawing(1, grey(255, 255), grey(0, 0), grey(255, 204));
        Map<String, Double> m = found("", 0.05, smile(), changed).metrics();
        assertEquals((0.2 + 0 + 0.2) / 3, m.get("poker face error inside"), 1e-12);
        assertEquals(0.2, m.get("poker face error outside"), 1e-12);
    }

    @Test
    void theJudgeIsAskedAboutExpressiveFacesOnly() {
        Drawing neutral = drawing(0, grey(10, 10), null, grey(200, 200));
        Drawing gone = drawing(1, grey(200, 10), null, grey(20, 10));
        Drawing kept = drawing(1, grey(210, 10), null, grey(220, 10));
        Found found = found("other-3", 0.05, neutral, gone, kept);
        assertEquals(0.0, found.metrics().get("face called neutral"));
        assertEquals(1.0, found.metrics().get("face keeps class"));
        assertEquals(0.5, found.metrics().get("poker face called neutral"));
        assertEquals(0.5, found.metrics().get("poker face keeps class"));
        assertFalse(found.metrics().containsKey("poker face error inside"));
        assertEquals(
                List.of("picture", "error", "called neutral", "keeps class"),
                found.tables().get("drawings").columns());
        String notes = String.join("\n", found.notes());
        assertTrue(notes.contains("does not know its faces at rest"), notes);
        assertTrue(notes.contains("other-3 was asked about 2 of 3"), notes);
    }

    @Test
    void whatCannotBeJudgedIsRefusedInWords() {
        String unknown = refused("neutral", List.of("poker faces"), smile());
        assertTrue(unknown.contains("'poker faces'; the method draws poker face."), unknown);
        assertTrue(refused("calm", List.of(), smile()).contains("no 'calm'. Set drawings.neutral"));
        Drawing small =
                drawing(
                        1,
                        grey(1, 2),
                        null,
                        Picture.rgb(1, 1, ByteBuffer.wrap(new byte[] {1, 2, 3})));
        assertTrue(refused("neutral", List.of(), small).contains("'poker face' has 1 x 1 pixels"));
    }

    @Test
    void onlyPicturesThatAreNamedAreJudged() {
        Drawing two =
                new Drawing(
                        smile().sample(),
                        grey(204, 102),
                        Optional.empty(),
                        Map.of("one", grey(204, 102), "other", grey(0, 0)));
        Found found =
                found(new DrawingsEvaluator.Settings("", "neutral", 0.05, List.of("one")), two);
        assertEquals(Map.of("one error", 0.0), found.metrics());
    }

    private static String refused(String neutral, List<String> pictures, Drawing drawing) {
        var settings = new DrawingsEvaluator.Settings("j", neutral, 0.1, pictures);
        return assertThrows(IllegalArgumentException.class, () -> found(settings, drawing))
                .getMessage();
    }
}
