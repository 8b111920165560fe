// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.api;

import java.util.List;

/**
 * The tensor a network reads: RGB (N, 3, height, width), value = (pixel / 255 - mean) / deviation.
 *
 * <p>May be held by anyone for ever.
 *
 * @param height pixels
 * @param width pixels
 * @param mean of red, green, blue, in units of 0 to 1
 * @param deviation of red, green, blue, in units of 0 to 1
 */
public record InputSpec(int height, int width, List<Float> mean, List<Float> deviation) {
    /** Checks and copies. */
    public InputSpec {
        if (height < 1 || width < 1 || mean.size() != 3 || deviation.size() != 3) {
            throw new IllegalArgumentException(
                    "input specification of "
                            + height
                            + " x "
                            + width
                            + " with "
                            + mean.size()
                            + " means and "
                            + deviation.size()
                            + " deviations; expected a positive size and three of each");
        }
        mean = List.copyOf(mean);
        deviation = List.copyOf(deviation);
    }
}
