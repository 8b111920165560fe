// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.mien.core.MienException;

class OwnThreadTest {
    private static int deep(int n) {
        return 1 + deep(n + 1);
    }

    private static MienException ended(Throwable by) {
        return assertThrows(
                MienException.class,
                () ->
                        OwnThread.run(
                                "the work",
                                () -> {
                                    if (by instanceof Error e) {
                                        throw e;
                                    }
                                    throw (Exception) by;
                                },
                                () -> {}));
    }

    @Test
    void whateverAPluginThrowsIsAnError() {
        List<Throwable> all =
                List.of(
                        new AssertionError("one is not two"),
                        new StackOverflowError(),
                        new NoClassDefFoundError("x/Y"),
                        new OutOfMemoryError("Java heap space"),
                        new InternalError("odd"),
                        new Error("plain"),
                        new IOException("no file"),
                        new IllegalStateException());
        for (Throwable one : all) {
            assertTrue(ended(one).getMessage().startsWith("the work"), one.toString());
        }
        MienException deep =
                assertThrows(
                        MienException.class,
                        () -> OwnThread.run("recursion", () -> deep(0), () -> {}));
        assertTrue(deep.getMessage().contains("StackOverflowError"), deep.getMessage());
    }

    @Test
    void whatItGivesComesBack() {
        assertEquals(7, OwnThread.run("work", () -> 7, () -> {}));
    }
}
