// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.weights;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds the networks in what a pickle holds: dictionaries of tensors, whole modules of PyTorch
 * (their parameters, buffers and modules, as data), also within objects and lists.
 */
final class Networks {
    /** Deeper nobody looks. */
    private static final int DEEPEST = 64;

    private static final int MOST_STEPS = 1_000_000;
    private static final int MOST_TENSORS = 100_000;

    /** Tensors as a pickle has them: {@link Pickled.View} or {@link NumpyArray}. */
    record Found(String path, Map<String, Object> tensors) {}

    private final List<Found> all = new ArrayList<>();
    private final Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Passed passed;
    private int steps;
    private int tensors;

    private Networks(Passed passed) {
        this.passed = passed;
    }

    /**
     * All of them, the outer ones first.
     *
     * @param root what the pickle holds
     * @param passed loses the names of modules
     */
    static List<Found> of(Object root, Passed passed) throws BadWeights {
        Networks networks = new Networks(passed);
        networks.look("", root, 0);
        return networks.all;
    }

    /** The data of a TorchScript program. */
    static List<Found> script(Object root, Passed passed) throws BadWeights {
        Networks networks = new Networks(passed);
        Map<String, Object> found = new LinkedHashMap<>();
        networks.attributes(root, "", 0, found);
        return found.isEmpty() ? List.of() : List.of(new Found("", found));
    }

    private void step() throws BadWeights {
        if (++steps > MOST_STEPS) {
            throw new BadWeights("its objects hold over a million values");
        }
    }

    private void look(String path, Object value, int depth) throws BadWeights {
        if (depth > DEEPEST) {
            passed.add("what is nested deeper than " + DEEPEST);
            return;
        }
        boolean container = value instanceof Map || value instanceof List || value instanceof Inert;
        if (!container || !seen.add(value)) {
            return;
        }
        if (value instanceof Map<?, ?> map) {
            dictionary(path, map, depth);
        } else if (value instanceof List<?> list) {
            Map<Object, Object> numbered = new LinkedHashMap<>();
            for (Object one : list) {
                step();
                numbered.put((long) numbered.size(), one);
            }
            dictionary(path, numbered, depth);
        } else {
            object(path, (Inert) value, depth);
        }
    }

    private void dictionary(String path, Map<?, ?> map, int depth) throws BadWeights {
        Map<String, Object> found = new LinkedHashMap<>();
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            step();
            if (isTensor(entry.getValue()) && isKey(entry.getKey())) {
                found.put(entry.getKey().toString(), entry.getValue());
            }
        }
        add(path, found);
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            if (isKey(entry.getKey())) {
                String key = entry.getKey().toString();
                look(path.isEmpty() ? key : path + "." + key, entry.getValue(), depth + 1);
            }
        }
    }

    private static boolean isKey(Object key) {
        return key instanceof String || key instanceof Long;
    }

    private boolean isTensor(Object value) {
        if (value instanceof NumpyArray array && !array.readable()) {
            passed.add(array.toString());
            return false;
        }
        return value instanceof Pickled.View || value instanceof NumpyArray;
    }

    private void object(String path, Inert object, int depth) throws BadWeights {
        Map<?, ?> attributes = attributes(object);
        if (isModule(attributes)) {
            Map<String, Object> found = new LinkedHashMap<>();
            module("", object, found, depth);
            add(path, found);
            return;
        }
        look(path, attributes, depth + 1);
        look(path, object.items(), depth + 1);
        look(path, object.elements(), depth + 1);
        look(path, object.given, depth + 1);
    }

    /** Attributes: a dictionary, or such a one and that of its slots. */
    private static Map<?, ?> attributes(Inert object) {
        Object state = object.state;
        if (state instanceof List<?> both && !both.isEmpty()) {
            state = both.get(0);
        }
        return state instanceof Map<?, ?> map ? map : Map.of();
    }

    private static boolean isModule(Map<?, ?> attributes) {
        return attributes.get("_parameters") instanceof Map
                && attributes.get("_modules") instanceof Map;
    }

    private void module(String prefix, Inert module, Map<String, Object> found, int depth)
            throws BadWeights {
        step();
        Map<?, ?> attributes = attributes(module);
        if (depth > DEEPEST || !isModule(attributes)) {
            return;
        }
        seen.add(module);
        passed.understood(module.name);
        for (String kind : List.of("_parameters", "_buffers")) {
            if (attributes.get(kind) instanceof Map<?, ?> map) {
                for (Map.Entry<?, ?> entry : map.entrySet()) {
                    step();
                    if (isTensor(entry.getValue()) && entry.getKey() instanceof String key) {
                        found.put(prefix + key, entry.getValue());
                    }
                }
            }
        }
        for (Map.Entry<?, ?> entry : ((Map<?, ?>) attributes.get("_modules")).entrySet()) {
            if (entry.getValue() instanceof Inert inner && entry.getKey() instanceof String key) {
                module(prefix + key + ".", inner, found, depth + 1);
            }
        }
    }

    private void attributes(Object value, String path, int depth, Map<String, Object> found)
            throws BadWeights {
        step();
        if (depth > DEEPEST) {
            throw new BadWeights("its objects are nested deeper than " + DEEPEST);
        }
        if (value instanceof Pickled.View) {
            found.put(path, value);
        } else if (value instanceof Pickled.ScriptObject object
                && object.state instanceof Map<?, ?> state) {
            for (Map.Entry<?, ?> entry : state.entrySet()) {
                if (entry.getKey() instanceof String key) {
                    String inner = path.isEmpty() ? key : path + "." + key;
                    attributes(entry.getValue(), inner, depth + 1, found);
                }
            }
        }
    }

    private void add(String path, Map<String, Object> found) throws BadWeights {
        if (!found.isEmpty()) {
            tensors += found.size();
            if (tensors > MOST_TENSORS) {
                throw new BadWeights("it holds over " + MOST_TENSORS + " tensors");
            }
            all.add(new Found(path, found));
        }
    }
}
