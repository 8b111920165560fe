// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.faces;

/** What a detector does with a picture in which it finds no face. */
public enum None {
    /** Nothing is handed on. */
    SKIP,
    /** The picture is handed on as it is, as if it were cut to a face. */
    WHOLE_IMAGE,
    /** The picture is refused. */
    FAIL
}
