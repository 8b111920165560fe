// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core;

import java.util.function.Consumer;
import org.osgi.annotation.versioning.ProviderType;

/** Looks at the machine and the platform, as a service, and says what is wrong and what to do. */
@ProviderType
public interface Doctor {
    /** How a thing is. */
    enum Level {
        /** As it should be. */
        OK,
        /** The platform works, but not as well as it could, or not for all. */
        WARNING,
        /** Something does not work, or is not safe. */
        PROBLEM
    }

    /**
     * What was found.
     *
     * @param name what was looked at, one word
     * @param level how it is
     * @param found what was found, in words
     * @param next what to do about it; empty when there is nothing to do
     */
    record Check(String name, Level level, String found, String next) {}

    /**
     * Looks at everything; takes some seconds.
     *
     * @param tell told each finding as it is made, on the thread that called
     */
    void examine(Consumer<Check> tell);
}
