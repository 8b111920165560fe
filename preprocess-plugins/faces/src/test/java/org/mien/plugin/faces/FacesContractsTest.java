// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.faces;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Nested;
import org.mien.api.data.Picture;
import org.mien.api.data.Preprocessor;
import org.mien.testkit.PreprocessorContract;
import org.mien.vision.Images;
import org.mien.vision.Limits;

class FacesContractsTest {
    private static Path shared(String folder, String name) {
        Path file = Path.of(System.getProperty("mien.shared"), "data", folder, name);
        Assumptions.assumeTrue(Files.isRegularFile(file), file + " is not here");
        return file;
    }

    private static List<Picture> astronaut() throws Exception {
        byte[] file = Files.readAllBytes(shared("faces", "astronaut.png"));
        return List.of(Images.decode(Picture.encoded(ByteBuffer.wrap(file)), Limits.DEFAULT));
    }

    @Nested
    class OfAlign extends PreprocessorContract<Align.Settings> {
        @Override
        protected Preprocessor<Align.Settings> plugin() {
            return new Align();
        }
    }

    @Nested
    class OfLevel extends PreprocessorContract<Level.Settings> {
        @Override
        protected Preprocessor<Level.Settings> plugin() {
            return new Level();
        }
    }

    @Nested
    class OfHalfFace extends PreprocessorContract<HalfFace.Settings> {
        @Override
        protected Preprocessor<HalfFace.Settings> plugin() {
            return new HalfFace();
        }
    }

    /** On drawn pictures without a face, all of which are taken whole. */
    @Nested
    class OfHaarWithoutAFace extends PreprocessorContract<Haar.Settings> {
        @Override
        protected Preprocessor<Haar.Settings> plugin() {
            return new Haar();
        }

        @Override
        protected String[] keys() {
            return new String[] {"none=whole-image"};
        }
    }

    @Nested
    class OfHaar extends PreprocessorContract<Haar.Settings> {
        @Override
        protected Preprocessor<Haar.Settings> plugin() {
            return new Haar();
        }

        @Override
        protected List<Picture> pictures() throws Exception {
            return astronaut();
        }

        @Override
        protected String[] keys() {
            return new String[] {"side=256"};
        }
    }

    @Nested
    class OfHaarWithAllFaces extends PreprocessorContract<Haar.Settings> {
        @Override
        protected Preprocessor<Haar.Settings> plugin() {
            return new Haar();
        }

        @Override
        protected List<Picture> pictures() throws Exception {
            return astronaut();
        }

        @Override
        protected String[] keys() {
            return new String[] {"side=256", "faces=all", "neighbours=1"};
        }
    }

    @Nested
    class OfYunet extends PreprocessorContract<Yunet.Settings> {
        @Override
        protected Preprocessor<Yunet.Settings> plugin() {
            return new Yunet();
        }

        @Override
        protected List<Picture> pictures() throws Exception {
            return astronaut();
        }

        @Override
        protected String[] keys() {
            return new String[] {
                "model=" + shared("models", "face_detection_yunet_2023mar.onnx"), "side=256"
            };
        }
    }
}
