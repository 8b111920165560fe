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
 * Cuts a part of random size and proportions out in training and scales it back to the picture's
 * width and height: the random resized crop of Szegedy et al. (CVPR 2015), drawn as torchvision
 * does. Points move with the pixels.
 */
@Component(property = "mien.id=zoom")
public final class Zoom implements Preprocessor<Zoom.Settings> {
    private static final int TRIES = 10;

    /**
     * Keys {@code zoom.*}.
     *
     * @param minArea smallest part
     * @param maxArea largest part
     * @param aspect of the part
     */
    public record Settings(
            @Key(
                            value = "0.2",
                            min = 0.01,
                            max = 1,
                            doc = "Smallest part cut out in training, as a share of the area, to 1")
                    double minArea,
            @Key(
                            value = "1",
                            min = 0.01,
                            max = 1,
                            doc = "Largest part cut out in training, as a share of the area, to 1")
                    double maxArea,
            @Key(
                            value = "0.75",
                            min = 0.1,
                            max = 1,
                            doc =
                                    "Smallest width / height of the part, 0.1 to 1; the largest is"
                                            + " 1 / this")
                    double aspect) {
        /** Checks the order of the areas. */
        public Settings {
            if (minArea > maxArea) {
                throw new IllegalArgumentException(
                        "zoom.min-area "
                                + minArea
                                + " is above zoom.max-area "
                                + maxArea
                                + ". Exchange them");
            }
        }
    }

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
        return Set.of("min-area", "max-area", "aspect");
    }

    @Override
    public Step open(Settings settings, String view) {
        return new Step() {
            @Override
            public List<Picture> apply(Picture picture) {
                return List.of(picture);
            }

            @Override
            public List<Picture> vary(Picture picture, RandomGenerator random) {
                double area = (double) picture.width() * picture.height();
                double spread = StrictMath.log(settings.aspect());
                for (int i = 0; i < TRIES; i++) {
                    double share =
                            settings.minArea()
                                    + random.nextDouble()
                                            * (settings.maxArea() - settings.minArea());
                    double aspect = StrictMath.exp(spread * (2 * random.nextDouble() - 1));
                    long width = Math.round(Math.sqrt(area * share * aspect));
                    long height = Math.round(Math.sqrt(area * share / aspect));
                    if (width >= 1
                            && height >= 1
                            && width <= picture.width()
                            && height <= picture.height()) {
                        int x = random.nextInt(picture.width() - (int) width + 1);
                        int y = random.nextInt(picture.height() - (int) height + 1);
                        return List.of(cut(picture, x, y, (int) width, (int) height));
                    }
                }
                return List.of(picture);
            }
        };
    }

    private static Picture cut(Picture picture, int x, int y, int width, int height) {
        return Images.resize(
                Images.crop(picture, x, y, width, height), picture.width(), picture.height());
    }
}
