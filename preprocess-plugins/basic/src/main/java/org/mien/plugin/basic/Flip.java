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

/** Mirrors some pictures in training, left and right points exchanged. */
@Component(property = "mien.id=flip")
public final class Flip implements Preprocessor<Flip.Settings> {
    /**
     * Keys {@code flip.*}.
     *
     * @param probability of mirroring
     */
    public record Settings(
            @Key(
                            value = "0.5",
                            min = 0,
                            max = 1,
                            doc = "Probability that a picture is mirrored in training, 0 to 1")
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
    public boolean mirrors(Settings settings) {
        return settings.probability() > 0;
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
                boolean mirrored = random.nextDouble() < settings.probability();
                return List.of(mirrored ? Images.mirror(picture) : picture);
            }
        };
    }
}
