// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.pfvit;

/**
 * Sizes of the decoder that generator and discriminator are copies of.
 *
 * @param width d
 * @param depth number of blocks
 * @param heads heads of a block
 */
record Sizes(int width, int depth, int heads) {
    /** Those of the keys, or of Table 1 for an encoder where a key is 0. */
    static Sizes of(int encoder, int width, int depth, int heads) {
        int wide = width == 0 ? encoder * 2 / 3 : width;
        return new Sizes(wide, depth, heads == 0 ? Math.max(1, wide / 32) : heads);
    }
}
