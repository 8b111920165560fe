// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.api.spi;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How the text of a value is read, wherever it was written: one grammar for the command line, for
 * files, for sweeps and for recipes. What is refused is told with what was most likely meant.
 */
final class Grammar {
    private static final String WHOLE = "[+-]?(0|[1-9]\\d*)";
    private static final Pattern INTEGER = Pattern.compile(WHOLE);

    /** Neither the letters of Java's literals (1d, 0x1p3) nor leading zeros, as after 0,001. */
    private static final Pattern NUMBER =
            Pattern.compile("[+-]?((0|[1-9]\\d*)(\\.\\d*)?|\\.\\d+)([eE][+-]?\\d+)?");

    /** {@code $NAME}, {@code ${NAME}}, or {@code \$}, which is the sign itself. */
    private static final Pattern VARIABLE =
            Pattern.compile("\\\\\\$|\\$(?:\\{([^}]*)\\}|([A-Za-z_][A-Za-z0-9_]*))");

    private Grammar() {}

    static boolean isInteger(String text) {
        return INTEGER.matcher(text).matches();
    }

    static boolean isNumber(String text) {
        return NUMBER.matcher(text).matches();
    }

    /** What was most likely meant by a text that is no number, as a sentence; may be empty. */
    static String meant(String text, boolean whole) {
        String plain = text.replaceAll("[\\s_'\u00a0\u2009\u202f]", "");
        String minus = plain.replaceAll("[\u2212\u2013]", "-");
        if (text.matches("(?s).+?(#|\\s(//|;|!)).*")) {
            return " A comment stands on a line of its own.";
        }
        if (text.matches("([\"']).*\\1")) {
            return " Write it without quotes.";
        }
        if (text.matches("[+-]?0\\d+([.,].*)?") || text.contains(",")) {
            String decimal = minus.replace(',', '.');
            String example = isNumber(decimal) && !whole ? decimal : "0.001";
            return whole
                    ? " A whole number has no comma and no leading zeros."
                    : " A decimal is written with a point, as " + example + ".";
        }
        if (text.endsWith("%") && isNumber(text.substring(0, text.length() - 1).strip())) {
            return " A share is a number, as 0.5 for 50 %.";
        }
        if (whole && isNumber(minus)) {
            return isInteger(minus)
                    ? " Digits stand together, as " + minus + "."
                    : " It must be whole, without a point or an exponent.";
        }
        if (isNumber(minus)) {
            return " Digits stand together, as " + minus + ".";
        }
        if (text.matches("0[xXbB][0-9A-Fa-f]+")) {
            return " It must be decimal.";
        }
        return "";
    }

    /** What was most likely meant by a text that is neither true nor false. */
    static String meantTruth(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "true", "yes", "on", "1" -> " Write true.";
            case "false", "no", "off", "0" -> " Write false.";
            default -> "";
        };
    }

    /**
     * Elements of a list with commas, without the blanks around them; {@code [a, b]} as other
     * formats write it is the same, and a comma at the end adds nothing.
     */
    static List<String> list(String text) {
        String inner = text.strip();
        boolean brackets = inner.startsWith("[") && inner.endsWith("]") && inner.length() > 1;
        if (brackets) {
            inner = inner.substring(1, inner.length() - 1);
        }
        List<String> elements = new ArrayList<>();
        for (String one : inner.split(",")) {
            String element = one.strip();
            if (brackets && element.length() > 1 && element.matches("([\"']).*\\1")) {
                element = element.substring(1, element.length() - 1);
            }
            if (!element.isEmpty()) {
                elements.add(element);
            }
        }
        return List.copyOf(elements);
    }

    /**
     * A path as people mean it.
     *
     * @param variables gives the value of a variable, or null
     * @throws KeyException in words that follow the key and its value
     */
    static Path path(String text, UnaryOperator<String> variables) {
        if (text.isBlank()) {
            throw new KeyException("it is empty");
        }
        if (text.length() > 1 && text.matches("([\"']).*\\1")) {
            throw new KeyException("the quotes would be part of it. Write it without them");
        }
        if (text.matches("file:.*")) {
            throw new KeyException("it is an address. Write the path alone, as /data/faces");
        }
        String expanded = variables(text, variables);
        if (expanded.startsWith("~")) {
            if (expanded.length() > 1 && expanded.charAt(1) != '/') {
                throw new KeyException(
                        "'"
                                + expanded.replaceFirst("/.*", "")
                                + "' stands for nothing here; ~/ is your own home folder, and"
                                + " those of others are written in full. A file of this name is"
                                + " ./"
                                + expanded);
            }
            expanded = value("HOME", variables) + expanded.substring(1);
        }
        try {
            return Path.of(expanded);
        } catch (InvalidPathException e) {
            throw new KeyException("it is no path (" + e.getReason() + ")");
        }
    }

    private static String variables(String text, UnaryOperator<String> variables) {
        Matcher matcher = VARIABLE.matcher(text);
        StringBuilder expanded = new StringBuilder();
        while (matcher.find()) {
            String name = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
            String value =
                    name == null ? "$" : value(name.strip().replaceFirst("^env:", ""), variables);
            matcher.appendReplacement(expanded, Matcher.quoteReplacement(value));
        }
        return matcher.appendTail(expanded).toString();
    }

    private static String value(String name, UnaryOperator<String> variables) {
        String value = variables.apply(name);
        if (value == null || value.isBlank()) {
            throw new KeyException(
                    "the variable '"
                            + name
                            + "' is "
                            + (value == null ? "not set" : "empty")
                            + " where the platform runs. Write the path in full, or \\$ for the"
                            + " sign itself");
        }
        return value;
    }

    /** Variables of this process; {@code HOME} is known in any case. */
    static String environment(String name) {
        String value = System.getenv(name);
        if (value == null) {
            value = System.getProperty(name);
        }
        return value == null && name.equals("HOME") ? System.getProperty("user.home") : value;
    }
}
