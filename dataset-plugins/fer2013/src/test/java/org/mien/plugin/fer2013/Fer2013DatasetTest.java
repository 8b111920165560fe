// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.fer2013;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mien.api.data.Dataset;
import org.mien.api.data.Picture;
import org.mien.api.data.Sample;

class Fer2013DatasetTest {
    private static final String HEADER = "emotion,pixels,Usage\n";

    @TempDir Path folder;

    private static String pixels(int seed, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> Integer.toString((seed * 37 + i * 11) % 256))
                .collect(Collectors.joining(" "));
    }

    private static String row(int label, int seed, String usage) {
        return label + "," + pixels(seed, 2304) + "," + usage + "\n";
    }

    private static String good() {
        return HEADER
                + row(0, 1, "Training")
                + row(3, 2, "Training")
                + row(6, 3, "PublicTest")
                + row(1, 4, "PrivateTest");
    }

    private Path file(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    private static byte[] gzip(String text) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(bytes)) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }

    private static Dataset.Open open(Path path, Fer2013Dataset.Test test) throws IOException {
        return new Fer2013Dataset()
                .open(new Fer2013Dataset.Settings(path, test, "", Fer2013Dataset.Labels.FER2013));
    }

    private static Dataset.Open open(Path path) throws IOException {
        return open(path, Fer2013Dataset.Test.PUBLIC);
    }

    private static List<Sample> samples(Dataset.Open open) throws IOException {
        try (Stream<Sample> all = open.samples()) {
            return all.toList();
        }
    }

    private static void assertGood(Dataset.Open open) throws IOException {
        List<Sample> all = samples(open);
        assertEquals(
                List.of("fer2013-1", "fer2013-2", "fer2013-3", "fer2013-4"),
                all.stream().map(Sample::id).toList());
        assertEquals(List.of(0, 3, 6, 1), all.stream().map(Sample::label).toList());
        assertEquals(
                List.of("Training", "Training", "PublicTest", "PrivateTest"),
                all.stream().map(s -> s.attributes().get("usage")).toList());
        assertNull(all.get(0).votes());
        for (int r = 0; r < 4; r++) {
            Picture picture = open.read(all.get(r));
            assertEquals(48, picture.width());
            assertEquals(48, picture.height());
            ByteBuffer rgb = picture.bytes();
            for (int i = 0; i < 2304; i++) {
                int expected = ((r + 1) * 37 + i * 11) % 256;
                for (int c = 0; c < 3; c++) {
                    assertEquals(expected, rgb.get(3 * i + c) & 255);
                }
            }
        }
    }

    @Test
    void readsPlainAndGzipAlike() throws IOException {
        try (Dataset.Open plain = open(file("plain.csv", good()))) {
            assertEquals(
                    List.of(
                            "anger",
                            "disgust",
                            "fear",
                            "happiness",
                            "sadness",
                            "surprise",
                            "neutral"),
                    plain.targets().classes());
            assertGood(plain);
        }
        // By its content, not by its name.
        Path packed = Files.write(folder.resolve("packed.csv"), gzip(good()));
        try (Dataset.Open gzip = open(packed)) {
            assertGood(gzip);
        }
    }

    @Test
    void acceptsWindowsLinesMarkAndNoLastLineEnd() throws IOException {
        String text = "\uFEFF" + good().replace("\n", "\r\n");
        try (Dataset.Open open = open(file("a.csv", text))) {
            assertGood(open);
        }
        try (Dataset.Open open = open(file("b.csv", good().stripTrailing()))) {
            assertGood(open);
        }
        try (Dataset.Open open = open(file("c.csv", good() + "\n\n"))) {
            assertGood(open);
        }
    }

    @Test
    void theKeyTestChoosesTheTestSplit() throws IOException {
        Path path = file("a.csv", good());
        Map<Fer2013Dataset.Test, List<Sample.Split>> expected = new HashMap<>();
        expected.put(
                Fer2013Dataset.Test.PUBLIC,
                List.of(
                        Sample.Split.TRAIN,
                        Sample.Split.TRAIN,
                        Sample.Split.TEST,
                        Sample.Split.NONE));
        expected.put(
                Fer2013Dataset.Test.PRIVATE,
                List.of(
                        Sample.Split.TRAIN,
                        Sample.Split.TRAIN,
                        Sample.Split.NONE,
                        Sample.Split.TEST));
        expected.put(
                Fer2013Dataset.Test.BOTH,
                List.of(
                        Sample.Split.TRAIN,
                        Sample.Split.TRAIN,
                        Sample.Split.TEST,
                        Sample.Split.TEST));
        for (Fer2013Dataset.Test test : Fer2013Dataset.Test.values()) {
            try (Dataset.Open open = open(path, test)) {
                assertEquals(
                        expected.get(test), samples(open).stream().map(Sample::split).toList());
            }
        }
    }

    private void assertSays(Path path, String... parts) {
        String message = assertThrows(IOException.class, () -> open(path)).getMessage();
        for (String part : parts) {
            assertTrue(message.contains(part), message + " lacks: " + part);
        }
        assertTrue(message.startsWith("fer2013: " + path.toAbsolutePath()), message);
        assertTrue(message.endsWith("."), message);
        assertTrue(message.length() < path.toAbsolutePath().toString().length() + 300, message);
        assertEquals(1, message.lines().count());
    }

    private void assertRowSays(String row, String... parts) throws IOException {
        String[] all = Arrays.copyOf(parts, parts.length + 1);
        all[parts.length] = " line 3: ";
        assertSays(file("odd.csv", HEADER + row(2, 5, "Training") + row), all);
    }

    @Test
    void oddRowsAreToldByLineFindingAndExpectation() throws IOException {
        assertRowSays(
                "1," + pixels(1, 2303) + ",Training\n", "2303 pixels; expected 2304 (48 x 48)");
        assertRowSays("1," + pixels(1, 2305) + ",Training\n", "2305 pixels; expected 2304");
        assertRowSays("1,,Training\n", "0 pixels; expected 2304");
        assertRowSays(row(9, 1, "Training"), "the emotion is '9'; expected 0 to 6");
        assertRowSays(row(7, 1, "Training"), "the emotion is '7'; expected 0 to 6");
        assertRowSays(row(-1, 1, "Training"), "the emotion is '-1'");
        assertRowSays("," + pixels(1, 2304) + ",Training\n", "the emotion is ''");
        assertRowSays(
                "1,12 cat " + pixels(1, 2302) + ",Training\n",
                "pixel 2 is 'cat'; expected a grey value from 0 to 255");
        assertRowSays("1,256 " + pixels(1, 2303) + ",Training\n", "pixel 1 is '256'");
        assertRowSays("1,-4 " + pixels(1, 2303) + ",Training\n", "pixel 1 is '-4'");
        assertRowSays("1,1.5 " + pixels(1, 2303) + ",Training\n", "pixel 1 is '1.5'");
        assertRowSays("1,4294967297 " + pixels(1, 2303) + ",Training\n", "pixel 1 is '4294967297'");
        assertRowSays(
                row(1, 1, "Validation"),
                "the Usage is 'Validation'; expected Training, PublicTest or PrivateTest");
        assertRowSays("1," + pixels(1, 2304) + "\n", "2 columns; expected 3, emotion,pixels,Usage");
        assertRowSays("what is this\n", "1 column; expected 3");
        assertRowSays("1," + pixels(1, 2304) + ",Training,x\n", "4 columns; expected 3");
        assertRowSays("\n" + row(1, 1, "Training"), "the line is empty; expected a row");
        assertRowSays("1," + "x\u0007y".repeat(3000) + ",Training\n", "pixel 1 is 'x?yx?y", "...'");
    }

    @Test
    void filesThatAreNotTheDatasetAreToldInWords() throws IOException {
        assertSays(folder.resolve("none.csv"), "does not exist", "Set path");
        assertSays(folder, "is a folder; expected the file fer2013.csv");
        assertSays(file("empty.csv", ""), "is empty; expected the header emotion,pixels,Usage");
        assertSays(
                file("bare.csv", row(0, 1, "Training")),
                "line 1: the header is '0,37 48 ",
                "expected 'emotion,pixels,Usage'");
        assertSays(file("only.csv", HEADER), "nothing follows the header");
        assertSays(
                Files.write(folder.resolve("photo.jpg"), new byte[] {-1, -40, -1, -32, 0, 16}),
                "is a JPEG picture; expected the text of fer2013.csv",
                "Set path to that file");
        assertSays(
                file("page.csv", "<!DOCTYPE html>\n<html><title>Sign in</title>"),
                "is an HTML page",
                "download the file again");
        assertSays(
                file("lfs.csv", "version https://git-lfs.github.com/spec/v1\noid sha256:1"),
                "is a Git LFS pointer",
                "Run git lfs pull");
        assertSays(
                file("test.csv", "pixels\n" + pixels(1, 2304) + "\n"),
                "line 1: the header is 'pixels', without emotion; expected");
    }

    @Test
    void brokenGzipIsToldInWords() throws IOException {
        byte[] whole = gzip(good());
        assertSays(
                Files.write(folder.resolve("cut.gz"), Arrays.copyOf(whole, whole.length / 2)),
                "ends in the middle of its packed data");
        assertSays(
                Files.write(folder.resolve("stub.gz"), Arrays.copyOf(whole, 5)),
                "ends in the middle of its packed data");
        // The last eight bytes are the checksum and the length; the text itself is whole.
        byte[] bent = whole.clone();
        bent[bent.length - 8] ^= 1;
        assertSays(
                Files.write(folder.resolve("bent.gz"), bent),
                "begins as gzip or zip but cannot be unpacked");
    }

    @Test
    void aLineWithoutEndIsBounded() throws IOException {
        assertSays(
                file("long.csv", HEADER + "1," + "0 ".repeat(Kind.LONGEST_LINE)),
                "line 2: the line is longer than 65536 bytes");
        assertSays(
                file("header.csv", "x".repeat(Kind.LONGEST_LINE + 1)),
                "line 1: the line is longer than 65536 bytes");
    }

    @Test
    void aGzipFileThatUnpacksToFarTooMuchIsBounded() throws IOException {
        // One member of a mebibyte of zero bytes, over and over: 2 GiB of text in 2 MB of file.
        ByteArrayOutputStream member = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(member)) {
            byte[] lines = new byte[1 << 20];
            Arrays.fill(lines, (byte) '\n');
            out.write(lines);
        }
        Path bomb = Files.write(folder.resolve("bomb.gz"), gzip(HEADER + row(0, 1, "Training")));
        try (OutputStream out = Files.newOutputStream(bomb, StandardOpenOption.APPEND)) {
            for (int i = 0; i < 2 << 10; i++) {
                out.write(member.toByteArray());
            }
        }
        assertTrue(Files.size(bomb) < 10 << 20);
        assertSays(bomb, "the text is longer than 1 GiB");
    }

    @Test
    void rowsAreBounded() throws IOException {
        // Zeros pack well: a row too many is a small file.
        byte[] row = ("0," + "0 ".repeat(2304) + ",Training\n").getBytes(StandardCharsets.UTF_8);
        Path many = folder.resolve("many.gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(many))) {
            out.write(HEADER.getBytes(StandardCharsets.UTF_8));
            for (int i = 0; i <= Table.MOST_ROWS; i++) {
                out.write(row);
            }
        }
        assertSays(many, "there are more than " + Table.MOST_ROWS + " rows");
    }

    @Test
    void readsFromSeveralThreads() throws Exception {
        String text =
                HEADER
                        + IntStream.range(0, 50)
                                .mapToObj(i -> row(i % 7, i, "Training"))
                                .collect(Collectors.joining());
        ExecutorService pool = Executors.newFixedThreadPool(4);
        try (Dataset.Open open = open(file("a.csv", text))) {
            List<Sample> all = samples(open);
            Callable<Integer> sum =
                    () -> {
                        int hash = 0;
                        for (Sample sample : all) {
                            hash = 31 * hash + open.read(sample).bytes().hashCode();
                        }
                        return hash;
                    };
            int expected = sum.call();
            for (Future<Integer> other : pool.invokeAll(List.of(sum, sum, sum, sum))) {
                assertEquals(expected, other.get());
            }
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    void whatIsNotOfThisFileIsRefused() throws IOException {
        Dataset.Open open = open(file("a.csv", good()));
        Sample first = samples(open).get(0);
        for (String where : List.of("0", "5", "-1", "one", "99999999999")) {
            Sample other = Sample.of("x", where).split(Sample.Split.TRAIN).label(0).build();
            String message = assertThrows(IOException.class, () -> open.read(other)).getMessage();
            assertTrue(message.contains("has no row '" + where + "'; expected 1 to 4"), message);
        }
        open.close();
        assertTrue(
                assertThrows(IOException.class, () -> open.read(first))
                        .getMessage()
                        .contains("was closed"));
    }

    @Test
    void keysThatAreMissingAreRefused() {
        assertThrows(
                IllegalArgumentException.class,
                () ->
                        new Fer2013Dataset.Settings(
                                null,
                                Fer2013Dataset.Test.PUBLIC,
                                "",
                                Fer2013Dataset.Labels.FER2013));
        assertThrows(
                IllegalArgumentException.class,
                () ->
                        new Fer2013Dataset.Settings(
                                Path.of("x"), null, "", Fer2013Dataset.Labels.FER2013));
    }

    @Test
    void readsRealFacesWhereTheyAre() throws IOException {
        Path real = Path.of(System.getProperty("mien.shared", ""), "data/fer2013/fer2013.csv.gz");
        Assumptions.assumeTrue(Files.exists(real));
        try (Dataset.Open open = open(real)) {
            List<Sample> all = samples(open);
            assertEquals(4949, all.size());
            Map<Sample.Split, Long> splits =
                    all.stream()
                            .collect(Collectors.groupingBy(Sample::split, Collectors.counting()));
            assertEquals(Map.of(Sample.Split.TRAIN, 4549L, Sample.Split.TEST, 400L), splits);
            for (int label = 0; label < 7; label++) {
                int wanted = label;
                assertEquals(
                        label == 1 ? 349 : 700,
                        all.stream()
                                .filter(s -> s.split() == Sample.Split.TRAIN && s.label() == wanted)
                                .count());
            }
            // The first row of the file begins 4 0 0 0.
            assertEquals(4, open.read(all.get(0)).bytes().get(0));
        }
    }
}
