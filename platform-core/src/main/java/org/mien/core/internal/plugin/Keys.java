// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.plugin;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.mien.api.spi.KeyException;
import org.mien.api.spi.Settings;
import org.mien.core.MienException;
import org.mien.core.Plugins;

/** Settings records, with the errors of this bundle. Nothing of a record is kept. */
public final class Keys {
    /** Type of a key whose value is a list, for people. */
    public static final String LIST = Settings.LIST;

    private Keys() {}

    /** Keys of a record with their full names. */
    public static List<Plugins.Key> describe(String prefix, Class<? extends Record> type) {
        try {
            return Settings.describe(prefix, type).stream()
                    .map(
                            key ->
                                    new Plugins.Key(
                                            key.name(),
                                            key.type(),
                                            key.value(),
                                            key.bounds(),
                                            key.doc()))
                    .toList();
        } catch (KeyException e) {
            throw new MienException(e.getMessage());
        }
    }

    /** Defaults of a record by full name; keys without a default are missing. */
    static Map<String, String> defaults(String prefix, Class<? extends Record> type) {
        Map<String, String> defaults = new LinkedHashMap<>();
        for (Plugins.Key key : describe(prefix, type)) {
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
    public static <S extends Record> S bind(
            String who, String prefix, Class<S> type, Map<String, String> values) {
        return Border.call(
                who,
                List.of(),
                () -> {
                    try {
                        return Settings.bind(who, prefix, type, values);
                    } catch (KeyException e) {
                        throw new MienException(e.getMessage());
                    }
                });
    }
}
