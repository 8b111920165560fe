// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.bench;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;

/** Pictures with the detail of photographs, as JPEG files, from a seed. */
final class Photographs {
    private Photographs() {}

    /** Writes a folder of them, if it is not there yet. */
    static Path write(Path folder, int count, int width, int height) throws IOException {
        return write(folder, count, i -> picture(new Random(i), width, height));
    }

    /** Writes a folder of pictures by their number, if it is not there yet. */
    static Path write(Path folder, int count, IntFunction<BufferedImage> picture)
            throws IOException {
        if (Files.isDirectory(folder)) {
            return folder;
        }
        Path growing =
                Files.createDirectories(folder.resolveSibling(folder.getFileName() + ".new"));
        try {
            IntStream.range(0, count)
                    .parallel()
                    .forEach(i -> save(picture.apply(i), growing.resolve(name(i))));
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        return Files.move(growing, folder);
    }

    /** Of the file of a picture. */
    static String name(int number) {
        return String.format("%03d.jpg", number);
    }

    private static void save(BufferedImage picture, Path file) {
        try {
            ImageIO.write(picture, "jpg", file.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One of the waves a picture is made of: sin(a x + b y + c), from tables of its parts. */
    private static final class Wave {
        private final double height;
        private final int colour;
        private final double[] sinX;
        private final double[] cosX;
        private final double[] sinY;
        private final double[] cosY;

        Wave(Random random, int width, int height) {
            double angle = random.nextDouble() * Math.PI;
            double length = width / Math.pow(2, 6 * random.nextDouble());
            double x = 2 * Math.PI * Math.cos(angle) / length;
            double y = 2 * Math.PI * Math.sin(angle) / length;
            double phase = random.nextDouble() * 6;
            this.height = 60 * length / width;
            colour = random.nextInt(3);
            sinX = IntStream.range(0, width).mapToDouble(i -> Math.sin(x * i + phase)).toArray();
            cosX = IntStream.range(0, width).mapToDouble(i -> Math.cos(x * i + phase)).toArray();
            sinY = IntStream.range(0, height).mapToDouble(i -> Math.sin(y * i)).toArray();
            cosY = IntStream.range(0, height).mapToDouble(i -> Math.cos(y * i)).toArray();
        }

        double at(int x, int y) {
            return height * (sinX[x] * cosY[y] + cosX[x] * sinY[y]);
        }
    }

    /** Waves of many lengths, the longer the stronger, and some noise. */
    private static BufferedImage picture(Random random, int width, int height) {
        Wave[] waves = new Wave[40];
        for (int i = 0; i < waves.length; i++) {
            waves[i] = new Wave(random, width, height);
        }
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                double[] colour = {128, 128, 128};
                for (Wave wave : waves) {
                    double value = wave.at(x, y);
                    for (int c = 0; c < 3; c++) {
                        colour[c] += c == wave.colour ? value : value / 2;
                    }
                }
                int rgb = 0;
                for (double c : colour) {
                    double noisy = c + 4 * random.nextGaussian();
                    rgb = rgb << 8 | (int) Math.max(0, Math.min(255, noisy));
                }
                image.setRGB(x, y, rgb);
            }
        }
        return image;
    }
}
