// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.vision.internal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.mien.vision.Limits;

/**
 * The directory of a TIFF 6.0 file. A decoder allocates by what stands here (strips, tiles, bits of
 * a sample), so each is checked, and every strip must lie within the file.
 */
final class Tiff {
    private static final int WIDTH = 256;
    private static final int HEIGHT = 257;
    private static final int BITS = 258;
    private static final int COMPRESSION = 259;
    private static final int PHOTOMETRIC = 262;
    private static final int STRIP_OFFSETS = 273;
    private static final int SAMPLES = 277;
    private static final int STRIP_BYTES = 279;
    private static final int PLANES = 284;
    private static final int TILE_WIDTH = 322;
    private static final int TILE_HEIGHT = 323;
    private static final int TILE_OFFSETS = 324;
    private static final int TILE_BYTES = 325;
    private static final int EXTRA_SAMPLES = 338;

    /**
     * What an extra sample is: an alpha by which colours are multiplied, or one that stands aside.
     */
    private static final int MULTIPLIED = 1;

    private static final int ASIDE = 2;

    /** Names of pages, colour profiles and the like: an ordinary file has some twenty. */
    private static final int MOST_FIELDS = 1000;

    /** Values of a field, where they lie. */
    private record Field(int type, long count, int at) {}

    private final ByteBuffer in;
    private final int end;
    private final Map<Integer, Field> fields = new HashMap<>();

    private Tiff(ByteBuffer in) {
        this.in = in;
        this.end = in.limit();
    }

    /** Reads the only directory. */
    static Header read(ByteBuffer in, Limits limits) throws IOException {
        return new Tiff(in).header(limits);
    }

    private Header header(Limits limits) throws IOException {
        if (end < 8) {
            throw Header.truncated("TIFF", end, "its header is cut");
        }
        long next = directory(in.getInt(4) & 0xffffffffL);
        Header header = Header.checked("TIFF", one(WIDTH, 0), one(HEIGHT, 0), limits);
        if (next != 0) {
            throw new IOException(
                    "TIFF of several pages; expected one image. Save the page you want");
        }
        long samples = one(SAMPLES, 1);
        // Fax codes, palettes with 16 bits and the like: of no use for faces, and much code.
        long compression = one(COMPRESSION, 1);
        if (compression != 1
                && compression != 5
                && compression != 8
                && compression != 32946
                && compression != 32773) {
            throw new IOException(
                    "TIFF of compression "
                            + compression
                            + "; expected none, LZW, Deflate or PackBits. Save it again as one of"
                            + " these, or as PNG");
        }
        if (samples < 1 || samples > 4) {
            throw new IOException(
                    "TIFF of " + samples + " samples a pixel; expected 1 to 4. Save it as PNG");
        }
        Field bits = fields.get(BITS);
        int deepest = 1;
        long all = bits == null ? samples : 0;
        for (int i = 0; bits != null && i < bits.count(); i++) {
            long depth = value(bits, i);
            if (depth != 1 && depth != 4 && depth != 8 && depth != 16) {
                throw new IOException(
                        "TIFF of " + depth + " bits a sample; expected 8 or 16. Save it as PNG");
            }
            deepest = (int) Math.max(deepest, depth);
            all += depth;
        }
        if (fields.containsKey(TILE_WIDTH)) {
            // A tile may reach over the edge, by less than itself.
            Header.checked("TIFF with a tile", one(TILE_WIDTH, 0), one(TILE_HEIGHT, 0), limits);
        }
        boolean tiles = fields.containsKey(TILE_OFFSETS);
        if (!tiles && compression == 1 && !fields.containsKey(STRIP_BYTES)) {
            whole(header.height() * ((header.width() * all + 7) / 8));
        } else {
            within(tiles ? TILE_OFFSETS : STRIP_OFFSETS, tiles ? TILE_BYTES : STRIP_BYTES);
        }
        boolean multiplied = alpha() && samples == 4;
        // Only of these does OpenCV hand out 16 bits as they are; of the others it makes 8 itself.
        boolean deep =
                deepest == 16 && samples >= 3 && one(PHOTOMETRIC, 1) == 2 && one(PLANES, 1) == 1;
        return new Header(
                header.format(), header.width(), header.height(), deep ? 16 : 8, multiplied);
    }

    /** Reads the fields; the place of the next directory. */
    private long directory(long at) throws IOException {
        if (at < 8 || at + 2 > end) {
            throw Header.truncated("TIFF", end, "its directory lies at " + at);
        }
        int count = in.getShort((int) at) & 0xffff;
        if (count > MOST_FIELDS) {
            throw new IOException("damaged TIFF: a directory of " + count + " fields");
        }
        if (at + 2 + 12L * count + 4 > end) {
            throw Header.truncated("TIFF", end, "its directory is cut");
        }
        for (int i = 0; i < count; i++) {
            int field = (int) at + 2 + 12 * i;
            int tag = in.getShort(field) & 0xffff;
            int type = in.getShort(field + 2) & 0xffff;
            long values = in.getInt(field + 4) & 0xffffffffL;
            long bytes = values * (type == 3 ? 2 : type == 4 ? 4 : 1);
            long place = bytes <= 4 ? field + 8 : in.getInt(field + 8) & 0xffffffffL;
            if (place + bytes > end) {
                throw Header.truncated("TIFF", end, "field " + tag + " reaches beyond its end");
            }
            if (fields.put(tag, new Field(type, values, (int) place)) != null) {
                throw new IOException("damaged TIFF: field " + tag + " stands in it twice");
            }
        }
        return in.getInt((int) at + 2 + 12 * count) & 0xffffffffL;
    }

    /**
     * Whether colours are stored times their alpha. An alpha that stands aside is called one that
     * does not: libtiff would multiply colours by it, and so blend them with black.
     */
    private boolean alpha() throws IOException {
        Field extra = fields.get(EXTRA_SAMPLES);
        if (extra == null || extra.count() == 0 || extra.type() != 3) {
            return false;
        }
        long kind = value(extra, 0);
        if (kind == ASIDE) {
            in.putShort(extra.at(), (short) MULTIPLIED);
        }
        return kind == MULTIPLIED;
    }

    /** One strip without its length, as old programs wrote it: its pixels must be there. */
    private void whole(long bytes) throws IOException {
        if (one(STRIP_OFFSETS, end) + bytes > end) {
            throw Header.truncated("TIFF", end, "its pixels reach beyond its end");
        }
    }

    private void within(int offsets, int lengths) throws IOException {
        Field at = fields.get(offsets);
        Field bytes = fields.get(lengths);
        if (at == null || bytes == null || at.count() != bytes.count() || at.count() == 0) {
            throw new IOException(
                    "damaged TIFF: fields "
                            + offsets
                            + " and "
                            + lengths
                            + " do not say where its pixels are");
        }
        for (int i = 0; i < at.count(); i++) {
            if (value(at, i) + value(bytes, i) > end) {
                throw Header.truncated("TIFF", end, "its pixels reach beyond its end");
            }
        }
    }

    private long one(int tag, long otherwise) throws IOException {
        Field field = fields.get(tag);
        if (field == null) {
            return otherwise;
        }
        if (field.count() != 1) {
            throw new IOException(
                    "damaged TIFF: field " + tag + " has " + field.count() + " values");
        }
        return value(field, 0);
    }

    private long value(Field field, int index) throws IOException {
        return switch (field.type()) {
            case 3 -> in.getShort(field.at() + 2 * index) & 0xffff;
            case 4 -> in.getInt(field.at() + 4 * index) & 0xffffffffL;
            default ->
                    throw new IOException(
                            "damaged TIFF: a number of type " + field.type() + "; expected 3 or 4");
        };
    }
}
