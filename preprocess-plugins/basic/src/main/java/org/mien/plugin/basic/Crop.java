// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.basic;

import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.mien.api.Key;
import org.mien.api.data.Picture;
import org.mien.api.data.Preprocessor;
import org.mien.vision.Images;
import org.osgi.service.component.annotations.Component;

/**
 * Cuts a square from the middle of a picture, in training from a place a few pixels off. Where the
 * square then reaches over the edge, the pixels of the edge are repeated.
 */
@Component(property = "mien.id=crop")
public final class Crop implements Preprocessor<Crop.Settings> {
    /**
     * Keys {@code crop.*}.
     *
     * @param size side of the square, or 0
     * @param shift largest shift
     */
    public record Settings(
            @Key(
                            value = "0",
                            min = 0,
                            max = 4096,
                            doc =
                                    "Side of the square that is cut out, in pixels; 0 keeps the"
                                            + " picture's width and height")
                    int size,
            @Key(
                            value = "4",
                            min = 0,
                            max = 4096,
                            doc =
                                    "Largest shift of the cut in training, in pixels to each side;"
                                            + " 0 shifts nothing")
                    int shift) {}

    @Override
    public When when() {
        return When.EACH_USE;
    }

    @Override
    public Class<Settings> settings() {
        return Settings.class;
    }

    @Override
    public Set<String> varying() {
        return Set.of("shift");
    }

    @Override
    public boolean idle(Settings settings) {
        return settings.size() == 0 && settings.shift() == 0;
    }

    @Override
    public Step open(Settings settings, String view) {
        return new Step() {
            @Override
            public List<Picture> apply(Picture picture) {
                return cut(picture, 0, 0);
            }

            @Override
            public List<Picture> vary(Picture picture, RandomGenerator random) {
                int right = random.nextInt(-settings.shift(), settings.shift() + 1);
                int down = random.nextInt(-settings.shift(), settings.shift() + 1);
                return cut(picture, right, down);
            }

            private List<Picture> cut(Picture picture, int right, int down) {
                int width = settings.size() == 0 ? picture.width() : settings.size();
                int height = settings.size() == 0 ? picture.height() : settings.size();
                if (width > picture.width() || height > picture.height()) {
                    throw new IllegalArgumentException(
                            "crop.size "
                                    + settings.size()
                                    + " is larger than the picture of "
                                    + picture.width()
                                    + " x "
                                    + picture.height()
                                    + " pixels. Lower it, or put the step resize before crop");
                }
                return List.of(
                        Images.crop(
                                picture,
                                (picture.width() - width) / 2 + right,
                                (picture.height() - height) / 2 + down,
                                width,
                                height));
            }
        };
    }
}
