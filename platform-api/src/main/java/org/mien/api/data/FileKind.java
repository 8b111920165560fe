// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.api.data;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * What a file is by its first bytes, whatever its name says: for messages about files that are not
 * what they should be. Not a decoder; a file that begins like one of these may still be damaged.
 */
public enum FileKind {
    /** No file of these. */
    UNKNOWN("a file of unknown format", ""),
    /** No bytes. */
    EMPTY("an empty file", "Copy or download it again"),
    /** What a server sends where one is to log in, to pay or to go away. */
    HTML(
            "an HTML page, as servers send it instead of a file (a login, a notice, an error)",
            "Open it in a browser to see what it says, and download the file again"),
    /** What Git checks out where Git LFS did not fetch the file. */
    GIT_LFS(
            "a Git LFS pointer, which stands for a file that was not fetched",
            "Run git lfs pull where it was cloned"),
    /** JPEG. */
    JPEG("a JPEG picture", ""),
    /** PNG. */
    PNG("a PNG picture", ""),
    /** GIF. */
    GIF("a GIF picture", ""),
    /** Windows bitmap. */
    BMP("a BMP picture", ""),
    /** WebP. */
    WEBP("a WebP picture", ""),
    /** TIFF. */
    TIFF("a TIFF picture", ""),
    /** TIFF with places of 64 bits. */
    BIG_TIFF("a BigTIFF picture", "Save it as TIFF or PNG"),
    /** HEIC, AVIF, MP4, MOV: one container. */
    HEIF("a HEIF, AVIF or video file", "Convert it to JPEG or PNG"),
    /** JPEG 2000. */
    JPEG_2000("a JPEG 2000 picture", "Convert it to JPEG or PNG"),
    /** JPEG XL. */
    JPEG_XL("a JPEG XL picture", "Convert it to JPEG or PNG"),
    /** PBM, PGM, PPM. */
    NETPBM("a PBM, PGM or PPM picture", "Convert it to PNG"),
    /** Photoshop. */
    PHOTOSHOP("a Photoshop file", "Save it as PNG"),
    /** Icon of Windows. */
    ICON("an icon of Windows", "Convert it to PNG"),
    /** Scalable vector graphics. */
    SVG("an SVG drawing", "Convert it to PNG"),
    /** AVI, WAV and others. */
    RIFF("a video or sound file (RIFF)", "Save the frames you want as PNG"),
    /** Matroska, WebM. */
    MATROSKA("a video (Matroska, WebM)", "Save the frames you want as PNG"),
    /** PDF. */
    PDF("a PDF document", ""),
    /** XML that is no SVG. */
    XML("an XML file", ""),
    /** Zip, and what is made of it: jar, xlsx, docx, checkpoints of PyTorch. */
    ZIP("a zip archive", "Unpack it"),
    /** Gzip, tar.gz too. */
    GZIP("a gzip file", "Unpack it"),
    /** Tar. */
    TAR("a tar archive", "Unpack it"),
    /** Bzip2. */
    BZIP2("a bzip2 file", "Unpack it"),
    /** XZ. */
    XZ("an xz file", "Unpack it"),
    /** Zstandard. */
    ZSTD("a Zstandard file", "Unpack it"),
    /** 7-Zip. */
    SEVEN_ZIP("a 7z archive", "Unpack it"),
    /** RAR. */
    RAR("a RAR archive", "Unpack it"),
    /** NumPy's array. */
    NPY("an array of NumPy", ""),
    /** HDF5: Keras, MATLAB. */
    HDF5("an HDF5 file", ""),
    /** SQLite. */
    SQLITE("an SQLite database", "");

    /** Bytes that are enough for every kind. */
    public static final int ENOUGH = 512;

    private final String words;
    private final String advice;

    FileKind(String words, String advice) {
        this.words = words;
        this.advice = advice;
    }

    /**
     * The kind in words, with its article.
     *
     * @return for example {@code a zip archive}
     */
    public String words() {
        return words;
    }

    /**
     * What helps whoever expected another file.
     *
     * @return a sentence without its full stop; empty where there is nothing to say
     */
    public String advice() {
        return advice;
    }

    /**
     * Looks at a beginning.
     *
     * @param start the first bytes of a file, {@link #ENOUGH} of them or all there are
     * @return the kind
     */
    public static FileKind of(byte[] start) {
        if (start.length == 0) {
            return EMPTY;
        }
        for (Mark mark : MARKS) {
            if (mark.fits(start)) {
                return mark.kind;
            }
        }
        return ofText(start);
    }

    private static FileKind ofText(byte[] start) {
        int shown = Math.min(start.length, ENOUGH);
        String text = new String(start, 0, shown, StandardCharsets.UTF_8);
        if (text.startsWith("\uFEFF")) {
            text = text.substring(1);
        }
        text = text.stripLeading().toLowerCase(Locale.ROOT);
        if (text.startsWith("version https://git-lfs")) {
            return GIT_LFS;
        }
        if (text.startsWith("<svg") || text.startsWith("<?xml") && text.contains("<svg")) {
            return SVG;
        }
        boolean page =
                text.startsWith("<!doctype html")
                        || text.startsWith("<html")
                        || text.startsWith("<head")
                        || text.startsWith("<body")
                        || text.startsWith("<script")
                        || text.startsWith("<!--") && text.contains("<html")
                        || text.startsWith("<?xml") && text.contains("<html");
        if (page) {
            return HTML;
        }
        return text.startsWith("<?xml") ? XML : UNKNOWN;
    }

    /** Bytes at a place; a question mark in {@code bytes} fits any. */
    private record Mark(FileKind kind, int at, String bytes) {
        boolean fits(byte[] start) {
            if (start.length < at + bytes.length()) {
                return false;
            }
            for (int i = 0; i < bytes.length(); i++) {
                char wanted = bytes.charAt(i);
                if (wanted != '?' && wanted != (start[at + i] & 0xff)) {
                    return false;
                }
            }
            return true;
        }
    }

    private static final Mark[] MARKS = {
        new Mark(JPEG, 0, "\u00ff\u00d8\u00ff"),
        new Mark(PNG, 0, "\u0089PNG\r\n\u001a\n"),
        new Mark(GIF, 0, "GIF8?a"),
        new Mark(WEBP, 0, "RIFF????WEBP"),
        new Mark(RIFF, 0, "RIFF"),
        new Mark(BMP, 0, "BM????\0\0\0\0"),
        new Mark(TIFF, 0, "II*\0"),
        new Mark(TIFF, 0, "MM\0*"),
        new Mark(BIG_TIFF, 0, "II+\0"),
        new Mark(BIG_TIFF, 0, "MM\0+"),
        new Mark(HEIF, 4, "ftyp"),
        new Mark(JPEG_2000, 0, "\0\0\0\u000cjP  "),
        new Mark(JPEG_2000, 0, "\u00ffO\u00ffQ"),
        new Mark(JPEG_XL, 0, "\0\0\0\u000cJXL "),
        new Mark(JPEG_XL, 0, "\u00ff\n"),
        new Mark(PHOTOSHOP, 0, "8BPS"),
        new Mark(ICON, 0, "\0\0\u0001\0"),
        new Mark(MATROSKA, 0, "\u001aE\u00df\u00a3"),
        new Mark(PDF, 0, "%PDF-"),
        new Mark(ZIP, 0, "PK\u0003\u0004"),
        new Mark(ZIP, 0, "PK\u0005\u0006"),
        new Mark(GZIP, 0, "\u001f\u008b"),
        new Mark(TAR, 257, "ustar"),
        new Mark(BZIP2, 0, "BZh?1AY&SY"),
        new Mark(XZ, 0, "\u00fd7zXZ\0"),
        new Mark(ZSTD, 0, "(\u00b5/\u00fd"),
        new Mark(SEVEN_ZIP, 0, "7z\u00bc\u00af'\u001c"),
        new Mark(RAR, 0, "Rar!\u001a\u0007"),
        new Mark(NPY, 0, "\u0093NUMPY"),
        new Mark(HDF5, 0, "\u0089HDF\r\n\u001a\n"),
        new Mark(SQLITE, 0, "SQLite format 3\0"),
        new Mark(NETPBM, 0, "P?\n"),
    };
}
