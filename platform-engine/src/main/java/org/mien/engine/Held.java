// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.engine;

import ai.djl.pytorch.jni.IValue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What a method of a script returned, kept for later calls of that script without a look inside:
 * arrays in a layout that only libtorch can read, such as packed weights, or a list of arrays.
 * Whoever asks for it closes it, and not while a call uses it.
 */
public final class Held implements AutoCloseable {
    private static final AtomicLong ALIVE = new AtomicLong();

    private final IValue value;
    private boolean closed;

    Held(IValue value) {
        this.value = value;
        ALIVE.incrementAndGet();
    }

    IValue value() {
        return value;
    }

    /** Number of these that are not closed. */
    static long alive() {
        return ALIVE.get();
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            value.close();
            ALIVE.decrementAndGet();
        }
    }
}
