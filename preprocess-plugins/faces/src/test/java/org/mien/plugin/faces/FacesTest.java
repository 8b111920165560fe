// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.faces;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.mien.api.data.Face;
import org.mien.api.data.Picture;
import org.mien.api.data.Preprocessor.Step;
import org.mien.api.data.Preprocessor.When;
import org.mien.vision.FaceDetector;
import org.mien.vision.FaceDetector.Found;
import org.mien.vision.FaceDetectors.Cascade;
import org.mien.vision.Images;
import org.mien.vision.Limits;

class FacesTest {
    private static final Found SMALL = new Found(new Face(10, 20, 8, 10, 0.9), List.of());
    private static final Found LARGE =
            new Found(new Face(50, 30, 30, 20, 0.8), List.of(new float[] {60, 40}));

    private static Path shared(String folder, String name) {
        Path file = Path.of(System.getProperty("mien.shared"), "data", folder, name);
        Assumptions.assumeTrue(Files.isRegularFile(file), file + " is not here");
        return file;
    }

    private static Picture astronaut() throws IOException {
        byte[] file = Files.readAllBytes(shared("faces", "astronaut.png"));
        return Images.decode(Picture.encoded(ByteBuffer.wrap(file)), Limits.DEFAULT);
    }

    /** Each pixel tells its own place: red its column, green its row. */
    private static Picture map() {
        ByteBuffer rgb = ByteBuffer.allocate(3 * 100 * 80);
        for (int y = 0; y < 80; y++) {
            for (int x = 0; x < 100; x++) {
                rgb.put((byte) x).put((byte) y).put((byte) 0);
            }
        }
        return new Picture(100, 80, rgb.flip(), List.of(), Map.of("other", 7.0));
    }

    private static List<Picture> cut(Faces faces, None none, double margin, Found... found) {
        boolean[] closed = new boolean[1];
        FaceDetector detector =
                new FaceDetector() {
                    @Override
                    public List<Found> detect(Picture picture) {
                        return List.of(found);
                    }

                    @Override
                    public void close() {
                        closed[0] = true;
                    }
                };
        List<Picture> pictures;
        try (Step step = new Cutter("haar", detector, faces, none, margin)) {
            pictures = step.apply(map());
        }
        assertTrue(closed[0], "the detector is closed with its step");
        return pictures;
    }

    @Test
    void aFaceIsCutToASquareWithItsPointsAndItsPlace() {
        Picture picture = cut(Faces.LARGEST, None.SKIP, 0, SMALL, LARGE).get(0);
        assertEquals(30, picture.width());
        assertEquals(30, picture.height());
        // The box reaches from row 30 to 50, the square from 25 to 55.
        assertEquals(50, picture.bytes().get(0));
        assertEquals(25, picture.bytes().get(1));
        assertEquals(10, picture.points().get(0)[0]);
        assertEquals(15, picture.points().get(0)[1]);
        assertEquals(LARGE.face(), picture.face().orElseThrow());
        assertEquals(7.0, picture.facts().get("other"));
    }

    @Test
    void theMarginIsAShareOfTheLongerSide() {
        Picture picture = cut(Faces.LARGEST, None.SKIP, 0.5, LARGE).get(0);
        assertEquals(60, picture.width());
        assertEquals(35, picture.bytes().get(0));
        assertEquals(10, picture.bytes().get(1));
        assertEquals(25, picture.points().get(0)[0]);
        assertEquals(LARGE.face(), picture.face().orElseThrow());
    }

    @Test
    void oneOrAllOfSeveralFacesGoOn() {
        assertEquals(SMALL.face(), only(cut(Faces.FIRST, None.SKIP, 0, SMALL, LARGE)));
        assertEquals(LARGE.face(), only(cut(Faces.LARGEST, None.SKIP, 0, SMALL, LARGE)));
        List<Picture> all = cut(Faces.ALL, None.SKIP, 0, SMALL, LARGE);
        assertEquals(2, all.size());
        assertEquals(SMALL.face(), all.get(0).face().orElseThrow());
        assertEquals(LARGE.face(), all.get(1).face().orElseThrow());
        assertEquals(10, all.get(0).width());
    }

    private static Face only(List<Picture> pictures) {
        assertEquals(1, pictures.size());
        return pictures.get(0).face().orElseThrow();
    }

    @Test
    void aPictureWithoutAFaceIsSkippedTakenWholeOrRefused() {
        assertEquals(List.of(), cut(Faces.ALL, None.SKIP, 0));
        Picture whole = cut(Faces.ALL, None.WHOLE_IMAGE, 0).get(0);
        assertEquals(100, whole.width());
        assertTrue(whole.face().isEmpty());
        assertEquals(
                "no face was found in a picture of 100 x 80 pixels. Set haar.none to skip or"
                        + " whole-image, or look for smaller faces with haar.min-size and"
                        + " haar.side",
                assertThrows(IllegalArgumentException.class, () -> cut(Faces.ALL, None.FAIL, 0))
                        .getMessage());
    }

    @Test
    void theBoxIsThatOfThePhotograph() {
        FaceDetector detector =
                new FaceDetector() {
                    @Override
                    public List<Found> detect(Picture picture) {
                        return List.of(LARGE);
                    }

                    @Override
                    public void close() {}
                };
        try (Step step = new Cutter("haar", detector, Faces.FIRST, None.SKIP, 0)) {
            Picture scaled = map().with("photograph.width", 1000).with("photograph.height", 400);
            assertEquals(new Face(500, 150, 300, 100, 0.8), only(step.apply(scaled)));
            Picture found = step.apply(map()).get(0);
            assertTrue(
                    assertThrows(IllegalArgumentException.class, () -> step.apply(found))
                            .getMessage()
                            .contains("Name one detector"));
        }
    }

    @Test
    void aHugeFaceIsScaledDownBeforeItIsCut() {
        Picture wide = Picture.rgb(9000, 60, ByteBuffer.allocate(3 * 9000 * 60));
        Found found = new Found(new Face(0, 0, 8192, 60, 1), List.of(new float[] {8191.5f, 29.5f}));
        FaceDetector detector =
                new FaceDetector() {
                    @Override
                    public List<Found> detect(Picture picture) {
                        return List.of(found);
                    }

                    @Override
                    public void close() {}
                };
        try (Step step = new Cutter("haar", detector, Faces.FIRST, None.SKIP, 0)) {
            Picture picture = step.apply(wide).get(0);
            assertEquals(4096, picture.width());
            assertEquals(4095.5, picture.points().get(0)[0], 0.5);
            assertEquals(2047.5, picture.points().get(0)[1], 1);
            assertEquals(found.face(), picture.face().orElseThrow());
        }
    }

    @Test
    void haarWorksOutOfTheBox() throws IOException {
        Haar haar = new Haar();
        assertEquals(When.ONCE, haar.when());
        Haar.Settings settings =
                new Haar.Settings(Faces.ALL, None.SKIP, 0, 24, 1024, 5, Cascade.DEFAULT);
        try (Step step = haar.open(settings, "face")) {
            assertEquals(List.of(), step.apply(map()));
            List<Picture> faces = step.apply(astronaut());
            Face face = only(faces);
            assertEquals(177, face.x(), 3);
            assertEquals(66, face.y(), 3);
            assertEquals(95, face.width(), 4);
            assertEquals(face.width(), faces.get(0).width());
            assertEquals(List.of(), faces.get(0).points());
        }
    }

    @Test
    void yunetsPointsLandOnTheTemplate() throws IOException {
        Path model = shared("models", "face_detection_yunet_2023mar.onnx");
        Yunet yunet = new Yunet();
        Yunet.Settings settings =
                new Yunet.Settings(model, Faces.LARGEST, None.FAIL, 0.25, 24, 1024, 0.7);
        try (Step step = yunet.open(settings, "face");
                Step align = new Align().open(new Align.Settings(224), "face");
                Step level = new Level().open(new Level.Settings(), "face")) {
            Picture photograph = astronaut();
            Picture face = step.apply(photograph).get(0);
            assertTrue(face.face().orElseThrow().score() > 0.9);
            assertEquals(170, face.width(), 5);
            Picture aligned = align.apply(face).get(0);
            assertEquals(224, aligned.width());
            List<float[]> template = Align.template(224);
            for (int i = 0; i < 5; i++) {
                assertEquals(template.get(i)[0], aligned.points().get(i)[0], 12);
                assertEquals(template.get(i)[1], aligned.points().get(i)[1], 12);
            }
            assertEquals(face.facts(), aligned.facts());
            Picture turned = Images.rotate(face, 25);
            Picture even = level.apply(turned).get(0);
            assertEquals(even.points().get(0)[1], even.points().get(1)[1], 1e-3);
            assertEquals(even.width(), face.width());
            // The face is found again, at the same angle.
            Picture again = Picture.rgb(even.width(), even.height(), even.bytes());
            List<float[]> points = step.apply(again).get(0).points();
            assertEquals(points.get(0)[1], points.get(1)[1], 4);
        }
    }

    @Test
    void levelTurnsEitherWay() {
        for (double degrees : new double[] {-40, -3, 12, 88}) {
            List<float[]> points =
                    List.of(
                            new float[] {30, 30},
                            new float[] {70, 30},
                            new float[] {50, 45},
                            new float[] {35, 60},
                            new float[] {65, 60});
            Picture face = new Picture(100, 80, map().bytes(), points, Map.of("other", 7.0));
            Picture turned = Images.rotate(face, degrees);
            try (Step level = new Level().open(new Level.Settings(), "face")) {
                Picture even = level.apply(turned).get(0);
                for (int i = 0; i < 5; i++) {
                    assertEquals(points.get(i)[0], even.points().get(i)[0], 1e-3);
                    assertEquals(points.get(i)[1], even.points().get(i)[1], 1e-3);
                }
                assertEquals(face.facts(), even.facts());
                assertSame(face, level.apply(face).get(0));
            }
        }
    }

    @Test
    void withoutPointsADetectorIsNamed() {
        for (Step step :
                List.of(
                        new Align().open(new Align.Settings(112), "face"),
                        new Level().open(new Level.Settings(), "face"))) {
            String why =
                    assertThrows(IllegalArgumentException.class, () -> step.apply(map()))
                            .getMessage();
            assertTrue(why.startsWith("the picture has no points; expected five"), why);
            assertTrue(why.contains("yunet does, haar does not"), why);
        }
    }
}
