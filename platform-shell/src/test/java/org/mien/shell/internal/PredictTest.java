// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mien.api.data.Targets;
import org.mien.core.Predictions.FaceAnswer;
import org.mien.core.Predictions.Prediction;
import org.mien.core.Runs;

class PredictTest {
    private static final Map<String, String> HERE = Map.of("MIEN_CWD", "/home/me");

    private Shell shell;

    @BeforeEach
    void open() {
        shell = new Shell();
    }

    @AfterEach
    void close() {
        shell.close();
    }

    private static Prediction answer(String image, String label, String truth, Object... shares) {
        return new Prediction(
                image,
                List.of(
                        new FaceAnswer(
                                null,
                                null,
                                label,
                                FakePlatform.numbers(shares),
                                Map.of(),
                                Map.of())),
                truth,
                null);
    }

    private static Prediction error(String image, String error) {
        return new Prediction(image, List.of(), null, error);
    }

    private static FaceAnswer face(double x, double y, double score, Object... shares) {
        return new FaceAnswer(
                List.of(x, y, 95.04, 96.0),
                score,
                (String) shares[0],
                FakePlatform.numbers(shares),
                Map.of(),
                Map.of());
    }

    @Test
    void aTableWithErrorsAsRows() {
        shell.mien.answers.add(
                answer(
                        "/home/me/a.png",
                        "happy",
                        null,
                        "surprise",
                        0.1,
                        "happy",
                        0.85,
                        "sad",
                        0.05));
        shell.mien.answers.add(error("/x/b.png", "does not exist"));
        shell.mien.answers.add(
                answer("/home/me/c d.png", "sad", null, "surprise", 0.0, "happy", 0.0, "sad", 1.0));
        Shell.Outcome outcome =
                shell.launch(HERE, "predict", "demo-1", "a.png", "/x/b.png", "../me/c d.png");
        assertEquals(
                """
                image          face                   score  label     probability  runner-up
                a.png          whole image                   happy         85.00 %  surprise   10.00 %
                /x/b.png       error: does not exist
                ../me/c d.png  whole image                   sad          100.00 %  surprise    0.00 %
                """,
                outcome.out());
        assertEquals("1 of 3 images could not be answered", outcome.failure().strip());
        assertEquals(
                List.of(
                        "demo-1",
                        Map.of(),
                        List.of(
                                Path.of("/home/me/a.png"),
                                Path.of("/x/b.png"),
                                Path.of("/home/me/c d.png")),
                        List.of()),
                shell.mien.asked);
    }

    @Test
    void aTableMayBeginWithAnError() {
        shell.mien.answers.add(error("s1", "cannot be read"));
        shell.mien.answers.add(answer("s2", "happy", null, "happy", 0.75, "sad", 0.25));
        assertEquals(
                """
                image  face                   score  label       probability  runner-up             truth
                s1     error: cannot be read
                s2     whole image                   happy           75.00 %  sad          25.00 %
                """,
                shell.launch(HERE, "predict", "demo-1", "--sample=s1", "--sample=s2").out());
    }

    @Test
    void samplesHaveATruth() {
        shell.mien.answers.add(answer("test/0001", "happy", "sad", "happy", 0.75, "sad", 0.25));
        shell.mien.answers.add(answer("test/0002", "sad", "sad", "happy", 0.25, "sad", 0.75));
        Shell.Outcome outcome =
                shell.launch(HERE, "predict", "demo-1", "--sample", "first", "--sample=test/0002");
        assertNull(outcome.failure());
        assertEquals(
                """
                image      face                   score  label  probability  runner-up        truth
                test/0001  whole image                   happy      75.00 %  sad     25.00 %  sad
                test/0002  whole image                   sad        75.00 %  happy   25.00 %  sad
                """,
                outcome.out());
        assertEquals(
                List.of("demo-1", Map.of(), List.of(), List.of("first", "test/0002")),
                shell.mien.asked);
    }

    @Test
    void aLineOfJsonForEachImage() {
        shell.mien.answers.add(answer("/home/me/a.png", "happy", null, "happy", 0.75, "sad", 0.25));
        shell.mien.answers.add(new Prediction("ä", List.of(), "sad", "cannot be read"));
        Shell.Outcome outcome =
                shell.launch(HERE, "predict", "demo-1", "a.png", "--json", "--sample", "ä");
        List<JsonObject> lines =
                outcome.out()
                        .lines()
                        .map(line -> JsonParser.parseString(line).getAsJsonObject())
                        .toList();
        assertEquals(2, lines.size());
        assertEquals("a.png", lines.get(0).get("path").getAsString());
        assertEquals(
                "[{\"box\":null,\"score\":null,\"label\":\"happy\","
                        + "\"probabilities\":{\"happy\":0.75,\"sad\":0.25}}]",
                lines.get(0).get("faces").toString());
        assertFalse(lines.get(0).has("truth"));
        assertFalse(lines.get(0).has("error"));
        assertEquals("ä", lines.get(1).get("path").getAsString());
        assertEquals("sad", lines.get(1).get("truth").getAsString());
        assertEquals("cannot be read", lines.get(1).get("error").getAsString());
        assertFalse(lines.get(1).has("faces"));
        assertEquals("1 of 2 images could not be answered", outcome.failure().strip());
    }

    @Test
    void aPathIsRelativeToTheShell() {
        shell.type("fer:predict demo-1 a.png");
        assertEquals(
                List.of("demo-1", Map.of(), List.of(Path.of("a.png").toAbsolutePath()), List.of()),
                shell.mien.asked);
    }

    @Test
    void missingAnswersAreAFailure() {
        shell.mien.answers.add(answer("s1", "happy", null, "happy", 0.75, "sad", 0.25));
        Shell.Outcome outcome = shell.launch(HERE, "predict", "demo-1", "a.png", "b.png");
        assertEquals("stopped after 1 of 2 images", outcome.failure().strip());
    }

    private void threeKinds() {
        shell.mien.answers.add(
                new Prediction(
                        "/home/me/a.png",
                        List.of(
                                face(177.04, -3, 40, "happy", 0.75, "sad", 0.25),
                                face(12, 66, 7, "sad", 0.5, "happy", 0.5)),
                        null,
                        null));
        shell.mien.answers.add(new Prediction("/home/me/b.png", List.of(), null, null));
        shell.mien.answers.add(error("/home/me/c.png", "truncated \"PNG\", 3 bytes"));
        shell.mien.details =
                new Runs.Details(
                        shell.mien.runs.get(0),
                        Map.of(),
                        Targets.classes(List.of("happy", "sad")),
                        Map.of(),
                        "",
                        List.of(),
                        List.of(),
                        List.of(),
                        "",
                        "",
                        "");
    }

    @Test
    void aRowForEachFace() {
        threeKinds();
        Shell.Outcome outcome =
                shell.launch(
                        HERE, "predict", "demo-1", "a.png", "b.png", "c.png", "faces.all=true");
        assertEquals(
                """
                image  face                   score  label  probability  runner-up
                a.png  177,-3 95x96           40.00  happy      75.00 %  sad     25.00 %
                a.png  12,66 95x96             7.00  sad        50.00 %  happy   50.00 %
                b.png  no face was found
                c.png  error: truncated "PNG", 3 bytes
                """,
                outcome.out());
        assertEquals("1 of 3 images could not be answered", outcome.failure().strip());
        assertEquals(Map.of("faces.all", "true"), shell.mien.asked.get(1));
    }

    @Test
    void jsonTellsNoFaceFromAnError() {
        threeKinds();
        List<String> lines =
                shell.launch(HERE, "predict", "demo-1", "a.png", "b.png", "c.png", "--json")
                        .out()
                        .lines()
                        .toList();
        assertEquals(3, lines.size());
        assertEquals(
                "[177.0,-3.0,95.0,96.0]",
                JsonParser.parseString(lines.get(0))
                        .getAsJsonObject()
                        .getAsJsonArray("faces")
                        .get(0)
                        .getAsJsonObject()
                        .get("box")
                        .toString());
        assertEquals("{\"path\":\"b.png\",\"faces\":[]}", lines.get(1));
        assertEquals(
                "{\"path\":\"c.png\",\"error\":\"truncated \\\"PNG\\\", 3 bytes\"}", lines.get(2));
    }

    @Test
    void aTableIsWrittenWholeOrNotAtAll(@TempDir Path folder) throws IOException {
        Map<String, String> here = Map.of("MIEN_CWD", folder.toString());
        threeKinds();
        Path file = folder.resolve("faces.csv");
        Shell.Outcome outcome =
                shell.launch(
                        here, "predict", "demo-1", "a.png", "b.png", "c,d.png", "--csv=faces.csv");
        assertEquals(
                "path,face,x,y,width,height,score,label,p(happy),p(sad),truth,error\r\n"
                        + "a.png,1,177.0,-3.0,95.0,96.0,40.0,happy,0.75,0.25,,\r\n"
                        + "a.png,2,12.0,66.0,95.0,96.0,7.0,sad,0.5,0.5,,\r\n"
                        + "b.png,,,,,,,,,,,\r\n"
                        + "\"c,d.png\",,,,,,,,,,,\"truncated \"\"PNG\"\", 3 bytes\"\r\n",
                Files.readString(file));
        assertEquals(
                """
                images  3
                faces   2
                errors  1
                table   faces.csv
                """,
                outcome.out());
        assertTrue(outcome.failure().contains("the column 'error' says why"), outcome.failure());
        assertEquals(List.of("faces.csv"), names(folder));

        // Stopped before the end: the old table stands, and nothing of the new one.
        String before = Files.readString(file);
        Shell.Outcome stopped =
                shell.launch(here, "predict", "demo-1", "a", "b", "c", "d", "--csv", "faces.csv");
        assertEquals(
                "stopped after 3 of 4 images; 'faces.csv' was not written",
                stopped.failure().strip());
        assertEquals(before, Files.readString(file));
        assertEquals(List.of("faces.csv"), names(folder));
        assertTrue(
                shell.launch(here, "predict", "demo-1", "a", "--csv=none/x.csv")
                        .failure()
                        .contains("does not exist; make it first"));
        assertTrue(
                shell.launch(here, "predict", "demo-1", "a", "--csv=" + folder)
                        .failure()
                        .contains("is a folder"));
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    /** What a command was asked for, below a folder. */
    private List<String> asked(Path folder, String... arguments) {
        String[] all = new String[arguments.length + 1];
        all[0] = "demo-1";
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        shell.launch(Map.of("MIEN_CWD", folder.toString()), "predict", all);
        List<String> paths = new ArrayList<>();
        for (Object path : (List<?>) shell.mien.asked.get(2)) {
            paths.add(folder.relativize((Path) path).toString());
        }
        return paths;
    }

    private static void touch(Path folder, String... files) throws IOException {
        for (String file : files) {
            Path path = folder.resolve(file);
            Files.createDirectories(path.getParent());
            Files.createFile(path);
        }
    }

    @Test
    void foldersAndPatternsBecomeFiles(@TempDir Path temp) throws IOException {
        Path folder = temp.toRealPath();
        touch(folder, "p/b.jpg", "p/a.PNG", "p/text.txt", "p/.hidden.png", "p/in/c.webp");
        touch(folder, "p/in/d.jpg", "p/.git/e.jpg", "odd[1].jpg", "x=y.jpg", "p/f.tiff");
        Files.createSymbolicLink(folder.resolve("p/in/circle"), folder.resolve("p"));
        Files.createSymbolicLink(folder.resolve("p/lost.png"), folder.resolve("none"));
        Files.createSymbolicLink(folder.resolve("linked"), folder.resolve("p/in"));
        List<String> below =
                List.of(
                        "p/a.PNG",
                        "p/b.jpg",
                        "p/f.tiff",
                        "p/in/c.webp",
                        "p/in/d.jpg",
                        "p/lost.png");
        assertEquals(below, asked(folder, "p"));
        assertEquals(below, asked(folder, "p/"));
        assertEquals(List.of("p/b.jpg"), asked(folder, "p/*.jpg"));
        assertEquals(List.of("p/b.jpg", "p/in/d.jpg"), asked(folder, "p/**/*.jpg"));
        assertEquals(List.of("p/in/c.webp", "p/in/d.jpg"), asked(folder, "p/i?/*"));
        assertEquals(List.of("p/b.jpg", "p/text.txt"), asked(folder, "p/{b,text}.*"));
        assertEquals(
                List.of("odd[1].jpg", "p/b.jpg", "none.png"),
                asked(folder, "odd[1].jpg", "p/b*", "none.png"));
        assertEquals(List.of("p/in/d.jpg"), asked(folder, folder.resolve("p/in") + "/*.jpg"));
        touch(folder, "a [1], {x}/e.png");
        for (String typed : List.of("a [1], {x}/*.png", folder + "/a [1], {x}/*.png")) {
            assertEquals(List.of("a [1], {x}/e.png"), asked(folder, typed));
        }
        // A key is no image, unless a file has its name.
        assertEquals(List.of("x=y.jpg"), asked(folder, "x=y.jpg", "a.b=c"));
        assertEquals(Map.of("a.b", "c"), shell.mien.asked.get(1));
        Map<String, String> here = Map.of("MIEN_CWD", folder.toString());
        assertEquals(
                "no file matches 'q/*.jpg'",
                shell.launch(here, "predict", "demo-1", "q/*.jpg").failure().strip());
        assertTrue(
                shell.launch(here, "predict", "demo-1", "p/[a")
                        .failure()
                        .contains("'p/[a' is not a pattern of paths"));
        Files.createDirectory(folder.resolve("empty"));
        assertTrue(
                shell.launch(here, "predict", "demo-1", "empty")
                        .failure()
                        .contains("folder 'empty' has no images"));
    }

    @Test
    void litterIsNoImageAndWhatIsLeftOutIsCounted(@TempDir Path folder) throws IOException {
        touch(
                folder,
                "p/a.jpg",
                "p/b.tiff",
                "p/c.jfif",
                "p/in/d.jpe",
                "p/e.heic",
                "p/in/f.txt",
                "p/g.txt",
                "p/noending",
                "p/@eaDir/a.jpg/thumb.jpg",
                "p/#recycle/old.jpg",
                "p/__MACOSX/._a.jpg",
                "p/__MACOSX/a.jpg",
                "p/._a.jpg",
                "p/Thumbs.db",
                "q/desktop.ini",
                "q/x.mov");
        List<String> images = List.of("p/a.jpg", "p/b.tiff", "p/c.jfif", "p/in/d.jpe");
        assertEquals(images, asked(folder, "p"));
        assertEquals(images, asked(folder, "p/**/*.{jpg,tiff,jfif,jpe}"));
        Map<String, String> here = Map.of("MIEN_CWD", folder.toString());
        assertTrue(
                shell.launch(here, "predict", "demo-1", "p")
                        .messages()
                        .contains(
                                "left out of 'p', no images: .txt 2, without an ending 1, .heic 1"),
                "told beside the answers");
        String none = shell.launch(here, "predict", "demo-1", "q").failure();
        assertTrue(none.contains("jpe, jfif, png"), none);
        assertTrue(none.contains("; it has .mov 1"), none);
    }

    @Test
    void pathsAreShownAsTheyWouldBeTyped(@TempDir Path folder) throws IOException {
        touch(folder, "p/in/a.png");
        shell.mien.answers.add(error("x", "cannot be read"));
        Map<String, String> here = Map.of("MIEN_CWD", folder.toString());
        assertTrue(
                shell.launch(here, "predict", "demo-1", "p", "--json")
                        .out()
                        .startsWith("{\"path\":\"p/in/a.png\","));
        assertTrue(
                shell.launch(here, "predict", "demo-1", "./p/*/a.png", "--json")
                        .out()
                        .startsWith("{\"path\":\"./p/in/a.png\","));
    }

    /** More answers than may wait at once. */
    @Test
    void manyAnswersAreShown() {
        String[] arguments = new String[1001];
        arguments[0] = "demo-1";
        for (int i = 1; i <= 1000; i++) {
            arguments[i] = i + ".png";
            shell.mien.answers.add(error("/home/me/" + i + ".png", "cannot be read"));
        }
        Shell.Outcome outcome = shell.launch(HERE, "predict", arguments);
        assertEquals(1001, outcome.out().lines().count());
        assertEquals("1000 of 1000 images could not be answered", outcome.failure().strip());
    }

    private static void mode(Path path, String mode) throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
    }

    @Test
    void aViewerPredictsOnlyWhatEveryoneCanRead(@TempDir Path folder) throws IOException {
        shell.role = "viewer";
        mode(folder, "rwxr-xr-x");
        Path open = Files.createFile(folder.resolve("open.png"));
        mode(open, "rw-r--r--");
        Path own = Files.createFile(folder.resolve("own.png"));
        mode(own, "rw-------");
        Path inside = Files.createDirectory(folder.resolve("inside"));
        Path hidden = Files.createFile(inside.resolve("hidden.png"));
        mode(hidden, "rw-r--r--");
        mode(inside, "rwx------");
        Path link = Files.createSymbolicLink(folder.resolve("link.png"), own);
        shell.mien.answers.add(answer(open.toRealPath().toString(), "happy", null, "happy", 1.0));

        assertNull(shell.type("fer:predict demo-1 " + open).failure());
        assertEquals(
                List.of("demo-1", Map.of(), List.of(open.toRealPath()), List.of()),
                shell.mien.asked);
        assertNull(shell.type("fer:predict demo-1 --sample s1").failure());

        shell.mien.asked.clear();
        for (Path closed : List.of(own, hidden, link, folder, folder.resolve("none.png"))) {
            // The same words, so that nobody learns whether the file is there.
            assertEquals(
                    "'"
                            + closed
                            + "' cannot be read by every user of this machine, or does not exist;"
                            + " viewers predict such files only. Make it readable for all, with"
                            + " the folders it lies in, or ask an administrator.",
                    shell.type("fer:predict demo-1 " + closed).failure());
        }
        assertEquals(List.of(), shell.mien.asked);
        assertTrue(
                shell.type("fer:predict demo-1 '" + folder + "/*.png'")
                        .failure()
                        .contains("viewers predict such files only"));
        for (String closed :
                List.of("yunet.model=/etc/passwd", "dataset.path=" + own, "train.batch=1")) {
            String why = shell.type("fer:predict demo-1 " + open + " " + closed).failure();
            assertTrue(why.contains("is not for viewers, who may give preprocess"), why);
        }
        assertTrue(
                shell.type("fer:predict demo-1 --csv=" + folder.resolve("x.csv") + " " + open)
                        .failure()
                        .contains("which viewers may not"));
        assertEquals(List.of(), shell.mien.asked);
        assertFalse(Files.exists(folder.resolve("x.csv")));
        assertNull(
                shell.type("fer:predict demo-1 preprocess=resize resize.antialias=false " + open)
                        .failure());
        assertEquals(
                Map.of("preprocess", "resize", "resize.antialias", "false"),
                shell.mien.asked.get(1));
        shell.role = "manager";
        assertNull(shell.type("fer:predict demo-1 " + own).failure());
    }
}
