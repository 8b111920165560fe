// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.api.data;

/**
 * Where a face was found: a box in pixels of the photograph, upright and at its full size. Steps do
 * not move it with the pixels; the points of a picture do move.
 *
 * <p>May be held by anyone for ever.
 *
 * @param x left edge, may be negative
 * @param y upper edge, may be negative
 * @param width of the box, more than 0
 * @param height of the box, more than 0
 * @param score how sure the detector is, on its own scale
 */
public record Face(double x, double y, double width, double height, double score) {
    /** Checks that it is a box. */
    public Face {
        boolean finite =
                Double.isFinite(x)
                        && Double.isFinite(y)
                        && Double.isFinite(width)
                        && Double.isFinite(height);
        if (!finite || width <= 0 || height <= 0) {
            throw new IllegalArgumentException(
                    "a face of "
                            + width
                            + " x "
                            + height
                            + " at "
                            + x
                            + ", "
                            + y
                            + "; expected finite numbers and a positive size");
        }
    }
}
