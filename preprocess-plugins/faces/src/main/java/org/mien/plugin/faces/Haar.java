// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.faces;

import org.mien.api.Key;
import org.mien.api.data.Preprocessor;
import org.mien.vision.FaceDetectors;
import org.osgi.service.component.annotations.Component;

/**
 * Finds frontal faces with a cascade that comes with OpenCV and needs no file, and cuts them out.
 * It gives no points.
 */
@Component(property = "mien.id=haar")
public final class Haar implements Preprocessor<Haar.Settings> {
    /**
     * Keys {@code haar.*}.
     *
     * @param faces which of several
     * @param none what if there is none
     * @param margin about the box
     * @param minSize of a face
     * @param side of the search
     * @param neighbours that agree
     * @param cascade which of OpenCV's
     */
    public record Settings(
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
                            value = "0",
                            min = 0,
                            max = 2,
                            doc =
                                    "Margin about the box on each side, as a share of its longer"
                                            + " side, 0 to 2")
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
            @Key(
                            value = "5",
                            min = 1,
                            max = 100,
                            doc =
                                    "Fewest windows that must agree on a face; their number is its"
                                            + " score")
                    int neighbours,
            @Key(value = "default", doc = "Which of OpenCV's two cascades of frontal faces to use")
                    FaceDetectors.Cascade cascade) {}

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
                "haar",
                FaceDetectors.haar(
                        settings.cascade(),
                        settings.neighbours(),
                        settings.side(),
                        settings.minSize()),
                settings.faces(),
                settings.none(),
                settings.margin());
    }
}
