// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.faces;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.mien.api.data.Picture;
import org.mien.plugin.faces.HalfFace.Settings;
import org.mien.plugin.faces.HalfFace.Side;

class HalfFaceTest {
    /** Each pixel tells its column and its row; points at the given nose. */
    private static Picture picture(int width, int height, Float nose) {
        ByteBuffer rgb = ByteBuffer.allocate(3 * width * height);
        for (int i = 0; i < width * height; i++) {
            rgb.put((byte) (i % width)).put((byte) (i / width)).put((byte) 7);
        }
        List<float[]> points = new ArrayList<>();
        if (nose != null) {
            for (int i = 0; i < 5; i++) {
                points.add(new float[] {i == 2 ? nose : i, i});
            }
        }
        return new Picture(width, height, rgb.flip(), points, Map.of("fact", 3.0));
    }

    private static Picture cut(Picture picture, Side side, String view) {
        List<Picture> cut = new HalfFace().open(new Settings(side), view).apply(picture);
        assertEquals(1, cut.size());
        return cut.get(0);
    }

    /** Columns of a piece, as its pixels tell. */
    private static List<Integer> columns(Picture piece) {
        List<Integer> columns = new ArrayList<>();
        for (int x = 0; x < piece.width(); x++) {
            columns.add(piece.bytes().get(3 * x) & 0xff);
        }
        return columns;
    }

    @Test
    void theLineGoesThroughTheNose() {
        Picture face = picture(8, 5, 2.6f);
        Picture left = cut(face, Side.IMAGE, "left");
        Picture right = cut(face, Side.IMAGE, "right");
        assertEquals(List.of(0, 1, 2), columns(left));
        assertEquals(List.of(3, 4, 5, 6, 7), columns(right));
        assertEquals(5, left.height());
        assertEquals(Map.of("fact", 3.0), right.facts());
        assertEquals(2.6f - 3, right.points().get(2)[0], 1e-6f, "points move with the pixels");
        assertEquals(2.6f, left.points().get(2)[0]);
    }

    @Test
    void withoutPointsItGoesThroughTheMiddle() {
        assertEquals(List.of(0, 1, 2, 3), columns(cut(picture(8, 5, null), Side.IMAGE, "left")));
        assertEquals(List.of(4, 5, 6, 7), columns(cut(picture(8, 5, null), Side.IMAGE, "right")));
        assertEquals(4, HalfFace.split(picture(7, 5, null)));
    }

    /** A face turned away still has two halves. */
    @Test
    void aNoseOutsideLeavesOneColumn() {
        assertEquals(List.of(0), columns(cut(picture(8, 5, -20f), Side.IMAGE, "left")));
        assertEquals(7, cut(picture(8, 5, -20f), Side.IMAGE, "right").width());
        assertEquals(List.of(7), columns(cut(picture(8, 5, 99f), Side.IMAGE, "right")));
        assertEquals(7, cut(picture(8, 5, 99f), Side.IMAGE, "left").width());
        assertEquals(List.of(0), columns(cut(picture(1, 1, null), Side.IMAGE, "left")));
        assertEquals(List.of(0), columns(cut(picture(1, 1, null), Side.IMAGE, "right")));
    }

    /** The subject's left is the image's right: the same two pieces, exchanged. */
    @Test
    void theSubjectsHalvesAreThoseOfTheImageExchanged() {
        for (Float nose : new Float[] {null, 1f, 2.6f, 4.49f, 6f}) {
            Picture face = picture(8, 5, nose);
            for (String view : List.of("left", "right")) {
                Picture image = cut(face, Side.IMAGE, view);
                String other = view.equals("left") ? "right" : "left";
                Picture subject = cut(face, Side.SUBJECT, other);
                assertEquals(image.width(), subject.width());
                assertEquals(image.bytes(), subject.bytes());
            }
        }
    }
}
