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
 * Varies brightness, contrast, saturation and hue of some pictures in training, in this order, the
 * first three each by a factor uniform in [1 - value, 1 + value), the hue by a turn uniform in
 * [-value, value) of the circle. With f the factor and v one of a pixel's channels, 0 to 255:
 *
 * <ul>
 *   <li>brightness: v becomes f v;
 *   <li>contrast: v becomes m + f (v - m), m the mean grey of all pixels, not rounded;
 *   <li>saturation: v becomes g + f (v - g), g the pixel's own grey;
 *   <li>hue: the pixel's smallest and largest value stay, and it turns from red to green to blue.
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
     * @param hue largest turn of the hue
     * @param probability of varying
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
                    double saturation,
            @Key(
                            value = "0",
                            min = 0,
                            max = 0.5,
                            doc =
                                    "Largest turn of the hue in training, as a share of the circle"
                                            + " to each side, 0 to 0.5")
                    double hue,
            @Key(
                            value = "1",
                            min = 0,
                            max = 1,
                            doc = "Probability that a picture is varied in training, 0 to 1")
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
        return Set.of("brightness", "contrast", "saturation", "hue", "probability");
    }

    @Override
    public boolean idle(Settings settings) {
        return settings.probability() == 0
                || settings.brightness() == 0
                        && settings.contrast() == 0
                        && settings.saturation() == 0
                        && settings.hue() == 0;
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
                if (settings.probability() < 1 && random.nextDouble() >= settings.probability()) {
                    return List.of(picture);
                }
                double brightness = factor(settings.brightness(), random);
                double contrast = factor(settings.contrast(), random);
                double saturation = factor(settings.saturation(), random);
                byte[] rgb = Colours.of(picture);
                towards(0, brightness, rgb);
                towards(meanGrey(rgb), contrast, rgb);
                saturate(saturation, rgb);
                if (settings.hue() > 0) {
                    turn(settings.hue() * (2 * random.nextDouble() - 1), rgb);
                }
                return List.of(Colours.with(picture, rgb));
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
            sum += Colours.grey(rgb, i);
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
            int grey = Colours.grey(rgb, i);
            for (int channel = i; channel < i + 3; channel++) {
                int difference = (rgb[channel] & 0xff) - grey;
                rgb[channel] = cut(grey + table[difference + 255]);
            }
        }
    }

    /**
     * Turns the hue by a share of the circle: to hue, saturation and value (Smith, SIGGRAPH 1978)
     * and back, the pixel's smallest and largest channel staying what they are.
     */
    private static void turn(double share, byte[] rgb) {
        for (int i = 0; i < rgb.length; i += 3) {
            int red = rgb[i] & 0xff;
            int green = rgb[i + 1] & 0xff;
            int blue = rgb[i + 2] & 0xff;
            int most = Math.max(red, Math.max(green, blue));
            int least = Math.min(red, Math.min(green, blue));
            int span = most - least;
            if (span == 0) {
                continue; // a grey has no hue
            }
            // In sixths of the circle: red at 0, green at 2, blue at 4.
            double hue;
            if (most == red) {
                hue = (double) (green - blue) / span;
            } else if (most == green) {
                hue = 2 + (double) (blue - red) / span;
            } else {
                hue = 4 + (double) (red - green) / span;
            }
            hue += 6 * share;
            for (int channel = 0; channel < 3; channel++) {
                double apart = Math.abs(hue - 2 * channel) % 6;
                apart = Math.min(apart, 6 - apart);
                double part = Math.max(0, Math.min(1, 2 - apart));
                rgb[i + channel] = Colours.rounded(least + part * span);
            }
        }
    }

    private static byte cut(int value) {
        return (byte) Math.max(0, Math.min(255, value));
    }
}
