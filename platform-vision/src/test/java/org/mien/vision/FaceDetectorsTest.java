// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.vision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mien.api.data.Face;
import org.mien.api.data.Picture;
import org.mien.vision.FaceDetector.Found;
import org.mien.vision.FaceDetectors.Cascade;

class FaceDetectorsTest {
    private static final Path SHARED = Path.of(System.getProperty("mien.shared"), "data");

    private static Path shared(String... names) {
        Path file = SHARED;
        for (String name : names) {
            file = file.resolve(name);
        }
        Assumptions.assumeTrue(Files.isRegularFile(file), file + " is not here");
        return file;
    }

    private static Picture astronaut() throws IOException {
        byte[] file = Files.readAllBytes(shared("faces", "astronaut.png"));
        return Images.decode(Picture.encoded(ByteBuffer.wrap(file)), Limits.DEFAULT);
    }

    private static void assertBox(
            double x, double y, double width, double height, Face face, double tolerance) {
        assertEquals(x, face.x(), tolerance, face.toString());
        assertEquals(y, face.y(), tolerance, face.toString());
        assertEquals(width, face.width(), tolerance, face.toString());
        assertEquals(height, face.height(), tolerance, face.toString());
    }

    @Test
    void haarFindsAFaceAtAnyScale() throws IOException {
        Picture picture = astronaut();
        for (Cascade cascade : Cascade.values()) {
            try (FaceDetector detector = FaceDetectors.haar(cascade, 3, 1024, 24)) {
                List<Found> found = detector.detect(picture);
                assertEquals(1, found.size());
                assertBox(177, 66, 95, 95, found.get(0).face(), 4);
                assertEquals(36, found.get(0).face().score(), 6);
                assertEquals(List.of(), found.get(0).points());
            }
            // Searched at a smaller size, the box is that of the picture that was given.
            try (FaceDetector detector = FaceDetectors.haar(cascade, 3, 512, 24)) {
                Picture large = Images.resize(picture, 1536, 1536);
                assertBox(531, 198, 285, 285, detector.detect(large).get(0).face(), 24);
            }
            try (FaceDetector none = FaceDetectors.haar(cascade, 3, 1024, 150)) {
                assertEquals(List.of(), none.detect(picture));
            }
        }
    }

    @Test
    void haarFindsNoFaceInWhatHasNone() {
        try (FaceDetector detector = FaceDetectors.haar(Cascade.DEFAULT, 3, 640, 24)) {
            for (int side : new int[] {1, 2, 23, 24, 100}) {
                int[][] rows = new int[side][side];
                assertEquals(List.of(), detector.detect(TestFiles.grey(rows)));
            }
            Picture encoded = Picture.encoded(ByteBuffer.wrap(new byte[9]));
            assertTrue(
                    assertThrows(IllegalArgumentException.class, () -> detector.detect(encoded))
                            .getMessage()
                            .contains("decode it first"));
        }
    }

    @Test
    void yunetFindsAFaceAndItsPoints() throws IOException {
        Path model = shared("models", "face_detection_yunet_2023mar.onnx");
        Picture picture = astronaut();
        try (FaceDetector detector = FaceDetectors.yunet(model, 0.6, 1024, 20)) {
            List<Found> found = detector.detect(picture);
            assertEquals(1, found.size());
            Face face = found.get(0).face();
            assertTrue(face.score() > 0.9, face.toString());
            assertBox(178, 63, 90, 113, face, 3);
            List<float[]> points = found.get(0).points();
            float[][] expected = {{200, 102}, {247, 103}, {220, 125}, {199, 143}, {240, 144}};
            for (int i = 0; i < 5; i++) {
                assertEquals(expected[i][0], points.get(i)[0], 3);
                assertEquals(expected[i][1], points.get(i)[1], 3);
            }
            Picture large = Images.resize(picture, 2000, 1600);
            float[] eye = detector.detect(large).get(0).points().get(0);
            assertEquals(2000 / 512.0 * 200, eye[0], 15);
            assertEquals(1600 / 512.0 * 102, eye[1], 15);
            assertEquals(List.of(), detector.detect(TestFiles.grey(new int[40][30])));
            assertEquals(1, detector.detect(picture).size());
        }
        try (FaceDetector none = FaceDetectors.yunet(model, 0.95, 1024, 20)) {
            assertEquals(List.of(), none.detect(picture));
        }
        try (FaceDetector none = FaceDetectors.yunet(model, 0.6, 1024, 120)) {
            assertEquals(List.of(), none.detect(picture));
        }
    }

    @Test
    void aWrongModelIsNamed(@TempDir Path folder) throws IOException {
        Path missing = folder.resolve("none.onnx");
        assertTrue(refusal(missing).contains(missing + " does not exist; expected face_detection"));
        assertTrue(refusal(folder).contains("is not a file"));
        Path text = Files.writeString(folder.resolve("text.onnx"), "not a network at all");
        assertTrue(refusal(text).contains(text + " is not YuNet as OpenCV reads it"));
        Path empty = Files.createFile(folder.resolve("empty.onnx"));
        assertTrue(refusal(empty).contains(empty + " is not YuNet"));
    }

    private static String refusal(Path model) {
        return assertThrows(
                        IllegalArgumentException.class,
                        () -> FaceDetectors.yunet(model, 0.6, 640, 20))
                .getMessage();
    }
}
