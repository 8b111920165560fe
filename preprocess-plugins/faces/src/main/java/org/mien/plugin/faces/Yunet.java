// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.faces;

import java.nio.file.Path;
import org.mien.api.Key;
import org.mien.api.data.Preprocessor;
import org.mien.vision.FaceDetectors;
import org.osgi.service.component.annotations.Component;

/** Finds faces and their five points with YuNet, whose file the user brings, and cuts them out. */
@Component(property = "mien.id=yunet")
public final class Yunet implements Preprocessor<Yunet.Settings> {
    /**
     * Keys {@code yunet.*}.
     *
     * @param model its file
     * @param faces which of several
     * @param none what if there is none
     * @param margin about the box
     * @param minSize of a face
     * @param side of the search
     * @param score of a face
     */
    public record Settings(
            @Key(doc = "File face_detection_yunet_2023mar.onnx of OpenCV's model zoo") Path model,
            @Key(
                            value = "largest",
                            doc =
                                    "Which of several faces go on: the largest, all, or the first,"
                                            + " which has the highest score")
                    Faces faces,
            @Key(
                            value = "skip",
                            doc =
                                    "What if no face is found: skip gives no face, whole-image takes"
                                            + " the picture as it is, fail refuses it")
                    None none,
            @Key(
                            value = "0.25",
                            min = 0,
                            max = 2,
                            doc =
                                    "Margin about the box on each side, as a share of its longer"
                                            + " side, 0 to 2; align and level need some")
                    double margin,
            @Key(
                            value = "24",
                            min = 1,
                            max = 16384,
                            doc = "Width of the smallest face, in pixels of the picture")
                    int minSize,
            @Key(
                            value = "1024",
                            min = 64,
                            max = 4096,
                            doc =
                                    "Longer side that a larger picture is scaled down to for the"
                                            + " search, in pixels")
                    int side,
            @Key(value = "0.7", min = 0, max = 1, doc = "Lowest score of a face, 0 to 1")
                    double score) {}

    @Override
    public When when() {
        return When.ONCE;
    }

    @Override
    public Class<Settings> settings() {
        return Settings.class;
    }

    @Override
    public Gives gives(Settings settings) {
        return settings.faces() == Faces.ALL ? Gives.FACES : Gives.ONE;
    }

    @Override
    public String oneFace() {
        return "faces=largest";
    }

    @Override
    public Step open(Settings settings, String view) {
        return new Cutter(
                "yunet",
                FaceDetectors.yunet(
                        settings.model(), settings.score(), settings.side(), settings.minSize()),
                settings.faces(),
                settings.none(),
                settings.margin());
    }
}
