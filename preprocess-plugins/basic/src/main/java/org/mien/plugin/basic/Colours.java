// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.basic;

import java.nio.ByteBuffer;
import org.mien.api.data.Picture;

/** What steps on colours share. */
final class Colours {
    private Colours() {}

    /** A copy of a picture's pixels, interleaved RGB. */
    static byte[] of(Picture picture) {
        byte[] rgb = new byte[picture.bytes().remaining()];
        picture.bytes().get(rgb);
        return rgb;
    }

    /** The picture with other pixels. */
    static Picture with(Picture picture, byte[] rgb) {
        return picture.withPixels(ByteBuffer.wrap(rgb));
    }

    /** Grey of the pixel that begins at an index: luma of ITU-R BT.601, rounded, 0 to 255. */
    static int grey(byte[] rgb, int at) {
        int weighted =
                19595 * (rgb[at] & 0xff)
                        + 38470 * (rgb[at + 1] & 0xff)
                        + 7471 * (rgb[at + 2] & 0xff);
        return weighted + 0x8000 >> 16;
    }

    /** Rounded, one half up, and cut off at 0 and 255. */
    static byte rounded(double value) {
        return (byte) Math.max(0, Math.min(255, (int) Math.floor(value + 0.5)));
    }
}
