// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.basic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.mien.api.data.Picture;
import org.mien.api.data.Preprocessor;
import org.mien.api.spi.Settings;

/** What steps say of their keys is so. */
class VaryingTest {
    private static final List<Preprocessor<? extends Record>> ALL =
            List.of(
                    new Flip(),
                    new Rotate(),
                    new Affine(),
                    new Jitter(),
                    new Noise(),
                    new Erase(),
                    new Crop(),
                    new Zoom(),
                    new Grey());

    private static Picture picture() {
        byte[] rgb = new byte[16 * 16 * 3];
        new Random(7).nextBytes(rgb);
        return Picture.rgb(16, 16, ByteBuffer.wrap(rgb));
    }

    private static ByteBuffer varied(Preprocessor<Record> step, Record settings) {
        try (Preprocessor.Step open = step.open(settings, "face")) {
            return open.vary(picture(), new Random(3)).get(0).bytes();
        }
    }

    private static ByteBuffer plain(Preprocessor<Record> step, Record settings) {
        try (Preprocessor.Step open = step.open(settings, "face")) {
            return open.apply(picture()).get(0).bytes();
        }
    }

    @Test
    @SuppressWarnings("unchecked")
    void keysThatVaryAreKeysAndDoNothingWithoutChance() {
        for (Preprocessor<? extends Record> one : ALL) {
            Preprocessor<Record> step = (Preprocessor<Record>) one;
            String who = step.getClass().getSimpleName();
            Map<String, Settings.Described> keys =
                    Settings.describe("", step.settings()).stream()
                            .collect(Collectors.toMap(Settings.Described::name, key -> key));
            assertFalse(step.varying().isEmpty(), who);
            Record usual = Settings.bind(who, "", step.settings(), Map.of());
            for (String key : step.varying()) {
                assertTrue(keys.containsKey(key), who + " has no key " + key);
                int tried = 0;
                for (String value : List.of("0", "0.3", "1", "7", "black")) {
                    Record other = bound(step, Map.of(key, value));
                    if (other != null && !other.equals(usual)) {
                        assertEquals(plain(step, usual), plain(step, other), who + " " + key);
                        tried++;
                    }
                }
                assertTrue(tried > 0 || key.equals("colour"), who + " " + key);
            }
        }
    }

    /** With some keys; null where they cannot be. */
    private static Record bound(Preprocessor<Record> step, Map<String, String> keys) {
        try {
            return Settings.bind("a step", "", step.settings(), keys);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    @Test
    @SuppressWarnings("unchecked")
    void whatIsIdleChangesNothing() {
        Map<Preprocessor<? extends Record>, Map<String, String>> idle = new LinkedHashMap<>();
        idle.put(new Flip(), Map.of("probability", "0"));
        idle.put(new Rotate(), Map.of("degrees", "0"));
        idle.put(
                new Affine(),
                Map.of("degrees", "0", "shift", "0", "min-scale", "1", "max-scale", "1"));
        idle.put(new Jitter(), Map.of("brightness", "0", "contrast", "0", "saturation", "0"));
        idle.put(new Noise(), Map.of("probability", "0"));
        idle.put(new Erase(), Map.of("probability", "0"));
        idle.put(new Crop(), Map.of("shift", "0"));
        idle.put(new Grey(), Map.of("probability", "0"));
        idle.forEach(
                (one, keys) -> {
                    Preprocessor<Record> step = (Preprocessor<Record>) one;
                    String who = step.getClass().getSimpleName();
                    Record settings = Settings.bind(who, "", step.settings(), keys);
                    assertTrue(step.idle(settings), who);
                    assertEquals(picture().bytes(), varied(step, settings), who);
                    Record usual = Settings.bind(who, "", step.settings(), Map.of());
                    assertFalse(step.idle(usual), who);
                });
    }
}
