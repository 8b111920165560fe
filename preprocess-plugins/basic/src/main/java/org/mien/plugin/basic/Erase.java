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
 * Random erasing: fills a rectangle of some pictures in training. Zhong et al., "Random Erasing
 * Data Augmentation", AAAI 2020, algorithm 1: with a probability, area share and aspect ratio
 * (height / width) are drawn uniformly until the rectangle fits. Here at most 100 times, then the
 * picture stays as it is; and the place is drawn among those where the rectangle lies inside.
 * Points stay, those in the rectangle too.
 */
@Component(property = "mien.id=erase")
public final class Erase implements Preprocessor<Erase.Settings> {
    private static final int TRIES = 100;

    /** What the rectangle is filled with. */
    public enum Fill {
        /** Each channel of each pixel drawn by itself, uniform in 0 to 255. */
        RANDOM,
        /** The picture's mean colour, one half rounded up. */
        MEAN,
        /** Zero. */
        BLACK,
        /** The colour of {@code erase.colour}. */
        COLOUR
    }

    /**
     * Keys {@code erase.*}.
     *
     * @param probability p of the paper
     * @param minArea s_l of the paper
     * @param maxArea s_h of the paper
     * @param aspect r_1 of the paper, whose r_2 is 1 / r_1
     * @param fill the filling
     * @param colour of the filling
     */
    public record Settings(
            @Key(
                            value = "0.5",
                            min = 0,
                            max = 1,
                            doc =
                                    "Probability that a rectangle is erased in training, 0 to 1; p"
                                            + " of the paper")
                    double probability,
            @Key(
                            value = "0.02",
                            min = 0,
                            max = 1,
                            doc =
                                    "Smallest area of the rectangle, as a share of the picture, 0 to"
                                            + " 1; s_l of the paper")
                    double minArea,
            @Key(
                            value = "0.33",
                            min = 0,
                            max = 1,
                            doc =
                                    "Largest area of the rectangle, as a share of the picture, 0 to"
                                            + " 1; s_h of the paper")
                    double maxArea,
            @Key(
                            value = "0.3",
                            min = 0.01,
                            max = 1,
                            doc =
                                    "Smallest height / width of the rectangle, 0.01 to 1; r_1 of the"
                                            + " paper. The largest is 1 / aspect")
                    double aspect,
            @Key(
                            value = "random",
                            doc =
                                    "What fills the rectangle: random pixels, the picture's mean"
                                            + " colour, black, or the colour that erase.colour"
                                            + " names")
                    Fill fill,
            @Key(
                            value = "124,116,104",
                            doc =
                                    "Red, green and blue that fill = colour fills with, 0 to 255;"
                                            + " the default is the mean of ImageNet, which is 0"
                                            + " after the scaling that most backbones read")
                    List<String> colour) {
        /** Checks the areas against each other, and the colour. */
        public Settings {
            boolean three =
                    colour.size() == 3
                            && colour.stream()
                                    .allMatch(v -> v.matches("\\d{1,2}|1\\d\\d|2[0-4]\\d|25[0-5]"));
            if (!three) {
                throw new IllegalArgumentException(
                        "erase.colour "
                                + String.join(",", colour)
                                + "; expected red, green and blue, each 0 to 255, for example"
                                + " 124,116,104");
            }
            if (minArea > maxArea) {
                throw new IllegalArgumentException(
                        "erase.min-area "
                                + minArea
                                + " is larger than erase.max-area "
                                + maxArea
                                + ". Lower the one or raise the other");
            }
        }

        private int packed() {
            int packed = 0;
            for (String channel : colour) {
                packed = packed << 8 | Integer.parseInt(channel);
            }
            return packed << 8;
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
        return Set.of("probability", "min-area", "max-area", "aspect", "fill", "colour");
    }

    @Override
    public boolean idle(Settings settings) {
        return settings.probability() == 0 || settings.maxArea() == 0;
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
                double pixels = (double) picture.width() * picture.height();
                for (int i = 0; i < TRIES; i++) {
                    double area = pixels * uniform(settings.minArea(), settings.maxArea(), random);
                    double ratio = uniform(settings.aspect(), 1 / settings.aspect(), random);
                    int height = (int) Math.max(1, Math.round(Math.sqrt(area * ratio)));
                    int width = (int) Math.max(1, Math.round(Math.sqrt(area / ratio)));
                    if (width <= picture.width() && height <= picture.height()) {
                        int x = random.nextInt(picture.width() - width + 1);
                        int y = random.nextInt(picture.height() - height + 1);
                        return List.of(filled(picture, x, y, width, height, settings, random));
                    }
                }
                return List.of(picture);
            }
        };
    }

    private static double uniform(double from, double to, RandomGenerator random) {
        return from + (to - from) * random.nextDouble();
    }

    private static Picture filled(
            Picture picture,
            int x,
            int y,
            int width,
            int height,
            Settings settings,
            RandomGenerator random) {
        byte[] rgb = Colours.of(picture);
        // 8 bits each of red, green, blue; the lowest 8 are not used.
        int colour =
                switch (settings.fill()) {
                    case MEAN -> mean(rgb);
                    case COLOUR -> settings.packed();
                    case BLACK, RANDOM -> 0;
                };
        for (int row = y; row < y + height; row++) {
            int at = 3 * (row * picture.width() + x);
            for (int end = at + 3 * width; at < end; at += 3) {
                if (settings.fill() == Fill.RANDOM) {
                    colour = random.nextInt();
                }
                rgb[at] = (byte) (colour >> 24);
                rgb[at + 1] = (byte) (colour >> 16);
                rgb[at + 2] = (byte) (colour >> 8);
            }
        }
        return Colours.with(picture, rgb);
    }

    private static int mean(byte[] rgb) {
        int colour = 0;
        long pixels = rgb.length / 3;
        for (int channel = 0; channel < 3; channel++) {
            long sum = 0;
            for (int i = channel; i < rgb.length; i += 3) {
                sum += rgb[i] & 0xff;
            }
            colour = colour << 8 | (int) ((2 * sum + pixels) / (2 * pixels));
        }
        return colour << 8;
    }
}
