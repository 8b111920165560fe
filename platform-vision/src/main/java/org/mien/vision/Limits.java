// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.vision;

/**
 * What a file may be before it is decoded. Decoding needs about 6 bytes a pixel for the result and
 * its copy, and for a progressive JPEG 6 more.
 *
 * @param bytes largest file, in bytes
 * @param pixels largest width * height
 * @param side largest width and largest height, in pixels
 */
public record Limits(long bytes, long pixels, int side) {
    /** 64 MiB, 64 megapixels, 16384 pixels a side. */
    public static final Limits DEFAULT = new Limits(64L << 20, 64_000_000, 16384);

    /** Three bytes a pixel must fit in one array. */
    private static final long MOST_PIXELS = 700_000_000;

    private static final long MOST_BYTES = 1L << 30;

    /** Checks that they can be kept. */
    public Limits {
        if (bytes < 1 || bytes > MOST_BYTES || pixels < 1 || pixels > MOST_PIXELS || side < 1) {
            throw new IllegalArgumentException(
                    "limits of "
                            + bytes
                            + " bytes, "
                            + pixels
                            + " pixels and "
                            + side
                            + " pixels a side; expected 1 to "
                            + MOST_BYTES
                            + " bytes, 1 to "
                            + MOST_PIXELS
                            + " pixels and at least 1 a side");
        }
    }
}
