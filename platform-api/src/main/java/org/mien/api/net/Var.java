// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.api.net;

import java.util.Arrays;

/**
 * A named array that outlives a step: a weight (moved by an optimiser) or state (moved by rule:
 * running statistics, centres, queues). It holds no memory itself; {@link Pass} reads and writes.
 * All of them are in the checkpoint, by path.
 *
 * <p>May be held by anyone for ever.
 */
public final class Var {
    /** How a fresh one is filled; seeded by (run seed, path). Switches need a default branch. */
    public enum Init {
        /** Zeros. */
        ZEROS,
        /** Ones. */
        ONES,
        /**
         * Normal with deviation sqrt(2 / fan_out) (He et al. 2015), for convolutions before a ReLU.
         */
        KAIMING,
        /** Uniform within 1 / sqrt(fan_in): what PyTorch's linear layers start with. */
        FAN_IN,
        /** Uniform within sqrt(6 / (fan_in + fan_out)) (Glorot and Bengio 2010). */
        XAVIER,
        /** Normal with deviation 0.02, cut at two deviations. */
        TRUNCATED_NORMAL,
        /** Normal with deviation 1. */
        NORMAL,
        /** Every element {@link Var#fill}. */
        FILL,
        /** The given {@link Var#values}. */
        FIXED
    }

    private final String name;
    private final long[] shape;
    private final boolean trained;
    private final Init init;
    private final double fill;
    private final float[] values;

    private Var(
            String name, long[] shape, boolean trained, Init init, double fill, float[] values) {
        this.name = name;
        this.shape = shape.clone();
        this.trained = trained;
        this.init = init;
        this.fill = fill;
        this.values = values;
        if (name.isEmpty() || name.indexOf('.') >= 0) {
            throw new IllegalArgumentException(
                    "var '" + name + "': a name may not be empty or hold a dot");
        }
        for (long axis : shape) {
            if (axis < 1) {
                throw new IllegalArgumentException(
                        "var '"
                                + name
                                + "' has shape "
                                + Arrays.toString(shape)
                                + "; every axis must be at least 1");
            }
        }
        if (values != null && values.length != size()) {
            throw new IllegalArgumentException(
                    "var '"
                            + name
                            + "' of shape "
                            + Arrays.toString(shape)
                            + " was given "
                            + values.length
                            + " values; expected "
                            + size());
        }
    }

    static Var weight(String name, Init init, long... shape) {
        return new Var(name, shape, true, init, 0, null);
    }

    static Var filled(String name, double fill, long... shape) {
        return new Var(name, shape, true, Init.FILL, fill, null);
    }

    static Var state(String name, double fill, long... shape) {
        return new Var(name, shape, false, Init.FILL, fill, null);
    }

    static Var fixed(String name, float[] values, long... shape) {
        return new Var(name, shape, false, Init.FIXED, 0, values.clone());
    }

    /**
     * Name within its net.
     *
     * @return the name, without dots
     */
    public String name() {
        return name;
    }

    /**
     * Shape.
     *
     * @return a copy of the axes
     */
    public long[] shape() {
        return shape.clone();
    }

    /**
     * True for a weight, false for state.
     *
     * @return whether an optimiser moves it
     */
    public boolean trained() {
        return trained;
    }

    /**
     * How it starts when no checkpoint or weight file has it.
     *
     * @return the rule
     */
    public Init init() {
        return init;
    }

    /**
     * Value of every element, for {@link Init#FILL}.
     *
     * @return the value
     */
    public double fill() {
        return fill;
    }

    /**
     * Given start values, for {@link Init#FIXED}.
     *
     * @return a copy, or null
     */
    public float[] values() {
        return values == null ? null : values.clone();
    }

    /**
     * Number of elements.
     *
     * @return the product of the axes
     */
    public long size() {
        return Arrays.stream(shape).reduce(1, Math::multiplyExact);
    }

    @Override
    public String toString() {
        return name + Arrays.toString(shape);
    }
}
