// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.faces;

import java.util.List;
import org.mien.api.Key;
import org.mien.api.data.Picture;
import org.mien.api.data.Preprocessor;
import org.mien.vision.Images;
import org.osgi.service.component.annotations.Component;

/**
 * Cuts a face along the vertical line through the tip of the nose into the views "left" and
 * "right", as HSAW does (Huang and Yang 2024, section 4.1); in the middle where nobody has found
 * the nose.
 */
@Component(property = "mien.id=half-face")
public final class HalfFace implements Preprocessor<HalfFace.Settings> {
    /** Whose left is left. */
    public enum Side {
        /** That of the picture. */
        IMAGE,
        /** That of the person in it, who looks at us: on the right of the picture. */
        SUBJECT
    }

    /**
     * Keys {@code half-face.*}.
     *
     * @param side whose left is left
     */
    public record Settings(
            @Key(
                            value = "image",
                            doc =
                                    "Whose left the view left is: that of the image, or of the subject"
                                            + " in it")
                    Side side) {}

    /** Place of the nose among the five points. */
    private static final int NOSE = 2;

    @Override
    public When when() {
        return When.VIEW;
    }

    @Override
    public List<String> views() {
        return List.of("left", "right");
    }

    @Override
    public Class<Settings> settings() {
        return Settings.class;
    }

    @Override
    public Step open(Settings settings, String view) {
        boolean first = view.equals("left") == (settings.side() == Side.IMAGE);
        return picture -> {
            int width = picture.width();
            int at = split(picture);
            return List.of(
                    first
                            ? Images.crop(picture, 0, 0, at, picture.height())
                            : Images.crop(
                                    picture,
                                    Math.min(at, width - 1),
                                    0,
                                    Math.max(1, width - at),
                                    picture.height()));
        };
    }

    /** Columns on the left of the line; each half keeps one at least. */
    static int split(Picture picture) {
        int width = picture.width();
        double line =
                picture.points().size() == 5
                        ? picture.points().get(NOSE)[0] + 0.5 // points lie on centres of pixels
                        : width / 2.0;
        return (int) Math.max(1, Math.min(width - 1L, Math.round(line)));
    }
}
