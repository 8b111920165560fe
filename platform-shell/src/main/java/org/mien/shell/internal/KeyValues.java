// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.mien.core.MienException;

/** Arguments of the form key=value. */
final class KeyValues {
    private KeyValues() {}

    /** In the order given; a wrong form and a key given twice are refused. */
    static Map<String, String> parse(List<String> arguments) {
        Map<String, String> values = new LinkedHashMap<>();
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            int equals = argument.indexOf('=');
            if (equals <= 0) {
                throw new MienException(
                        "'"
                                + argument
                                + "' is not a key with its value. Write "
                                + example(arguments, i)
                                + ", without spaces around the '='.");
            }
            String key = argument.substring(0, equals).strip();
            String value = argument.substring(equals + 1).strip();
            String other = values.put(key, value);
            if (other != null) {
                throw new MienException(
                        "key '"
                                + key
                                + "' is given twice, as '"
                                + other
                                + "' and as '"
                                + value
                                + "'. Give it once.");
            }
        }
        return values;
    }

    /** Keys as they are typed, with spaces. */
    static String words(Map<String, String> keys) {
        return String.join(
                " ",
                keys.entrySet().stream().map(one -> one.getKey() + "=" + one.getValue()).toList());
    }

    /** What was most likely meant: {@code epochs 3}, {@code epochs = 3} or {@code epochs =3}. */
    private static String example(List<String> arguments, int wrong) {
        String key = arguments.get(wrong);
        if (!key.matches("[A-Za-z][A-Za-z0-9._-]*")) {
            return "key=value";
        }
        for (String next : arguments.subList(wrong + 1, arguments.size())) {
            if (next.indexOf('=') > 0) {
                break;
            }
            String value = next.startsWith("=") ? next.substring(1) : next;
            if (!value.isEmpty()) {
                return key + "=" + value;
            }
        }
        return key + "=VALUE";
    }
}
