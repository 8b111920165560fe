// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.basic;

import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.mien.api.Key;
import org.mien.api.data.Picture;
import org.mien.api.data.Preprocessor;
import org.osgi.service.component.annotations.Component;

/**
 * Adds normal noise to some pictures in training, to each channel of each pixel a draw of its own;
 * the sum is rounded, one half up, and cut off at 0 and 255. The default is the variance of 30 that
 * EAC and its kin train with (Zhang et al., ECCV 2022, its code).
 */
@Component(property = "mien.id=noise")
public final class Noise implements Preprocessor<Noise.Settings> {
    /**
     * Keys {@code noise.*}.
     *
     * @param deviation of the noise
     * @param probability of noise
     */
    public record Settings(
            @Key(
                            value = "5.477",
                            min = 0,
                            max = 255,
                            doc =
                                    "Standard deviation of the noise in training, in steps of 0 to 255")
                    double deviation,
            @Key(
                            value = "0.5",
                            min = 0,
                            max = 1,
                            doc = "Probability that a picture becomes noisy in training, 0 to 1")
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
        return Set.of("deviation", "probability");
    }

    @Override
    public boolean idle(Settings settings) {
        return settings.probability() == 0 || settings.deviation() == 0;
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
                byte[] rgb = Colours.of(picture);
                for (int i = 0; i < rgb.length; i++) {
                    double noise = settings.deviation() * random.nextGaussian();
                    rgb[i] = Colours.rounded((rgb[i] & 0xff) + noise);
                }
                return List.of(Colours.with(picture, rgb));
            }
        };
    }
}
