// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.schematic;

import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.mien.api.data.Picture;

/** A drawing seen in a mirror. */
final class Mirror {
    private Mirror() {}

    /** Pixels and points; of the five, eyes and corners of the mouth change places. */
    static Picture of(Picture face) {
        int width = face.width();
        ByteBuffer from = face.bytes();
        byte[] rgb = new byte[3 * width * face.height()];
        for (int i = 0; i < width * face.height(); i++) {
            int to = i / width * width + width - 1 - i % width;
            for (int c = 0; c < 3; c++) {
                rgb[3 * to + c] = from.get(3 * i + c);
            }
        }
        List<float[]> points =
                List.of(1, 0, 2, 4, 3).stream()
                        .map(face.points()::get)
                        .map(point -> new float[] {width - 1 - point[0], point[1]})
                        .toList();
        return new Picture(width, face.height(), ByteBuffer.wrap(rgb), points, face.facts());
    }

    /** What was drawn: left and right exchanged, turns and light to the other side. */
    static Map<String, String> of(Map<String, String> attributes) {
        Map<String, String> mirrored = new LinkedHashMap<>();
        attributes.forEach(
                (name, value) ->
                        mirrored.put(
                                name,
                                switch (name) {
                                    case "yaw", "roll", "light-x" -> turned(value);
                                    case "expressive-side" -> exchanged(value);
                                    default -> attributes.get(exchanged(name));
                                }));
        return mirrored;
    }

    private static String exchanged(String text) {
        if (text.endsWith("left")) {
            return text.substring(0, text.length() - 4) + "right";
        }
        return text.endsWith("right") ? text.substring(0, text.length() - 5) + "left" : text;
    }

    /** A number with its sign turned; zero has none. */
    private static String turned(String number) {
        if (number.startsWith("-")) {
            return number.substring(1);
        }
        return number.matches("[0.]+") ? number : "-" + number;
    }
}
