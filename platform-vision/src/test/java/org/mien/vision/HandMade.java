// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.vision;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntBinaryOperator;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/**
 * Image files written byte by byte, so that a test knows every pixel and every flag without trust
 * in an encoder. A picture is rows of {@code 0xRRGGBB}.
 */
final class HandMade {
    /** Bytes in a row, with numbers of either order. */
    static final class Bytes {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();
        private final boolean big;

        Bytes(boolean big) {
            this.big = big;
        }

        Bytes put(int... bytes) {
            for (int one : bytes) {
                out.write(one);
            }
            return this;
        }

        Bytes put(byte... bytes) {
            out.writeBytes(bytes);
            return this;
        }

        Bytes text(String latin) {
            return put(latin.getBytes(StandardCharsets.ISO_8859_1));
        }

        Bytes two(int number) {
            return big ? put(number >> 8, number) : put(number, number >> 8);
        }

        Bytes four(int number) {
            return big ? two(number >>> 16).two(number) : two(number).two(number >>> 16);
        }

        int size() {
            return out.size();
        }

        byte[] bytes() {
            return out.toByteArray();
        }
    }

    private HandMade() {}

    /** A picture by a function of column and row. */
    static int[][] picture(int width, int height, IntBinaryOperator colour) {
        int[][] rows = new int[height][width];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                rows[y][x] = colour.applyAsInt(x, y);
            }
        }
        return rows;
    }

    static int red(int colour) {
        return colour >> 16 & 0xff;
    }

    static int green(int colour) {
        return colour >> 8 & 0xff;
    }

    static int blue(int colour) {
        return colour & 0xff;
    }

    private static int[] channels(int colour) {
        return new int[] {red(colour), green(colour), blue(colour)};
    }

    // --- PNG

    /** A chunk between header and pixels. */
    record Chunk(String name, byte[] data) {}

    /**
     * A PNG.
     *
     * @param colour its colour type: 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGB and alpha
     * @param depth bits of a sample; of 16 the lower 8 are 200
     * @param palette the colours, or null
     * @param alpha of each pixel, or null
     * @param interlaced by Adam7
     * @param chunks before the pixels
     */
    static byte[] png(
            int[][] rows,
            int colour,
            int depth,
            int[] palette,
            IntBinaryOperator alpha,
            boolean interlaced,
            Chunk... chunks) {
        int height = rows.length;
        int width = rows[0].length;
        Bytes lines = new Bytes(true);
        int[][] passes =
                interlaced
                        ? new int[][] {
                            {0, 0, 8, 8},
                            {4, 0, 8, 8},
                            {0, 4, 4, 8},
                            {2, 0, 4, 4},
                            {0, 2, 2, 4},
                            {1, 0, 2, 2},
                            {0, 1, 1, 2}
                        }
                        : new int[][] {{0, 0, 1, 1}};
        for (int[] pass : passes) {
            for (int y = pass[1]; y < height; y += pass[3]) {
                List<Integer> cells = new ArrayList<>();
                for (int x = pass[0]; x < width; x += pass[2]) {
                    cells(cells, rows[y][x], colour, depth, palette);
                    if (colour >= 4) {
                        int share = alpha.applyAsInt(x, y);
                        cells.add(depth == 16 ? share * 257 : share);
                    }
                }
                if (!cells.isEmpty()) {
                    line(lines.put(0), cells, depth);
                }
            }
        }
        Bytes file = new Bytes(true).put(0x89).text("PNG\r\n\32\n");
        byte[] header =
                new Bytes(true)
                        .four(width)
                        .four(height)
                        .put(depth, colour, 0, 0, interlaced ? 1 : 0)
                        .bytes();
        chunk(file, "IHDR", header);
        if (palette != null) {
            Bytes all = new Bytes(true);
            for (int one : palette) {
                all.put(channels(one));
            }
            chunk(file, "PLTE", all.bytes());
        }
        for (Chunk one : chunks) {
            chunk(file, one.name(), one.data());
        }
        chunk(file, "IDAT", deflated(lines.bytes()));
        chunk(file, "IEND", new byte[0]);
        return file.bytes();
    }

    private static void cells(List<Integer> cells, int pixel, int colour, int depth, int[] of) {
        if (colour == 3) {
            cells.add(index(of, pixel));
            return;
        }
        for (int channel : colour == 0 || colour == 4 ? new int[] {red(pixel)} : channels(pixel)) {
            cells.add(
                    depth == 16
                            ? channel * 256 + 200
                            : depth == 8 ? channel : channel * ((1 << depth) - 1) / 255);
        }
    }

    private static void line(Bytes out, List<Integer> cells, int depth) {
        int held = 0;
        int bits = 0;
        for (int cell : cells) {
            if (depth == 16) {
                out.two(cell);
                continue;
            }
            held = held << depth | cell;
            bits += depth;
            if (bits == 8) {
                out.put(held);
                held = 0;
                bits = 0;
            }
        }
        if (bits > 0) {
            out.put(held << 8 - bits);
        }
    }

    private static void chunk(Bytes file, String name, byte[] data) {
        byte[] named = new Bytes(true).text(name).put(data).bytes();
        CRC32 crc = new CRC32();
        crc.update(named);
        file.four(data.length).put(named).four((int) crc.getValue());
    }

    private static byte[] deflated(byte[] data) {
        Deflater deflater = new Deflater();
        deflater.setInput(data);
        deflater.finish();
        byte[] out = new byte[data.length + 1000];
        int length = deflater.deflate(out);
        deflater.end();
        return Arrays.copyOf(out, length);
    }

    static int index(int[] palette, int colour) {
        for (int i = 0; i < palette.length; i++) {
            if (palette[i] == colour) {
                return i;
            }
        }
        throw new IllegalArgumentException(Integer.toHexString(colour));
    }

    /** A directory of EXIF with an orientation and nothing else, as cameras of Intel's order. */
    static byte[] exif(int orientation, boolean big) {
        Bytes out = new Bytes(big).text(big ? "MM" : "II").two(42).four(8).two(1);
        return out.two(0x112).two(3).four(1).two(orientation).two(0).four(0).bytes();
    }

    /** The same JPEG with a segment of EXIF that holds an orientation. */
    static byte[] orientedJpeg(byte[] jpeg, int orientation, boolean big) {
        byte[] exif = exif(orientation, big);
        Bytes out = new Bytes(true).put(Arrays.copyOf(jpeg, 2)).put(0xff, 0xe1);
        out.two(exif.length + 8).text("Exif\0\0").put(exif);
        return out.put(Arrays.copyOfRange(jpeg, 2, jpeg.length)).bytes();
    }

    // --- TIFF

    /** What a TIFF is; what is not said is that of plain RGB, 8 bits, Intel's order, one strip. */
    static final class Tiff {
        private final int[][] rows;
        private final Map<Integer, int[]> more = new TreeMap<>();
        private int photometric = 2;
        private int depth = 8;
        private boolean big;
        private boolean planar;
        private int[] palette;
        private IntBinaryOperator alpha;
        private boolean multiplied;
        private int strip = 1 << 20;
        private boolean lengths = true;

        Tiff(int[][] rows) {
            this.rows = rows;
        }

        Tiff photometric(int value) {
            photometric = value;
            return this;
        }

        Tiff depth(int bits) {
            depth = bits;
            return this;
        }

        Tiff big() {
            big = true;
            return this;
        }

        Tiff planar() {
            planar = true;
            return this;
        }

        Tiff palette(int... colours) {
            palette = colours;
            return photometric(3);
        }

        /** With alpha; {@code multiplied} when colours are stored times it, which is kind 1. */
        Tiff alpha(IntBinaryOperator of, boolean times) {
            alpha = of;
            multiplied = times;
            return tag(338, times ? 1 : 2);
        }

        Tiff tag(int number, int... shorts) {
            more.put(number, shorts);
            return this;
        }

        Tiff strip(int height) {
            strip = height;
            return this;
        }

        Tiff withoutLengths() {
            lengths = false;
            return this;
        }

        private int[] samples(int x, int y) {
            int pixel = rows[y][x];
            int share = alpha == null ? 255 : alpha.applyAsInt(x, y);
            int[] colours =
                    photometric == 3
                            ? new int[] {index(palette, pixel)}
                            : photometric == 2
                                    ? channels(pixel)
                                    : new int[] {photometric == 0 ? 255 - red(pixel) : red(pixel)};
            if (alpha == null) {
                return colours;
            }
            int[] all = Arrays.copyOf(colours, colours.length + 1);
            for (int i = 0; i < colours.length && multiplied; i++) {
                all[i] = (colours[i] * share + 127) / 255;
            }
            all[colours.length] = share;
            return all;
        }

        private void sample(Bytes out, int value) {
            if (depth == 16) {
                out.two(value * 256 + 200);
            } else {
                out.put(value);
            }
        }

        byte[] file() {
            int height = rows.length;
            int width = rows[0].length;
            int samples = samples(0, 0).length;
            List<byte[]> strips = new ArrayList<>();
            for (int plane = 0; plane < (planar ? samples : 1); plane++) {
                for (int from = 0; from < height; from += strip) {
                    Bytes out = new Bytes(big);
                    for (int y = from; y < Math.min(height, from + strip); y++) {
                        for (int x = 0; x < width; x++) {
                            int[] all = samples(x, y);
                            for (int i = 0; i < samples; i++) {
                                if (!planar || i == plane) {
                                    sample(out, all[i]);
                                }
                            }
                        }
                    }
                    strips.add(out.bytes());
                }
            }
            Map<Integer, int[]> tags = new TreeMap<>(more);
            tags.put(256, new int[] {width});
            tags.put(257, new int[] {height});
            int[] bits = new int[samples];
            Arrays.fill(bits, depth);
            tags.put(258, bits);
            tags.put(259, new int[] {1});
            tags.put(262, new int[] {photometric});
            tags.put(273, new int[strips.size()]);
            tags.put(277, new int[] {samples});
            tags.put(278, new int[] {Math.min(height, strip)});
            if (lengths) {
                tags.put(279, strips.stream().mapToInt(one -> one.length).toArray());
            }
            tags.put(284, new int[] {planar ? 2 : 1});
            if (palette != null) {
                int[] map = new int[3 * 256];
                for (int c = 0; c < 3; c++) {
                    for (int i = 0; i < palette.length; i++) {
                        map[256 * c + i] = channels(palette[i])[c] * 257;
                    }
                }
                tags.put(320, map);
            }
            return file(tags, strips);
        }

        private byte[] file(Map<Integer, int[]> tags, List<byte[]> strips) {
            int at = 8 + 2 + 12 * tags.size() + 4;
            int late = at;
            for (Map.Entry<Integer, int[]> tag : tags.entrySet()) {
                late += size(tag) > 4 ? size(tag) : 0;
            }
            int[] places = tags.get(273);
            int place = late;
            for (int i = 0; i < places.length; i++) {
                places[i] = place;
                place += strips.get(i).length;
            }
            Bytes out = new Bytes(big).text(big ? "MM" : "II").two(42).four(8).two(tags.size());
            Bytes rest = new Bytes(big);
            for (Map.Entry<Integer, int[]> tag : tags.entrySet()) {
                boolean longs = isLong(tag.getKey());
                out.two(tag.getKey()).two(longs ? 4 : 3).four(tag.getValue().length);
                Bytes values = new Bytes(big);
                for (int value : tag.getValue()) {
                    if (longs) {
                        values.four(value);
                    } else {
                        values.two(value);
                    }
                }
                if (values.size() > 4) {
                    out.four(at + rest.size());
                    rest.put(values.bytes());
                } else {
                    out.put(Arrays.copyOf(values.bytes(), 4));
                }
            }
            out.four(0).put(rest.bytes());
            strips.forEach(out::put);
            return out.bytes();
        }

        private static boolean isLong(int tag) {
            return tag == 256 || tag == 257 || tag == 273 || tag == 278 || tag == 279;
        }

        private static int size(Map.Entry<Integer, int[]> tag) {
            return tag.getValue().length * (isLong(tag.getKey()) ? 4 : 2);
        }
    }

    // --- BMP

    /**
     * A BMP.
     *
     * @param bits of a pixel: 1, 4, 8 with a palette, 16 (5 of each), 24, 32 (the last byte is 0)
     * @param header bytes of its header: 12 of OS/2, 40 of Windows, 108 or 124 with masks
     * @param down whether the first row is the upper one
     */
    static byte[] bmp(int[][] rows, int bits, int header, boolean down, int... palette) {
        int height = rows.length;
        int width = rows[0].length;
        Bytes body = new Bytes(false);
        for (int i = 0; i < height; i++) {
            int[] row = rows[down ? i : height - 1 - i];
            Bytes line = new Bytes(false);
            List<Integer> cells = new ArrayList<>();
            for (int pixel : row) {
                if (bits <= 8) {
                    cells.add(index(palette, pixel));
                } else if (bits == 16) {
                    line.two(red(pixel) >> 3 << 10 | green(pixel) >> 3 << 5 | blue(pixel) >> 3);
                } else {
                    line.put(blue(pixel), green(pixel), red(pixel));
                    if (bits == 32) {
                        line.put(0);
                    }
                }
            }
            line(line, cells, bits == 24 || bits == 32 ? 8 : bits);
            while (line.size() % 4 != 0) {
                line.put(0);
            }
            body.put(line.bytes());
        }
        Bytes colours = new Bytes(false);
        // OS/2 has no field for their number, so all are there.
        int count = header == 12 && bits <= 8 ? 1 << bits : palette.length;
        for (int i = 0; i < count; i++) {
            int one = i < palette.length ? palette[i] : 0;
            colours.put(blue(one), green(one), red(one));
            if (header > 12) {
                colours.put(0);
            }
        }
        int at = 14 + header + colours.size();
        Bytes out = new Bytes(false).text("BM").four(at + body.size()).four(0).four(at);
        out.four(header);
        if (header == 12) {
            out.two(width).two(height).two(1).two(bits);
        } else {
            out.four(width).four(down ? -height : height).two(1).two(bits).four(0);
            out.four(body.size()).four(2835).four(2835).four(palette.length).four(0);
            out.put(new byte[header - 40]);
        }
        return out.put(colours.bytes()).put(body.bytes()).bytes();
    }

    // --- GIF

    /**
     * A GIF of one frame.
     *
     * @param left column of the frame within a screen that is that much larger
     * @param upper row of the frame
     * @param clear index of the colour that is transparent, or -1
     */
    static byte[] gif(
            int[][] rows, boolean interlaced, int left, int upper, int clear, int... palette) {
        int height = rows.length;
        int width = rows[0].length;
        List<Integer> order = new ArrayList<>();
        int[][] passes =
                interlaced ? new int[][] {{0, 8}, {4, 8}, {2, 4}, {1, 2}} : new int[][] {{0, 1}};
        for (int[] pass : passes) {
            for (int y = pass[0]; y < height; y += pass[1]) {
                order.add(y);
            }
        }
        // Codes of nine bits: the table is cleared before it would need ten.
        List<Integer> codes = new ArrayList<>();
        int count = 0;
        for (int y : order) {
            for (int pixel : rows[y]) {
                if (count++ % 100 == 0) {
                    codes.add(256);
                }
                codes.add(index(palette, pixel));
            }
        }
        codes.add(257);
        Bytes data = new Bytes(false);
        long held = 0;
        int bits = 0;
        for (int code : codes) {
            held |= (long) code << bits;
            bits += 9;
            while (bits >= 8) {
                data.put((int) held & 0xff);
                held >>= 8;
                bits -= 8;
            }
        }
        data.put((int) held & 0xff);
        Bytes out = new Bytes(false).text("GIF89a").two(width + left).two(height + upper);
        out.put(0xf7, 0, 0);
        for (int i = 0; i < 256; i++) {
            out.put(channels(i < palette.length ? palette[i] : 0));
        }
        if (clear >= 0) {
            out.put(0x21, 0xf9, 4, 1, 0, 0, clear, 0);
        }
        out.text(",").two(left).two(upper).two(width).two(height).put(interlaced ? 0x40 : 0, 8);
        byte[] all = data.bytes();
        for (int from = 0; from < all.length; from += 255) {
            int length = Math.min(255, all.length - from);
            out.put(length).put(Arrays.copyOfRange(all, from, from + length));
        }
        return out.put(0, ';').bytes();
    }

    // --- WebP

    /** The same WebP with a directory of EXIF that holds an orientation. */
    static byte[] orientedWebp(byte[] webp, int width, int height, int orientation) {
        ByteBuffer in = ByteBuffer.wrap(webp).order(ByteOrder.LITTLE_ENDIAN);
        byte[] chunks = new byte[in.getInt(4) - 4];
        in.get(12, chunks);
        byte[] exif = exif(orientation, false);
        Bytes body = new Bytes(false).text("WEBP").text("VP8X").four(10).four(8);
        body.put(width - 1, (width - 1) >> 8, 0, height - 1, (height - 1) >> 8, 0);
        body.put(chunks).text("EXIF").four(exif.length).put(exif);
        return new Bytes(false).text("RIFF").four(body.size()).put(body.bytes()).bytes();
    }
}
