// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.api.spi;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.mien.api.Key;

/**
 * Settings records: their keys, and binding of text to them. Nothing of a record is kept, so that
 * its class can go with its plugin.
 */
public final class Settings {
    /**
     * A key as it is shown.
     *
     * @param name full name, for example {@code method.relabel-from}
     * @param type in words, for example {@code an integer}
     * @param value the default as it would be typed, or null where the user must give one
     * @param bounds in words, for example {@code from 0 to 1}, or the choices; may be empty
     * @param doc what it is
     */
    public record Described(String name, String type, String value, String bounds, String doc) {}

    /** Type of a key whose value is a list, in words. */
    public static final String LIST = "a list with commas";

    /** Type of a key whose value is a number that need not be whole, in words. */
    public static final String NUMBER = "a number";

    /** Type of a key whose value is a path, in words. */
    public static final String PATH = "a path";

    /** Type of a key whose value is a path or a name, in words. */
    public static final String PATH_OR_NAME = "a path or a name";

    private Settings() {}

    /**
     * The keys of a record, in order.
     *
     * @param prefix of their names, for example {@code method.}
     * @param type the record's class
     * @return a description of each
     * @throws KeyException when the record is declared wrongly: a component without {@link Key}
     *     that is no record, two keys of one name, one of a type that no key can have, with bounds
     *     where only numbers have them, or with a default that is none of its values
     */
    public static List<Described> describe(String prefix, Class<? extends Record> type) {
        List<Described> keys = new ArrayList<>();
        check(prefix, type);
        Set<String> names = new HashSet<>();
        for (RecordComponent component : keys(type)) {
            Key key = component.getAnnotation(Key.class);
            if (!names.add(name(component))) {
                throw fault(prefix + name(component), "is declared twice");
            }
            keys.add(
                    new Described(
                            prefix + name(component),
                            key.path() ? PATH_OR_NAME : typeName(component.getType()),
                            key.value().length == 0 ? null : key.value()[0],
                            bounds(component.getType(), key),
                            key.doc()));
        }
        return keys;
    }

    /**
     * The components that are keys, those of records in it too, in the order of {@link #describe}.
     *
     * @param type a settings record
     * @return components with {@link Key}
     */
    public static List<RecordComponent> keys(Class<? extends Record> type) {
        List<RecordComponent> keys = new ArrayList<>();
        for (RecordComponent component : type.getRecordComponents()) {
            if (isShared(component)) {
                // No deeper: whoever declares a record within itself is to be told so.
                keys.addAll(List.of(component.getType().getRecordComponents()));
            } else {
                keys.add(component);
            }
        }
        return keys;
    }

    /** Whether a component stands for the keys of its own type. */
    private static boolean isShared(RecordComponent component) {
        return component.getType().isRecord() && component.getAnnotation(Key.class) == null;
    }

    /**
     * Binds text to a record.
     *
     * @param who for messages, for example {@code method 'linear'}
     * @param prefix of its keys, for example {@code method.}
     * @param type the record's class
     * @param values full name to text; others are ignored
     * @param <S> the record
     * @return the record
     * @throws KeyException for a value that is missing or wrong, and as {@link #describe}
     * @throws IllegalArgumentException what the record's own constructor throws, or whatever else
     *     it does
     */
    public static <S extends Record> S bind(
            String who, String prefix, Class<S> type, Map<String, String> values) {
        check(prefix, type);
        RecordComponent[] components = type.getRecordComponents();
        Object[] arguments = new Object[components.length];
        for (int i = 0; i < components.length; i++) {
            if (isShared(components[i])) {
                Class<?> shared = components[i].getType();
                arguments[i] = bind(who, prefix, shared.asSubclass(Record.class), values);
                continue;
            }
            Key key = components[i].getAnnotation(Key.class);
            String name = prefix + name(components[i]);
            String text = values.get(name);
            if (text == null) {
                if (key.value().length == 0) {
                    throw new KeyException(
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
            arguments[i] = value(name, text.strip(), components[i].getType(), key);
        }
        return make(who, type, components, arguments);
    }

    /**
     * The same settings with one key set to a text.
     *
     * @param who for messages
     * @param settings the settings
     * @param key name of the key, without a prefix
     * @param text its new value
     * @param <S> the record
     * @return new settings
     * @throws KeyException as {@link #bind}, and for a key that is not there
     */
    public static <S extends Record> S with(String who, S settings, String key, String text) {
        @SuppressWarnings("unchecked")
        Class<S> type = (Class<S>) settings.getClass();
        check("", type);
        if (keys(type).stream().noneMatch(one -> name(one).equals(key))) {
            throw new KeyException(who + " has no key '" + key + "'");
        }
        RecordComponent[] components = type.getRecordComponents();
        Object[] arguments = new Object[components.length];
        for (int i = 0; i < components.length; i++) {
            RecordComponent component = components[i];
            try {
                component.getAccessor().setAccessible(true);
                arguments[i] = component.getAccessor().invoke(settings);
            } catch (ReflectiveOperationException e) {
                throw unmakeable(who, e);
            }
            if (isShared(component)) {
                Class<? extends Record> shared = component.getType().asSubclass(Record.class);
                if (keys(shared).stream().anyMatch(one -> name(one).equals(key))) {
                    arguments[i] = with(who, (Record) arguments[i], key, text);
                }
            } else if (name(component).equals(key)) {
                Key declared = component.getAnnotation(Key.class);
                arguments[i] = value(key, text.strip(), component.getType(), declared);
            }
        }
        return make(who, type, components, arguments);
    }

    private static <S extends Record> S make(
            String who, Class<S> type, RecordComponent[] components, Object[] arguments) {
        Class<?>[] types =
                Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        try {
            return type.getDeclaredConstructor(types).newInstance(arguments);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof RuntimeException thrown) {
                throw thrown;
            }
            if (e.getCause() instanceof Error thrown) {
                throw thrown;
            }
            throw unmakeable(who, e);
        } catch (ReflectiveOperationException e) {
            throw unmakeable(who, e);
        }
    }

    private static KeyException unmakeable(String who, ReflectiveOperationException e) {
        return new KeyException(
                who
                        + ": its settings record cannot be made ("
                        + e.getClass().getSimpleName()
                        + "). It must be public, in a public class.");
    }

    /** {@code relabelFrom} to {@code relabel-from}. */
    private static String name(RecordComponent component) {
        return component.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }

    private static void check(String prefix, Class<? extends Record> type) {
        for (RecordComponent component : keys(type)) {
            Key key = component.getAnnotation(Key.class);
            if (key == null) {
                throw new KeyException(
                        "the settings record of '"
                                + prefix
                                + "*' has a component '"
                                + component.getName()
                                + "' without @Key. This is a fault of the plugin.");
            }
            String name = prefix + name(component);
            boolean bounded =
                    key.min() != Double.NEGATIVE_INFINITY || key.max() != Double.POSITIVE_INFINITY;
            if (bounded && !number(component.getType())) {
                throw fault(
                        name,
                        "has bounds, but it is "
                                + describe(component.getType())
                                + "; only numbers have min and max");
            }
            if (key.path() && component.getType() != String.class) {
                throw fault(name, "is a path, but it is " + describe(component.getType()));
            }
            if (!(key.min() <= key.max())) {
                throw fault(name, "has a min of " + key.min() + " above its max of " + key.max());
            }
            if (key.value().length > 1) {
                throw fault(name, "has " + key.value().length + " defaults");
            }
            if (key.value().length == 1) {
                try {
                    value(name, key.value()[0].strip(), component.getType(), key);
                } catch (KeyException e) {
                    throw fault(name, "cannot have its default: " + e.getMessage());
                }
            }
        }
    }

    private static KeyException fault(String name, String what) {
        return new KeyException("key '" + name + "' " + what + ". This is a fault of the plugin.");
    }

    private static Object value(String name, String text, Class<?> type, Key key) {
        if (number(type)) {
            return numeral(name, text, type, key);
        }
        if (type == boolean.class) {
            if (!text.equals("true") && !text.equals("false")) {
                throw wrong(name, text, type, key, Grammar.meantTruth(text));
            }
            return text.equals("true");
        }
        if (type.isEnum()) {
            for (Object constant : type.getEnumConstants()) {
                if (choice(constant).equals(text.toLowerCase(Locale.ROOT))) {
                    return constant;
                }
            }
            throw wrong(name, text, type, key, Grammar.meant(text, false));
        }
        if (type == Path.class) {
            return path(name, text);
        }
        if (type == List.class) {
            return TextList.of(text).orElseThrow(() -> wrong(name, text, type, key, ""));
        }
        if (type == String.class) {
            boolean file = key.path() && text.matches("~|[^/]*/.*|.*\\$.*");
            return file ? path(name, text).toString() : text;
        }
        throw new KeyException(
                "key '"
                        + name
                        + "' has the type "
                        + type.getSimpleName()
                        + ", which no key can have. This is a fault of the plugin.");
    }

    private static Object numeral(String name, String text, Class<?> type, Key key) {
        boolean whole = type != double.class;
        if (!(whole ? Grammar.isInteger(text) : Grammar.isNumber(text))) {
            throw wrong(name, text, type, key, Grammar.meant(text, whole));
        }
        try {
            if (type == int.class) {
                return (int) bounded(name, text, Integer.parseInt(text), type, key);
            }
            if (type == long.class) {
                bounded(name, text, Long.parseLong(text), type, key);
                return Long.parseLong(text);
            }
            double number = Double.parseDouble(text);
            if (!Double.isFinite(number)) {
                throw wrong(name, text, type, key, "");
            }
            return bounded(name, text, number, type, key);
        } catch (NumberFormatException e) {
            throw wrong(name, text, type, key, " It is out of range.");
        }
    }

    /**
     * A path as people mean it: {@code ~/} is the home folder, {@code $NAME} and {@code ${NAME}}
     * are variables of the platform's process. What is relative starts from its folder.
     *
     * @param name full name of the key, for messages
     * @param text its value
     * @return absolute
     * @throws KeyException for what is no path, and for variables that are not set
     */
    public static Path path(String name, String text) {
        try {
            return Grammar.path(text.strip(), Grammar::environment).toAbsolutePath().normalize();
        } catch (KeyException e) {
            throw new KeyException(
                    "key '" + name + "' is '" + text + "'; expected a path: " + e.getMessage());
        }
    }

    /**
     * The elements of a list with commas, as every key of that type is read.
     *
     * @param text {@code a, b}, or {@code [a, b]}
     * @return the elements without blanks around them; empty ones are left out
     */
    public static List<String> list(String text) {
        return Grammar.list(text);
    }

    /**
     * Whether a text is a number as every key of that type is read: decimal, with a point and
     * perhaps an exponent.
     *
     * @param text for example {@code 1e-3}
     * @return whether it is; {@code 001}, {@code 0x1}, {@code 1_000} and {@code NaN} are none
     */
    public static boolean isNumber(String text) {
        return Grammar.isNumber(text);
    }

    /**
     * Refuses a text that no key of a type can have, whatever its bounds.
     *
     * @param name full name of the key, for messages
     * @param type as {@link Described#type} has it
     * @param text its value
     * @throws KeyException that says what was most likely meant
     */
    public static void check(String name, String type, String text) {
        boolean whole = type.equals(typeName(int.class));
        boolean wrong =
                whole && !Grammar.isInteger(text)
                        || type.equals(NUMBER) && !Grammar.isNumber(text)
                        || type.equals(typeName(boolean.class)) && !text.matches("true|false");
        if (wrong) {
            throw new KeyException(
                    "key '"
                            + name
                            + "' is '"
                            + text
                            + "'; expected "
                            + type
                            + "."
                            + (type.equals(typeName(boolean.class))
                                    ? Grammar.meantTruth(text)
                                    : Grammar.meant(text, whole)));
        }
    }

    private static double bounded(String name, String text, double number, Class<?> type, Key key) {
        if (number < key.min() || number > key.max()) {
            throw wrong(name, text, type, key, "");
        }
        return number;
    }

    private static KeyException wrong(
            String name, String text, Class<?> type, Key key, String meant) {
        String bounds = bounds(type, key);
        return new KeyException(
                "key '"
                        + name
                        + "' is '"
                        + text
                        + "'; expected "
                        + typeName(type)
                        + (bounds.isEmpty() ? "" : " " + bounds)
                        + " ("
                        + key.doc()
                        + ")"
                        + (meant.isEmpty() ? "" : "." + meant));
    }

    private static String typeName(Class<?> type) {
        if (type == int.class || type == long.class) {
            return "an integer";
        }
        if (type == double.class) {
            return NUMBER;
        }
        if (type == boolean.class) {
            return "true or false";
        }
        if (type == Path.class) {
            return PATH;
        }
        if (type == List.class) {
            return LIST;
        }
        return type.isEnum() ? "one of" : "text";
    }

    private static String describe(Class<?> type) {
        return type.isEnum() ? "a choice" : typeName(type);
    }

    private static boolean number(Class<?> type) {
        return type == int.class || type == long.class || type == double.class;
    }

    private static String bounds(Class<?> type, Key key) {
        if (type.isEnum()) {
            return String.join(
                    ", ", Arrays.stream(type.getEnumConstants()).map(Settings::choice).toList());
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
