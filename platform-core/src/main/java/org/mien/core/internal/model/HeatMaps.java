// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.model;

import ai.djl.ndarray.NDArray;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.mien.api.Output;
import org.mien.api.data.Picture;
import org.mien.nn.spi.Weights;

/** Maps of what counts where, laid over the faces they belong to. */
final class HeatMaps {
    private static final int LARGEST = 4096;

    private HeatMaps() {}

    /**
     * A picture of each map of each face: half the face, half a colour from blue for the least of
     * the map to red for its greatest; all blue where it is the same everywhere.
     *
     * @param name of the extra, for messages and for the names of the pictures
     * @param extra maps (N, M, h, w)
     * @param rows which of the N are wanted
     * @param faces a picture of each of these rows
     * @return by name and column of the map, a picture of each row
     * @throws IllegalArgumentException for an array that holds no such maps
     */
    static Map<String, List<Picture>> over(
            String name, Output.Extra extra, int[] rows, List<Picture> faces) {
        NDArray maps = extra.value();
        long[] shape = maps.getShape().getShape();
        boolean fits =
                shape.length == 4
                        && shape[0] > Arrays.stream(rows).max().orElse(0)
                        && Arrays.stream(shape).allMatch(side -> side > 0 && side <= LARGEST)
                        && (extra.columns().isEmpty() || extra.columns().size() == shape[1]);
        if (!fits) {
            throw new IllegalArgumentException(
                    "what it gives as the heat maps '"
                            + name
                            + "' has shape "
                            + Arrays.toString(shape)
                            + " and "
                            + extra.columns().size()
                            + " columns; expected maps (samples, maps, height, width) and a column"
                            + " for each map");
        }
        int count = (int) shape[1];
        int height = (int) shape[2];
        int width = (int) shape[3];
        float[] values = Weights.elements(maps);
        Map<String, List<Picture>> pictures = new LinkedHashMap<>();
        for (int map = 0; map < count; map++) {
            List<Picture> of = new ArrayList<>();
            for (int i = 0; i < rows.length; i++) {
                int from = (rows[i] * count + map) * height * width;
                float[] one = Arrays.copyOfRange(values, from, from + height * width);
                of.add(over(faces.get(i), one, height, width));
            }
            String column = extra.columns().isEmpty() ? "" + (map + 1) : extra.columns().get(map);
            pictures.put(name + " " + column, of);
        }
        return pictures;
    }

    private static Picture over(Picture face, float[] map, int height, int width) {
        float least = Float.POSITIVE_INFINITY;
        float greatest = Float.NEGATIVE_INFINITY;
        for (float value : map) {
            least = Math.min(least, value);
            greatest = Math.max(greatest, value);
        }
        float range = greatest > least ? greatest - least : 1;
        byte[] rgb = new byte[3 * face.width() * face.height()];
        face.bytes().get(0, rgb);
        int at = 0;
        for (int y = 0; y < face.height(); y++) {
            float row = place(y, face.height(), height);
            for (int x = 0; x < face.width(); x++) {
                float value = between(map, width, height, row, place(x, face.width(), width));
                float heat = (value - least) / range;
                for (int c = 0; c < 3; c++, at++) {
                    rgb[at] = (byte) Math.round(((rgb[at] & 255) + 255 * colour(heat, c)) / 2);
                }
            }
        }
        return Picture.rgb(face.width(), face.height(), ByteBuffer.wrap(rgb));
    }

    /** Where the middle of a pixel lies among the places of a map. */
    private static float place(int pixel, int pixels, int places) {
        float at = (pixel + 0.5f) * places / pixels - 0.5f;
        return Math.max(0, Math.min(places - 1, at));
    }

    private static float between(float[] map, int width, int height, float row, float column) {
        int top = (int) row;
        int left = (int) column;
        int bottom = Math.min(top + 1, height - 1);
        int right = Math.min(left + 1, width - 1);
        float down = row - top;
        float across = column - left;
        float above = map[top * width + left] * (1 - across) + map[top * width + right] * across;
        float below =
                map[bottom * width + left] * (1 - across) + map[bottom * width + right] * across;
        return above * (1 - down) + below * down;
    }

    /** Red, green or blue of a heat: blue, cyan, green, yellow, red. */
    private static float colour(float heat, int channel) {
        float middle = 0.75f - 0.25f * channel;
        return Math.max(0, Math.min(1, 1.5f - 4 * Math.abs(heat - middle)));
    }
}
