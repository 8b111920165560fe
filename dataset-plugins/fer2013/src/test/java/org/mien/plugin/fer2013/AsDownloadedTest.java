// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.fer2013;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mien.api.data.Dataset;
import org.mien.api.data.Picture;
import org.mien.api.data.Sample;

/** Tables and archives as they are downloaded, exported and saved again. */
class AsDownloadedTest {
    private static final List<String> USAGES =
            List.of("Training", "Training", "PublicTest", "PrivateTest");
    private static final int[] LABELS = {0, 3, 6, 1};

    @TempDir Path folder;

    private static String pixels(int seed) {
        return IntStream.range(0, 2304)
                .mapToObj(i -> Integer.toString((seed * 37 + i * 11) % 256))
                .collect(Collectors.joining(" "));
    }

    /** A table of four faces: a header and rows of emotion, pixels and Usage in any order. */
    private static String table(String header, String pattern) {
        StringBuilder text = new StringBuilder(header).append('\n');
        for (int i = 0; i < 4; i++) {
            text.append(
                            pattern.replace("E", "" + LABELS[i])
                                    .replace("P", pixels(i + 1))
                                    .replace("U", USAGES.get(i))
                                    .replace("N", "" + i))
                    .append('\n');
        }
        return text.toString();
    }

    private static final String PLAIN = table("emotion,pixels,Usage", "E,P,U");
    private static final String ICML = table("emotion, Usage, pixels", "E, U, P");

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] gzip(byte[] data) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (OutputStream packed = new GZIPOutputStream(out)) {
            packed.write(data);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return out.toByteArray();
    }

    private static byte[] zip(Map<String, byte[]> members) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(out)) {
            for (Map.Entry<String, byte[]> member : members.entrySet()) {
                zip.putNextEntry(new ZipEntry(member.getKey()));
                zip.write(member.getValue());
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return out.toByteArray();
    }

    /** A tar as GNU's: a name of more than 100 characters stands in an entry of its own. */
    private static byte[] tar(Map<String, byte[]> members) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        members.forEach(
                (name, data) -> {
                    if (name.length() > 100) {
                        entry(out, "././@LongLink", 'L', utf8(name + "\0"));
                    }
                    boolean folder = name.endsWith("/");
                    entry(out, name, folder ? '5' : '0', data);
                });
        out.writeBytes(new byte[1024]);
        return out.toByteArray();
    }

    private static void entry(ByteArrayOutputStream out, String name, char type, byte[] data) {
        byte[] header = new byte[512];
        byte[] named = utf8(name);
        System.arraycopy(named, 0, header, 0, Math.min(100, named.length));
        byte[] size = utf8(String.format("%011o ", data.length));
        System.arraycopy(size, 0, header, 124, 12);
        header[156] = (byte) type;
        System.arraycopy(utf8("ustar"), 0, header, 257, 5);
        out.writeBytes(header);
        out.writeBytes(data);
        out.writeBytes(new byte[(512 - data.length % 512) % 512]);
    }

    private Path file(String name, byte[] data) throws IOException {
        return Files.write(folder.resolve(name), data);
    }

    private static Dataset.Open open(Path path) throws IOException {
        return new Fer2013Dataset()
                .open(
                        new Fer2013Dataset.Settings(
                                path, Fer2013Dataset.Test.BOTH, "", Fer2013Dataset.Labels.FER2013));
    }

    private void assertRead(String name, byte[] data, String... notes) throws IOException {
        try (Dataset.Open open = open(file("table", data))) {
            List<Sample> all;
            try (Stream<Sample> samples = open.samples()) {
                all = samples.toList();
            }
            assertEquals(4, all.size(), name);
            for (int r = 0; r < 4; r++) {
                assertEquals(LABELS[r], all.get(r).label(), name);
                assertEquals("fer2013-" + (r + 1), all.get(r).id(), name);
                Picture picture = open.read(all.get(r));
                ByteBuffer rgb = picture.bytes();
                for (int i = 0; i < 2304; i++) {
                    assertEquals(((r + 1) * 37 + i * 11) % 256, rgb.get(3 * i) & 255, name);
                }
            }
            List<Sample.Split> splits = new ArrayList<>(List.of(Sample.Split.TRAIN));
            splits.add(Sample.Split.TRAIN);
            boolean whole =
                    Arrays.stream(notes).noneMatch(note -> note.contains("no column Usage"));
            splits.add(whole ? Sample.Split.TEST : Sample.Split.TRAIN);
            splits.add(whole ? Sample.Split.TEST : Sample.Split.TRAIN);
            assertEquals(splits, all.stream().map(Sample::split).toList(), name);
            assertEquals(List.of(notes), open.notes(), name);
        }
    }

    private void assertSays(byte[] data, String... parts) throws IOException {
        Path path = file("table", data);
        String why = assertThrows(IOException.class, () -> open(path)).getMessage();
        assertTrue(why.startsWith("fer2013: " + path.toAbsolutePath()), why);
        assertTrue(why.endsWith("."), why);
        for (String part : parts) {
            assertTrue(why.contains(part), why + " lacks: " + part);
        }
    }

    @Test
    void columnsAreFoundByNameInEveryDialect() throws IOException {
        assertRead("icml_face_data.csv", utf8(ICML));
        assertRead("quoted", utf8(table("\"emotion\",\"pixels\",\"Usage\"", "\"E\",\"P\",\"U\"")));
        assertRead("pandas", utf8(table(",emotion,pixels,Usage", "N,E,P,U")));
        assertRead("pandas again", utf8(table("Unnamed: 0,emotion,pixels,Usage", "N,E,P,U")));
        assertRead("Excel", utf8(table("emotion;pixels;Usage", "E;P;U")));
        assertRead("tabs", utf8(table("emotion\tpixels\tUsage", "E\tP\tU")));
        assertRead("tabs and blanks", utf8(table("emotion\t pixels\tUsage ", "E\tP \t U")));
        assertRead("case", utf8(table("Emotion,Pixels,usage", "E,P,U")));
        assertRead("whole numbers with a point", utf8(table("emotion,pixels,Usage", "E.0,P,U")));
        assertRead("blanks", utf8(table("emotion,pixels,Usage", " E ,P, U ")));
        String commas = PLAIN.replace("emotion,pixels,Usage\n", "");
        StringBuilder lists = new StringBuilder("emotion;pixels;Usage\n");
        commas.lines()
                .forEach(
                        line -> {
                            String[] cells = line.split(",");
                            lists.append(cells[0] + ";\"[" + cells[1].replace(" ", ", "));
                            lists.append("]\";" + cells[2] + "\r\n");
                        });
        assertRead("lists of Python", utf8(lists.toString()));
        assertRead(
                "other columns",
                utf8(table("who,emotion,note,pixels,Usage", "x,E,\"a, \"\"b\"\"\",P,U")),
                "columns that are passed over: who, note");
        assertRead(
                "train.csv",
                utf8(table("emotion,pixels", "E,P")),
                "there is no column Usage: all 4 rows are for training");
        assertRead("words", utf8(words()));
        assertRead("usage", utf8(PLAIN.replace("Training", "training").replace("cTest", "c test")));
    }

    private static String words() {
        List<String> names = List.of("Angry", "happy", "neutral", "Disgust");
        String text = PLAIN;
        for (int i = 0; i < 4; i++) {
            text = text.replace("\n" + LABELS[i] + ",", "\n" + names.get(i) + ",");
        }
        return text;
    }

    @Test
    void encodingsOfOfficeProgramsAreRead() throws IOException {
        for (String name : List.of("UTF-16LE", "UTF-16BE")) {
            Charset charset = Charset.forName(name);
            assertRead(name + " with a mark", ("\uFEFF" + PLAIN).getBytes(charset));
            assertRead(name, PLAIN.getBytes(charset));
            assertRead(name + ", gzip", gzip(("\uFEFF" + ICML).getBytes(charset)));
        }
        assertRead("UTF-8 with a mark", utf8("\uFEFF" + PLAIN));
        String quoted = table("\"emotion\",\"pixels\",\"Usage\"", "\"E\",\"P\",\"U\"");
        assertRead("UTF-8 with a mark and quotes", utf8("\uFEFF" + quoted));
    }

    private static Map<String, byte[]> members(Object... pairs) {
        Map<String, byte[]> members = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            members.put((String) pairs[i], (byte[]) pairs[i + 1]);
        }
        return members;
    }

    @Test
    void archivesAreReadAsTheyAreDownloaded() throws IOException {
        byte[] plain = utf8(PLAIN);
        assertRead("gzip within gzip", gzip(gzip(plain)));
        byte[] tar =
                tar(
                        members(
                                "fer2013/",
                                new byte[0],
                                "fer2013/fer2013.bib",
                                utf8("@inproceedings{}"),
                                "fer2013/._fer2013.csv",
                                plain,
                                "fer2013/README",
                                new byte[0],
                                "fer2013/fer2013.csv",
                                plain));
        String read = "fer2013/fer2013.csv was read of table";
        assertRead("tar", tar, read);
        assertRead("tar.gz", gzip(tar), read);
        assertRead(
                "zip",
                zip(members("__MACOSX/fer2013.csv", plain, "fer2013.csv", plain)),
                "fer2013.csv was read of table");
        assertRead(
                "zip of a gzip",
                zip(members("a.txt", utf8("nothing"), "fer2013.csv.gz", gzip(plain))),
                "fer2013.csv.gz was read of table");
        // The zip of the challenge has the faces three times.
        byte[] whole =
                zip(
                        members(
                                "example_submission.csv", utf8("emotion\n0\n"),
                                "fer2013.tar.gz", gzip(tar),
                                "icml_face_data.csv", utf8(ICML),
                                "test.csv", utf8("pixels\n" + pixels(1) + "\n"),
                                "train.csv", utf8(table("emotion,pixels", "E,P"))));
        assertRead("the challenge's zip", whole, "icml_face_data.csv was read of table");
        assertRead(
                "a tar.gz in a zip",
                zip(members("fer2013.tar.gz", gzip(tar))),
                "fer2013.tar.gz/fer2013/fer2013.csv was read of table");
        String deep = "d".repeat(60) + "/" + "e".repeat(60) + "/fer2013.csv";
        assertRead(
                "a long name",
                tar(members(deep, plain)),
                deep.substring(0, 40) + "... was read of table");
    }

    @Test
    void archivesWithoutOneTableAreToldWithTheirMembers() throws IOException {
        assertSays(
                zip(members("a/photo.jpg", new byte[] {-1, -40, -1}, "b.csv", utf8("x,y\n1,2\n"))),
                "is an archive with a/photo.jpg, b.csv; expected one that begins with"
                        + " emotion,pixels,Usage.",
                "Unpack it and set path");
        assertSays(zip(members("__MACOSX/a.csv", utf8(PLAIN))), "is an archive without files");
        assertSays(
                zip(members("a.csv", utf8(PLAIN), "b.csv", utf8(ICML))),
                "is an archive with several files that begin with emotion,pixels,Usage: a.csv,"
                        + " b.csv; expected one.");
        assertSays(
                zip(members("in.zip", zip(members("a.csv", utf8(PLAIN))))),
                "is an archive with in.zip; expected one that begins with");
        byte[] tar = tar(members("a.csv", utf8(PLAIN)));
        assertSays(gzip(Arrays.copyOf(tar, 3000)), "ends in the middle of its packed data");
        byte[] zip = zip(members("a.csv", utf8(PLAIN)));
        assertSays(Arrays.copyOf(zip, zip.length - 30), "begins as gzip or zip but cannot be");
        byte[] four = utf8(PLAIN);
        for (int i = 0; i < 5; i++) {
            four = gzip(four);
        }
        assertSays(four, "is a gzip file; expected the text of fer2013.csv", "Unpack it.");
        Map<String, String> others = new LinkedHashMap<>();
        others.put("7z\u00bc\u00af'\u001c", "is a 7z archive");
        others.put("Rar!\u001a\u0007", "is a RAR archive");
        others.put("\u00fd7zXZ\0", "is an xz file");
        others.forEach(
                (start, words) -> {
                    try {
                        byte[] data = start.getBytes(StandardCharsets.ISO_8859_1);
                        assertSays(data, words, "Unpack it.");
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                });
    }

    @Test
    void whatIsUncertainIsRefused() throws IOException {
        assertSays(
                utf8(table("emotion,emotion,pixels,Usage", "E,E,P,U")),
                "the header is 'emotion,emotion,pixels,Usage', with a column twice");
        assertSays(utf8(table("label,pixels,Usage", "E,P,U")), ", without emotion; expected");
        UnaryOperator<String> bent = text -> PLAIN.replaceFirst("\n0,", "\n" + text + ",");
        assertSays(utf8(bent.apply("0.5")), "line 2: the emotion is '0.5'");
        assertSays(utf8(bent.apply("joyful")), "line 2: the emotion is 'joyful'");
        assertSays(utf8(bent.apply("\"0")), "line 2: a quote is not closed in its line");
        assertSays(utf8(bent.apply("\"0\"x")), "line 2: 'x' follows a quoted cell");
        assertSays(
                utf8(table("n,emotion,pixels,Usage", "E,P,U")),
                "line 2: 3 columns; expected 4, n,emotion,pixels,Usage");
    }

    @Test
    void votesAreReadTheSameWay() throws IOException {
        StringBuilder votes =
                new StringBuilder(
                        "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,"
                                + "contempt,unknown,NF\n");
        for (int i = 0; i < 4; i++) {
            votes.append(USAGES.get(i) + ",fer" + i + ".png,0,10.0,0,0,0,0,0,0,0,0\n");
        }
        String semicolons = votes.toString().replace(',', ';');
        Path packed =
                file(
                        "FERPlus-master.zip",
                        zip(
                                members(
                                        "FERPlus-master/README.md",
                                        utf8("# FER+"),
                                        "FERPlus-master/data/FER2013Train/label.csv",
                                        utf8("fer0000000.png,\"(0, 0, 48, 48)\",4,0\n"),
                                        "FERPlus-master/fer2013new.csv",
                                        utf8(semicolons))));
        try (Dataset.Open open =
                        new Fer2013Dataset()
                                .open(
                                        new Fer2013Dataset.Settings(
                                                file("icml.csv", utf8(ICML)),
                                                Fer2013Dataset.Test.PUBLIC,
                                                packed.toString(),
                                                Fer2013Dataset.Labels.MAJORITY));
                Stream<Sample> samples = open.samples()) {
            assertEquals(List.of(3, 3, 3, 3), samples.map(Sample::label).toList());
            assertEquals(
                    List.of(
                            "votes: FERPlus-master/fer2013new.csv was read of"
                                    + " FERPlus-master.zip"),
                    open.notes());
        }
    }
}
