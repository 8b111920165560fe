// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The launcher's way to interrupt a command: over SSH a Ctrl-C reaches the launcher's process only.
 * A call is known by the mark that the launcher gave it, which nobody can guess.
 */
final class Interrupts {
    private static final Map<String, Runnable> CALLS = new ConcurrentHashMap<>();

    private Interrupts() {}

    static void begin(String mark, Runnable interrupt) {
        if (!mark.isEmpty()) {
            CALLS.put(mark, interrupt);
        }
    }

    static void end(String mark) {
        CALLS.remove(mark);
    }

    /** Interrupts a call; gives whether there is one that can be. */
    static boolean interrupt(String mark) {
        Runnable call = CALLS.get(mark);
        if (call != null) {
            call.run();
        }
        return call != null;
    }
}
