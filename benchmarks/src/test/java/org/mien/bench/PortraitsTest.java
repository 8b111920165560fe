// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.bench;

import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mien.api.data.Picture;
import org.mien.vision.FaceDetector;
import org.mien.vision.FaceDetectors;
import org.mien.vision.Images;
import org.mien.vision.Limits;

class PortraitsTest {
    private static final Path SHARED = Path.of(System.getProperty("mien.shared"), "data");

    @TempDir Path temp;

    /** Both the picture of a person and the drawn face. */
    @Test
    void yunetFindsTheFaces() throws IOException {
        Path model = SHARED.resolve("models/face_detection_yunet_2023mar.onnx");
        Assumptions.assumeTrue(Files.isRegularFile(model), model + " is not here");
        Path photographs = Photographs.write(temp.resolve("photographs"), 2, 640, 480);
        try (FaceDetector detector = FaceDetectors.yunet(model, 0.7, 1024, 24)) {
            for (Path face :
                    new Path[] {SHARED.resolve("faces/astronaut.png"), temp.resolve("none.png")}) {
                Portraits portraits = new Portraits(photographs, 2, face);
                Path folder = temp.resolve("of " + face.getFileName());
                Photographs.write(folder, 8, portraits::picture);
                for (int i = 0; i < 8; i++) {
                    byte[] file = Files.readAllBytes(folder.resolve(Photographs.name(i)));
                    Picture picture =
                            Images.decode(Picture.encoded(ByteBuffer.wrap(file)), Limits.DEFAULT);
                    assertFalse(detector.detect(picture).isEmpty(), face + ", portrait " + i);
                }
            }
        }
    }
}
