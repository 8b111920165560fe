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

/** Takes the colours out of some pictures in training: each channel becomes the pixel's grey. */
@Component(property = "mien.id=grey")
public final class Grey implements Preprocessor<Grey.Settings> {
    /**
     * Keys {@code grey.*}.
     *
     * @param probability of becoming grey
     */
    public record Settings(
            @Key(
                            value = "0.2",
                            min = 0,
                            max = 1,
                            doc =
                                    "Probability that a picture loses its colours in training, 0 to 1")
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
        return Set.of("probability");
    }

    @Override
    public boolean idle(Settings settings) {
        return settings.probability() == 0;
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
                return List.of(
                        random.nextDouble() < settings.probability() ? grey(picture) : picture);
            }
        };
    }

    private static Picture grey(Picture picture) {
        byte[] rgb = Colours.of(picture);
        for (int i = 0; i < rgb.length; i += 3) {
            byte grey = (byte) Colours.grey(rgb, i);
            rgb[i] = grey;
            rgb[i + 1] = grey;
            rgb[i + 2] = grey;
        }
        return Colours.with(picture, rgb);
    }
}
