// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.weights;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** A tensor in a file: what it is, and where its elements lie. They are read when asked for. */
public final class Tensor {
    /** More axes than NumPy has. */
    private static final int MOST_AXES = 64;

    /** So many elements a tensor may have that says the same ones more than once. */
    private static final long REPEATED = 1 << 20;

    private final String name;
    private final Type type;
    private final long[] shape;
    private final long[] strides;
    private final long offset;
    private final Stretch storage;
    private final ByteOrder order;
    private final long elements;

    private Tensor(
            String name,
            Type type,
            long[] shape,
            long[] strides,
            long offset,
            Stretch storage,
            ByteOrder order,
            long elements) {
        this.name = name;
        this.type = type;
        this.shape = shape;
        this.strides = strides;
        this.offset = offset;
        this.storage = storage;
        this.order = order;
        this.elements = elements;
    }

    /**
     * A tensor whose elements lie within a stretch.
     *
     * @param strides elements from one index of an axis to the next; null when it lies row by row
     * @param offset elements before its first
     */
    static Tensor of(
            String name,
            Type type,
            long[] shape,
            long[] strides,
            long offset,
            Stretch storage,
            ByteOrder order)
            throws BadWeights {
        long there = storage.size() / type.bytes();
        long elements;
        long last = offset;
        long[] steps;
        try {
            elements = elements(shape);
            steps = strides == null ? rows(shape) : strides.clone();
            if (shape.length > MOST_AXES || steps.length != shape.length) {
                throw new BadWeights(
                        "'"
                                + name
                                + "' has "
                                + shape.length
                                + " axes and "
                                + steps.length
                                + " strides; expected as many, and at most "
                                + MOST_AXES);
            }
            for (int i = 0; i < steps.length; i++) {
                if (steps[i] < 0) {
                    throw new BadWeights("'" + name + "' has the stride " + steps[i]);
                }
                last = Math.addExact(last, Math.multiplyExact(Math.max(0, shape[i] - 1), steps[i]));
            }
        } catch (ArithmeticException e) {
            throw new BadWeights(
                    "'"
                            + name
                            + "' has shape "
                            + Arrays.toString(shape)
                            + "; every axis must be 0 or more, and all of it less than 2^63");
        }
        if (offset < 0 || elements > 0 && last >= there) {
            throw new BadWeights(
                    "'"
                            + name
                            + "' of shape "
                            + Arrays.toString(shape)
                            + " needs elements "
                            + offset
                            + " to "
                            + last
                            + "; its storage has "
                            + there);
        }
        if (elements > Math.max(there, REPEATED)) {
            throw new BadWeights(
                    "'"
                            + name
                            + "' of shape "
                            + Arrays.toString(shape)
                            + " repeats the "
                            + there
                            + " elements of its storage "
                            + elements / Math.max(1, there)
                            + " times");
        }
        return new Tensor(name, type, shape.clone(), steps, offset, storage, order, elements);
    }

    private static long elements(long[] shape) {
        long all = 1;
        for (long axis : shape) {
            if (axis < 0) {
                throw new ArithmeticException();
            }
            all = Math.multiplyExact(all, axis);
        }
        return all;
    }

    private static long[] rows(long[] shape) {
        long[] strides = new long[shape.length];
        long step = 1;
        for (int i = shape.length - 1; i >= 0; i--) {
            strides[i] = step;
            step = Math.multiplyExact(step, Math.max(1, shape[i]));
        }
        return strides;
    }

    /**
     * Its name in the file.
     *
     * @return the name
     */
    public String name() {
        return name;
    }

    /**
     * What it holds.
     *
     * @return type of the elements in the file
     */
    public Type type() {
        return type;
    }

    /**
     * Its axes.
     *
     * @return a copy
     */
    public long[] shape() {
        return shape.clone();
    }

    /**
     * Product of its axes.
     *
     * @return number of elements
     */
    public long elements() {
        return elements;
    }

    /**
     * Some of its rows, without reading them.
     *
     * @param first index along the first axis
     * @param count how many
     * @return a tensor of shape (count, ..)
     * @throws BadWeights when it has not so many
     */
    public Tensor rows(long first, long count) throws BadWeights {
        if (shape.length == 0 || first < 0 || count < 0 || first > shape[0] - count) {
            throw new BadWeights(
                    "rows "
                            + first
                            + " to "
                            + (first + count)
                            + " of '"
                            + name
                            + "' "
                            + Arrays.toString(shape)
                            + " were asked for");
        }
        long[] some = shape.clone();
        some[0] = count;
        return of(name, type, some, strides, offset + first * strides[0], storage, order);
    }

    /**
     * Reads it.
     *
     * @return its elements, row by row
     * @throws BadWeights when they cannot be read, or are more than 2^31 - 9
     */
    public float[] floats() throws BadWeights {
        if (elements > Integer.MAX_VALUE - 8) {
            throw new BadWeights(
                    "'" + name + "' has " + elements + " elements; the most is 2^31 - 9");
        }
        float[] all = new float[(int) elements];
        if (elements == 0) {
            return all;
        }
        storage.intact();
        try {
            if (isRows()) {
                inRows(0, all);
            } else {
                gathered(all);
            }
            storage.intact();
        } catch (InternalError e) {
            throw shorter();
        }
        return all;
    }

    /**
     * Reads some of it, without the rest where it lies row by row.
     *
     * @param first number of elements before them, row by row
     * @param into filled
     * @throws BadWeights when they cannot be read, or are not there
     */
    public void read(long first, float[] into) throws BadWeights {
        Stretch.within(first, into.length, elements);
        if (!isRows()) {
            System.arraycopy(floats(), Math.toIntExact(first), into, 0, into.length);
            return;
        }
        storage.intact();
        try {
            inRows(first, into);
            storage.intact();
        } catch (InternalError e) {
            throw shorter();
        }
    }

    /** A page of a mapped file that was cut in the meantime. */
    private BadWeights shorter() {
        return new BadWeights("'" + name + "' cannot be read: the file became shorter");
    }

    private boolean isRows() {
        long step = 1;
        for (int i = shape.length - 1; i >= 0; i--) {
            if (shape[i] != 1 && strides[i] != step) {
                return false;
            }
            step *= shape[i];
        }
        return true;
    }

    private void inRows(long first, float[] all) throws BadWeights {
        int most = Stretch.MOST / type.bytes();
        if (storage.packed() && all.length > most) {
            throw new BadWeights(
                    "'" + name + "' is deflated and over 512 MiB; save it without compression");
        }
        for (int done = 0; done < all.length; ) {
            int some = Math.min(most, all.length - done);
            long from = (offset + first + done) * type.bytes();
            type.read(
                    storage.bytes(from, (long) some * type.bytes()).order(order), all, done, some);
            done += some;
        }
    }

    private void gathered(float[] all) throws BadWeights {
        long last = 0;
        for (int i = 0; i < shape.length; i++) {
            last += (shape[i] - 1) * strides[i];
        }
        long bytes = (last + 1) * type.bytes();
        if (bytes > Stretch.MOST) {
            throw new BadWeights(
                    "'"
                            + name
                            + "' lies scattered over "
                            + bytes
                            + " bytes; save it contiguous (tensor.contiguous())");
        }
        ByteBuffer from = storage.bytes(offset * type.bytes(), bytes).order(order);
        int axes = shape.length;
        long[] index = new long[axes];
        int inner = (int) shape[axes - 1];
        int step = (int) (strides[axes - 1] * type.bytes());
        for (int done = 0; done < all.length; ) {
            int at = 0;
            for (int i = 0; i < axes - 1; i++) {
                at += (int) (index[i] * strides[i] * type.bytes());
            }
            for (int i = 0; i < inner; i++) {
                all[done++] = type.get(from, at + i * step);
            }
            for (int i = axes - 2; i >= 0 && ++index[i] == shape[i]; i--) {
                index[i] = 0;
            }
        }
    }

    @Override
    public String toString() {
        return name + Arrays.toString(shape);
    }
}
