// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.report;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mien.core.internal.evaluate.Answers;

/** Scales, numbers, escaping and thinning. */
class ChartTest {
    @Test
    void anAxisHasTicksAtRoundNumbers() {
        Scale y = new Scale(0.13, 0.97, 200, 0, 5, true);
        assertEquals("[0.0, 0.2, 0.4, 0.6, 0.8, 1.0]", rounded(y.ticks()));
        assertEquals(200, y.at(0), 1e-9);
        assertEquals(0, y.at(1), 1e-9);
        assertEquals(100, y.at(0.5), 1e-9);
        Scale x = new Scale(0, 16, 0, 320, 8, false);
        assertEquals("[0.0, 2.0, 4.0, 6.0, 8.0, 10.0, 12.0, 14.0, 16.0]", rounded(x.ticks()));
        assertEquals(20, x.at(1), 1e-9);
        assertEquals("[-20.0, -10.0, 0.0]", rounded(new Scale(-19, 0, 0, 1, 3, true).ticks()));
    }

    @Test
    void anAxisOfOneNumberHasItInside() {
        for (double value : new double[] {0, 3, -2, 1e-30, 1e12}) {
            Scale scale = new Scale(value, value, 0, 100, 5, true);
            assertTrue(scale.at(value) > 0 && scale.at(value) < 100, "" + value);
            assertTrue(scale.ticks().size() > 1 && scale.ticks().size() < 12, "" + scale.ticks());
        }
    }

    private static String rounded(List<Double> ticks) {
        return ticks.stream().map(tick -> Math.round(tick * 1e6) / 1e6 + 0.0).toList().toString();
    }

    @Test
    void aTickHasTheDigitsItsStepNeeds() {
        assertEquals("0.0004", Numbers.tick(0.0004, 0.0002));
        assertEquals("2.0", Numbers.tick(2, 0.5));
        assertEquals("15", Numbers.tick(15, 5));
        assertEquals("0", Numbers.tick(0, 2e-6));
        assertEquals("4e-6", Numbers.tick(4e-6, 2e-6));
        assertEquals("1.2e-5", Numbers.tick(12e-6, 2e-6));
        assertEquals("1.5e7", Numbers.tick(15e6, 5e6));
    }

    @Test
    void whatATextHoldsStaysText() {
        assertEquals(
                "&lt;script&gt;&amp;&quot;&#39;\ufffd\ufffd\u00e9\n",
                Html.escape("<script>&\"'\u0000\u202e\u00e9\n"));
        String page = new Html().open("p", "title", "\"><b>").text("</p>").end();
        assertTrue(page.contains("<p title=\"&quot;&gt;&lt;b&gt;\">&lt;/p&gt;</p>"), page);
    }

    @Test
    void wilsonsInterval() {
        // By hand: p = 1/2, n = 10, z^2 = 3.8415: (0.5 + 0.19207 -+ 1.96 sqrt(0.025 + 0.0096)) /
        // 1.38415
        assertArrayEquals(
                new double[] {0.2366, 0.7634}, new Answers(10, 5, List.of()).interval(), 5e-5);
        assertArrayEquals(new double[] {0, 0.2775}, new Answers(10, 0, List.of()).interval(), 5e-5);
    }

    @Test
    void manyStepsAreThinnedToTheirMeansWithNothingLeftOut(@TempDir Path folder)
            throws IOException {
        StringBuilder lines = new StringBuilder();
        int steps = 10_000;
        for (int i = 0; i < steps; i++) {
            lines.append("{\"event\":\"step\",\"epoch\":").append(1 + i / 1000);
            lines.append(",\"step\":").append(i).append(",\"loss\":").append(i == 77 ? 50 : i % 2);
            lines.append(",\"odd\":null,\"body.loss\":\"text\"}\n");
            if (i % 1000 == 999) {
                lines.append("{\"event\":\"epoch\",\"epoch\":").append(1 + i / 1000);
                lines.append(",\"step\":").append(i + 1).append(",\"loss\":0.5}\n");
            }
        }
        Path file = folder.resolve("metrics.jsonl");
        Files.writeString(file, lines + "{\"event\":\"st");
        Curves curves = Curves.read(file);
        assertEquals(steps, curves.stepCount());
        assertEquals(10, curves.epochCount());
        assertEquals(Set.of("loss"), curves.steps().keySet());
        Curve loss = curves.steps().get("loss");
        assertEquals(400, loss.points().length);
        assertEquals(25, Curves.together(steps));
        // The first point stands for steps 0 to 24, at 1 to 25 of the 1000 steps of an epoch.
        assertEquals(13 / 1000.0, loss.x(0), 1e-12);
        assertEquals(12 / 25.0, loss.y(0), 1e-12);
        assertEquals(50, loss.most(3));
        assertEquals(0, loss.least(3));
        assertTrue(loss.thinned());
        assertFalse(curves.epochs().get("loss").thinned());
        assertEquals(10, curves.epochs().get("loss").x(9));

        Html html = new Html();
        new Chart("a", "Loss", "epoch", false)
                .faint("each", loss)
                .line("mean", curves.epochs().get("loss"))
                .line("none", null)
                .into(html);
        String svg = html.end();
        assertEquals(2, svg.split("<polyline", -1).length - 1);
        assertEquals(1, svg.split("<polygon", -1).length - 1);
        assertEquals(10, svg.split("<circle", -1).length - 1);
        assertTrue(svg.contains("aria-labelledby=\"a-title a-text\""), svg);
        assertTrue(svg.length() < 40_000, "" + svg.length());
    }

    @Test
    void noMetricsAreNoCurves(@TempDir Path folder) throws IOException {
        assertEquals(Map.of(), Curves.read(folder.resolve("metrics.jsonl")).steps());
    }
}
