// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.mien.api.Key;
import org.mien.core.Mien;
import org.mien.core.MienException;

/** Settings records: their keys, and binding of text to them. Nothing of a record is kept. */
final class Keys {
    /** Type of a key whose value is a list, for people. */
    static final String LIST = "a list with commas";

    private Keys() {}

    /** {@code relabelFrom} to {@code relabel-from}. */
    static String kebab(String component) {
        return component.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }

    /** Keys of a record with their full names. */
    static List<Mien.Key> describe(String prefix, Class<? extends Record> type) {
        List<Mien.Key> keys = new ArrayList<>();
        for (RecordComponent component : components(prefix, type)) {
            Key key = component.getAnnotation(Key.class);
            keys.add(
                    new Mien.Key(
                            prefix + kebab(component.getName()),
                            typeName(component.getType()),
                            key.value().length == 0 ? null : key.value()[0],
                            bounds(component.getType(), key),
                            key.doc()));
        }
        return keys;
    }

    /** Defaults of a record by full name; keys without a default are missing. */
    static Map<String, String> defaults(String prefix, Class<? extends Record> type) {
        Map<String, String> defaults = new LinkedHashMap<>();
        for (Mien.Key key : describe(prefix, type)) {
            if (key.value() != null) {
                defaults.put(key.name(), key.value());
            }
        }
        return defaults;
    }

    /**
     * Binds text to a record.
     *
     * @param who for messages, for example {@code method 'linear'}
     * @param prefix of its keys, for example {@code method.}
     * @param values full name to text; others are ignored
     */
    static <S extends Record> S bind(
            String who, String prefix, Class<S> type, Map<String, String> values) {
        RecordComponent[] components = components(prefix, type);
        Object[] arguments = new Object[components.length];
        Class<?>[] types = new Class<?>[components.length];
        for (int i = 0; i < components.length; i++) {
            RecordComponent component = components[i];
            Key key = component.getAnnotation(Key.class);
            String name = prefix + kebab(component.getName());
            String text = values.get(name);
            if (text == null) {
                if (key.value().length == 0) {
                    throw new MienException(
                            who
                                    + " needs the key '"
                                    + name
                                    + "' ("
                                    + key.doc()
                                    + "). Set it in the pipeline or on the command line: "
                                    + name
                                    + "=..");
                }
                text = key.value()[0];
            }
            types[i] = component.getType();
            arguments[i] = value(name, text.trim(), component.getType(), key);
        }
        try {
            return type.getDeclaredConstructor(types).newInstance(arguments);
        } catch (InvocationTargetException e) {
            throw Words.plugin(who, e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new MienException(
                    who
                            + ": its settings record cannot be made ("
                            + e.getClass().getSimpleName()
                            + "). It must be public, in a public class.");
        }
    }

    private static RecordComponent[] components(String prefix, Class<? extends Record> type) {
        RecordComponent[] components = type.getRecordComponents();
        for (RecordComponent component : components) {
            if (!component.isAnnotationPresent(Key.class)) {
                throw new MienException(
                        "the settings record of '"
                                + prefix
                                + "*' has a component '"
                                + component.getName()
                                + "' without @Key. This is a fault of the plugin.");
            }
        }
        return components;
    }

    private static Object value(String name, String text, Class<?> type, Key key) {
        try {
            if (type == int.class) {
                return (int) bounded(name, text, Integer.parseInt(text), type, key);
            }
            if (type == long.class) {
                bounded(name, text, Long.parseLong(text), type, key);
                return Long.parseLong(text);
            }
            if (type == double.class) {
                double number = Double.parseDouble(text);
                if (!Double.isFinite(number)) {
                    throw wrong(name, text, type, key);
                }
                return bounded(name, text, number, type, key);
            }
        } catch (NumberFormatException e) {
            throw wrong(name, text, type, key);
        }
        if (type == boolean.class) {
            if (!text.equals("true") && !text.equals("false")) {
                throw wrong(name, text, type, key);
            }
            return text.equals("true");
        }
        if (type.isEnum()) {
            for (Object constant : type.getEnumConstants()) {
                if (choice(constant).equals(text.toLowerCase(Locale.ROOT))) {
                    return constant;
                }
            }
            throw wrong(name, text, type, key);
        }
        if (type == Path.class) {
            try {
                return Path.of(text).toAbsolutePath().normalize();
            } catch (InvalidPathException e) {
                throw wrong(name, text, type, key);
            }
        }
        if (type == List.class) {
            return Arrays.stream(text.split(","))
                    .map(String::trim)
                    .filter(s -> !s.isEmpty())
                    .toList();
        }
        if (type == String.class) {
            return text;
        }
        throw new MienException(
                "key '"
                        + name
                        + "' has the type "
                        + type.getSimpleName()
                        + ", which no key can have. This is a fault of the plugin.");
    }

    private static double bounded(String name, String text, double number, Class<?> type, Key key) {
        if (number < key.min() || number > key.max()) {
            throw wrong(name, text, type, key);
        }
        return number;
    }

    private static MienException wrong(String name, String text, Class<?> type, Key key) {
        String bounds = bounds(type, key);
        return new MienException(
                "key '"
                        + name
                        + "' is '"
                        + text
                        + "'; expected "
                        + typeName(type)
                        + (bounds.isEmpty() ? "" : " " + bounds)
                        + " ("
                        + key.doc()
                        + ")");
    }

    private static String typeName(Class<?> type) {
        if (type == int.class || type == long.class) {
            return "an integer";
        }
        if (type == double.class) {
            return "a number";
        }
        if (type == boolean.class) {
            return "true or false";
        }
        if (type == Path.class) {
            return "a path";
        }
        if (type == List.class) {
            return LIST;
        }
        return type.isEnum() ? "one of" : "text";
    }

    private static String bounds(Class<?> type, Key key) {
        if (type.isEnum()) {
            return String.join(
                    ", ", Arrays.stream(type.getEnumConstants()).map(Keys::choice).toList());
        }
        boolean low = key.min() != Double.NEGATIVE_INFINITY;
        boolean high = key.max() != Double.POSITIVE_INFINITY;
        if (low && high) {
            return "from " + number(key.min()) + " to " + number(key.max());
        }
        return low ? "from " + number(key.min()) : high ? "up to " + number(key.max()) : "";
    }

    private static String choice(Object constant) {
        return ((Enum<?>) constant).name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static String number(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? Long.toString((long) value)
                : Double.toString(value);
    }
}
