// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.basic;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.random.RandomGenerator;
import org.mien.api.Key;
import org.mien.api.data.Picture;
import org.mien.api.data.Preprocessor;
import org.osgi.service.component.annotations.Component;

/**
 * Varies brightness, contrast and saturation in training, in this order, each by a factor uniform
 * in [1 - value, 1 + value). With f the factor and v one of a pixel's channels, 0 to 255:
 *
 * <ul>
 *   <li>brightness: v becomes f v;
 *   <li>contrast: v becomes m + f (v - m), m the mean grey of all pixels, not rounded;
 *   <li>saturation: v becomes g + f (v - g), g the pixel's own grey.
 * </ul>
 *
 * After each the result is rounded, one half up, and cut off at 0 and 255. Grey is the luma of
 * ITU-R BT.601, (19595 R + 38470 G + 7471 B) / 65536, rounded in the same way; so a pixel with
 * three equal channels keeps them equal.
 */
@Component(property = "mien.id=jitter")
public final class Jitter implements Preprocessor<Jitter.Settings> {
    /**
     * Keys {@code jitter.*}.
     *
     * @param brightness largest change of brightness
     * @param contrast largest change of contrast
     * @param saturation largest change of saturation
     */
    public record Settings(
            @Key(
                            value = "0.2",
                            min = 0,
                            max = 1,
                            doc =
                                    "Largest change of brightness in training, as a share: factor 1"
                                            + " - value to 1 + value, 0 to 1")
                    double brightness,
            @Key(
                            value = "0.2",
                            min = 0,
                            max = 1,
                            doc =
                                    "Largest change of contrast in training, as a share: factor 1 -"
                                            + " value to 1 + value, 0 to 1")
                    double contrast,
            @Key(
                            value = "0.2",
                            min = 0,
                            max = 1,
                            doc =
                                    "Largest change of saturation in training, as a share: factor 1"
                                            + " - value to 1 + value, 0 to 1")
                    double saturation) {}

    @Override
    public When when() {
        return When.EACH_EPOCH;
    }

    @Override
    public Class<Settings> settings() {
        return Settings.class;
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
                double brightness = factor(settings.brightness(), random);
                double contrast = factor(settings.contrast(), random);
                double saturation = factor(settings.saturation(), random);
                byte[] rgb = new byte[picture.bytes().remaining()];
                picture.bytes().get(rgb);
                towards(0, brightness, rgb);
                towards(meanGrey(rgb), contrast, rgb);
                saturate(saturation, rgb);
                return List.of(
                        new Picture(
                                picture.width(),
                                picture.height(),
                                ByteBuffer.wrap(rgb),
                                picture.points(),
                                picture.facts()));
            }
        };
    }

    private static double factor(double change, RandomGenerator random) {
        return 1 + change * (2 * random.nextDouble() - 1);
    }

    /** All channels: centre + factor (value - centre). */
    private static void towards(double centre, double factor, byte[] rgb) {
        byte[] table = new byte[256];
        for (int value = 0; value < 256; value++) {
            table[value] = cut((int) Math.floor(centre + factor * (value - centre) + 0.5));
        }
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = table[rgb[i] & 0xff];
        }
    }

    private static double meanGrey(byte[] rgb) {
        long sum = 0;
        for (int i = 0; i < rgb.length; i += 3) {
            sum += grey(rgb, i);
        }
        return sum / (rgb.length / 3.0);
    }

    private static void saturate(double factor, byte[] rgb) {
        // Grey is whole, so rounding the difference rounds the sum.
        int[] table = new int[511];
        for (int difference = -255; difference <= 255; difference++) {
            table[difference + 255] = (int) Math.floor(factor * difference + 0.5);
        }
        for (int i = 0; i < rgb.length; i += 3) {
            int grey = grey(rgb, i);
            for (int channel = i; channel < i + 3; channel++) {
                int difference = (rgb[channel] & 0xff) - grey;
                rgb[channel] = cut(grey + table[difference + 255]);
            }
        }
    }

    private static int grey(byte[] rgb, int at) {
        int weighted =
                19595 * (rgb[at] & 0xff)
                        + 38470 * (rgb[at + 1] & 0xff)
                        + 7471 * (rgb[at + 2] & 0xff);
        return weighted + 0x8000 >> 16;
    }

    private static byte cut(int value) {
        return (byte) Math.max(0, Math.min(255, value));
    }
}
