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
 * Turns, scales, shears and shifts some pictures in training, all at once and about their centre,
 * with the parameters of torchvision's RandomAffine. Width and height stay; beyond an edge its
 * pixels are repeated. Points move with the pixels.
 */
@Component(property = "mien.id=affine")
public final class Affine implements Preprocessor<Affine.Settings> {
    /**
     * Keys {@code affine.*}.
     *
     * @param degrees largest angle
     * @param shift largest shift
     * @param minScale smallest factor
     * @param maxScale largest factor
     * @param shear largest angle of shear
     * @param probability of moving
     */
    public record Settings(
            // Up to a right angle the eye on the left of an upright face stays on the left.
            @Key(
                            value = "10",
                            min = 0,
                            max = 45,
                            doc = "Largest angle in training, in degrees to each side, 0 to 45")
                    double degrees,
            @Key(
                            value = "0.1",
                            min = 0,
                            max = 0.5,
                            doc =
                                    "Largest shift in training, as a share of width and of height,"
                                            + " 0 to 0.5")
                    double shift,
            @Key(
                            value = "0.9",
                            min = 0.25,
                            max = 4,
                            doc = "Smallest factor that scales in training, 0.25 to 4")
                    double minScale,
            @Key(
                            value = "1.1",
                            min = 0.25,
                            max = 4,
                            doc = "Largest factor that scales in training, 0.25 to 4")
                    double maxScale,
            @Key(
                            value = "0",
                            min = 0,
                            max = 40,
                            doc =
                                    "Largest angle of shear along rows in training, in degrees, 0 to 40")
                    double shear,
            @Key(
                            value = "1",
                            min = 0,
                            max = 1,
                            doc = "Probability that a picture is moved in training, 0 to 1")
                    double probability) {
        /** Checks the order of the factors. */
        public Settings {
            if (minScale > maxScale) {
                throw new IllegalArgumentException(
                        "affine.min-scale "
                                + minScale
                                + " is above affine.max-scale "
                                + maxScale
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
        return Set.of("degrees", "shift", "min-scale", "max-scale", "shear", "probability");
    }

    @Override
    public boolean idle(Settings settings) {
        return settings.probability() == 0
                || settings.degrees() == 0
                        && settings.shift() == 0
                        && settings.shear() == 0
                        && settings.minScale() == 1
                        && settings.maxScale() == 1;
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
                if (random.nextDouble() >= settings.probability()) {
                    return List.of(picture);
                }
                double turn = StrictMath.toRadians(either(settings.degrees(), random));
                double right = either(settings.shift(), random) * picture.width();
                double down = either(settings.shift(), random) * picture.height();
                double scale =
                        settings.minScale()
                                + random.nextDouble() * (settings.maxScale() - settings.minScale());
                double shear =
                        StrictMath.tan(StrictMath.toRadians(either(settings.shear(), random)));
                double cos = scale * StrictMath.cos(turn);
                double sin = scale * StrictMath.sin(turn);
                return List.of(
                        Images.affine(
                                picture,
                                new double[] {
                                    cos, -cos * shear - sin, right, sin, cos - sin * shear, down
                                }));
            }
        };
    }

    private static double either(double most, RandomGenerator random) {
        return most * (2 * random.nextDouble() - 1);
    }
}
