// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.bench;

/** Whose figure it is. */
enum Who {
    /** The platform's. */
    MIEN,
    /** That of Python as it is. */
    PYTHON,
    /** That of Python as an expert runs it. */
    TUNED
}
