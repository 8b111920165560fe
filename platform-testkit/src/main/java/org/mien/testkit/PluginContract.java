// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.RecordComponent;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.mien.api.Key;
import org.mien.api.spi.Settings;

/**
 * What holds for every plugin: its keys.
 *
 * @param <S> its settings
 */
public abstract class PluginContract<S extends Record> {
    private static final String WHO = "the plugin";

    PluginContract() {}

    /** Type of its settings, as the plugin says. */
    abstract Class<S> type();

    /** Uses the plugin with some settings, so far as that costs little. */
    abstract void open(S settings) throws Exception;

    /**
     * Keys that shall not have their defaults.
     *
     * @return {@code key=value} as in a pipeline, without the prefix; none
     * @throws Exception when a file they name cannot be made
     */
    protected String[] keys() throws Exception {
        return new String[0];
    }

    /**
     * The settings to test with.
     *
     * @return the defaults, with {@link #keys}
     * @throws Exception when a file they name cannot be made
     */
    protected S settings() throws Exception {
        Map<String, String> given = new LinkedHashMap<>();
        for (String pair : keys()) {
            int at = pair.indexOf('=');
            if (at < 1) {
                throw new IllegalArgumentException("keys(): '" + pair + "' is not key=value");
            }
            given.put(pair.substring(0, at), pair.substring(at + 1));
        }
        Set<String> unknown = new LinkedHashSet<>(given.keySet());
        Settings.describe("", type()).forEach(key -> unknown.remove(key.name()));
        assertEquals(Set.of(), unknown, "keys() that it does not have");
        return Settings.bind(WHO, "", type(), given);
    }

    /**
     * Every component is a key that says what it is; its default is one of its values, and only
     * numbers have bounds.
     */
    @Test
    public void keysAreDescribedAndTheirDefaultsAreValid() throws Exception {
        for (Settings.Described key : Settings.describe("", type())) {
            assertFalse(key.doc().isBlank(), "key '" + key.name() + "' has no doc");
        }
        assertNotNull(settings(), "settings()");
    }

    /** A value just outside is refused; the last inside is taken, or refused in words. */
    @Test
    public void valuesOutsideTheirBoundsAreRefused() throws Exception {
        S settings = settings();
        List<Settings.Described> keys = Settings.describe("", type());
        RecordComponent[] components = type().getRecordComponents();
        for (int i = 0; i < components.length; i++) {
            Key key = components[i].getAnnotation(Key.class);
            boolean whole = components[i].getType() != double.class;
            if (key.min() != Double.NEGATIVE_INFINITY) {
                String far = Long.toString((long) Math.ceil(key.min()) - 1);
                refused(
                        settings,
                        keys.get(i).name(),
                        whole ? far : Double.toString(Math.nextDown(key.min())));
                taken(settings, keys.get(i).name(), key.min(), whole);
            }
            if (key.max() != Double.POSITIVE_INFINITY) {
                String far = Long.toString((long) Math.floor(key.max()) + 1);
                refused(
                        settings,
                        keys.get(i).name(),
                        whole ? far : Double.toString(Math.nextUp(key.max())));
                taken(settings, keys.get(i).name(), key.max(), whole);
            }
        }
    }

    private void refused(S settings, String key, String outside) {
        assertThrows(
                IllegalArgumentException.class,
                () -> Settings.with(WHO, settings, key, outside),
                () -> "key '" + key + "' takes " + outside + ", out of its bounds");
    }

    private void taken(S settings, String key, double bound, boolean whole) throws Exception {
        String inside = whole ? Long.toString((long) bound) : Double.toString(bound);
        try {
            open(Settings.with(WHO, settings, key, inside));
        } catch (IllegalArgumentException e) {
            assertTrue(
                    e.getMessage() != null && !e.getMessage().isBlank(),
                    "key '" + key + "' = " + inside + " is refused without a word");
        }
    }
}
