// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.api.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class FileNamesTest {
    @Test
    void numbersWithinNamesCountByTheirValue() {
        List<String> inOrder =
                List.of(
                        "0",
                        "01",
                        "1",
                        "2",
                        "9",
                        "10",
                        "11",
                        "100",
                        "99999999999999999998",
                        "99999999999999999999",
                        "S2",
                        "S10",
                        "S10_2",
                        "S10_11",
                        "anger",
                        "anger 2",
                        "anger 10",
                        "fear");
        for (int seed = 0; seed < 20; seed++) {
            List<String> names = new ArrayList<>(inOrder);
            Collections.shuffle(names, new java.util.Random(seed));
            names.sort(FileNames.NATURAL);
            assertEquals(inOrder, names);
        }
        for (String a : inOrder) {
            for (String b : inOrder) {
                int there = Integer.signum(FileNames.NATURAL.compare(a, b));
                assertEquals(-there, Integer.signum(FileNames.NATURAL.compare(b, a)), a + ", " + b);
                assertEquals(a.equals(b), there == 0, a + ", " + b);
            }
        }
    }

    @Test
    void litterOfEverySystemIsKnown() {
        for (String name :
                List.of(
                        "@eaDir",
                        "#recycle",
                        "#snapshot",
                        "@Recycle",
                        "__MACOSX",
                        ".DS_Store",
                        "._a.jpg",
                        "Thumbs.db",
                        "THUMBS.DB",
                        "desktop.ini",
                        "Desktop.ini",
                        "lost+found",
                        "$RECYCLE.BIN",
                        "System Volume Information",
                        ".ipynb_checkpoints",
                        ".git",
                        ".Trash-1000",
                        ".@__thumb",
                        "~$list.xlsx",
                        "Icon\r",
                        "__pycache__")) {
            assertTrue(FileNames.isLitter(name), name);
            assertTrue(FileNames.isLitterPath("set/" + name + "/a.jpg"), name);
            assertTrue(FileNames.isLitterPath(name), name);
        }
        for (String name : List.of("anger", "a.jpg", "@home", "#1", "thumbs", "Icon", "1~", "~a")) {
            assertFalse(FileNames.isLitter(name), name);
            assertFalse(FileNames.isLitterPath("./set/../" + name), name);
        }
    }

    @Test
    void endingsOfPicturesAreThoseThatAreDecoded() {
        for (String ending :
                List.of(
                        "jpg", "JPEG", "jpe", "jfif", "Png", "webp", "bmp", "dib", "tif", "tiff",
                        "gif")) {
            assertTrue(FileNames.isPicture("a.b." + ending), ending);
        }
        for (String name : List.of("jpg", "a", "a.jpg.txt", "a.heic", "a.", "a.jpg ")) {
            assertFalse(FileNames.isPicture(name), name);
        }
        assertEquals(
                "jpg, jpeg, jpe, jfif, png, webp, bmp, dib, tif, tiff or gif",
                FileNames.pictures());
    }

    @Test
    void namesThatLookTheSameAreTheSameForTheEye() {
        String joined = "col\u00e8re";
        String apart = "cole\u0300re";
        assertNotEquals(joined, apart);
        assertEquals(joined, FileNames.composed(apart));
        for (String same :
                List.of(
                        apart,
                        joined + " ",
                        " " + joined,
                        joined + "\u00a0",
                        "col\u200b\u00e8re",
                        "\ufeff" + joined,
                        joined + "\t")) {
            assertEquals(joined, FileNames.looks(same), FileNames.spelled(same));
        }
        assertEquals(FileNames.looks("very happy"), FileNames.looks("very\u00a0 happy"));
        assertNotEquals(FileNames.looks("happy"), FileNames.looks("Happy"));
        assertNotEquals(FileNames.looks("very happy"), FileNames.looks("veryhappy"));
        assertEquals("cole[U+0300]re", FileNames.spelled(apart));
        assertEquals("happy[U+0020]", FileNames.spelled("happy "));
        assertEquals("very happy", FileNames.spelled("very happy"));
        assertEquals("very[U+00A0]happy", FileNames.spelled("very\u00a0happy"));
        assertEquals("very [U+0020]happy", FileNames.spelled("very  happy"));
    }
}
