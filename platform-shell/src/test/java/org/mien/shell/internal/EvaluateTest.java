// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mien.core.Evaluations;

class EvaluateTest {
    private Shell shell;

    @BeforeEach
    void open() {
        shell = new Shell();
        shell.mien.evaluation =
                new Evaluations.Evaluation(
                        "demo-1",
                        "test",
                        12,
                        FakePlatform.numbers("accuracy", 0.75, "macroF1", 1.0, "entropy", 0.5),
                        Set.of("accuracy", "macroF1"),
                        List.of(
                                new Evaluations.Table(
                                        "perClass",
                                        List.of("class", "precision", "recall", "f1", "support"),
                                        List.of(
                                                List.of("happy", 1.0, 0.5, 0.6667, 10L),
                                                List.of("sad", 0.0, 1.0, 0.0, 2L)),
                                        Set.of("precision", "recall", "f1")),
                                new Evaluations.Table(
                                        "confusion",
                                        List.of("label \\ predicted", "happy", "sad"),
                                        List.of(List.of("happy", 5L, 5L), List.of("sad", 0L, 2L))),
                                new Evaluations.Table(
                                        "times",
                                        List.of("step", "milliseconds"),
                                        List.of(
                                                List.of("read", 0.5),
                                                List.of("none", Double.NaN)))),
                        List.of(),
                        List.of("Never predicted: fear."));
    }

    @AfterEach
    void close() {
        shell.close();
    }

    @Test
    void tablesForPeople() {
        Shell.Outcome outcome = shell.type("fer:evaluate demo-1");
        assertEquals(
                """
                run      demo-1
                split    test
                samples  12

                metric      value
                --------  --------
                accuracy   75.00 %
                macroF1   100.00 %
                entropy     0.5000

                perClass
                class  precision    recall       f1  support
                -----  ---------  --------  -------  -------
                happy   100.00 %   50.00 %  66.67 %       10
                sad       0.00 %  100.00 %   0.00 %        2

                confusion
                label \\ predicted  happy  sad
                -----------------  -----  ---
                happy                  5    5
                sad                    0    2

                times
                step  milliseconds
                ----  ------------
                read        0.5000
                none             -

                Never predicted: fear.
                """
                        .replace("metric      value", "metric       value"),
                outcome.out());
        assertEquals(List.of("demo-1", "", "test", Map.of()), shell.mien.asked);
    }

    @Test
    void jsonForPrograms() {
        Shell.Outcome outcome = shell.launch(Map.of(), "evaluate", "demo-1", "--json");
        assertEquals(1, outcome.out().lines().count());
        JsonObject json = JsonParser.parseString(outcome.out()).getAsJsonObject();
        assertEquals(
                List.of(
                        "run",
                        "evaluation",
                        "keys",
                        "split",
                        "samples",
                        "metrics",
                        "shares",
                        "tables",
                        "heatMaps",
                        "notes"),
                List.copyOf(json.keySet()));
        assertEquals(0.75, json.getAsJsonObject("metrics").get("accuracy").getAsDouble());
        JsonObject times = json.getAsJsonArray("tables").get(2).getAsJsonObject();
        assertEquals("[[\"read\",0.5],[\"none\",null]]", times.get("rows").toString());
        assertEquals("", outcome.messages());
    }

    @Test
    void optionsStandAnywhere() {
        for (String line :
                List.of(
                        "fer:evaluate --split train demo-1 train.batch=8",
                        "fer:evaluate demo-1 --split train train.batch=8",
                        "fer:evaluate demo-1 train.batch=8 --split=train")) {
            shell.type(line);
            assertEquals(
                    List.of("demo-1", "", "train", Map.of("train.batch", "8")),
                    shell.mien.asked,
                    line);
        }
        shell.mien.evaluation = shell.mien.evaluation.as("other", Map.of("dataset", "fer2013"));
        String text = shell.type("fer:evaluate demo-1 --as other dataset=fer2013").out();
        assertEquals(
                List.of("demo-1", "other", "test", Map.of("dataset", "fer2013")), shell.mien.asked);
        assertTrue(
                text.startsWith(
                        "run         demo-1\nevaluation  other\nkeys        dataset=fer2013\n"),
                text);
        assertTrue(shell.type("fer:evaluate demo-1 --split").failure().contains("needs a value"));
    }
}
