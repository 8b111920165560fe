// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.vision;

import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import org.mien.api.data.Picture;
import org.opencv.core.Core;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.core.MatOfByte;
import org.opencv.core.MatOfInt;
import org.opencv.core.Scalar;
import org.opencv.imgcodecs.Imgcodecs;
import org.opencv.imgproc.Imgproc;

/** Image files for tests, written by the JDK where it can. */
final class TestFiles {
    private TestFiles() {}

    /** Halves of two colours, the left one first. */
    static BufferedImage halves(int width, int height, int left, int right) {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                image.setRGB(x, y, x < width / 2 ? left : right);
            }
        }
        return image;
    }

    /** Smooth colours with some detail, no two pixels of a row alike. */
    static BufferedImage gradient(int width, int height) {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int red = 255 * x / width;
                int green = 255 * y / height;
                int blue = (x * y / 7 + 40) % 256;
                image.setRGB(x, y, red << 16 | green << 8 | blue);
            }
        }
        return image;
    }

    static byte[] write(BufferedImage image, String format) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            if (!ImageIO.write(image, format, out)) {
                throw new IllegalStateException("no writer for " + format);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /** A JPEG of four channels without a word on what they mean: read as Adobe's inverted CMYK. */
    static byte[] cmyk(int width, int height, int... channels) throws IOException {
        WritableRaster raster =
                Raster.createInterleavedRaster(DataBuffer.TYPE_BYTE, width, height, 4, null);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                raster.setPixel(x, y, channels);
            }
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        try (ImageOutputStream stream = ImageIO.createImageOutputStream(out)) {
            writer.setOutput(stream);
            writer.write(new IIOImage(raster, null, null));
        } finally {
            writer.dispose();
        }
        return out.toByteArray();
    }

    static byte[] progressive(BufferedImage image) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        try (ImageOutputStream stream = ImageIO.createImageOutputStream(out)) {
            writer.setOutput(stream);
            ImageWriteParam how = writer.getDefaultWriteParam();
            how.setProgressiveMode(ImageWriteParam.MODE_DEFAULT);
            writer.write(null, new IIOImage(image, null, null), how);
        } finally {
            writer.dispose();
        }
        return out.toByteArray();
    }

    /** WebP, for which the JDK has no writer; a quality over 100 is lossless. */
    static byte[] webp(BufferedImage image, int quality, int alpha) {
        OpenCv.load();
        Mat png = new MatOfByte(write(image, "png"));
        Mat bgr = Imgcodecs.imdecode(png, Imgcodecs.IMREAD_COLOR);
        if (alpha < 255) {
            Imgproc.cvtColor(bgr, bgr, Imgproc.COLOR_BGR2BGRA);
            Mat opaque = new Mat(bgr.size(), CvType.CV_8UC1, new Scalar(alpha));
            Core.insertChannel(opaque, bgr, 3);
            opaque.release();
        }
        MatOfByte file = new MatOfByte();
        Imgcodecs.imencode(
                ".webp", bgr, file, new MatOfInt(Imgcodecs.IMWRITE_WEBP_QUALITY, quality));
        byte[] bytes = file.toArray();
        png.release();
        bgr.release();
        file.release();
        return bytes;
    }

    /** The same JPEG with an EXIF segment that holds an orientation. */
    static byte[] oriented(byte[] jpeg, int orientation) {
        byte[] exif = {
            (byte) 0xff,
            (byte) 0xe1,
            0,
            34,
            'E',
            'x',
            'i',
            'f',
            0,
            0,
            'M',
            'M',
            0,
            42,
            0,
            0,
            0,
            8,
            0,
            1,
            1,
            0x12,
            0,
            3,
            0,
            0,
            0,
            1,
            0,
            (byte) orientation,
            0,
            0,
            0,
            0,
            0,
            0
        };
        ByteBuffer out = ByteBuffer.allocate(jpeg.length + exif.length);
        out.put(jpeg, 0, 2).put(exif).put(jpeg, 2, jpeg.length - 2);
        return out.array();
    }

    /** The same PNG with a chunk of EXIF that holds an orientation. */
    static byte[] orientedPng(byte[] png, int orientation) {
        ByteBuffer out = ByteBuffer.allocate(png.length + 12 + 26);
        out.put(png, 0, 33);
        ByteBuffer exif = ByteBuffer.allocate(26).putInt(0x4d4d002a).putInt(8);
        exif.putShort((short) 1).putShort((short) 0x112).putShort((short) 3).putInt(1);
        exif.putShort((short) orientation);
        chunk(out, "eXIf", exif.array());
        return out.put(png, 33, png.length - 33).array();
    }

    /** A PNG that only says how large it is. */
    static byte[] pngOfSize(int width, int height) {
        ByteBuffer out = ByteBuffer.allocate(8 + 25 + 12);
        out.put(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'});
        ByteBuffer size = ByteBuffer.allocate(13).putInt(width).putInt(height);
        size.put(new byte[] {8, 2, 0, 0, 0});
        chunk(out, "IHDR", size.array());
        chunk(out, "IEND");
        return out.array();
    }

    static void chunk(ByteBuffer out, String type, byte... data) {
        out.putInt(data.length);
        int from = out.position();
        out.put(type.getBytes(StandardCharsets.US_ASCII)).put(data);
        CRC32 crc = new CRC32();
        crc.update(out.array(), from, out.position() - from);
        out.putInt((int) crc.getValue());
    }

    /** A picture from rows of grey values. */
    static Picture grey(int[]... rows) {
        ByteBuffer rgb = ByteBuffer.allocate(3 * rows.length * rows[0].length);
        for (int[] row : rows) {
            for (int value : row) {
                rgb.put((byte) value).put((byte) value).put((byte) value);
            }
        }
        return Picture.rgb(rows[0].length, rows.length, rgb.flip());
    }

    /** Red of each pixel, by rows. */
    static int[][] reds(Picture picture) {
        int[][] rows = new int[picture.height()][picture.width()];
        for (int y = 0; y < picture.height(); y++) {
            for (int x = 0; x < picture.width(); x++) {
                rows[y][x] = pixel(picture, x, y)[0];
            }
        }
        return rows;
    }

    static int[] pixel(Picture picture, int x, int y) {
        int at = 3 * (y * picture.width() + x);
        ByteBuffer bytes = picture.bytes();
        return new int[] {bytes.get(at) & 0xff, bytes.get(at + 1) & 0xff, bytes.get(at + 2) & 0xff};
    }
}
