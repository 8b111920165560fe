// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.nn.spi;

import java.util.random.RandomGenerator;

/**
 * Draws as a function of a key and a counter (SplitMix64, Steele et al. 2014): no state that
 * another thread could move, so a draw is the same whoever else draws.
 */
public final class Counter implements RandomGenerator {
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private long state;

    private Counter(long key) {
        state = key;
    }

    /**
     * Draws for a purpose.
     *
     * @param parts what the draws are a function of: numbers, and text by its characters
     * @return the generator
     */
    public static Counter of(Object... parts) {
        return new Counter(key(parts));
    }

    /**
     * A key for a purpose.
     *
     * @param parts Long, Integer or String
     * @return 64 well-mixed bits
     */
    public static long key(Object... parts) {
        long key = 0;
        for (Object part : parts) {
            if (part instanceof String text) {
                for (int i = 0; i < text.length(); i++) {
                    key = mix(key + GOLDEN + text.charAt(i));
                }
                key = mix(key ^ text.length());
            } else {
                key = mix(key + GOLDEN + ((Number) part).longValue());
            }
        }
        return key;
    }

    private static long mix(long bits) {
        long z = (bits ^ (bits >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    @Override
    public long nextLong() {
        state += GOLDEN;
        return mix(state);
    }

    @Override
    public float nextFloat() {
        return (nextLong() >>> 40) * 0x1.0p-24f;
    }

    /**
     * A normal draw of mean 0 and deviation 1 (Box and Muller 1958), the same on every machine.
     *
     * @return the draw
     */
    @Override
    public double nextGaussian() {
        double u = 1 - nextDouble();
        return StrictMath.sqrt(-2 * StrictMath.log(u)) * StrictMath.cos(2 * Math.PI * nextDouble());
    }

    /**
     * A random order.
     *
     * @param n number of elements
     * @return 0 to n - 1, shuffled (Fisher and Yates)
     */
    public int[] order(int n) {
        int[] order = new int[n];
        for (int i = 0; i < n; i++) {
            int j = nextInt(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }
}
