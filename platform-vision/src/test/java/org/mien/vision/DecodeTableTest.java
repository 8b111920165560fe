// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.vision;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mien.vision.HandMade.blue;
import static org.mien.vision.HandMade.bmp;
import static org.mien.vision.HandMade.gif;
import static org.mien.vision.HandMade.green;
import static org.mien.vision.HandMade.picture;
import static org.mien.vision.HandMade.png;
import static org.mien.vision.HandMade.red;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntBinaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.mien.api.data.Picture;

/**
 * Every format and variant against its pixels. Files are written byte by byte; the same picture
 * must come out of each, whatever it says of transparency and whichever way its rows lie.
 */
class DecodeTableTest {
    private static final int WIDTH = 21;
    private static final int HEIGHT = 13;

    /** A file, and the picture that it is. */
    private record Row(byte[] file, int[][] expected, int tolerance) {}

    private static final int[][] RGB =
            picture(WIDTH, HEIGHT, (x, y) -> x * 12 << 16 | y * 19 << 8 | (x * y + 7));
    private static final int[][] GREY = picture(WIDTH, HEIGHT, (x, y) -> (x * 9 + y) * 0x010101);
    private static final int[] FOUR = {0x102030, 0xc86432, 0x1428dc, 0xf0f0f0};
    private static final int[][] FEW = picture(WIDTH, HEIGHT, (x, y) -> FOUR[(x * 3 + y) % 4]);
    private static final int[] TWO = {0xc86432, 0x1428dc};
    private static final int[][] PAIR = picture(WIDTH, HEIGHT, (x, y) -> TWO[(x / 2 + y) % 2]);
    private static final IntBinaryOperator CLEAR = (x, y) -> 0;
    private static final IntBinaryOperator MIXED = (x, y) -> (x * 12 + y) % 256;

    private final Map<String, Row> rows = new LinkedHashMap<>();

    private void row(String name, byte[] file, int[][] expected) {
        rows.put(name, new Row(file, expected, 0));
    }

    private static HandMade.Chunk chunk(String name, int... bytes) {
        return new HandMade.Chunk(name, new HandMade.Bytes(true).put(bytes).bytes());
    }

    /** What is left of grey values in so many bits, spread to 8 again. */
    private static int[][] coarse(int bits) {
        int most = (1 << bits) - 1;
        return picture(
                WIDTH, HEIGHT, (x, y) -> red(GREY[y][x]) * most / 255 * 255 / most * 0x010101);
    }

    private void pngs() {
        for (boolean laced : new boolean[] {false, true}) {
            String is = laced ? ", interlaced" : "";
            for (int depth : new int[] {1, 2, 4}) {
                row(
                        "PNG grey " + depth + is,
                        png(GREY, 0, depth, null, null, laced),
                        coarse(depth));
                int[] of = depth == 1 ? TWO : FOUR;
                int[][] drawn = depth == 1 ? PAIR : FEW;
                row("PNG palette " + depth + is, png(drawn, 3, depth, of, null, laced), drawn);
            }
            row("PNG grey 8" + is, png(GREY, 0, 8, null, null, laced), GREY);
            row("PNG grey 16" + is, png(GREY, 0, 16, null, null, laced), GREY);
            row("PNG palette 8" + is, png(FEW, 3, 8, FOUR, null, laced), FEW);
            row("PNG RGB 8" + is, png(RGB, 2, 8, null, null, laced), RGB);
            row("PNG RGB 16" + is, png(RGB, 2, 16, null, null, laced), RGB);
            for (int depth : new int[] {8, 16}) {
                for (IntBinaryOperator alpha : new IntBinaryOperator[] {CLEAR, MIXED}) {
                    String how = " " + depth + is + (alpha == CLEAR ? ", clear" : ", half clear");
                    row("PNG grey, alpha" + how, png(GREY, 4, depth, null, alpha, laced), GREY);
                    row("PNG RGB, alpha" + how, png(RGB, 6, depth, null, alpha, laced), RGB);
                }
            }
        }
        HandMade.Chunk back = chunk("bKGD", 3);
        row(
                "PNG palette, clear entries",
                png(FEW, 3, 8, FOUR, null, false, chunk("tRNS", 0, 9, 0, 9)),
                FEW);
        row(
                "PNG palette, background",
                png(FEW, 3, 8, FOUR, null, false, chunk("tRNS", 0, 9, 0, 9), back),
                FEW);
        row(
                "PNG palette 2, clear",
                png(FEW, 3, 2, FOUR, null, false, chunk("tRNS", 0, 0, 0, 0)),
                FEW);
        row(
                "PNG grey, a clear grey",
                png(GREY, 0, 8, null, null, false, chunk("tRNS", 0, 10)),
                GREY);
        row(
                "PNG RGB, a clear colour",
                png(RGB, 2, 8, null, null, false, chunk("tRNS", 0, 0, 0, 0, 0, 7)),
                RGB);
        row(
                "PNG RGB, gamma",
                png(RGB, 2, 8, null, null, false, chunk("gAMA", 0, 1, 0x86, 0xa0)),
                RGB);
    }

    private static HandMade.Tiff tiff(int[][] drawn) {
        return new HandMade.Tiff(drawn);
    }

    private void tiffs() {
        for (boolean big : new boolean[] {false, true}) {
            String is = big ? ", Motorola" : ", Intel";
            for (int depth : new int[] {8, 16}) {
                String how = " " + depth + is;
                row("TIFF RGB" + how, order(tiff(RGB).depth(depth), big), RGB);
                row("TIFF grey" + how, order(tiff(GREY).photometric(1).depth(depth), big), GREY);
                for (IntBinaryOperator alpha : new IntBinaryOperator[] {CLEAR, MIXED}) {
                    String clear = how + (alpha == CLEAR ? ", clear" : ", half clear");
                    row(
                            "TIFF RGB, alpha" + clear,
                            order(tiff(RGB).depth(depth).alpha(alpha, false), big),
                            RGB);
                    row(
                            "TIFF grey, alpha" + clear,
                            order(tiff(GREY).photometric(1).depth(depth).alpha(alpha, false), big),
                            GREY);
                    row(
                            "TIFF RGB, alpha of no kind" + clear,
                            order(tiff(RGB).depth(depth).alpha(alpha, false).tag(338, 0), big),
                            RGB);
                }
                byte[] planes = order(tiff(RGB).depth(depth).planar().alpha(CLEAR, false), big);
                // 16 bits in planes are rounded to 8, not cut.
                rows.put("TIFF RGB, alpha, planes" + how, new Row(planes, RGB, depth / 16));
            }
            row("TIFF palette" + is, order(tiff(FEW).palette(FOUR), big), FEW);
            row(
                    "TIFF palette, alpha" + is,
                    order(tiff(FEW).palette(FOUR).alpha(CLEAR, false), big),
                    FEW);
            row("TIFF white is 0" + is, order(tiff(GREY).photometric(0), big), GREY);
            row("TIFF planes" + is, order(tiff(RGB).planar(), big), RGB);
            row("TIFF strips" + is, order(tiff(RGB).strip(4), big), RGB);
            row("TIFF without lengths" + is, order(tiff(RGB).withoutLengths(), big), RGB);
            row(
                    "TIFF grey 16, white is 0" + is,
                    order(tiff(GREY).photometric(0).depth(16), big),
                    GREY);
        }
        row(
                "TIFF RGB, alpha, multiplied, opaque",
                tiff(RGB).alpha((x, y) -> 255, true).file(),
                RGB);
        byte[] deep = tiff(RGB).depth(16).alpha((x, y) -> 128, true).file();
        rows.put("TIFF RGB, alpha, multiplied, 16", new Row(deep, RGB, 1));
        rows.put(
                "TIFF RGB, alpha, multiplied",
                new Row(tiff(RGB).alpha((x, y) -> 128, true).file(), RGB, 1));
    }

    private static byte[] order(HandMade.Tiff tiff, boolean big) {
        return (big ? tiff.big() : tiff).file();
    }

    private void bmps() {
        int[][] fives =
                picture(
                        WIDTH,
                        HEIGHT,
                        (x, y) -> {
                            int c = RGB[y][x];
                            return spread(red(c)) << 16 | spread(green(c)) << 8 | spread(blue(c));
                        });
        for (boolean down : new boolean[] {false, true}) {
            String is = down ? ", first row first" : "";
            row("BMP 1" + is, bmp(PAIR, 1, 40, down, TWO), PAIR);
            row("BMP 4" + is, bmp(FEW, 4, 40, down, FOUR), FEW);
            row("BMP 8" + is, bmp(FEW, 8, 40, down, FOUR), FEW);
            rows.put("BMP 16" + is, new Row(bmp(RGB, 16, 40, down), fives, 7));
            row("BMP 24" + is, bmp(RGB, 24, 40, down), RGB);
            row("BMP 32, clear" + is, bmp(RGB, 32, 40, down), RGB);
            row("BMP 24 of version 5" + is, bmp(RGB, 24, 124, down), RGB);
        }
        row("BMP of OS/2", bmp(RGB, 24, 12, false), RGB);
        row("BMP of OS/2 with a palette", bmp(FEW, 8, 12, false, FOUR), FEW);
    }

    private static int spread(int value) {
        return value >> 3 << 3;
    }

    private void gifs() {
        for (boolean laced : new boolean[] {false, true}) {
            String is = laced ? ", interlaced" : "";
            row("GIF" + is, gif(FEW, laced, 0, 0, -1, FOUR), FEW);
            for (int clear = 0; clear < 4; clear++) {
                row("GIF, clear " + clear + is, gif(FEW, laced, 0, 0, clear, FOUR), FEW);
            }
        }
    }

    /** A picture as it is stored, for one that is to be seen upright: EXIF's table 6. */
    private static int[][] stored(int[][] upright, int orientation) {
        int height = upright.length;
        int width = upright[0].length;
        IntBinaryOperator at =
                switch (orientation) {
                    case 2 -> (x, y) -> upright[y][width - 1 - x];
                    case 3 -> (x, y) -> upright[height - 1 - y][width - 1 - x];
                    case 4 -> (x, y) -> upright[height - 1 - y][x];
                    case 5 -> (x, y) -> upright[x][y];
                    case 6 -> (x, y) -> upright[x][width - 1 - y];
                    case 7 -> (x, y) -> upright[height - 1 - x][width - 1 - y];
                    case 8 -> (x, y) -> upright[height - 1 - x][y];
                    default -> (x, y) -> upright[y][x];
                };
        return orientation < 5 ? picture(width, height, at) : picture(height, width, at);
    }

    private static BufferedImage image(int[][] drawn) {
        BufferedImage image =
                new BufferedImage(drawn[0].length, drawn.length, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < drawn.length; y++) {
            for (int x = 0; x < drawn[0].length; x++) {
                image.setRGB(x, y, drawn[y][x]);
            }
        }
        return image;
    }

    private void orientations() {
        int[][] smooth = picture(WIDTH, HEIGHT, (x, y) -> x * 11 << 16 | y * 17 << 8 | 90);
        for (int i = 1; i <= 8; i++) {
            String is = ", orientation " + i;
            int[][] lying = stored(RGB, i);
            for (boolean big : new boolean[] {false, true}) {
                String how = is + (big ? ", Motorola" : ", Intel");
                HandMade.Chunk exif = new HandMade.Chunk("eXIf", HandMade.exif(i, big));
                row("PNG" + how, png(lying, 2, 8, null, null, false, exif), RGB);
                row("TIFF" + how, order(tiff(lying).tag(274, i), big), RGB);
                row("TIFF 16" + how, order(tiff(lying).depth(16).tag(274, i), big), RGB);
                row(
                        "TIFF, alpha" + how,
                        order(tiff(lying).alpha(CLEAR, false).tag(274, i), big),
                        RGB);
                byte[] jpeg = TestFiles.write(image(stored(smooth, i)), "jpg");
                jpeg = HandMade.orientedJpeg(jpeg, i, big);
                rows.put("JPEG" + how, new Row(jpeg, smooth, 14));
            }
            row("TIFF grey" + is, tiff(stored(GREY, i)).photometric(1).tag(274, i).file(), GREY);
            byte[] webp = TestFiles.webp(image(lying), 101, 255);
            row("WebP" + is, HandMade.orientedWebp(webp, lying[0].length, lying.length, i), RGB);
        }
    }

    @TestFactory
    Stream<DynamicTest> everyVariantHasItsPixels() {
        pngs();
        tiffs();
        bmps();
        gifs();
        orientations();
        return rows.entrySet().stream()
                .map(row -> DynamicTest.dynamicTest(row.getKey(), () -> compare(row.getValue())));
    }

    private static void compare(Row row) throws IOException {
        Picture picture =
                Images.decode(Picture.encoded(ByteBuffer.wrap(row.file())), Limits.DEFAULT);
        assertEquals(row.expected()[0].length, picture.width(), "width");
        assertEquals(row.expected().length, picture.height(), "height");
        for (int y = 0; y < picture.height(); y++) {
            for (int x = 0; x < picture.width(); x++) {
                int wanted = row.expected()[y][x];
                int[] channels = {red(wanted), green(wanted), blue(wanted)};
                int[] got = TestFiles.pixel(picture, x, y);
                for (int c = 0; c < 3; c++) {
                    String at = "channel " + c + " at " + x + ", " + y;
                    assertEquals(channels[c], got[c], row.tolerance(), at);
                }
            }
        }
    }

    /** Beginnings of files that are no pictures here, what a message calls them, what to do. */
    private static final String[][] NAMED = {
        {"<!DOCTYPE html><html><head><title>Log in</title>", "it is an HTML page", "Open it"},
        {"\uFEFF\n  <HTML lang='en'>", "it is an HTML page", "download the file again"},
        {
            "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a",
            "Git LFS pointer",
            "Run git lfs pull"
        },
        {"<?xml version='1.0'?>\n<svg width='4'>", "it is an SVG drawing", "Convert it to PNG"},
        {"<?xml version='1.0'?>\n<annotation>", "it is an XML file", "Convert it"},
        {"%PDF-1.4", "it is a PDF document", "Convert it"},
        {"\0\0\0\u0018ftypheic", "it is a HEIF, AVIF or video file", "Convert it to JPEG"},
        {"\0\0\0\u0020ftypavif", "it is a HEIF, AVIF or video file", "Convert it to JPEG"},
        {"\0\0\0\u000cjP  \r\n\u0087\n", "it is a JPEG 2000 picture", "Convert it"},
        {"\0\0\0\u000cJXL \r\n\u0087\n", "it is a JPEG XL picture", "Convert it"},
        {"II+\0\u0008\0\0\0", "it is a BigTIFF picture", "Save it as TIFF or PNG"},
        {"8BPS\0\u0001", "it is a Photoshop file", "Save it as PNG"},
        {"\0\0\u0001\0\u0001\0", "it is an icon of Windows", "Convert it to PNG"},
        {"P6\n4 4\n255\n", "it is a PBM, PGM or PPM picture", "Convert it to PNG"},
        {"RIFF\u0001\u0002\0\0AVI LIST", "it is a video or sound file", "Save the frames"},
        {"\u001aE\u00df\u00a3\u0001", "it is a video (Matroska, WebM)", "Save the frames"},
        {"PK\u0003\u0004\u0014", "it is a zip archive", "Unpack it"},
        {"\u001f\u008b\u0008\0", "it is a gzip file", "Unpack it"},
    };

    @Test
    void whatCannotBeDecodedIsNamed() {
        for (String[] row : NAMED) {
            named(row[0], row[1], row[2]);
        }
    }

    private static void named(String start, String named, String next) {
        byte[] file = start.getBytes(start.startsWith("\uFEFF") ? UTF_8 : ISO_8859_1);
        Picture encoded = Picture.encoded(ByteBuffer.wrap(file));
        String why =
                assertThrows(IOException.class, () -> Images.decode(encoded, Limits.DEFAULT))
                        .getMessage();
        assertTrue(why.startsWith("not an image: it is a"), why);
        assertTrue(why.contains(named), why);
        assertTrue(why.contains("expected JPEG, PNG, BMP, WebP, TIFF or GIF. "), why);
        assertTrue(why.contains(next), why);
        assertFalse(why.contains("begins"), why); // none of its bytes
    }
}
