// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.imagefolder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mien.api.data.Dataset;
import org.mien.api.data.Picture;
import org.mien.api.data.Sample;

class ImageFolderDatasetTest {
    @TempDir Path root;

    /** A PNG of one grey pixel. */
    private static byte[] png(int grey) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.write(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'});
        chunk(out, "IHDR", new byte[] {0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0});
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (DeflaterOutputStream deflater = new DeflaterOutputStream(packed)) {
            deflater.write(new byte[] {0, (byte) grey});
        }
        chunk(out, "IDAT", packed.toByteArray());
        chunk(out, "IEND", new byte[0]);
        return bytes.toByteArray();
    }

    private static void chunk(DataOutputStream out, String name, byte[] data) throws IOException {
        byte[] type = name.getBytes(StandardCharsets.US_ASCII);
        CRC32 crc = new CRC32();
        crc.update(type);
        crc.update(data);
        out.writeInt(data.length);
        out.write(type);
        out.write(data);
        out.writeInt((int) crc.getValue());
    }

    private Path picture(String path) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        return Files.write(file, png(path.length()));
    }

    private void pictures(String... paths) throws IOException {
        for (String path : paths) {
            picture(path);
        }
    }

    private Dataset.Open open(List<String> labels, String subject) throws IOException {
        return new ImageFolderDataset()
                .open(new ImageFolderDataset.Settings(root, labels, subject));
    }

    private Dataset.Open open() throws IOException {
        return open(List.of(), "");
    }

    private static List<Sample> samples(Dataset.Open open) throws IOException {
        try (Stream<Sample> all = open.samples()) {
            return all.toList();
        }
    }

    private List<String> ids() throws IOException {
        try (Dataset.Open open = open()) {
            return samples(open).stream().map(Sample::id).toList();
        }
    }

    private void assertSays(String... parts) {
        String message = assertThrows(IOException.class, this::open).getMessage();
        assertTrue(message.startsWith("image-folder: " + root), message);
        assertTrue(message.endsWith("."), message);
        for (String part : parts) {
            assertTrue(message.contains(part), message + " lacks: " + part);
        }
    }

    @Test
    void splitsAndClassesComeFromFolders() throws IOException {
        pictures(
                "train/sad/b.png",
                "train/sad/a.png",
                "train/happy/c.png",
                "val/happy/d.png",
                "test/sad/e.png",
                "notes/of/no/matter.png");
        try (Dataset.Open open = open()) {
            assertEquals(List.of("happy", "sad"), open.targets().classes());
            List<Sample> all = samples(open);
            assertEquals(
                    List.of(
                            "test/sad/e.png (TEST, label 1)",
                            "train/happy/c.png (TRAIN, label 0)",
                            "train/sad/a.png (TRAIN, label 1)",
                            "train/sad/b.png (TRAIN, label 1)",
                            "val/happy/d.png (VALIDATION, label 0)"),
                    all.stream().map(Sample::toString).toList());
            for (Sample sample : all) {
                assertEquals(sample.id(), sample.where());
                assertEquals("", sample.subject());
                assertNull(sample.votes());
                Picture picture = open.read(sample);
                assertTrue(picture.isEncoded());
                assertEquals(ByteBuffer.wrap(png(sample.id().length())), picture.bytes());
            }
        }
    }

    @Test
    void whatIsReadCanBeDecoded() throws IOException {
        picture("one/a.png");
        try (Dataset.Open open = open()) {
            ByteBuffer file = open.read(samples(open).get(0)).bytes();
            byte[] bytes = new byte[file.remaining()];
            file.get(bytes);
            assertNotNull(ImageIO.read(new ByteArrayInputStream(bytes)));
        }
    }

    @Test
    void splitsHaveOtherNamesToo() throws IOException {
        for (String name : List.of("validation", "valid", "Val")) {
            Path val = picture(name + "/a/x.png");
            pictures("Train/a/x.png");
            try (Dataset.Open open = open()) {
                assertEquals(
                        List.of(Sample.Split.TRAIN, Sample.Split.VALIDATION),
                        samples(open).stream().map(Sample::split).sorted().toList());
            }
            Files.delete(val);
            Files.delete(val.getParent());
            Files.delete(val.getParent().getParent());
        }
    }

    @Test
    void classFoldersAloneAreForTraining() throws IOException {
        pictures("b/x.png", "a/x.png", "a/deep/er/x.png");
        try (Dataset.Open open = open()) {
            assertEquals(List.of("a", "b"), open.targets().classes());
            assertEquals(
                    List.of(
                            "a/deep/er/x.png (TRAIN, label 0)",
                            "a/x.png (TRAIN, label 0)",
                            "b/x.png (TRAIN, label 1)"),
                    samples(open).stream().map(Sample::toString).toList());
        }
    }

    @Test
    void labelsOrderTheClasses() throws IOException {
        pictures("train/a/x.png", "train/b/x.png", "train/c/x.png", "test/c/x.png");
        try (Dataset.Open open = open(List.of("c", "a", "b"), "")) {
            assertEquals(List.of("c", "a", "b"), open.targets().classes());
            // The order of samples is that of their ids, whatever that of the classes.
            assertEquals(List.of(0, 1, 2, 0), samples(open).stream().map(Sample::label).toList());
        }
        Map<List<String>, String> wrong =
                Map.of(
                        List.of("a", "b", "d"),
                        "has no class folder 'd', which labels names; expected a, b, c in any"
                                + " order",
                        List.of("a", "b"),
                        "has a class folder 'c' that labels does not name; expected all of a, b,"
                                + " c");
        for (Map.Entry<List<String>, String> one : wrong.entrySet()) {
            String message =
                    assertThrows(IOException.class, () -> open(one.getKey(), "")).getMessage();
            assertTrue(message.contains(root.resolve("train") + " " + one.getValue()), message);
        }
    }

    @Test
    void endingsDecideAndHiddenFilesArePassedOver() throws IOException {
        pictures(
                "a/1.jpg",
                "a/2.JPEG",
                "a/3.Png",
                "a/4.webp",
                "a/5.BMP",
                "a/6.gif",
                "a/7",
                "a/png",
                "a/8.png.txt",
                "a/.9.png",
                "a/.thumbs/10.png",
                ".git/11.png",
                "a/12.b.png");
        assertEquals(
                List.of("a/1.jpg", "a/12.b.png", "a/2.JPEG", "a/3.Png", "a/4.webp", "a/5.BMP"),
                ids());
    }

    @Test
    void namesMayHaveBlanksAndAnyLetters() throws IOException {
        List<String> names =
                List.of(
                        "train/sehr fröhlich/Bild 1.png",
                        "train/sehr fröhlich/ä, ö & ü.png",
                        "train/悲しい/顔.png",
                        "train/悲しい/😀 %20\\+.png");
        pictures(names.toArray(String[]::new));
        assertEquals(names, ids());
        try (Dataset.Open open = open()) {
            assertEquals(List.of("sehr fröhlich", "悲しい"), open.targets().classes());
            for (Sample sample : samples(open)) {
                assertEquals(ByteBuffer.wrap(png(sample.id().length())), open.read(sample).bytes());
            }
        }
    }

    @Test
    void aNameThatIsNoTextIsTold() throws Exception {
        picture("a/x.png");
        // Java cannot make such a name; another program can.
        Process shell =
                new ProcessBuilder("sh", "-c", "printf x > \"$(printf 'bad\\377.png')\"")
                        .directory(root.resolve("a").toFile())
                        .inheritIO()
                        .start();
        assertEquals(0, shell.waitFor());
        assertSays("has a name that is no text in the encoding of file names", "LC_ALL=C.UTF-8");
    }

    @Test
    void subjectsComeFromPaths() throws IOException {
        pictures("train/a/S001_1.png", "train/a/S001_2.png", "train/b/S002_1.png");
        try (Dataset.Open open = open(List.of(), "/(S[0-9]+)_")) {
            assertEquals(
                    List.of("S001", "S001", "S002"),
                    samples(open).stream().map(Sample::subject).toList());
        }
        String message =
                assertThrows(IOException.class, () -> open(List.of(), "/(S001)_")).getMessage();
        assertTrue(
                message.contains(
                        "b/S002_1.png has no person by the expression '/(S001)_' in"
                                + " 'train/b/S002_1.png'"),
                message);
        // A group that takes part in no match, and one that is empty.
        for (String none : List.of("train|(x)", "train(x?)")) {
            assertThrows(IOException.class, () -> open(List.of(), none));
        }
    }

    @Test
    void keysThatCannotBeAreRefused() {
        Map<String, String> wrong =
                Map.of(
                        "S[0-9+", "is no regular expression",
                        "S[0-9]+", "with 0 groups; expected one",
                        "(S)([0-9]+)", "with 2 groups; expected one");
        for (Map.Entry<String, String> one : wrong.entrySet()) {
            String message =
                    assertThrows(
                                    IllegalArgumentException.class,
                                    () -> open(List.of(), one.getKey()))
                            .getMessage();
            assertTrue(message.contains(one.getValue()), message);
        }
        assertTrue(
                assertThrows(IllegalArgumentException.class, () -> open(List.of("a", "b", "a"), ""))
                        .getMessage()
                        .contains("names 'a' twice"));
        assertThrows(
                IllegalArgumentException.class,
                () -> new ImageFolderDataset.Settings(null, List.of(), ""));
    }

    @Test
    void foldersThatAreNoDatasetAreToldInWords() throws IOException {
        assertSays("has no folders in it; expected a folder for each class");
        pictures("a/x.png", "b/x.png");
        Path whole = root;
        root = whole.resolve("none");
        assertSays("does not exist; expected a folder", "Set path to where it lies");
        root = whole.resolve("a/x.png");
        assertSays("is a file; expected a folder");
        root = Files.createDirectory(whole.resolve("split"));
        pictures("test/a/x.png");
        assertSays("has test but no train");
        Files.createDirectory(root.resolve("train"));
        assertSays("split/train has no folders in it");
        pictures("train/a/x.png", "val/a/x.png", "valid/a/x.png");
        assertSays("has both val and valid, which are the same split");
    }

    @Test
    void classesThatDoNotFitAreToldInWords() throws IOException {
        pictures("train/a/x.png", "train/b/x.png", "test/a/x.png", "test/c/x.png");
        assertSays("test/c is a class that train lacks; expected a, b");
        Files.move(root.resolve("test/c"), root.resolve("test/b"));
        assertEquals(4, ids().size());
        Files.createDirectories(root.resolve("test/b/empty"));
        Files.move(root.resolve("test/b/x.png"), root.resolve("test/b/x.gif"));
        assertSays("test/b holds no picture (jpg, jpeg, png, webp or bmp) among 1 other files");
        Files.delete(root.resolve("test/b/x.gif"));
        assertSays("test/b holds no picture (jpg, jpeg, png, webp or bmp). Fill");
        picture("test/b/x.png");
        picture("train/loose.png");
        assertSays("train/loose.png lies beside the class folders");
    }

    @Test
    void aPathOneFolderTooHighIsTold() throws IOException {
        pictures("set/train/a/x.png", "set/test/a/x.png");
        assertSays("set/test is a split inside of what would be a class", "Set path to", "/set,");
    }

    @Test
    void linksAreFollowedAndLoopsTold() throws IOException {
        Path whole = root;
        pictures("elsewhere/x.png", "set/train/a/x.png");
        root = whole.resolve("set");
        Files.createSymbolicLink(root.resolve("train/b"), whole.resolve("elsewhere"));
        Files.createSymbolicLink(root.resolve("train/a/y.png"), whole.resolve("elsewhere/x.png"));
        assertEquals(List.of("train/a/x.png", "train/a/y.png", "train/b/x.png"), ids());
        try (Dataset.Open open = open()) {
            assertEquals(
                    ByteBuffer.wrap(png("elsewhere/x.png".length())),
                    open.read(samples(open).get(2)).bytes());
        }

        Path link = root.resolve("train/a/loop");
        for (String back : List.of(".", "..", "../..", "../../train/a")) {
            Files.createSymbolicLink(link, Path.of(back));
            assertSays("loop is a link back to");
            Files.delete(link);
        }
        Files.createSymbolicLink(link, Path.of("nowhere"));
        assertSays("loop is a link to nowhere, which is not there");
        Files.delete(link);
        Files.createSymbolicLink(link, Path.of("loop"));
        assertSays("loop cannot be looked at");
        Files.delete(link);
        // Class folders directly below, one of them the whole.
        root = whole.resolve("elsewhere");
        Files.createSymbolicLink(root.resolve("all"), Path.of("."));
        assertSays("elsewhere/x.png lies beside");
        Files.delete(root.resolve("x.png"));
        assertSays("all is a link back to");
    }

    @Test
    void whatIsNoPlainFileIsTold() throws Exception {
        picture("a/x.png");
        Process pipe =
                new ProcessBuilder("mkfifo", root.resolve("a/pipe.png").toString())
                        .inheritIO()
                        .start();
        assertEquals(0, pipe.waitFor());
        assertSays("a/pipe.png is no plain file");
    }

    @Test
    void depthAndNumberAreBounded() throws IOException {
        picture("a/" + "d/".repeat(Tree.DEEPEST - 1) + "x.png");
        assertEquals(1, ids().size());
        picture("a/" + "d/".repeat(Tree.DEEPEST) + "x.png");
        assertSays("lies more than 16 folders deep");

        Path deep = root;
        root = Files.createDirectory(deep.resolve("wide"));
        for (int i = 0; i < 20; i++) {
            picture("a/" + i + ".png");
        }
        ImageFolderDataset.Settings settings = new ImageFolderDataset.Settings(root, List.of(), "");
        assertEquals(20, Tree.list(settings, 30).files().size());
        String message =
                assertThrows(IOException.class, () -> Tree.list(settings, 20)).getMessage();
        assertTrue(message.contains("more than 20 files and folders"), message);
    }

    @Test
    void filesThatAreNoPictureAreToldWhenRead() throws IOException {
        pictures("a/empty.png", "a/gone.png", "a/long.png", "a/most.png");
        Files.write(root.resolve("a/empty.png"), new byte[0]);
        // Files with a hole: long without taking room.
        try (RandomAccessFile file =
                        new RandomAccessFile(root.resolve("a/long.png").toFile(), "rw");
                RandomAccessFile most =
                        new RandomAccessFile(root.resolve("a/most.png").toFile(), "rw")) {
            file.setLength(ImageFolderDataset.MOST_BYTES + 1L);
            most.setLength(ImageFolderDataset.MOST_BYTES);
        }
        try (Dataset.Open open = open()) {
            Files.delete(root.resolve("a/gone.png"));
            List<Sample> all = samples(open);
            assertReadSays(open, all.get(0), "a/empty.png is empty");
            assertReadSays(open, all.get(1), "a/gone.png is gone or no plain file any more");
            assertReadSays(open, all.get(2), "a/long.png is longer than 64 MiB");
            assertEquals(ImageFolderDataset.MOST_BYTES, open.read(all.get(3)).bytes().remaining());
        }
    }

    @Test
    void whatIsNotOfThisFolderIsRefused() throws IOException {
        Path whole = root;
        pictures("secret.png", "set/a/x.png", "set/a/notes.txt");
        root = whole.resolve("set");
        Dataset.Open open = open();
        Sample first = samples(open).get(0);
        for (String where :
                List.of(
                        "../secret.png",
                        whole.resolve("secret.png").toString(),
                        "a/../a/x.png",
                        "a/notes.txt",
                        "",
                        "a\0")) {
            Sample other = Sample.of("x", where).split(Sample.Split.TRAIN).label(0).build();
            assertReadSays(open, other, "had no picture '" + where + "' when it was opened");
        }
        open.close();
        assertReadSays(open, first, "was closed; open it again");
        assertThrows(IOException.class, open::samples);
    }

    private void assertReadSays(Dataset.Open open, Sample sample, String part) {
        String message = assertThrows(IOException.class, () -> open.read(sample)).getMessage();
        assertTrue(message.startsWith("image-folder: " + root), message);
        assertTrue(message.contains(part), message + " lacks: " + part);
    }
}
