// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.engine;

/** A number of native threads that somebody asked for; see {@link Torch#threads(int)}. */
public interface ThreadLease extends AutoCloseable {
    /** Gives it back. */
    @Override
    void close();
}
