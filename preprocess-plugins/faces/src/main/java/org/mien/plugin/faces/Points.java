// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.faces;

import java.util.List;
import org.mien.api.data.Picture;

/** The five points of a face. */
final class Points {
    private Points() {}

    /**
     * Eyes (left of the image first), nose tip, corners of the mouth.
     *
     * @param step who needs them
     * @throws IllegalArgumentException when the picture has others, or none
     */
    static List<float[]> five(Picture picture, String step) {
        if (picture.points().size() != 5) {
            throw new IllegalArgumentException(
                    "the picture has "
                            + (picture.points().isEmpty() ? "no" : picture.points().size())
                            + " points; expected five: eyes, nose tip, corners of the mouth. Name a"
                            + " detector that gives them before "
                            + step
                            + ": yunet does, haar does not, nor does a picture taken whole");
        }
        return picture.points();
    }
}
