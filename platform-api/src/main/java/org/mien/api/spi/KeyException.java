// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.api.spi;

/**
 * A key, its value or its declaration is wrong; the message says which, why and what to do. Holds
 * no object of a plugin: may be held by anyone for ever.
 */
public final class KeyException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    /**
     * An error in words.
     *
     * @param message names the key, the value and what was expected
     */
    public KeyException(String message) {
        super(message);
    }
}
