// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.mien.core.Value;

class PluginRemoveTest {
    @Test
    void aStepIsNamedUnderACoinAndOnAViewToo() {
        Value steps = new Value("resize, rotate+crop:0.2,erase@left", "a file");
        for (String id : List.of("resize", "rotate", "crop", "erase")) {
            assertTrue(PluginRemove.names(steps, id), id);
        }
        assertFalse(PluginRemove.names(steps, "left"));
        assertFalse(PluginRemove.names(steps, "rot"));
        assertFalse(PluginRemove.names(null, "resize"));
        assertFalse(PluginRemove.names(new Value(null, "default"), "resize"));
    }
}
