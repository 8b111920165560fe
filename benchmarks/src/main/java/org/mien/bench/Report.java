// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.bench;

import java.util.Map;

/** Where rows go as they are done, so that those that are done stay if the rest is broken off. */
interface Report {
    /** Before the first row, with what is known of the circumstances. */
    void begin(Map<String, String> facts);

    /** A row that is done. */
    void row(Measured row);

    /** After the last row, with all circumstances. */
    void end(Map<String, String> facts);
}
