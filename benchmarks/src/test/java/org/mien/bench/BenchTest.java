// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run from the command line to its rows, with a Python that is a script. */
class BenchTest {
    @TempDir Path temp;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    /** One that can import everything, and does this when it is asked to measure. */
    private String python(String script) throws IOException {
        Path file = temp.resolve("python");
        Files.writeString(file, "#!/bin/sh\n[ \"$1\" != -c ] || exit 0\n" + script + "\n");
        assertTrue(file.toFile().setExecutable(true));
        return "--python=" + file;
    }

    private Bench bench(String... arguments) throws IOException {
        PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        return new Bench(new Options(arguments), temp, temp.resolve("bench"), out);
    }

    private List<JsonObject> lines() {
        return bytes.toString(StandardCharsets.UTF_8)
                .lines()
                .map(line -> JsonParser.parseString(line).getAsJsonObject())
                .toList();
    }

    @Test
    void aPeerThatFailsLeavesTheFiguresOfMienAndTheOtherRows() throws IOException {
        String python =
                python(
                        "case $* in *infer-1*) echo RuntimeError: no nms >&2; exit 1 ;; esac\n"
                                + "printf 'ready\\ttorch=2\\n'; while read a; do echo 5; done");
        Bench bench = bench("infer-1", "vit-predict", "--quick", "--repeat=2", "--json", python);
        bench.run();
        List<JsonObject> lines = lines();
        assertEquals(6, lines.size());
        JsonObject first = lines.get(1);
        assertEquals("infer-1", first.get("name").getAsString());
        assertEquals(2, first.getAsJsonObject("mien").get("n").getAsInt());
        for (String side : List.of("python", "tuned")) {
            assertTrue(first.get(side).isJsonNull());
            String why = first.getAsJsonObject("failed").get(side).getAsString();
            assertTrue(why.contains("ended with status 1"), why);
            assertTrue(why.contains("RuntimeError: no nms"), why);
        }
        JsonObject other = lines.get(3);
        assertEquals("vit-predict", other.get("name").getAsString());
        assertEquals(5, other.getAsJsonObject("tuned").get("median").getAsDouble());
        assertTrue(other.get("failed").isJsonNull());
        assertTrue(lines.get(0).getAsJsonObject("facts").has("a quick look"));
        assertEquals("2", fact(lines.get(5), "python torch"));
        assertEquals("2 of 4 rows failed, see above", bench.failures());
    }

    private static String fact(JsonObject line, String name) {
        return line.getAsJsonObject("facts").get(name).getAsString();
    }

    @Test
    void aPlatformThatDoesNotStartIsARowOfEachOfItsBenchmarks() throws IOException {
        Path launcher = temp.resolve("mien");
        Files.writeString(launcher, "#!/bin/sh\necho mien: no Java >&2\nexit 1\n");
        assertTrue(launcher.toFile().setExecutable(true));
        Bench bench = bench("start", "swap", "predict", "--json", python("exit 1"));
        bench.run();
        List<JsonObject> lines = lines();
        assertEquals(
                List.of("start", "swap", "predict", "predict again"),
                lines.subList(1, 5).stream().map(line -> line.get("name").getAsString()).toList());
        for (JsonObject row : lines.subList(1, 5)) {
            assertTrue(row.get("mien").isJsonNull());
            assertEquals(
                    "'mien start' failed: mien: no Java",
                    row.getAsJsonObject("failed").get("mien").getAsString());
        }
        assertEquals("4 of 4 rows failed, see above", bench.failures());
    }

    @Test
    void aPythonThatWasNamedAndIsNoneIsAnError() {
        String message =
                assertThrows(
                                IllegalArgumentException.class,
                                () -> bench("train", "--python=" + temp.resolve("none")))
                        .getMessage();
        assertTrue(message.endsWith("cannot import torch, PIL, numpy: it does not start"), message);
    }

    @Test
    void withoutTheModelOfYunetTheRowIsLeftOutWithItsReason() throws IOException {
        Bench bench =
                bench(
                        "predict-faces",
                        "--json",
                        "--yunet=" + temp.resolve("none.onnx"),
                        python("exit 1"));
        bench.run();
        assertEquals(2, lines().size());
        String why = fact(lines().get(1), "predict-faces");
        assertTrue(why.startsWith("left out: there is no "), why);
        assertNull(bench.failures());
    }
}
