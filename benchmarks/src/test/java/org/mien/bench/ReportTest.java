// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReportTest {
    private static final Measured COMPARED =
            new Measured(
                    "train",
                    "a step",
                    "ms",
                    2,
                    Side.of(30, 10, 20, 40),
                    Side.of(50, 50, 50, 50),
                    Side.of(25, 25, 25, 25));
    private static final Measured ALONE = Measured.alone("swap", "a swap", "ms", Side.of(12.5));
    private static final Measured RATE =
            new Measured(
                    "input", "pictures", "images/s", 1, Side.of(1800), Side.of(900), Side.NONE);
    private static final Measured BUSY =
            new Measured(
                    "busy",
                    "beside another",
                    "images/s",
                    2,
                    Side.of(90),
                    Side.NONE,
                    Side.NONE,
                    Side.of(100));
    private static final Measured PEER_FAILED =
            new Measured(
                    "infer-1",
                    "a picture",
                    "ms",
                    1,
                    Side.of(10),
                    Side.failed("no torch"),
                    Side.failed("no torch either"));
    private static final Measured MIEN_FAILED =
            Measured.alone("start", "a start", "s", Side.failed("port is taken"));

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);

    private String written() {
        String text = bytes.toString(StandardCharsets.UTF_8);
        bytes.reset();
        return text;
    }

    @Test
    void theTableHasMediansRatiosTargetsAndReasonsEachAsItIsDone() {
        Report table = new Table(out);
        table.begin(Map.of("processor", "not said yet"));
        String head =
                """
                benchmark              threads  unit       mien   IQR  python   IQR ratio\
                  python tuned   IQR ratio  target                n
                """;
        assertEquals(head, written());
        Map<Measured, String> lines =
                Map.of(
                        COMPARED,
                        """
                        train                        2  ms         25.0  15.0    50.0  0.00  0.50\
                                  25.0  0.00  1.00  <= 0.88 met           4
                        """,
                        ALONE,
                        """
                        swap                       all  ms         12.5  0.00       -     -     -\
                                     -     -     -  <= 60.0 ms met        1
                        """,
                        RATE,
                        """
                        input                        1  images/s   1800  0.00     900  0.00  2.00\
                                     -     -     -  >= 1.50 met           1
                        """,
                        BUSY,
                        """
                        busy                         2  images/s   90.0  0.00       -     -  0.90\
                                     -     -     -  >= 0.80 met           1
                        """,
                        PEER_FAILED,
                        """
                        infer-1                      1  ms         10.0  0.00  failed     -     -\
                                failed     -     -  <= 0.62               1  no torch;\
                         no torch either
                        """,
                        MIEN_FAILED,
                        """
                        start                      all  s        failed     -       -     -     -\
                                     -     -     -  <= 6.00 s             0  port is taken
                        """);
        lines.forEach(
                (row, line) -> {
                    table.row(row);
                    assertEquals(line, written());
                });
        table.end(Map.of("processor", "a fast one"));
        String rest = written();
        assertTrue(rest.contains("\ntrain: a step\n"), rest);
        assertTrue(rest.endsWith("\n\nprocessor: a fast one\n"), rest);
    }

    private JsonObject object() {
        String line = written();
        assertEquals(line.length() - 1, line.indexOf('\n'), line);
        return JsonParser.parseString(line).getAsJsonObject();
    }

    @Test
    void jsonIsAnObjectALineWithEveryValueAndNullForWhatIsNotThere() {
        Report json = new JsonLines(out);
        json.begin(Map.of("torch", "2"));
        assertEquals("2", object().getAsJsonObject("facts").get("torch").getAsString());
        json.row(COMPARED);
        JsonObject train = object();
        assertEquals(0.5, train.get("ratio").getAsDouble());
        assertEquals(1, train.get("tunedRatio").getAsDouble());
        assertEquals(25, train.getAsJsonObject("mien").get("median").getAsDouble());
        assertEquals(15, train.getAsJsonObject("mien").get("iqr").getAsDouble());
        assertEquals(4, train.getAsJsonObject("mien").getAsJsonArray("values").size());
        assertEquals(25, train.getAsJsonObject("tuned").get("median").getAsDouble());
        assertEquals("ratio", train.get("targetOf").getAsString());
        assertTrue(train.get("failed").isJsonNull());
        json.row(ALONE);
        JsonObject swap = object();
        assertTrue(swap.get("python").isJsonNull());
        assertTrue(swap.get("tuned").isJsonNull());
        assertTrue(swap.get("ratio").isJsonNull());
        assertEquals("median", swap.get("targetOf").getAsString());
        json.row(PEER_FAILED);
        JsonObject failed = object();
        assertEquals(10, failed.getAsJsonObject("mien").get("median").getAsDouble());
        assertTrue(failed.get("python").isJsonNull());
        assertEquals("no torch", failed.getAsJsonObject("failed").get("python").getAsString());
        json.end(Map.of("torch", "2", "java", "17"));
        assertEquals("17", object().getAsJsonObject("facts").get("java").getAsString());
    }

    @Test
    void whatFailsIsARowWithItsReasonAndIsCounted() {
        Map<String, String> facts = new HashMap<>();
        Rows rows = new Rows(new Table(out), facts);
        rows.attempt(Benchmark.SWAP, 0, () -> rows.add(ALONE));
        assertNull(rows.failures());
        written();
        rows.attempt(
                Benchmark.START,
                0,
                () -> {
                    throw new IllegalStateException("'mien start' failed:\n  port is taken\n");
                });
        assertTrue(written().endsWith("  'mien start' failed:; port is taken\n"));
        rows.attempt(
                Benchmark.PREDICT,
                0,
                () -> {
                    throw new IOException("disk is full");
                });
        assertTrue(written().contains("disk is full"));
        assertEquals("2 of 3 rows failed, see above", rows.failures());
        rows.leaveOut("predict-faces", "there is no model");
        assertEquals("left out: there is no model", facts.get("predict-faces"));
    }

    @Test
    void targetsAreMetFromBothSides() {
        assertEquals(2.0, Target.of("predict", 0).bound());
        assertEquals(1.1, Target.of("infer-16 memory", 2).bound());
        assertEquals(0.8, Target.of("busy", 2).bound());
        for (Target none :
                List.of(
                        Target.of("busy", 1),
                        Target.of("vit-train", 2),
                        Target.of("first start", 0))) {
            assertEquals(Target.NONE, none);
        }
        assertFalse(Target.of("predict again", 0).ofRatio());
    }

    @Test
    void coresAreReadFromAList() {
        assertEquals(List.of(0, 1, 2, 3, 8), Machine.numbers("0-3,8"));
        assertEquals(List.of(5), Machine.numbers("5"));
    }

    @Test
    void aPythonThatCannotImportSaysWhy() {
        assertNull(Python.fails(List.of("sh", "-c", "exit 0")));
        String why = Python.fails(List.of("sh", "-c", "echo first; echo no torch >&2; exit 1"));
        assertEquals(": no torch", why);
        assertEquals(": it does not start", Python.fails(List.of("/no/such/program")));
    }
}
