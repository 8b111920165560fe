// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.bench;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.AffineTransform;
import java.awt.geom.Ellipse2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import javax.imageio.ImageIO;

/** Photographs with a face that detectors find, from a seed. */
final class Portraits {
    private final Path photographs;
    private final int different;
    private final BufferedImage face;

    /**
     * A face is laid over photographs, each time of another size and turn, and elsewhere.
     *
     * @param photographs a folder of {@link Photographs}
     * @param different their number
     * @param face a picture of a face, or one that is not there: then a face is drawn
     */
    Portraits(Path photographs, int different, Path face) throws IOException {
        this.photographs = photographs;
        this.different = different;
        this.face = Files.isRegularFile(face) ? head(ImageIO.read(face.toFile())) : drawn();
    }

    /** Of the picture that many test with, the part about the head. */
    private static BufferedImage head(BufferedImage astronaut) {
        int side = astronaut.getWidth() / 2;
        return astronaut.getSubimage(astronaut.getWidth() / 5, 0, side, side);
    }

    /** One of them. */
    BufferedImage picture(int number) {
        Random random = new Random(number);
        BufferedImage image;
        try {
            Path below = photographs.resolve(Photographs.name(number % different));
            image = ImageIO.read(below.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        double side = image.getHeight() * (0.3 + 0.4 * random.nextDouble());
        AffineTransform place = new AffineTransform();
        place.translate(
                random.nextDouble() * (image.getWidth() - side),
                random.nextDouble() * (image.getHeight() - side));
        place.rotate(0.3 * (random.nextDouble() - 0.5), side / 2, side / 2);
        place.scale(side / face.getWidth(), side / face.getHeight());
        Graphics2D graphics = smooth(image);
        graphics.drawImage(face, place, null);
        graphics.dispose();
        return image;
    }

    private static Graphics2D smooth(BufferedImage image) {
        Graphics2D graphics = image.createGraphics();
        graphics.setRenderingHint(
                RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        graphics.setRenderingHint(
                RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
        return graphics;
    }

    /** A face of 240 x 240: hair, neck, skin, brows, eyes, nose and mouth. */
    static BufferedImage drawn() {
        BufferedImage image = new BufferedImage(240, 240, BufferedImage.TYPE_INT_ARGB);
        Graphics2D graphics = smooth(image);
        oval(graphics, 120, 105, 84, 98, 0x322319);
        oval(graphics, 120, 200, 34, 38, 0xc39678);
        oval(graphics, 120, 128, 68, 88, 0xe1b496);
        for (int x : new int[] {90, 150}) {
            oval(graphics, x, 98, 20, 4, 0x3c281e);
            oval(graphics, x, 116, 18, 11, 0xc89678);
            oval(graphics, x, 113, 16, 10, 0x503c32);
            oval(graphics, x, 115, 15, 8, 0xf5f5f5);
            oval(graphics, x, 114, 7, 7, 0x463228);
        }
        oval(graphics, 120, 142, 12, 26, 0xb98264);
        oval(graphics, 120, 139, 10, 26, 0xebc3a5);
        oval(graphics, 112, 160, 4, 3, 0x78503c);
        oval(graphics, 128, 160, 4, 3, 0x78503c);
        oval(graphics, 120, 184, 26, 8, 0xb45a5a);
        oval(graphics, 120, 183, 26, 2, 0x642832);
        graphics.dispose();
        return image;
    }

    private static void oval(Graphics2D graphics, int x, int y, int wide, int high, int rgb) {
        graphics.setColor(new Color(rgb));
        graphics.fill(new Ellipse2D.Double(x - wide, y - high, 2 * wide, 2 * high));
    }
}
