// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.vision;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mien.api.data.Picture;

class DecodeTest {
    private static final int ORANGE = 0xc86432;
    private static final int BLUE = 0x1428dc;
    private static final int GREY = 0x505050;
    private static final int WHITE = 0xffffff;

    private static Picture decode(byte[] file) throws IOException {
        return Images.decode(Picture.encoded(ByteBuffer.wrap(file)), Limits.DEFAULT);
    }

    private static String refusal(byte[] file) {
        return assertThrows(IOException.class, () -> decode(file)).getMessage();
    }

    private static void assertNear(int rgb, int[] pixel, int tolerance) {
        int[] expected = {rgb >> 16, rgb >> 8 & 0xff, rgb & 0xff};
        for (int i = 0; i < 3; i++) {
            assertEquals(expected[i], pixel[i], tolerance, () -> Arrays.toString(pixel));
        }
    }

    @ParameterizedTest
    @CsvSource({"png, 0", "bmp, 0", "jpg, 2", "tif, 0"})
    void coloursComeAsRedGreenBlue(String format, int tolerance) throws IOException {
        Picture picture = decode(TestFiles.write(TestFiles.halves(64, 32, ORANGE, BLUE), format));
        assertEquals(64, picture.width());
        assertEquals(32, picture.height());
        assertNear(ORANGE, TestFiles.pixel(picture, 5, 16), tolerance);
        assertNear(BLUE, TestFiles.pixel(picture, 60, 16), tolerance);
    }

    @ParameterizedTest
    @CsvSource({"101, 255, 0", "101, 40, 0", "90, 255, 6", "90, 40, 6"})
    void webpIsReadLossyLosslessAndWithoutItsAlpha(int quality, int alpha, int tolerance)
            throws IOException {
        Picture picture =
                decode(TestFiles.webp(TestFiles.halves(64, 32, ORANGE, BLUE), quality, alpha));
        assertEquals(64, picture.width());
        assertNear(ORANGE, TestFiles.pixel(picture, 5, 16), tolerance);
        assertNear(BLUE, TestFiles.pixel(picture, 60, 16), tolerance);
    }

    @Test
    void progressiveJpegIsRead() throws IOException {
        BufferedImage image = TestFiles.halves(64, 32, ORANGE, BLUE);
        Picture picture = decode(TestFiles.progressive(image));
        assertNear(ORANGE, TestFiles.pixel(picture, 5, 16), 2);
    }

    @Test
    void greyBecomesThreeEqualChannels() throws IOException {
        BufferedImage image = new BufferedImage(9, 5, BufferedImage.TYPE_BYTE_GRAY);
        image.getRaster().setSample(8, 4, 0, 77);
        for (String format : List.of("png", "bmp", "tif", "gif")) {
            Picture picture = decode(TestFiles.write(image, format));
            assertArrayEquals(new int[] {77, 77, 77}, TestFiles.pixel(picture, 8, 4));
            assertArrayEquals(new int[] {0, 0, 0}, TestFiles.pixel(picture, 7, 4));
        }
    }

    @Test
    void ofSixteenBitsTheUpperEightAreKept() throws IOException {
        BufferedImage image = new BufferedImage(3, 3, BufferedImage.TYPE_USHORT_GRAY);
        image.getRaster().setSample(1, 1, 0, 0x64ff);
        for (String format : List.of("png", "tif")) {
            Picture picture = decode(TestFiles.write(image, format));
            assertArrayEquals(new int[] {0x64, 0x64, 0x64}, TestFiles.pixel(picture, 1, 1));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 128, 255})
    void alphaIsDroppedNotBlended(int alpha) throws IOException {
        BufferedImage image = new BufferedImage(4, 4, BufferedImage.TYPE_INT_ARGB);
        image.setRGB(2, 2, alpha << 24 | ORANGE);
        Picture picture = decode(TestFiles.write(image, "png"));
        assertNear(ORANGE, TestFiles.pixel(picture, 2, 2), 0);
    }

    @Test
    void aPaletteIsResolved() throws IOException {
        BufferedImage image = new BufferedImage(4, 4, BufferedImage.TYPE_BYTE_INDEXED);
        image.setRGB(1, 2, 0xffcc6633);
        for (String format : List.of("png", "bmp", "gif", "tif")) {
            Picture picture = decode(TestFiles.write(image, format));
            assertNear(0xcc6633, TestFiles.pixel(picture, 1, 2), 0);
        }
    }

    @Test
    void cmykIsConverted() throws IOException {
        Picture picture = decode(TestFiles.cmyk(16, 16, 200, 100, 50, 255));
        assertNear(ORANGE, TestFiles.pixel(picture, 8, 8), 3);
    }

    /**
     * Four quarters, stored as orange, blue, grey, white by rows; the EXIF standard (CIPA DC-008,
     * table 6) says which edge of what is stored is the upper and which the left one.
     */
    @ParameterizedTest
    @CsvSource({
        "1, 64, 32, obgw",
        "2, 64, 32, bowg",
        "3, 64, 32, wgbo",
        "4, 64, 32, gwob",
        "5, 32, 64, ogbw",
        "6, 32, 64, gowb",
        "7, 32, 64, wbgo",
        "8, 32, 64, bwog"
    })
    void theResultStandsUpright(int orientation, int width, int height, String quarters)
            throws IOException {
        BufferedImage image = TestFiles.halves(64, 32, ORANGE, BLUE);
        image.getGraphics().drawImage(TestFiles.halves(64, 16, GREY, WHITE), 0, 16, null);
        Map<String, byte[]> files = new LinkedHashMap<>();
        files.put("JPEG", TestFiles.oriented(TestFiles.write(image, "jpg"), orientation));
        files.put("PNG", TestFiles.orientedPng(TestFiles.write(image, "png"), orientation));
        Map<Character, Integer> colours = Map.of('o', ORANGE, 'b', BLUE, 'g', GREY, 'w', WHITE);
        for (byte[] file : files.values()) {
            Picture picture = decode(file);
            assertEquals(width, picture.width());
            assertEquals(height, picture.height());
            for (int i = 0; i < 4; i++) {
                int x = width * (1 + 2 * (i % 2)) / 4;
                int y = height * (1 + 2 * (i / 2)) / 4;
                assertNear(colours.get(quarters.charAt(i)), TestFiles.pixel(picture, x, y), 2);
            }
        }
    }

    @Test
    void pointsAndFactsAreKept() throws IOException {
        ByteBuffer file =
                ByteBuffer.wrap(TestFiles.write(TestFiles.halves(8, 8, ORANGE, BLUE), "png"));
        Picture encoded =
                new Picture(0, 0, file, List.of(new float[] {1, 2}), Map.of("score", 0.5));
        Picture picture = Images.decode(encoded, Limits.DEFAULT);
        assertArrayEquals(new float[] {1, 2}, picture.points().get(0));
        assertEquals(Map.of("score", 0.5), picture.facts());
        assertSame(picture, Images.decode(picture, Limits.DEFAULT));
    }

    @Test
    void aFileInTheMiddleOfADirectBufferIsRead() throws IOException {
        byte[] file = TestFiles.write(TestFiles.halves(8, 8, ORANGE, BLUE), "png");
        ByteBuffer around = ByteBuffer.allocateDirect(file.length + 20);
        around.put(11, file).position(11).limit(11 + file.length);
        Picture encoded = Picture.encoded(around);
        assertNear(ORANGE, TestFiles.pixel(Images.decode(encoded, Limits.DEFAULT), 0, 0), 0);
        assertEquals(file.length, encoded.bytes().remaining());
    }

    @Test
    void whatIsNoImageIsToldInWords() {
        assertEquals("not an image: the file is empty", refusal(new byte[0]));
        assertEquals(
                "not an image: it begins with 65 6d 6f 74 69 6f 6e 2c (\"emotion,\"); expected"
                        + " JPEG, PNG, BMP, WebP, TIFF or GIF. Convert it to one of these",
                refusal("emotion,pixels,Usage".getBytes(StandardCharsets.US_ASCII)));
        assertTrue(refusal(new byte[] {0, 1}).contains("it begins with 00 01 (\"..\")"));
        byte[] heif = "\0\0\0\30ftypheic".getBytes(StandardCharsets.ISO_8859_1);
        assertTrue(refusal(heif).contains("it is a HEIF, AVIF or video file"));
    }

    @Test
    void aSizeBeyondTheLimitsIsRefusedByTheHeader() {
        assertEquals(
                "PNG of 50000 x 50000 pixels: a side may have 16384 at most. Make it smaller, or"
                        + " raise image.max-side",
                refusal(TestFiles.pngOfSize(50_000, 50_000)));
        assertEquals(
                "PNG of 16000 x 16000 pixels, 256000000 in all: an image may have 64000000 at"
                        + " most. Make it smaller, or raise image.max-pixels",
                refusal(TestFiles.pngOfSize(16_000, 16_000)));
        assertTrue(refusal(TestFiles.pngOfSize(-1, 1)).contains("4294967295 x 1 pixels"));
        assertTrue(refusal(TestFiles.pngOfSize(0, 5)).contains("0 x 5 pixels; expected at least"));
    }

    @Test
    void limitsHoldForEveryFormat() {
        BufferedImage image = TestFiles.halves(40, 30, ORANGE, BLUE);
        Map<String, byte[]> files = new LinkedHashMap<>();
        for (String format : List.of("PNG", "BMP", "JPEG", "TIFF", "GIF")) {
            files.put(format, TestFiles.write(image, format));
        }
        files.put("WebP", TestFiles.webp(image, 90, 255));
        files.forEach(
                (format, file) -> {
                    Picture encoded = Picture.encoded(ByteBuffer.wrap(file));
                    IOException side =
                            assertThrows(
                                    IOException.class,
                                    () -> Images.decode(encoded, new Limits(1 << 20, 1 << 20, 39)));
                    assertEquals(
                            format
                                    + " of 40 x 30 pixels: a side may have 39 at most. Make it"
                                    + " smaller, or raise image.max-side",
                            side.getMessage());
                    IOException pixels =
                            assertThrows(
                                    IOException.class,
                                    () -> Images.decode(encoded, new Limits(1 << 20, 1199, 40)));
                    assertTrue(pixels.getMessage().contains("1200 in all"), pixels.getMessage());
                    IOException bytes =
                            assertThrows(
                                    IOException.class,
                                    () ->
                                            Images.decode(
                                                    encoded,
                                                    new Limits(file.length - 1, 1200, 40)));
                    assertTrue(
                            bytes.getMessage().contains("may have " + (file.length - 1)),
                            bytes.getMessage());
                });
        for (String wrong : List.of("0,1,1", "1,0,1", "1,1,0", "4294967296,1,1", "1,1e9,1")) {
            double[] values =
                    Arrays.stream(wrong.split(",")).mapToDouble(Double::parseDouble).toArray();
            assertThrows(
                    IllegalArgumentException.class,
                    () -> new Limits((long) values[0], (long) values[1], (int) values[2]));
        }
    }

    private static Map<String, byte[]> files() throws IOException {
        BufferedImage image = TestFiles.gradient(90, 70);
        BufferedImage palette = new BufferedImage(90, 70, BufferedImage.TYPE_BYTE_INDEXED);
        palette.getGraphics().drawImage(image, 0, 0, null);
        Map<String, byte[]> files = new LinkedHashMap<>();
        files.put("PNG", TestFiles.write(image, "png"));
        files.put("PNG with palette", TestFiles.write(palette, "png"));
        files.put("BMP", TestFiles.write(image, "bmp"));
        files.put("BMP with palette", TestFiles.write(palette, "bmp"));
        files.put("JPEG", TestFiles.write(image, "jpg"));
        files.put("JPEG with EXIF", TestFiles.oriented(TestFiles.write(image, "jpg"), 6));
        files.put("JPEG, progressive", TestFiles.progressive(image));
        files.put("TIFF", TestFiles.write(image, "tif"));
        files.put("GIF", TestFiles.write(palette, "gif"));
        files.put("WebP", TestFiles.webp(image, 85, 255));
        files.put("WebP, lossless", TestFiles.webp(image, 101, 255));
        files.put("WebP with alpha", TestFiles.webp(image, 85, 100));
        return files;
    }

    @Test
    void aTruncatedFileIsRefusedWhereverItEnds() throws IOException {
        for (Map.Entry<String, byte[]> file : files().entrySet()) {
            byte[] whole = file.getValue();
            assertEquals(90 * 70, area(decode(whole)), file.getKey());
            for (int tenth = 1; tenth < 10; tenth++) {
                String why = refusal(Arrays.copyOf(whole, whole.length * tenth / 10));
                assertTrue(why.startsWith("truncated "), file.getKey() + ": " + why);
                assertTrue(why.contains("ends after "), why);
            }
            String why = refusal(Arrays.copyOf(whole, whole.length - 1));
            assertTrue(why.startsWith("truncated "), file.getKey() + ": " + why);
        }
    }

    private static int area(Picture picture) {
        return picture.width() * picture.height();
    }

    /** Bytes changed at random, near the beginning more often: a picture or words, no crash. */
    @Test
    void aDamagedFileGivesAPictureOrWords() throws IOException {
        Limits limits = new Limits(1 << 20, 1_000_000, 2000);
        int pictures = 0;
        int refused = 0;
        for (Map.Entry<String, byte[]> file : files().entrySet()) {
            for (int trial = 0; trial < 40; trial++) {
                Random random = new Random(trial);
                byte[] damaged = file.getValue().clone();
                for (int i = random.nextInt(8); i >= 0; i--) {
                    int bound =
                            random.nextBoolean() ? Math.min(120, damaged.length) : damaged.length;
                    damaged[random.nextInt(bound)] = (byte) random.nextInt(256);
                }
                Picture encoded = Picture.encoded(ByteBuffer.wrap(damaged));
                try {
                    Picture picture = Images.decode(encoded, limits);
                    assertTrue(area(picture) <= limits.pixels());
                    // Nothing of the decoder's memory shines through.
                    assertEquals(picture.bytes(), Images.decode(encoded, limits).bytes());
                    pictures++;
                } catch (IOException e) {
                    assertTrue(e.getMessage().length() > 20, e.getMessage());
                    refused++;
                }
            }
        }
        assertTrue(pictures > 100 && refused > 100, pictures + " pictures, " + refused);
    }

    @Test
    void whatMovesIsRefused() {
        ByteBuffer png = ByteBuffer.allocate(8 + 25 + 20 + 12);
        png.put(TestFiles.pngOfSize(8, 8), 0, 33);
        TestFiles.chunk(png, "acTL", new byte[8]);
        TestFiles.chunk(png, "IEND");
        assertTrue(refusal(png.array()).startsWith("animated PNG; expected a still image"));

        byte[] webp = TestFiles.webp(TestFiles.halves(8, 8, ORANGE, BLUE), 85, 100);
        assertEquals("VP8X", new String(webp, 12, 4, StandardCharsets.US_ASCII));
        webp[20] |= 2;
        assertTrue(refusal(webp).startsWith("animated WebP; expected a still image"));

        byte[] still = TestFiles.write(TestFiles.halves(8, 8, ORANGE, BLUE), "gif");
        // All but the end mark, and the frame a second time.
        int frame = 13 + 3 * (2 << (still[10] & 7));
        byte[] gif = Arrays.copyOf(still, 2 * still.length - 1 - frame);
        System.arraycopy(still, frame, gif, still.length - 1, still.length - frame);
        assertTrue(refusal(gif).startsWith("animated GIF; expected a still image"));
    }

    /** What a decoder of TIFF would allocate by, or fetch from beyond the file. */
    @Test
    void theDirectoryOfATiffIsChecked() {
        byte[] tiff = TestFiles.write(TestFiles.halves(8, 8, ORANGE, BLUE), "tif");
        ByteBuffer in = ByteBuffer.wrap(tiff);
        assertEquals('M', tiff[0]);
        int directory = in.getInt(4);
        int fields = in.getShort(directory);
        int next = directory + 2 + 12 * fields;
        in.putInt(next, 8);
        assertTrue(refusal(tiff).startsWith("TIFF of several pages; expected one image"));
        in.putInt(next, 0);
        Map<Integer, Integer> at = new LinkedHashMap<>();
        for (int i = 0; i < fields; i++) {
            int field = directory + 2 + 12 * i;
            at.put((int) in.getShort(field), field);
        }
        byte[] width = tiff.clone();
        ByteBuffer.wrap(width).putShort(at.get(256) + 2, (short) 4).putInt(at.get(256) + 8, 50_000);
        assertTrue(refusal(width).startsWith("TIFF of 50000 x 8 pixels: a side may have"));
        byte[] fax = tiff.clone();
        ByteBuffer.wrap(fax).putShort(at.get(259) + 8, (short) 3);
        assertTrue(refusal(fax).startsWith("TIFF of compression 3; expected none, LZW"));
        byte[] samples = tiff.clone();
        ByteBuffer.wrap(samples).putShort(at.get(277) + 8, (short) 999);
        assertTrue(refusal(samples).startsWith("TIFF of 999 samples a pixel; expected 1 to 4"));
        byte[] twice = tiff.clone();
        ByteBuffer.wrap(twice).putShort(at.get(257), (short) 256);
        assertTrue(refusal(twice).contains("field 256 stands in it twice"));
        byte[] strips = tiff.clone();
        ByteBuffer.wrap(strips).putInt(at.get(279) + 4, 77);
        assertTrue(refusal(strips).contains("TIFF"), refusal(strips));
    }

    @Test
    void manyScansAreRefused() throws IOException {
        byte[] jpeg = TestFiles.progressive(TestFiles.halves(8, 8, ORANGE, BLUE));
        byte[] scan = {(byte) 0xff, (byte) 0xda, 0, 8, 1, 1, 0, 1, 1, 0x10};
        ByteBuffer file = ByteBuffer.allocate(jpeg.length + 101 * scan.length);
        file.put(jpeg, 0, jpeg.length - 2);
        for (int i = 0; i < 101; i++) {
            file.put(scan);
        }
        file.put(jpeg, jpeg.length - 2, 2);
        assertTrue(refusal(file.array()).startsWith("JPEG of more than 100 scans"));
    }

    @Test
    void manyThreadsReadAlike() throws IOException {
        byte[] file = TestFiles.write(TestFiles.gradient(200, 100), "jpg");
        Picture expected = decode(file);
        long alike =
                IntStream.range(0, 200)
                        .parallel()
                        .filter(
                                i -> {
                                    try {
                                        return decode(file).bytes().equals(expected.bytes());
                                    } catch (IOException e) {
                                        return false;
                                    }
                                })
                        .count();
        assertEquals(200, alike);
    }

    @Test
    void aPhotographIsRead() throws IOException {
        Path file = Path.of(System.getProperty("mien.shared"), "data", "faces", "astronaut.png");
        Assumptions.assumeTrue(Files.isRegularFile(file), file + " is not here");
        Picture picture = decode(Files.readAllBytes(file));
        assertEquals(512, picture.width());
        assertEquals(512, picture.height());
    }
}
