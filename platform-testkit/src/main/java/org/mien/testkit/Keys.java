// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.testkit;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.mien.api.Key;

/** Settings records from text, by the platform's rules. */
final class Keys {
    private Keys() {}

    /** {@code relabelFrom} to {@code relabel-from}. */
    static String name(RecordComponent component) {
        return component.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }

    /**
     * A record of defaults.
     *
     * @param pairs {@code key=value} for what shall not have its default, or has none
     * @throws IllegalArgumentException in words, for what the platform would refuse
     */
    static <S extends Record> S bind(Class<S> type, String... pairs) {
        Map<String, String> given = new LinkedHashMap<>();
        for (String pair : pairs) {
            int at = pair.indexOf('=');
            if (at < 1) {
                throw new IllegalArgumentException("'" + pair + "' is not key=value");
            }
            given.put(pair.substring(0, at), pair.substring(at + 1));
        }
        RecordComponent[] components = type.getRecordComponents();
        Object[] arguments = new Object[components.length];
        for (int i = 0; i < components.length; i++) {
            String text = given.remove(name(components[i]));
            String[] otherwise = key(components[i]).value();
            if (text == null && otherwise.length == 0) {
                throw new IllegalArgumentException(
                        "key '"
                                + name(components[i])
                                + "' has no default; give it in keys(), or override settings()");
            }
            arguments[i] = value(components[i], text == null ? otherwise[0] : text);
        }
        if (!given.isEmpty()) {
            throw new IllegalArgumentException(
                    type.getName() + " has no keys " + given.keySet() + "; see keys()");
        }
        return make(type, arguments);
    }

    /** The same settings with one key set to a text. */
    static <S extends Record> S with(S settings, RecordComponent changed, String text)
            throws ReflectiveOperationException {
        RecordComponent[] components = settings.getClass().getRecordComponents();
        Object[] arguments = new Object[components.length];
        for (int i = 0; i < components.length; i++) {
            components[i].getAccessor().setAccessible(true);
            arguments[i] =
                    components[i].getName().equals(changed.getName())
                            ? value(changed, text)
                            : components[i].getAccessor().invoke(settings);
        }
        @SuppressWarnings("unchecked")
        Class<S> type = (Class<S>) settings.getClass();
        return make(type, arguments);
    }

    private static <S extends Record> S make(Class<S> type, Object[] arguments) {
        Class<?>[] types =
                Arrays.stream(type.getRecordComponents())
                        .map(RecordComponent::getType)
                        .toArray(Class<?>[]::new);
        if (!Modifier.isPublic(type.getModifiers())) {
            throw new IllegalArgumentException(
                    type.getName() + " is not public, so the platform cannot make one");
        }
        try {
            return type.getDeclaredConstructor(types).newInstance(arguments);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof IllegalArgumentException refused) {
                throw refused;
            }
            throw new AssertionError(
                    type.getName() + " refuses by something else than IllegalArgumentException",
                    e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(type.getName() + " cannot be made", e);
        }
    }

    static Key key(RecordComponent component) {
        Key key = component.getAnnotation(Key.class);
        if (key == null) {
            throw new IllegalArgumentException(
                    "component '"
                            + component.getName()
                            + "' of "
                            + component.getDeclaringRecord().getName()
                            + " has no @Key");
        }
        return key;
    }

    /** What a text means for a key. */
    static Object value(RecordComponent component, String given) {
        Key key = key(component);
        Class<?> type = component.getType();
        String text = given.trim();
        if (type == int.class) {
            int number = Integer.parseInt(text);
            within(component, key, number);
            return number;
        }
        if (type == long.class) {
            long number = Long.parseLong(text);
            within(component, key, number);
            return number;
        }
        if (type == double.class) {
            double number = Double.parseDouble(text);
            within(component, key, number);
            return number;
        }
        if (type == boolean.class && (text.equals("true") || text.equals("false"))) {
            return text.equals("true");
        }
        if (type.isEnum()) {
            for (Object constant : type.getEnumConstants()) {
                String choice = ((Enum<?>) constant).name().replace('_', '-');
                if (choice.equalsIgnoreCase(text)) {
                    return constant;
                }
            }
        }
        if (type == Path.class) {
            return Path.of(text).toAbsolutePath().normalize();
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
        throw new IllegalArgumentException(
                "key '"
                        + name(component)
                        + "' of type "
                        + type.getSimpleName()
                        + " cannot be '"
                        + text
                        + "'");
    }

    private static void within(RecordComponent component, Key key, double number) {
        if (!Double.isFinite(number) || number < key.min() || number > key.max()) {
            throw new IllegalArgumentException(
                    "key '"
                            + name(component)
                            + "' is "
                            + number
                            + "; expected "
                            + key.min()
                            + " to "
                            + key.max());
        }
    }
}
