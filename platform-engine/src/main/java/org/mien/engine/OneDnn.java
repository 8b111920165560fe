// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.engine;

/** Whether oneDNN computes rightly on this machine, and is there at all. */
public enum OneDnn {
    /** It is right, or nobody is to doubt it. */
    RIGHT,
    /** It is right since it was told to guess the sizes of caches, which this machine hides. */
    MENDED,
    /** It is wrong somewhere: each shape is to be checked before it is used. */
    WRONG,
    /** It is missing, or not wanted. */
    UNUSED;

    /**
     * Whether it may be used without a look at the shape.
     *
     * @return true when it is right
     */
    public boolean trusted() {
        return this == RIGHT || this == MENDED;
    }
}
