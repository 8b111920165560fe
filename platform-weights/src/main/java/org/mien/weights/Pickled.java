// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.weights;

import java.util.List;
import java.util.Map;

/** The values that pickles are made of here, beside Java's own. */
final class Pickled {
    /** Python's None. */
    static final Object NONE =
            new Object() {
                @Override
                public String toString() {
                    return "None";
                }
            };

    /** A name that the pickle mentions. */
    record Name(String module, String name) {
        @Override
        public String toString() {
            return module + "." + name;
        }
    }

    /** A tensor: a view of a storage. */
    record View(Storage storage, Type type, long offset, long[] shape, long[] strides) {}

    /**
     * Elements without a shape.
     *
     * @param type null for bytes without a type
     * @param key its name in the file
     * @param offset elements before its first, where it is a part of the storage of that name
     * @param count elements
     */
    record Storage(Type type, String key, long offset, long count) {}

    /** An object of a TorchScript program: its attributes. */
    static final class ScriptObject {
        Object state = NONE;
    }

    private Pickled() {}

    /** An entry of a dictionary. */
    static void put(Map<Object, Object> map, Object key, Object value) throws BadWeights {
        boolean plain = key instanceof String || key instanceof Long || key instanceof Boolean;
        if (map.put(plain ? key : new Object(), value) != null && key instanceof String) {
            throw new BadWeights("its pickle has the name '" + Shown.shorten(key) + "' twice");
        }
    }

    /** What a value is, for a message. */
    static String kind(Object value) {
        if (value instanceof String text) {
            return "the text '" + Shown.shorten(text) + "'";
        }
        if (value instanceof List) {
            return "a list";
        }
        if (value instanceof Bytes) {
            return "bytes";
        }
        if (value instanceof Name) {
            return "the name '" + Shown.shorten(value) + "'";
        }
        return value instanceof Map ? "a dictionary" : Shown.shorten(value);
    }

    /** Axes of a tensor. */
    static long[] axes(String what, Object value) throws BadWeights {
        if (!(value instanceof List<?> axes)) {
            throw new BadWeights("its pickle has a tensor whose " + what + " is " + kind(value));
        }
        long[] all = new long[axes.size()];
        for (int i = 0; i < all.length; i++) {
            all[i] = whole(what, axes.get(i));
        }
        return all;
    }

    /** A whole number of a tensor. */
    static long whole(String what, Object value) throws BadWeights {
        if (value instanceof Long number) {
            return number;
        }
        throw new BadWeights(
                "its pickle has a tensor with "
                        + kind(value)
                        + " in its "
                        + what
                        + "; expected whole numbers below 2^63");
    }
}
