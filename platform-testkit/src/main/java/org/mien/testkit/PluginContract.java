// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.testkit;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.lang.reflect.RecordComponent;
import org.junit.jupiter.api.Test;
import org.mien.api.Key;

/**
 * What holds for every plugin: its keys.
 *
 * @param <S> its settings
 */
public abstract class PluginContract<S extends Record> {
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
        return Keys.bind(type(), keys());
    }

    /** Every component is a key that says what it is, and its default is one of its values. */
    @Test
    public void keysAreDescribedAndTheirDefaultsAreValid() throws Exception {
        assertNotNull(settings(), "settings()");
        for (RecordComponent component : type().getRecordComponents()) {
            Key key = Keys.key(component);
            String name = "key '" + Keys.name(component) + "'";
            assertFalse(key.doc().isBlank(), name + " has no doc");
            assertTrue(key.value().length <= 1, name + " has more than one default");
            assertTrue(key.min() <= key.max(), name + ": min is above max");
            for (String value : key.value()) {
                Keys.value(component, value);
            }
        }
    }

    /** A value just outside is refused; the last inside is taken, or refused in words. */
    @Test
    public void valuesOutsideTheirBoundsAreRefused() throws Exception {
        S settings = settings();
        for (RecordComponent component : type().getRecordComponents()) {
            Key key = Keys.key(component);
            if (key.min() != Double.NEGATIVE_INFINITY) {
                bound(settings, component, key.min(), false);
            }
            if (key.max() != Double.POSITIVE_INFINITY) {
                bound(settings, component, key.max(), true);
            }
        }
    }

    private void bound(S settings, RecordComponent component, double bound, boolean upper)
            throws Exception {
        String name = "key '" + Keys.name(component) + "'";
        boolean whole = component.getType() == int.class || component.getType() == long.class;
        if (!whole && component.getType() != double.class) {
            fail(name + " has bounds, which nobody checks for " + component.getType());
        }
        double out = upper ? Math.nextUp(bound) : Math.nextDown(bound);
        long far = upper ? (long) Math.floor(bound) + 1 : (long) Math.ceil(bound) - 1;
        String outside = whole ? Long.toString(far) : Double.toString(out);
        S taken;
        try {
            taken = Keys.with(settings, component, outside);
        } catch (IllegalArgumentException e) {
            taken = null;
        }
        assertTrue(taken == null, () -> name + " takes " + outside + ", out of its bounds");
        String inside = whole ? Long.toString((long) bound) : Double.toString(bound);
        try {
            open(Keys.with(settings, component, inside));
        } catch (IllegalArgumentException e) {
            assertTrue(
                    e.getMessage() != null && !e.getMessage().isBlank(),
                    name + " = " + inside + " is refused without a word");
        }
    }
}
