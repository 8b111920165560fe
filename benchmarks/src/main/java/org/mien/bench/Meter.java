// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.bench;

/** Something that measures on request, a {@link Child} or the platform. */
interface Meter extends AutoCloseable {
    /** One measurement. */
    double once();

    /** Ends it and gives its peak memory, in MB; NaN where it is not known. */
    default double end() {
        return Double.NaN;
    }

    /** Memory it had before its first network, in MB; NaN where it is not known. */
    default double idle() {
        return Double.NaN;
    }

    @Override
    default void close() {}
}
