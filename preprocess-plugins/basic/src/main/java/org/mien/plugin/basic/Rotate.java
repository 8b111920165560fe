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
 * Turns pictures in training about their centre, by an angle uniform in both directions. Width and
 * height stay; beyond an edge its pixels are repeated. Points move with the pixels.
 */
@Component(property = "mien.id=rotate")
public final class Rotate implements Preprocessor<Rotate.Settings> {
    /**
     * Keys {@code rotate.*}.
     *
     * @param degrees largest angle
     * @param probability of turning
     */
    public record Settings(
            // Up to a right angle the eye on the left of an upright face stays on the left.
            @Key(
                            value = "10",
                            min = 0,
                            max = 90,
                            doc = "Largest angle in training, in degrees to each side, 0 to 90")
                    double degrees,
            @Key(
                            value = "1",
                            min = 0,
                            max = 1,
                            doc = "Probability that a picture is turned in training, 0 to 1")
                    double probability) {}

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
        return Set.of("degrees", "probability");
    }

    @Override
    public boolean idle(Settings settings) {
        return settings.probability() == 0 || settings.degrees() == 0;
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
                double degrees = settings.degrees() * (2 * random.nextDouble() - 1);
                return List.of(Images.rotate(picture, degrees));
            }
        };
    }
}
