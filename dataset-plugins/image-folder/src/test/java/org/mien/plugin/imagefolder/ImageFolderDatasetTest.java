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
import java.util.Comparator;
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
        pictures("one/a.png", "two/a.png");
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
            try (Dataset.Open open = open(List.of("a"), "")) {
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
    void endingsDecideAndWhatIsLeftOutIsCounted() throws IOException {
        List<String> used =
                List.of(
                        "a/1.jpg",
                        "a/12.b.png",
                        "a/2.JPEG",
                        "a/3.Png",
                        "a/4.webp",
                        "a/5.BMP",
                        "a/6.gif",
                        "a/6.tif",
                        "a/6.tiff",
                        "a/7.jfif",
                        "a/7.jpe",
                        "a/8.dib",
                        "b/1.png");
        pictures(used.toArray(String[]::new));
        pictures("a/7", "a/png", "a/8.png.txt", "a/9.heic", "b/10.txt", "b/deep/11.txt");
        assertEquals(used, ids());
        try (Dataset.Open open = open()) {
            assertEquals(
                    List.of(
                            "6 files were left out, not being a picture by the name: .txt 3,"
                                    + " without an ending 2, .heic 1 (pictures end in jpg, jpeg,"
                                    + " jpe, jfif, png, webp, bmp, dib, tif, tiff or gif)"),
                    open.notes());
        }
        pictures("c/1.heic", "c/2.heic", "c/3.mp4");
        assertSays("c holds no picture (", ") among 3 other files: .heic 2, .mp4 1. Fill");
    }

    @Test
    void litterIsNoPictureAndNoClassAndNoSplit() throws IOException {
        pictures("train/a/x.png", "train/b/x.png", "test/a/x.png");
        for (String litter :
                List.of(
                        "@eaDir",
                        "#recycle",
                        "__MACOSX",
                        ".git",
                        ".ipynb_checkpoints",
                        "lost+found",
                        "$RECYCLE.BIN",
                        "System Volume Information")) {
            for (String where : List.of("", "train/", "train/a/", "train/a/deep/", "test/")) {
                picture(where + litter + "/a/thumb.jpg");
                picture(where + litter + "/x.png");
            }
        }
        for (String litter : List.of("._x.png", ".DS_Store", "Thumbs.db", "desktop.ini")) {
            for (String where : List.of("", "train/", "train/a/", "test/a/")) {
                picture(where + litter);
            }
        }
        assertEquals(List.of("test/a/x.png", "train/a/x.png", "train/b/x.png"), ids());
        try (Dataset.Open open = open()) {
            assertEquals(List.of("a", "b"), open.targets().classes());
            assertEquals(List.of(), open.notes());
        }
        // As folders of classes, too.
        root = root.resolve("train");
        try (Dataset.Open open = open()) {
            assertEquals(List.of("a", "b"), open.targets().classes());
        }
    }

    @Test
    void classesComeInNaturalOrder() throws IOException {
        for (int i = 11; i > 0; i--) {
            picture("train/" + i + "/x.png");
        }
        try (Dataset.Open open = open()) {
            assertEquals(
                    List.of("1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"),
                    open.targets().classes());
            for (Sample sample : samples(open)) {
                String of = open.targets().classes().get(sample.label());
                assertEquals("train/" + of + "/x.png", sample.id());
            }
        }
    }

    private static final String JOINED = "col\u00e8re";
    private static final String APART = "cole\u0300re";

    @Test
    void namesAreComparedAndShownComposed() throws IOException {
        pictures("train/" + JOINED + "/x.png", "train/joie/x.png", "test/" + APART + "/y.png");
        pictures("val/joie/" + APART + ".png");
        try (Dataset.Open open = open()) {
            assertEquals(List.of(JOINED, "joie"), open.targets().classes());
            List<Sample> all = samples(open);
            assertEquals(4, all.size());
            for (Sample sample : all) {
                open.read(sample); // by the name as it is on the disk
                assertEquals(sample.id().contains("joie") ? 1 : 0, sample.label(), sample.id());
            }
        }
        try (Dataset.Open open = open(List.of("joie", APART), "")) {
            assertEquals(List.of("joie", JOINED), open.targets().classes());
        }
        assertThrows(
                IllegalArgumentException.class,
                () -> open(List.of("joie", APART, JOINED), ""),
                "the same class twice");
        picture("train/" + APART + "/x.png");
        assertSays(
                "train has two class folders that look the same: 'cole[U+0300]re' and '" + JOINED);
    }

    @Test
    void blanksThatNobodySeesAreTold() throws IOException {
        pictures("train/very happy/x.png", "train/sad/x.png", "test/very\u00a0happy/x.png");
        assertSays(
                "is a class that train lacks",
                "It looks like 'very happy', and is 'very[U+00A0]happy'");
        pictures("train/sad /x.png");
        assertSays("train has two class folders that look the same: 'sad' and 'sad[U+0020]'");
        root = root.resolve("case");
        pictures("train/Happy/x.png", "train/sad/x.png", "test/happy/x.png");
        assertSays("It differs from 'Happy' in upper and lower case.");
        pictures("train/happy/x.png");
        assertEquals(4, ids().size()); // everybody sees the difference
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
        Files.move(root.resolve("test/b/x.png"), root.resolve("test/b/x.heic"));
        assertSays("test/b holds no picture (jpg,", "gif) among 1 other file: .heic 1. Fill");
        Files.delete(root.resolve("test/b/x.heic"));
        assertSays("test/b holds no picture (jpg,", "gif). Fill");
        picture("test/b/x.png");
        picture("train/loose.png");
        assertSays("train/loose.png lies beside the class folders");
    }

    @Test
    void aPathOneFolderTooHighIsTold() throws IOException {
        pictures("set/train/a/x.png", "set/test/a/x.png");
        assertSays("set/test is a split inside of what would be a class", "Set path to", "/set,");
        root = root.resolve("other");
        pictures("faces/a/x.png", "faces/b/x.png");
        assertSays(
                "faces would be the only class",
                "Its folders a, b may be",
                "set path to",
                "faces.");
        root = root.resolve("sfew");
        pictures("Train/Train_Aligned/Angry/x.png", "Train/Train_Aligned/Sad/x.png");
        assertSays(
                "Train_Aligned would be the only class",
                "Angry, Sad may be",
                "move them up by one");
    }

    @Test
    void aSingleClassIsRefusedUnlessItIsNamed() throws IOException {
        pictures("train/faces/x.png", "test/faces/x.png");
        assertSays(
                "train/faces would be the only class",
                "expected a folder for each of two classes or more",
                "as in pre-training, say so: dataset.labels = faces.");
        try (Dataset.Open open = open(List.of("faces"), "")) {
            assertEquals(2, samples(open).size());
        }
    }

    @Test
    void treesAsTheirOwnersGiveThemAreNamed() throws IOException {
        Path whole = root;
        Map<String, List<String>> trees =
                Map.of(
                        "RAF-DB",
                        List.of(
                                "basic/Image/aligned/test_0001_aligned.jpg",
                                "compound/EmoLabel/a.txt"),
                        "AffectNet",
                        List.of("train_set/images/0.jpg", "train_set/annotations/0_exp.npy"),
                        "a copy of AffectNet for detectors",
                        List.of("train/images/a.jpg", "train/labels/a.txt", "valid/images/a.jpg"),
                        "FER2013 in the parts of its challenge",
                        List.of("Training/0/a.jpg", "Training/1/a.jpg", "PublicTest/0/a.jpg"),
                        "CK+",
                        List.of("cohn-kanade-images/S005/001/a.png", "Emotion/S005/001/a.txt"),
                        "Oulu-CASIA",
                        List.of("OriginalImg/VL/Strong/P001/Anger/000.jpeg", "README/a.txt"),
                        "KDEF",
                        List.of("KDEF_and_AKDEF/KDEF/AF01/AF01ANS.JPG"));
        for (Map.Entry<String, List<String>> tree : trees.entrySet()) {
            // As it is, and one folder down as a zip of it unpacks.
            for (String nested : List.of("", "/data")) {
                root = whole.resolve(tree.getKey() + nested);
                pictures(tree.getValue().toArray(String[]::new));
                root = whole.resolve(tree.getKey());
                assertSays(
                        " is " + tree.getKey() + " (", "whose labels stand in ", "expected train");
                if (nested.isEmpty()) {
                    root = whole.resolve(tree.getKey());
                    delete(root);
                }
            }
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path one : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(one);
            }
        }
    }

    @Test
    void classesNamedLikeSplitsAreRefusedUnlessTheyAreNamed() throws IOException {
        Path whole = root;
        int number = 0;
        for (String name :
                List.of(
                        "dev",
                        "public_test",
                        "val_set",
                        "TrainSet",
                        "eval",
                        "basic",
                        "images",
                        "labels",
                        "fold_1",
                        "Testing set")) {
            root = whole.resolve("case" + number++);
            pictures("happy/x.png", name + "/x.png");
            assertSays(name + " would be a class, and has the name of a split");
            try (Dataset.Open open = open(List.of("happy", name), "")) {
                assertEquals(2, samples(open).size());
            }
            // In a split it is no class either, and beside the splits no folder to pass over.
            root = whole.resolve("case" + number++);
            pictures("train/happy/x.png", "train/sad/x.png", name + "/happy/x.png");
            assertSays(name + " lies beside train and is named like a split", "Rename it");
        }
        root = whole.resolve("fine");
        pictures("training/happy/x.png", "training/sad/x.png", "testing/sad/x.png", "more/a.png");
        try (Dataset.Open open = open()) {
            assertEquals(
                    List.of(Sample.Split.TEST, Sample.Split.TRAIN, Sample.Split.TRAIN),
                    samples(open).stream().map(Sample::split).toList());
            assertEquals(
                    List.of("folders beside the splits are not looked at: more"), open.notes());
        }
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
        pictures("a/" + "d/".repeat(Tree.DEEPEST - 1) + "x.png", "b/x.png");
        assertEquals(2, ids().size());
        picture("a/" + "d/".repeat(Tree.DEEPEST) + "x.png");
        assertSays("lies more than 16 folders deep");

        Path deep = root;
        root = Files.createDirectory(deep.resolve("wide"));
        for (int i = 0; i < 20; i++) {
            picture("a/" + i + ".png");
        }
        ImageFolderDataset.Settings settings =
                new ImageFolderDataset.Settings(root, List.of("a"), "");
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
        try (Dataset.Open open = open(List.of("a"), "")) {
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
        pictures("secret.png", "set/a/x.png", "set/a/notes.txt", "set/b/x.png");
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
