// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.mien.core.internal.plugin.Keys;

/** Against PyTorch's schedulers, stepped after each epoch of four steps. */
class RatesTest {
    private static PlatformKeys.Rates rates(String... pairs) {
        Map<String, String> values = new LinkedHashMap<>();
        for (String pair : pairs) {
            int at = pair.indexOf('=');
            values.put("train." + pair.substring(0, at), pair.substring(at + 1));
        }
        return Keys.bind("test", "train.", PlatformKeys.Rates.class, values);
    }

    private static double atEpoch(PlatformKeys.Rates rates, int epoch) {
        return rates.rate(4L * epoch, 4, 20, 0);
    }

    @Test
    void exponentialMultipliesAfterEachEpoch() {
        PlatformKeys.Rates rates = rates("lr=2e-4", "schedule=exponential", "gamma=0.9");
        assertEquals(2e-4, atEpoch(rates, 0), 1e-18);
        assertEquals(2e-4, rates.rate(3, 4, 20, 0), 1e-18);
        assertEquals(2e-4 * 0.9, rates.rate(4, 4, 20, 0), 1e-18);
        assertEquals(2e-4 * Math.pow(0.9, 19), atEpoch(rates, 19), 1e-18);
    }

    /** DMUE's rates of all but the classifiers. */
    @Test
    void aTableHasARateOfItsOwnAtEachMilestone() {
        PlatformKeys.Rates rates =
                rates("lr=1e-4", "schedule=table", "table=6:5e-5, 12:1e-5, 22:5e-5, 25:1e-5");
        double[] expected = {1e-4, 5e-5, 1e-5, 5e-5, 1e-5};
        int[] epochs = {5, 6, 21, 24, 25};
        for (int i = 0; i < epochs.length; i++) {
            assertEquals(expected[i], atEpoch(rates, epochs[i]), 0, "epoch " + epochs[i]);
        }
    }

    @Test
    void whatCannotBeMeantIsRefused() {
        String slow = refused("schedule=exponential");
        assertTrue(slow.contains("gamma is 0.1; expected 0.5 to 1"), slow);
        for (String table : new String[] {"6", "6:", "6:-1", "x:1", "6:1e-3,6:1e-4", "8:1,6:2"}) {
            String wrong = refused("schedule=table", "table=" + table);
            assertTrue(wrong.contains("expected epochs, each later than the one before"), wrong);
        }
        assertTrue(refused("schedule=table").contains("expected table = EPOCH:RATE"));
        assertTrue(refused("milestones=a").contains("milestone 'a'"));
    }

    private static String refused(String... pairs) {
        return assertThrows(RuntimeException.class, () -> rates(pairs)).getMessage();
    }
}
