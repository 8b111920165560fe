// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.testkit;

import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.mien.api.method.Method;
import org.mien.api.net.Trunk;
import org.mien.api.spi.Settings;

/**
 * Every key of a method counts: at another value something else is planned, built, lost, labelled
 * or answered within six steps, in epochs 0 to 2, on noise.
 *
 * @param <S> its settings
 */
public abstract class MethodKeysContract<S extends Record> {
    private static final int[] ROWS = {0, 1, 2, 3, 4, 5};

    /** For subclasses. */
    protected MethodKeysContract() {}

    /**
     * The method.
     *
     * @return a new one
     */
    protected abstract Method<S> plugin();

    /**
     * Number of classes.
     *
     * @return at least 2
     */
    protected int classes() {
        return 3;
    }

    /**
     * The backbone it is trained on, see {@link MethodContract#backbone}.
     *
     * @return a new one of few weights
     */
    protected Trunk backbone() {
        return TinyTrunk.make();
    }

    /**
     * Keys that shall not have their defaults while a key is tried, so that it counts: a weight of
     * a loss does not without that loss.
     *
     * @param tried the key
     * @return {@code key=value} as in a pipeline, without the prefix; none
     */
    protected String[] beside(String tried) {
        return new String[0];
    }

    /**
     * Another value for keys where none can be guessed: texts, paths and lists, and numbers of
     * which neither a little more nor a little less will do. Choices are tried one after the other.
     *
     * @return by key; none
     */
    protected Map<String, String> others() {
        return Map.of();
    }

    /**
     * The tests.
     *
     * @return one for each key
     */
    @TestFactory
    public Stream<DynamicTest> everyKeyCounts() {
        return Settings.describe("", plugin().settings()).stream()
                .map(key -> DynamicTest.dynamicTest(key.name(), () -> counts(key)));
    }

    private void counts(Settings.Described key) throws Exception {
        S base = PluginContract.bind(plugin().settings(), beside(key.name()));
        String before = told(base);
        List<String> alike = new ArrayList<>();
        List<String> refused = new ArrayList<>();
        for (String other : candidates(key)) {
            try {
                S changed = Settings.with("the method", base, key.name(), other);
                if (changed.equals(base)) {
                    continue;
                }
                if (!told(changed).equals(before)) {
                    return;
                }
                alike.add(other);
            } catch (IllegalArgumentException e) {
                refused.add(other + " (" + e.getMessage() + ")");
            }
        }
        assertFalse(
                alike.isEmpty(),
                "no other value could be tried, name one in others(); refused: " + refused);
        throw new AssertionError("it changes nothing, tried " + alike);
    }

    private List<String> candidates(Settings.Described key) {
        String named = others().get(key.name());
        if (named != null) {
            return List.of(named);
        }
        return switch (key.type()) {
            case "true or false" -> List.of("true", "false");
            case "one of" -> List.of(key.bounds().split(", "));
            case "an integer" -> {
                long value = Long.parseLong(value(key));
                yield Stream.of(value + 1, value * 2, value - 1).map(String::valueOf).toList();
            }
            case "a number" -> {
                double value = Double.parseDouble(value(key));
                yield Stream.of(value * 1.5 + 0.1, value / 2, value + 1)
                        .map(String::valueOf)
                        .toList();
            }
            default -> List.of();
        };
    }

    /** Of {@link #beside}, or the default. */
    private String value(Settings.Described key) {
        String value = key.value();
        for (String pair : beside(key.name())) {
            if (pair.startsWith(key.name() + "=")) {
                value = pair.substring(key.name().length() + 1);
            }
        }
        return value;
    }

    private String told(S settings) {
        try (Trial trial = new Trial(plugin(), settings, classes(), backbone())) {
            return trial.told(ROWS);
        }
    }
}
