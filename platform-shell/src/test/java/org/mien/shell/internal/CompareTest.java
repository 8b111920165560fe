// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mien.core.Evaluations;
import org.mien.core.MienException;
import org.mien.core.Spread;

/** {@code fer:compare} and {@code fer:report}. */
class CompareTest {
    private Shell shell;

    @BeforeEach
    void open() {
        shell = new Shell();
        shell.mien.comparison =
                new Evaluations.Comparison(
                        "test",
                        List.of("seed", "dataset.path"),
                        List.of("accuracy", "entropy"),
                        List.of(
                                compared("a_1", "1", "x|y, 50%", 0.5),
                                compared("a_2", "2", "x|y, 50%", 0.7),
                                new Evaluations.Compared(
                                        "b", "d", 9, Map.of("seed", "1"), Map.of())),
                        List.of(
                                new Evaluations.Group(
                                        List.of("a_1", "a_2"),
                                        Map.of(
                                                "accuracy",
                                                new Spread(2, 0.6, 0.1414, 0.5, 0.7),
                                                "entropy",
                                                new Spread(2, 1.5, 0, 1.5, 1.5))),
                                new Evaluations.Group(List.of("b"), Map.of())),
                        List.of(new Evaluations.Paired("a_1", "b", 9, 7, 1, 0.0703, 0.00001)),
                        List.of("The runs have 50 % & more."),
                        Set.of("accuracy"),
                        List.of(
                                new Evaluations.Versus(
                                        List.of("a_1", "a_2"),
                                        List.of("b"),
                                        "accuracy",
                                        3,
                                        0.125,
                                        0.25,
                                        0.5,
                                        0.25,
                                        9,
                                        0.01,
                                        0.02)));
    }

    private static Evaluations.Compared compared(
            String run, String seed, String path, double accuracy) {
        return new Evaluations.Compared(
                run,
                "d",
                10,
                FakePlatform.values("seed=" + seed + ";", "dataset.path=" + path + ";")
                        .entrySet()
                        .stream()
                        .collect(Collectors.toMap(Map.Entry::getKey, e -> e.getValue().value())),
                FakePlatform.numbers("accuracy", accuracy, "entropy", 1.5));
    }

    @AfterEach
    void close() {
        shell.close();
    }

    private String out(String... arguments) {
        Shell.Outcome outcome = shell.launch(Map.of(), "compare", arguments);
        assertNull(outcome.failure());
        return outcome.out();
    }

    @Test
    void tablesForPeople() {
        assertEquals(
                """
                Keys that differ
                key           a_1       a_2       b
                ------------  --------  --------  -
                seed          1         2         1
                dataset.path  x|y, 50%  x|y, 50%  -

                Split test
                run  samples  accuracy  entropy
                ---  -------  --------  -------
                a_1       10   50.00 %   1.5000
                a_2       10   70.00 %   1.5000
                b          9         -        -

                Alike but for the seed: mean \u00b1 sample standard deviation
                runs      n         accuracy   least to most          entropy     least to most
                --------  -  ---------------  --------------  ---------------  ----------------
                a_1, a_2  2  60.00 \u00b1 14.14 %  50.00 to 70.00  1.5000 \u00b1 0.0000  1.5000 to 1.5000
                b         1                -               -                -                 -

                Method against method: exact sign-flip test of the differences at the same seeds, two-sided
                runs      against    metric  seeds  difference       p  p (Holm)  samples  p over samples  p over samples (Holm)
                --------  -------  --------  -----  ----------  ------  --------  -------  --------------  ---------------------
                a_1, a_2        b  accuracy      3     12.50 %  0.2500    0.5000        9          0.0100                 0.0200

                McNemar's exact test, two-sided
                runs    samples  only the first right  only the second right       p  p (Holm)
                ------  -------  --------------------  ---------------------  ------  --------
                a_1, b        9                     7                      1  0.0703  < 0.0001

                The runs have 50 % & more.
                """,
                out("a_1", "a_2", "b"));
        assertEquals(List.of(List.of("a_1", "a_2", "b"), ""), shell.mien.asked);
        out("a_1", "--split", "train", "b");
        assertEquals(List.of(List.of("a_1", "b"), "train"), shell.mien.asked);
    }

    @Test
    void markdown() {
        String text = out("a_1", "b", "--format=markdown");
        assertTrue(text.startsWith("**Keys that differ**\n\n| key | a\\_1 | a\\_2 | b |\n"), text);
        assertTrue(text.contains("|---|---|---|---|\n| seed | 1 | 2 | 1 |\n"), text);
        assertTrue(text.contains("| dataset.path | x\\|y, 50% | x\\|y, 50% | - |\n"), text);
        assertTrue(text.contains("|---|--:|--:|--:|\n| a\\_1 | 10 | 50.00 % | 1.5000 |\n"), text);
        assertTrue(text.contains("| &lt; 0.0001 |\n"), text);
    }

    @Test
    void latex() {
        String text = out("a_1", "b", "--format", "latex");
        assertTrue(text.contains("\\begin{tabular}{lrrr}\n    \\toprule\n"), text);
        assertTrue(text.contains("    a\\_1 & 10 & 50.00 \\% & 1.5000 \\\\\n"), text);
        assertTrue(text.contains("dataset.path & x\\textbar{}y, 50\\% & "), text);
        assertTrue(text.contains("60.00 $\\pm$ 14.14 \\%"), text);
        assertTrue(text.contains("\\textless{} 0.0001 \\\\\n    \\bottomrule\n"), text);
        assertTrue(text.endsWith("% The runs have 50 % & more.\n"), text);
        assertEquals(5, text.split("\\\\begin\\{table}", -1).length - 1);
    }

    @Test
    void csv() {
        assertEquals(
                """
                row,runs,n,samples,seed,dataset.path,accuracy,entropy
                run,a_1,1,10,1,"x|y, 50%",0.5,1.5
                run,a_2,1,10,2,"x|y, 50%",0.7,1.5
                run,b,1,9,1,,,
                mean,a_1 a_2,2,10,,"x|y, 50%",0.6,1.5
                deviation,a_1 a_2,2,10,,"x|y, 50%",0.1414,0.0
                least,a_1 a_2,2,10,,"x|y, 50%",0.5,1.5
                most,a_1 a_2,2,10,,"x|y, 50%",0.7,1.5
                """
                        .replace("\n", "\r\n"),
                out("a_1", "b", "--format=csv"));
    }

    @Test
    void jsonForPrograms() {
        String text = out("a_1", "b", "--json");
        assertEquals(1, text.lines().count());
        JsonObject json = JsonParser.parseString(text).getAsJsonObject();
        assertEquals(
                List.of(
                        "split", "keys", "metrics", "shares", "runs", "groups", "tests", "methods",
                        "notes"),
                List.copyOf(json.keySet()));
        assertEquals(
                0.1414,
                json.getAsJsonArray("groups")
                        .get(0)
                        .getAsJsonObject()
                        .getAsJsonObject("metrics")
                        .getAsJsonObject("accuracy")
                        .get("deviation")
                        .getAsDouble());
        assertEquals(
                7,
                json.getAsJsonArray("tests").get(0).getAsJsonObject().get("onlyFirst").getAsInt());
    }

    @Test
    void whatIsWrongIsSaid() {
        assertEquals(
                "format 'html' is unknown; expected table, markdown, csv or latex",
                shell.type("fer:compare a b --format=html").failure());
        shell.mien.refusal = new MienException("not evaluated on the split 'test': b");
        assertEquals(
                "not evaluated on the split 'test': b", shell.type("fer:compare a b").failure());
    }

    @Test
    void namesAreCompleted() {
        assertEquals(
                new TreeSet<>(List.of("demo-1", "demo-2", "table-1")),
                new TreeSet<>(shell.complete("fer:compare demo-1 ")));
        assertEquals(
                new TreeSet<>(List.of("demo-1", "demo-2")),
                new TreeSet<>(shell.complete("fer:report ")));
        assertEquals(List.of("latex"), shell.complete("fer:compare --format l"));
    }

    @Test
    void aReportSaysWhereItIs() {
        assertEquals(
                "/runs/a/report.html\n/runs/b/report.html\n",
                shell.launch(Map.of(), "report", "a", "b").out());
        assertEquals(List.of("b"), shell.mien.asked);
        assertEquals(
                "{\"run\":\"a\",\"file\":\"/runs/a/report.html\"}\n",
                shell.launch(Map.of(), "report", "a", "--json").out());
    }
}
