// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.schematic;

/**
 * Random draws as a function of a key (SplitMix64): no generator is shared, so a face does not
 * depend on which faces were drawn before it. Written out here, because the library's generators do
 * not promise the same doubles in every release.
 */
final class Draws {
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private long state;

    /**
     * A sequence of its own for each key.
     *
     * @param key for example seed, split, index and what the draws are for
     */
    Draws(long... key) {
        for (long part : key) {
            state = mix(state ^ mix(part + GOLDEN));
        }
    }

    static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    long next() {
        state += GOLDEN;
        return mix(state);
    }

    /**
     * Uniform.
     *
     * @return in [0, 1)
     */
    double unit() {
        return (next() >>> 11) * 0x1p-53;
    }

    double between(double low, double high) {
        return low + (high - low) * unit();
    }

    /**
     * Bell-shaped and bounded: the sum of three uniform draws.
     *
     * @param centre most likely value
     * @param spread largest distance from it
     * @return the value
     */
    double around(double centre, double spread) {
        return centre + spread * (unit() + unit() + unit() - 1.5) / 1.5;
    }

    boolean chance(double probability) {
        return unit() < probability;
    }

    int below(int bound) {
        return (int) (unit() * bound);
    }
}
