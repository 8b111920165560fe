// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mien.core.MienException;

/** What may stand in the key preprocess. */
class StepGroupTest {
    @Test
    void entriesAreRead() {
        assertEquals(
                List.of(
                        new StepGroup(List.of("resize"), 1, ""),
                        new StepGroup(List.of("rotate", "crop"), 0.2, ""),
                        new StepGroup(List.of("jitter"), 0.8, ""),
                        new StepGroup(List.of("rotate"), 1, "left"),
                        new StepGroup(List.of("erase", "noise"), 0.5, "view")),
                StepGroup.of(
                        "pipeline x",
                        List.of(
                                "resize",
                                " rotate + crop : 0.2 ",
                                "jitter:.8",
                                "rotate@left",
                                "erase+noise:0.5@view")));
        assertEquals(
                List.of("resize", "rotate", "crop", "flip", "rotate"),
                StepGroup.ids("resize, rotate+ crop:0.2,,flip:0.3@left,rotate@view"));
        assertEquals(List.of(), StepGroup.ids(" "));
    }

    @Test
    void anEntryIsWrittenAsItIsRead() {
        for (String entry : List.of("flip", "flip:0.5", "a+b:1.0", "a+b:0.25@left", "a@view")) {
            assertEquals(entry, StepGroup.of("x", List.of(entry)).get(0).toString());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a+b", "a:2", "a:-1", "a:x", "a:", "a@", "@left", "+a:1", "a++b:1", "a@l:0.5"
            })
    void whatCannotBeReadIsNamed(String entry) {
        String refused =
                assertThrows(MienException.class, () -> StepGroup.of("pipeline x", List.of(entry)))
                        .getMessage();
        assertTrue(
                refused.startsWith("pipeline x: preprocess names '" + entry + "'; expected a step"),
                refused);
    }
}
