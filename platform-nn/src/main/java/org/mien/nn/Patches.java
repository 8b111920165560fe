// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.nn;

import ai.djl.ndarray.NDArray;
import org.mien.api.net.Net;
import org.mien.api.net.Pass;
import org.mien.api.net.Var;

/**
 * Squares of an image as tokens, row by row (Dosovitskiy et al. 2021, eq. 1): (N, C, H, W) to (N,
 * (H / P) (W / P), D) by a convolution, part {@code proj}.
 */
public final class Patches extends Net {
    private final Conv2d proj;
    private final int patch;

    /**
     * A layer, whose weight starts as PyTorch's convolutions do.
     *
     * @param channels C
     * @param width D
     * @param patch P, side of a square in pixels
     */
    public Patches(int channels, int width, int patch) {
        this.patch = patch;
        proj =
                part(
                        "proj",
                        new Conv2d(
                                channels,
                                width,
                                new int[] {patch, patch},
                                patch,
                                new int[] {0, 0},
                                true,
                                Var.Init.FAN_IN));
    }

    @Override
    public NDArray run(Pass pass, NDArray x) {
        divides(patch, x.getShape().get(2), x.getShape().get(3));
        NDArray map = proj.run(pass, x);
        long n = map.getShape().get(0);
        long width = map.getShape().get(1);
        return map.reshape(n, width, -1).transpose(0, 2, 1);
    }

    /**
     * The pixels of each square, row by row, the channels of a pixel side by side (He et al. 2022).
     *
     * @param image (N, C, H, W)
     * @param patch P, side of a square in pixels
     * @return (N, (H / P) (W / P), P P C)
     */
    public static NDArray cut(NDArray image, int patch) {
        long n = image.getShape().get(0);
        long channels = image.getShape().get(1);
        long rows = image.getShape().get(2) / patch;
        long columns = image.getShape().get(3) / patch;
        divides(patch, image.getShape().get(2), image.getShape().get(3));
        return image.reshape(n, channels, rows, patch, columns, patch)
                .transpose(0, 2, 4, 3, 5, 1)
                .reshape(n, rows * columns, channels * patch * patch);
    }

    /**
     * The image that {@link #cut} has cut.
     *
     * @param patches (N, rows columns, P P C)
     * @param patch P, side of a square in pixels
     * @param rows squares from top to bottom
     * @param columns squares from left to right
     * @return (N, C, rows P, columns P)
     */
    public static NDArray join(NDArray patches, int patch, int rows, int columns) {
        long n = patches.getShape().get(0);
        long channels = patches.getShape().get(2) / patch / patch;
        return patches.reshape(n, rows, columns, patch, patch, channels)
                .transpose(0, 5, 1, 3, 2, 4)
                .reshape(n, channels, (long) rows * patch, (long) columns * patch);
    }

    private static void divides(int patch, long height, long width) {
        if (height % patch != 0 || width % patch != 0) {
            throw new IllegalArgumentException(
                    "an image of "
                            + height
                            + " x "
                            + width
                            + " is not cut evenly into patches of "
                            + patch
                            + " pixels; choose a multiple of "
                            + patch);
        }
    }
}
