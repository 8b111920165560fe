// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.bench;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import javax.imageio.ImageIO;

/** Pictures with the detail of photographs, as JPEG files, from a seed. */
final class Photographs {
    private Photographs() {}

    /** Writes a folder of them, if it is not there yet. */
    static Path write(Path folder, int count, int width, int height) throws IOException {
        if (Files.isDirectory(folder)) {
            return folder;
        }
        Path growing =
                Files.createDirectories(folder.resolveSibling(folder.getFileName() + ".new"));
        for (int i = 0; i < count; i++) {
            Path file = growing.resolve(String.format("%03d.jpg", i));
            ImageIO.write(picture(new Random(i), width, height), "jpg", file.toFile());
        }
        return Files.move(growing, folder);
    }

    /** Waves of many lengths, the longer the stronger, and some noise. */
    private static BufferedImage picture(Random random, int width, int height) {
        double[][] waves = new double[40][];
        for (int i = 0; i < waves.length; i++) {
            double angle = random.nextDouble() * Math.PI;
            double length = width / Math.pow(2, 6 * random.nextDouble());
            waves[i] =
                    new double[] {
                        2 * Math.PI * Math.cos(angle) / length,
                        2 * Math.PI * Math.sin(angle) / length,
                        random.nextDouble() * 6,
                        60 * length / width,
                        random.nextInt(3)
                    };
        }
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                double[] colour = {128, 128, 128};
                for (double[] wave : waves) {
                    double value = wave[3] * Math.sin(wave[0] * x + wave[1] * y + wave[2]);
                    for (int c = 0; c < 3; c++) {
                        colour[c] += c == (int) wave[4] ? value : value / 2;
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
