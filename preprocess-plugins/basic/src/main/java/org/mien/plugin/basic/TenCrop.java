// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.basic;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.mien.api.Key;
import org.mien.api.data.Picture;
import org.mien.api.data.Preprocessor;
import org.mien.vision.Images;
import org.osgi.service.component.annotations.Component;

/**
 * Gives ten crops of a face, whose answers are averaged: a square from each corner and from the
 * middle, then the same five mirrored (Krizhevsky et al., NeurIPS 2012, section 4.1). In training
 * it is one square, from a place drawn uniformly and mirrored in half of the cases.
 */
@Component(property = "mien.id=ten-crop")
public final class TenCrop implements Preprocessor<TenCrop.Settings> {
    /**
     * Keys {@code ten-crop.*}.
     *
     * @param size side of the square
     * @param mirror whether crops are mirrored, too
     */
    public record Settings(
            @Key(
                            value = "44",
                            min = 8,
                            max = 4096,
                            doc =
                                    "Side of the squares in pixels, at most the picture's width and"
                                            + " height, 8 to 4096")
                    int size,
            @Key(
                            value = "true",
                            doc =
                                    "Whether each crop is there mirrored, too; without it there are 5")
                    boolean mirror) {}

    @Override
    public When when() {
        return When.EACH_USE;
    }

    @Override
    public Class<Settings> settings() {
        return Settings.class;
    }

    @Override
    public Gives gives(Settings settings) {
        return Gives.CROPS;
    }

    @Override
    public boolean mirrors(Settings settings) {
        return settings.mirror();
    }

    @Override
    public Step open(Settings settings, String view) {
        return new Step() {
            @Override
            public List<Picture> apply(Picture picture) {
                int right = room(picture.width(), picture);
                int down = room(picture.height(), picture);
                List<Picture> crops = new ArrayList<>();
                crops.add(cut(picture, 0, 0));
                crops.add(cut(picture, right, 0));
                crops.add(cut(picture, 0, down));
                crops.add(cut(picture, right, down));
                crops.add(cut(picture, right / 2, down / 2));
                if (settings.mirror()) {
                    List.copyOf(crops).forEach(crop -> crops.add(Images.mirror(crop)));
                }
                return crops;
            }

            @Override
            public List<Picture> vary(Picture picture, RandomGenerator random) {
                int x = random.nextInt(room(picture.width(), picture) + 1);
                int y = random.nextInt(room(picture.height(), picture) + 1);
                Picture crop = cut(picture, x, y);
                boolean mirrored = settings.mirror() && random.nextBoolean();
                return List.of(mirrored ? Images.mirror(crop) : crop);
            }

            private Picture cut(Picture picture, int x, int y) {
                return Images.crop(picture, x, y, settings.size(), settings.size());
            }

            private int room(int side, Picture picture) {
                if (side < settings.size()) {
                    throw new IllegalArgumentException(
                            "ten-crop.size "
                                    + settings.size()
                                    + " is larger than the picture of "
                                    + picture.width()
                                    + " x "
                                    + picture.height()
                                    + " pixels. Lower it, or put the step resize before ten-crop");
                }
                return side - settings.size();
            }
        };
    }
}
