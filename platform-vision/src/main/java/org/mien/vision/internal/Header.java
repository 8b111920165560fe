// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.vision.internal;

import java.io.IOException;
import org.mien.vision.Limits;

/**
 * What a file says about itself, read before anything is allocated for its pixels. The file is
 * walked to its end, so that one cut short is refused rather than decoded to half a face.
 *
 * @param format JPEG, PNG, BMP, WebP, TIFF or GIF
 * @param width pixels, as stored
 * @param height pixels, as stored
 * @param depth 16 where OpenCV is to hand out 16 bits of a channel, else 8
 * @param multiplied whether colours are stored times their alpha
 */
public record Header(String format, int width, int height, int depth, boolean multiplied) {
    /** A header within the limits. */
    static Header checked(String format, long width, long height, Limits limits)
            throws IOException {
        String size = format + " of " + width + " x " + height + " pixels";
        if (width < 1 || height < 1) {
            throw new IOException("damaged " + size + "; expected at least one pixel");
        }
        if (Math.max(width, height) > limits.side()) {
            throw new IOException(
                    size
                            + ": a side may have "
                            + limits.side()
                            + " at most. Make it smaller, or raise image.max-side");
        }
        if (width * height > limits.pixels()) {
            throw new IOException(
                    size
                            + ", "
                            + width * height
                            + " in all: an image may have "
                            + limits.pixels()
                            + " at most. Make it smaller, or raise image.max-pixels");
        }
        return new Header(format, (int) width, (int) height, 8, false);
    }

    /** The error for a file that ends too early. */
    static IOException truncated(String format, int bytes, String how) {
        return new IOException(
                "truncated "
                        + format
                        + ": the file ends after "
                        + bytes
                        + " bytes, "
                        + how
                        + ". Copy or download it again");
    }
}
