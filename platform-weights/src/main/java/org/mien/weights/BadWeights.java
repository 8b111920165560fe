// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.weights;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;

/**
 * Why a file of weights is refused: what was found, what was expected. The only exception that
 * reading one throws.
 */
public final class BadWeights extends IOException {
    private static final long serialVersionUID = 1L;

    /**
     * A reason.
     *
     * @param why in words
     */
    BadWeights(String why) {
        super(why);
    }

    /** What the system says, in words: some of its exceptions have a path for a message. */
    static String reason(IOException e) {
        if (e instanceof AccessDeniedException) {
            return "this account may not read it";
        }
        return e instanceof NoSuchFileException
                ? "it does not exist"
                : String.valueOf(e.getMessage());
    }
}
