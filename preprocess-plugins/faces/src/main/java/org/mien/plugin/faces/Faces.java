// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.faces;

/** Which of several faces a detector hands on. */
public enum Faces {
    /** The one with the largest box. */
    LARGEST,
    /** Each, as a picture of its own, the one with the highest score first. */
    ALL,
    /** The one with the highest score. */
    FIRST
}
