// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mien.core.SweepTable;
import org.mien.core.Sweeps;

/** {@code fer:sweep*} and {@code fer:recipe*}. */
class SweepTest {
    private static final String TABLE =
            """
            Sweep table-1 (Table 1), demo, split test: mean \u00b1 sample standard deviation over seeds
            cell       done         accuracy  accuracy [RAF-DB]  accuracy [MMI]
            ---------  ----  ---------------  -----------------  --------------
            with, all   2/2  60.00 \u00b1 14.14 %            89.47 %         85.23 %
            without     2/2  50.00 % (n = 1)            86.93 %               -

            """;

    private static final String NOTE =
            "Columns with data in brackets are the paper's, as printed: Somebody et al., 2021.\n"
                    + "Whether cells differ beyond chance: compare table-1\n";

    private Shell shell;

    @BeforeEach
    void open() {
        shell = new Shell();
    }

    @AfterEach
    void close() {
        shell.close();
    }

    private String out(String verb, String... arguments) {
        Shell.Outcome outcome = shell.launch(Map.of(), verb, arguments);
        assertNull(outcome.failure());
        return outcome.out();
    }

    private static Sweeps.Order order(
            String what,
            String name,
            String base,
            Map<String, String> keys,
            String seeds,
            String split) {
        return new Sweeps.Order(what, name, base, keys, seeds, split, false);
    }

    @Test
    void recipes() {
        assertEquals(
                """
                name        state    method  dataset    paper's figure                             you give                        why
                ----------  -------  ------  ---------  -----------------------------------------  ------------------------------  --------------------------------
                linear-raf  WAITING  linear  raf-db     RAF-DB accuracy 89.47 %, RAF-DB kappa 0.5  dataset.path, backbone.weights  for dataset 'raf-db'
                raf         READY    linear  schematic                                                                             the pipeline of this name counts
                """,
                out("recipe-list"));
        JsonArray json = JsonParser.parseString(out("recipe-list", "--json")).getAsJsonArray();
        JsonObject raf = json.get(0).getAsJsonObject();
        assertEquals("WAITING", raf.get("state").getAsString());
        assertEquals("raf-db", raf.get("dataset").getAsString());
        assertEquals("the folder", raf.getAsJsonObject("needs").get("dataset.path").getAsString());
        JsonObject figure = raf.getAsJsonArray("figures").get(0).getAsJsonObject();
        assertEquals(0.8947, figure.get("value").getAsDouble());
        shell.mien.recipes = List.of();
        assertEquals(
                "No recipes. They come with the plugins of their methods.\n", out("recipe-list"));
    }

    @Test
    void aRecipe() {
        assertEquals(
                """
                recipe          linear-raf
                state           WAITING for dataset 'raf-db'
                bundle          org.mien.method.linear 0.1.0
                paper           Somebody et al., 2021
                paper's figure  RAF-DB accuracy 89.47 %, RAF-DB kappa 0.5
                note            Faces are cut out.
                next            ./mien train linear-raf dataset.path=.. backbone.weights=..

                you give          what it is
                ----------------  ----------
                dataset.path      the folder
                backbone.weights  a file

                key      value   origin
                -------  ------  ------
                dataset  raf-db  recipe
                method   linear  recipe
                """,
                out("recipe-show", "linear-raf"));
        assertEquals(
                "recipe 'x' does not exist. Known: linear-raf, raf.",
                shell.launch(Map.of(), "recipe-show", "x").failure().strip());
        JsonObject json =
                JsonParser.parseString(out("recipe-show", "raf", "--json")).getAsJsonObject();
        assertEquals("raf", json.get("name").getAsString());
    }

    @Test
    void aPipelineWithTheNameOfARecipeIsTrainedAndSaysSo() {
        Shell.Outcome outcome = shell.launch(Map.of(), "train", "raf");
        assertTrue(
                outcome.messages()
                        .startsWith(
                                "The pipeline 'raf' is trained, not the recipe of this name.\n"),
                outcome.messages());
        assertTrue(!shell.launch(Map.of(), "train", "demo").messages().contains("recipe"));
    }

    @Test
    void aSweepIsFollowedAndEndsWithItsTable() {
        Shell.Outcome outcome =
                shell.launch(
                        Map.of(),
                        "sweep",
                        "table-1",
                        "train.epochs=3",
                        "--base=linear-raf",
                        "--seeds",
                        "1..2",
                        "--split=test",
                        "--name=mine");
        assertNull(outcome.failure());
        assertEquals(TABLE + NOTE, outcome.out());
        assertEquals(
                List.of(
                        order(
                                "table-1",
                                "mine",
                                "linear-raf",
                                Map.of("train.epochs", "3"),
                                "1..2",
                                "test")),
                shell.mien.asked);
        List<String> messages = outcome.messages().lines().toList();
        assertEquals("1/4 cell 'with, all', seed 1: trains", messages.get(0));
        assertTrue(messages.get(2).startsWith("epoch 1/2"), messages.toString());
        assertEquals(
                "1/4 cell 'with, all', seed 1: DONE, run demo-1",
                messages.get(messages.size() - 1));
        out("sweep", "demo", "method.smoothing=0,0.1");
        assertEquals(
                List.of(order("demo", "", "", Map.of("method.smoothing", "0,0.1"), "", "")),
                shell.mien.asked);
    }

    @Test
    void runsThatDidNotEndAreAFailureWithTheWayToGoOn() {
        shell.mien.sweep =
                FakePlatform.sweep(
                        "STOPPED",
                        FakePlatform.cellRun(2, "FAILED", "the disk is full", Double.NaN));
        Shell.Outcome outcome = shell.launch(Map.of(), "sweep", "table-1", "--json");
        assertEquals(
                "sweep table-1: 1 of 4 runs did not come to their end. Why: ./mien sweep-show"
                        + " table-1. To go on: ./mien sweep --resume=table-1",
                outcome.failure().strip());
        JsonObject json = JsonParser.parseString(outcome.out()).getAsJsonObject();
        assertEquals("table-1", json.get("sweep").getAsString());
        assertEquals(3, json.get("done").getAsInt());
        JsonObject cell = json.getAsJsonArray("cells").get(0).getAsJsonObject();
        assertEquals(
                0.1414,
                cell.getAsJsonObject("metrics")
                        .getAsJsonObject("accuracy")
                        .get("deviation")
                        .getAsDouble());
        String shown = out("sweep-show", "table-1");
        assertTrue(shown.contains("without    2     demo-2  FAILED  -         the disk is full\n"));
        assertTrue(shown.contains("train.epochs  3      command line\n"), shown);
        assertTrue(shown.contains("sweep   table-1\nstate   STOPPED\n"), shown);
    }

    @Test
    void goesOnWithASweepAsItWasBegun() {
        out("sweep", "--resume=table-1");
        assertEquals(
                List.of(new Sweeps.Order("table-1", "", "", Map.of(), "", "", true)),
                shell.mien.asked);
        for (String more : List.of("demo", "--seeds=1", "--base=x", "--name=x", "--split=test")) {
            String failure = shell.launch(Map.of(), "sweep", "--resume=table-1", more).failure();
            assertTrue(failure.contains("leave away all but --resume"), failure);
        }
        assertTrue(shell.launch(Map.of(), "sweep").failure().contains("nothing to sweep"));
    }

    @Test
    void inTheBackground() {
        assertEquals(
                """
                sweep  table-1
                state  DONE
                runs   4 of 4 done
                next   ./mien sweep-show table-1
                """,
                out("sweep", "table-1", "--background"));
        assertEquals(
                List.of(order("table-1", "", "", Map.of(), "", ""), "background"),
                shell.mien.asked);
        assertEquals("table-1 DONE, 4 of 4 runs done\n", out("sweep-cancel", "table-1"));
        assertEquals(List.of("table-1", "cancel"), shell.mien.asked);
    }

    @Test
    void theTableInOtherFormats() {
        assertEquals(
                SweepTable.csv(shell.mien.sweep), out("sweep-show", "table-1", "--format=csv"));
        String csv = SweepTable.csv(shell.mien.sweep);
        assertTrue(csv.startsWith("row,cell,data,n,seed,run,state,accuracy\r\n"), csv);
        assertTrue(csv.contains("\r\ndeviation,\"with, all\",demo,2,,,,0.1414\r\n"), csv);
        assertTrue(csv.contains("\r\npaper,without,RAF-DB,,,,,0.8693\r\n"), csv);
        String markdown = out("sweep-show", "table-1", "--format", "markdown");
        assertTrue(
                markdown.contains("| with, all | 2/2 | 60.00 \u00b1 14.14 % | 89.47 % | 85.23 % |"),
                markdown);
        String latex = out("sweep-show", "--format=latex", "table-1");
        assertTrue(latex.contains("without & 2/2 & 50.00 \\% (n = 1) & 86.93 \\% & -"), latex);
        assertTrue(
                shell.launch(Map.of(), "sweep-show", "table-1", "--format=x")
                        .failure()
                        .contains("expected table, markdown, csv or latex"));
    }

    @Test
    void sweeps() {
        assertEquals(
                """
                name     state  done  cells  seeds  base  split  what
                -------  -----  ----  -----  -----  ----  -----  -------
                table-1  DONE    4/4      2      2  demo  test   Table 1
                """,
                out("sweep-list"));
        JsonArray json = JsonParser.parseString(out("sweep-list", "--json")).getAsJsonArray();
        assertEquals("demo", json.get(0).getAsJsonObject().get("base").getAsString());
    }
}
