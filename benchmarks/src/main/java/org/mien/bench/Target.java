// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.bench;

import java.util.Map;

/**
 * What a row is to reach.
 *
 * @param bound largest value, or smallest where more is better; NaN for none
 * @param ofRatio whether the bound is one on the ratio, else on the median
 */
record Target(double bound, boolean ofRatio) {
    /** A row that is only shown. */
    static final Target NONE = new Target(Double.NaN, true);

    private static final Map<String, Double> RATIOS =
            Map.ofEntries(
                    Map.entry("train", 0.88),
                    Map.entry("infer-1", 0.62),
                    Map.entry("infer-1 memory", 1.1),
                    Map.entry("infer-16", 0.75),
                    Map.entry("infer-16 memory", 1.1),
                    Map.entry("vit-train", 0.97),
                    Map.entry("vit-predict", 0.85),
                    Map.entry("mae-train", 0.95),
                    Map.entry("mae-train above idle", 1.0),
                    Map.entry("ir50-predict-1 memory", 1.1),
                    Map.entry("ir50-predict-16 memory", 1.1),
                    Map.entry("input", 1.5),
                    Map.entry("busy", 0.8),
                    Map.entry("predict", 2.0),
                    Map.entry("predict-faces", 1.5));

    private static final Map<String, Double> MEDIANS =
            Map.of("weights", 400.0, "start", 6.0, "swap", 60.0, "predict again", 1.0);

    /** That of a row. */
    static Target of(String name, int threads) {
        if (MEDIANS.containsKey(name)) {
            return new Target(MEDIANS.get(name), false);
        }
        // Transformers are promised on one core only; beside a busy process, one thread is the
        // base.
        boolean promised =
                name.equals("busy") ? threads == 2 : threads <= 1 || !name.matches("(vit|mae)-.*");
        return promised && RATIOS.containsKey(name) ? new Target(RATIOS.get(name), true) : NONE;
    }
}
