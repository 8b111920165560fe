// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.weights;

import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** An array of NumPy in a pickle, as its parts come: {@code _reconstruct}, then its state. */
final class NumpyArray {
    /** Type of elements; the order of their bytes comes after the name. */
    static final class Elements {
        private final String name;
        private ByteOrder order = ByteOrder.LITTLE_ENDIAN;

        Elements(List<Object> given) {
            String text = !given.isEmpty() && given.get(0) instanceof String one ? one : "";
            if (!text.isEmpty() && "<>|=".indexOf(text.charAt(0)) >= 0) {
                order = text.charAt(0) == '>' ? ByteOrder.BIG_ENDIAN : order;
                text = text.substring(1);
            }
            name = text;
        }

        /** (version, order, ..). */
        void state(Object state) {
            if (state instanceof List<?> list && list.size() > 1 && ">".equals(list.get(1))) {
                order = ByteOrder.BIG_ENDIAN;
            }
        }

        @Override
        public String toString() {
            return "numpy.dtype " + name;
        }
    }

    private Elements elements;
    private long[] shape;
    private boolean columns;
    private Bytes data;

    /** (version, shape, type, whether column by column, bytes). */
    void state(Object state) throws BadWeights {
        if (!(state instanceof List<?> list) || list.size() < 4) {
            return;
        }
        int at = list.size() == 4 ? 0 : 1;
        shape = Pickled.axes("shape", list.get(at));
        elements = list.get(at + 1) instanceof Elements known ? known : null;
        columns = Boolean.TRUE.equals(list.get(at + 2));
        data = data(list.get(at + 3));
    }

    /** {@code numpy.core.numeric._frombuffer}: (bytes, type, shape, order). */
    static NumpyArray of(List<Object> given) throws BadWeights {
        NumpyArray array = new NumpyArray();
        if (given.size() > 3) {
            array.data = data(given.get(0));
            array.elements = given.get(1) instanceof Elements known ? known : null;
            array.shape = Pickled.axes("shape", given.get(2));
            array.columns = "F".equals(given.get(3));
        }
        return array;
    }

    private static Bytes data(Object value) {
        if (value instanceof String text) { // by Python 2
            byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
            return new Bytes(Stretch.of(bytes), false);
        }
        return value instanceof Bytes bytes ? bytes : null;
    }

    /** Whether it has numbers. */
    boolean readable() {
        return data != null && shape != null && type() != null;
    }

    private Type type() {
        return elements == null ? null : Npy.type(elements.name);
    }

    /** The tensor that it is. */
    Tensor tensor(String name) throws BadWeights {
        long[] strides = columns ? Npy.columns(name, shape) : null;
        return Tensor.of(name, type(), shape, strides, 0, data.plain(), elements.order);
    }

    @Override
    public String toString() {
        return "numpy.ndarray of " + (elements == null ? "objects" : elements.name);
    }
}
