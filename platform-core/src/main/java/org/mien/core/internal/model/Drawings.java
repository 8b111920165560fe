// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.model;

import ai.djl.ndarray.NDArray;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.mien.api.InputSpec;
import org.mien.api.data.Picture;
import org.mien.nn.spi.Weights;
import org.mien.vision.Images;

/** From what a method draws to pictures that people can look at. */
public final class Drawings {
    private static final int LARGEST = 4096;

    /** Pixels between the pictures of a strip. */
    private static final int GAP = 2;

    /** Between black and white: seen on light and dark paper. */
    private static final byte GREY = 127;

    private Drawings() {}

    /**
     * Undoes an input's scaling.
     *
     * @param name of the pictures, for messages
     * @param drawn (N, 3, H, W) in the input's units
     * @param rows which of the N are wanted
     * @param input the units
     * @return a picture of each row; what is darker than black or brighter than white is cut off
     * @throws IllegalArgumentException for an array that holds no N pictures
     */
    public static List<Picture> pictures(String name, NDArray drawn, int[] rows, InputSpec input) {
        long[] shape = drawn.getShape().getShape();
        boolean fits =
                shape.length == 4
                        && shape[0] > Arrays.stream(rows).max().orElse(0)
                        && shape[1] == 3
                        && Math.min(shape[2], shape[3]) > 0
                        && Math.max(shape[2], shape[3]) <= LARGEST;
        if (!fits) {
            throw new IllegalArgumentException(
                    "what it draws as '"
                            + name
                            + "' has shape "
                            + Arrays.toString(shape)
                            + "; expected pictures (N, 3, height, width)");
        }
        float[] values = Weights.elements(drawn);
        int width = (int) shape[3];
        int height = (int) shape[2];
        int plane = width * height;
        List<Picture> pictures = new ArrayList<>();
        for (int row : rows) {
            byte[] rgb = new byte[3 * plane];
            for (int c = 0; c < 3; c++) {
                float deviation = input.deviation().get(c);
                float mean = input.mean().get(c);
                int from = (row * 3 + c) * plane;
                for (int i = 0; i < plane; i++) {
                    int pixel = Math.round(255 * (values[from + i] * deviation + mean));
                    rgb[3 * i + c] = (byte) Math.max(0, Math.min(255, pixel));
                }
            }
            pictures.add(Picture.rgb(width, height, ByteBuffer.wrap(rgb)));
        }
        return pictures;
    }

    /**
     * Pictures side by side and below each other.
     *
     * @param rows of as many pictures each
     * @param width of each, in pixels
     * @param height of each, in pixels
     */
    public static Picture strip(List<List<Picture>> rows, int width, int height) {
        int columns = rows.get(0).size();
        int wide = columns * (width + GAP) - GAP;
        int high = rows.size() * (height + GAP) - GAP;
        byte[] rgb = new byte[Math.multiplyExact(3 * wide, high)];
        Arrays.fill(rgb, GREY);
        for (int row = 0; row < rows.size(); row++) {
            for (int column = 0; column < columns; column++) {
                Picture cell = Images.resize(rows.get(row).get(column), width, height);
                for (int y = 0; y < height; y++) {
                    int line = row * (height + GAP) + y;
                    cell.bytes()
                            .get(
                                    3 * width * y,
                                    rgb,
                                    3 * (line * wide + column * (width + GAP)),
                                    3 * width);
                }
            }
        }
        return Picture.rgb(wide, high, ByteBuffer.wrap(rgb));
    }
}
