// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core;

/**
 * Something that a user can put right. The message says what it is about, what was found, what was
 * expected and what to do next; it is all a user sees. It has no cause: an exception of a plugin
 * would hold the plugin's class loader.
 */
public final class MienException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * An error for people.
     *
     * @param message one or two sentences
     */
    public MienException(String message) {
        super(message);
    }
}
