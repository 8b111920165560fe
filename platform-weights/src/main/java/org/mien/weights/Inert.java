// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.weights;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** An object of a pickle whose class nobody here knows: what it was given, and nothing else. */
final class Inert {
    /** What would have made it. */
    final String name;

    /** What it was made from. */
    final List<Object> given;

    /** Its attributes, as they were set. */
    Object state = Pickled.NONE;

    private Map<Object, Object> items = Map.of();
    private List<Object> elements = List.of();

    Inert(String name, List<Object> given) {
        this.name = name;
        this.given = given;
    }

    /** Its entries, where it is a kind of dictionary. */
    Map<Object, Object> items() {
        return items;
    }

    /** Its elements, where it is a kind of list. */
    List<Object> elements() {
        return elements;
    }

    void put(Object key, Object value) throws BadWeights {
        if (items.isEmpty()) {
            items = new LinkedHashMap<>(4);
        }
        Pickled.put(items, key, value);
    }

    void add(List<Object> values) {
        if (elements.isEmpty()) {
            elements = new ArrayList<>(values.size());
        }
        elements.addAll(values);
    }

    @Override
    public String toString() {
        return "an object of '" + name + "'";
    }
}
