// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.vision.internal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.mien.api.data.FileKind;
import org.mien.vision.Limits;

/**
 * Reads what a file says of an image, before anything of it is decoded, and takes out what would
 * make a decoder blend transparent pixels with a background.
 */
public final class Headers {
    /** Ordinary progressive files have about ten; each costs a pass over all coefficients. */
    private static final int MOST_SCANS = 100;

    private static final byte[] PNG = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};

    private Headers() {}

    /**
     * Reads it.
     *
     * @param file a whole file, the caller's own copy: where it asks for pixels to be blended, in a
     *     GIF or TIFF, it does so no more afterwards
     * @param limits what is accepted
     * @return format and size, within the limits
     * @throws IOException in words, when it is no image of a known format, is larger than the
     *     limits, moves, or ends early
     */
    public static Header read(byte[] file, Limits limits) throws IOException {
        if (file.length == 0) {
            throw new IOException("not an image: the file is empty");
        }
        ByteBuffer in = ByteBuffer.wrap(file);
        if (begins(file, 0, (byte) 0xff, (byte) 0xd8, (byte) 0xff)) {
            return jpeg(in, limits);
        }
        if (begins(file, 0, PNG)) {
            return png(in, limits);
        }
        if (begins(file, 0, ascii("RIFF")) && begins(file, 8, ascii("WEBP"))) {
            return webp(in.order(ByteOrder.LITTLE_ENDIAN), limits);
        }
        if (begins(file, 0, ascii("BM"))) {
            return bmp(in.order(ByteOrder.LITTLE_ENDIAN), limits);
        }
        if (begins(file, 0, ascii("II*\0"))) {
            return Tiff.read(in.order(ByteOrder.LITTLE_ENDIAN), limits);
        }
        if (begins(file, 0, ascii("MM\0*"))) {
            return Tiff.read(in, limits);
        }
        if (begins(file, 0, ascii("GIF87a")) || begins(file, 0, ascii("GIF89a"))) {
            return gif(in.order(ByteOrder.LITTLE_ENDIAN), limits);
        }
        throw noImage(file);
    }

    private static Header jpeg(ByteBuffer in, Limits limits) throws IOException {
        Header header = null;
        int scans = 0;
        int at = 2;
        int end = in.limit();
        while (true) {
            // The next marker is FF and a code; in between lie the coded pixels, where FF is
            // followed by 00, and nothing else that matters.
            while (at + 1 < end && !(in.get(at) == -1 && in.get(at + 1) != 0)) {
                at++;
            }
            if (at + 1 >= end) {
                throw Header.truncated("JPEG", end, "it has no end marker");
            }
            int code = in.get(at + 1) & 0xff;
            if (code == 0xff) {
                at++;
                continue;
            }
            at += 2;
            if (code == 0xd9) {
                if (header == null || scans == 0) {
                    throw new IOException("damaged JPEG: it ends before its first pixel");
                }
                return header;
            }
            if (code == 0x01 || code >= 0xd0 && code <= 0xd8) {
                continue;
            }
            int length = at + 2 <= end ? in.getShort(at) & 0xffff : 0;
            if (at + Math.max(length, 2) > end) {
                throw Header.truncated("JPEG", end, "a segment reaches beyond its end");
            }
            if (length < 2) {
                throw new IOException(
                        "damaged JPEG: a segment of length " + length + " at byte " + at);
            }
            if (code >= 0xc0 && code <= 0xcf && code != 0xc4 && code != 0xc8 && code != 0xcc) {
                if (header != null || length < 8) {
                    throw new IOException(
                            "damaged JPEG: "
                                    + (header != null ? "two frame headers" : "a cut frame header")
                                    + ", the last at byte "
                                    + at);
                }
                header =
                        Header.checked(
                                "JPEG",
                                in.getShort(at + 5) & 0xffff,
                                in.getShort(at + 3) & 0xffff,
                                limits);
            } else if (code == 0xda && ++scans > MOST_SCANS) {
                throw new IOException(
                        "JPEG of more than "
                                + MOST_SCANS
                                + " scans, which is made to keep a decoder busy. Save it again");
            }
            at += length;
        }
    }

    private static Header png(ByteBuffer in, Limits limits) throws IOException {
        int end = in.limit();
        int at = PNG.length;
        Header header = null;
        while (true) {
            if (end - at < 12) {
                throw Header.truncated("PNG", end, "its end chunk is missing");
            }
            long length = in.getInt(at) & 0xffffffffL;
            String type = text(in, at + 4, 4);
            if (length > end - at - 12) {
                throw Header.truncated("PNG", end, "chunk " + type + " reaches beyond its end");
            }
            if (type.equals("IHDR") != (header == null) || header == null && length != 13) {
                throw new IOException(
                        "damaged PNG: chunk "
                                + type
                                + " of "
                                + length
                                + " bytes at byte "
                                + at
                                + "; expected one IHDR of 13 bytes, first");
            }
            switch (type) {
                case "IHDR":
                    header =
                            Header.checked(
                                    "PNG",
                                    in.getInt(at + 8) & 0xffffffffL,
                                    in.getInt(at + 12) & 0xffffffffL,
                                    limits);
                    break;
                case "acTL":
                    throw animated("PNG");
                case "IEND":
                    return header;
                default:
            }
            at += (int) length + 12;
        }
    }

    private static Header webp(ByteBuffer in, Limits limits) throws IOException {
        int end = in.limit();
        if (end < 30) {
            throw Header.truncated("WebP", end, "its header is cut");
        }
        if ((in.getInt(4) & 0xffffffffL) + 8 > end) {
            throw Header.truncated("WebP", end, "it says " + ((in.getInt(4) & 0xffffffffL) + 8));
        }
        String type = text(in, 12, 4);
        switch (type) {
            case "VP8 ":
                return Header.checked(
                        "WebP", in.getShort(26) & 0x3fff, in.getShort(28) & 0x3fff, limits);
            case "VP8L":
                int bits = in.getInt(21);
                return Header.checked(
                        "WebP", (bits & 0x3fff) + 1, (bits >>> 14 & 0x3fff) + 1, limits);
            case "VP8X":
                if ((in.get(20) & 2) != 0) {
                    throw animated("WebP");
                }
                return Header.checked(
                        "WebP",
                        (in.getInt(24) & 0xffffff) + 1,
                        (in.getInt(26) >>> 8 & 0xffffff) + 1,
                        limits);
            default:
                throw new IOException(
                        "damaged WebP: its first chunk is '"
                                + type
                                + "'; expected VP8, VP8L or VP8X");
        }
    }

    private static Header bmp(ByteBuffer in, Limits limits) throws IOException {
        int end = in.limit();
        if (end < 26) {
            throw Header.truncated("BMP", end, "its header is cut");
        }
        int size = in.getInt(14);
        if (size == 12) {
            return Header.checked(
                    "BMP", in.getShort(18) & 0xffff, in.getShort(20) & 0xffff, limits);
        }
        if (size < 36) {
            throw new IOException(
                    "damaged BMP: a header of " + size + " bytes; expected 12 or at least 36");
        }
        if (end < 54) {
            throw Header.truncated("BMP", end, "its header is cut");
        }
        // A negative height means that the first row is the upper one.
        Header header =
                Header.checked("BMP", in.getInt(18), Math.abs((long) in.getInt(22)), limits);
        boolean plain = in.getInt(30) == 0;
        long row = ((long) header.width() * (in.getShort(28) & 0xffff) + 31) / 32 * 4;
        long needed = (in.getInt(10) & 0xffffffffL) + row * header.height();
        if (plain && needed > end) {
            throw Header.truncated("BMP", end, "its pixels end at " + needed);
        }
        return header;
    }

    /** One still frame; its place within the screen is checked too, since decoders trust it. */
    private static Header gif(ByteBuffer in, Limits limits) throws IOException {
        int end = in.limit();
        if (end < 13) {
            throw Header.truncated("GIF", end, "its header is cut");
        }
        Header header =
                Header.checked("GIF", in.getShort(6) & 0xffff, in.getShort(8) & 0xffff, limits);
        int at = 13 + colours(in.get(10));
        boolean frame = false;
        while (at < end) {
            switch (in.get(at) & 0xff) {
                case ';':
                    if (!frame) {
                        throw new IOException("damaged GIF: it ends before its first pixel");
                    }
                    return header;
                case '!':
                    if (at + 3 < end && in.get(at + 1) == (byte) 0xf9 && in.get(at + 2) == 4) {
                        // A decoder would leave transparent pixels as the screen was before.
                        in.put(at + 3, (byte) (in.get(at + 3) & ~1));
                    }
                    at = afterBlocks(in, at + 2);
                    break;
                case ',':
                    if (frame) {
                        throw animated("GIF");
                    }
                    frame = true;
                    if (end - at < 11) {
                        throw Header.truncated("GIF", end, "its frame is cut");
                    }
                    int right = (in.getShort(at + 1) & 0xffff) + (in.getShort(at + 5) & 0xffff);
                    int lower = (in.getShort(at + 3) & 0xffff) + (in.getShort(at + 7) & 0xffff);
                    if (right > header.width() || lower > header.height()) {
                        throw new IOException(
                                "damaged GIF: its frame reaches to "
                                        + right
                                        + " x "
                                        + lower
                                        + " in a screen of "
                                        + header.width()
                                        + " x "
                                        + header.height());
                    }
                    at = afterBlocks(in, at + 11 + colours(in.get(at + 9)));
                    break;
                default:
                    throw new IOException(
                            "damaged GIF: block " + (in.get(at) & 0xff) + " at byte " + at);
            }
        }
        throw Header.truncated("GIF", end, "its end mark is missing");
    }

    /** Bytes of a colour table. */
    private static int colours(byte flags) {
        return (flags & 0x80) == 0 ? 0 : 3 << (flags & 7) + 1;
    }

    /** The place after a chain of blocks, each with its length in front, the last of length 0. */
    private static int afterBlocks(ByteBuffer in, int from) throws IOException {
        int at = from;
        while (at < in.limit()) {
            int length = in.get(at) & 0xff;
            at += 1 + length;
            if (length == 0) {
                return at;
            }
        }
        throw Header.truncated("GIF", in.limit(), "a block reaches beyond its end");
    }

    private static IOException animated(String format) {
        return new IOException(
                "animated " + format + "; expected a still image. Save the frame you want");
    }

    /** Names what a file is; its bytes are shown where it is nothing that is known. */
    private static IOException noImage(byte[] file) {
        FileKind kind = FileKind.of(file);
        String expected = "; expected JPEG, PNG, BMP, WebP, TIFF or GIF. ";
        if (kind != FileKind.UNKNOWN) {
            String next = kind.advice().isEmpty() ? "Convert it to one of these" : kind.advice();
            return new IOException("not an image: it is " + kind.words() + expected + next);
        }
        int shown = Math.min(file.length, 8);
        String hex = HexFormat.ofDelimiter(" ").formatHex(file, 0, shown);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < shown; i++) {
            text.append(file[i] >= ' ' && file[i] < 127 ? (char) file[i] : '.');
        }
        return new IOException(
                "not an image: it begins with "
                        + hex
                        + " (\""
                        + text
                        + "\")"
                        + expected
                        + "Convert it to one of these");
    }

    private static boolean begins(byte[] file, int at, byte... with) {
        if (file.length < at + with.length) {
            return false;
        }
        for (int i = 0; i < with.length; i++) {
            if (file[at + i] != with[i]) {
                return false;
            }
        }
        return true;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Bytes as text, with what does not print as a dot: it goes into messages. */
    private static String text(ByteBuffer in, int at, int length) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            byte b = in.get(at + i);
            text.append(b >= ' ' && b < 127 ? (char) b : '.');
        }
        return text.toString();
    }
}
