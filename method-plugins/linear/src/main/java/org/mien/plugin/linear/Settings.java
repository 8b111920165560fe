// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.linear;

import java.util.List;
import org.mien.api.Key;
import org.mien.api.data.Target;

/**
 * Keys.
 *
 * @param dropout before the layers
 * @param view what it reads
 * @param learns kinds of target
 * @param valuesLoss what values are learnt by
 * @param multiLabelWeight weight of the loss of several labels at once
 * @param valuesWeight weight of the loss of values
 */
public record Settings(
        @Key(value = "0", min = 0, max = 0.99, doc = "dropout before the layers, probability")
                double dropout,
        @Key(
                        value = "face",
                        doc =
                                "view it reads: face, or one that a step cuts, such as left and"
                                        + " right of half-face")
                String view,
        @Key(
                        value = "class",
                        doc =
                                "what it learns, one or several of class, multi-label (several"
                                        + " labels at once, such as action units), values (such"
                                        + " as valence and arousal)")
                List<String> learns,
        @Key(
                        value = "ccc",
                        doc =
                                "what values are learnt by: ccc (1 - concordance correlation),"
                                        + " smooth-l1")
                ValuesLoss valuesLoss,
        @Key(value = "1", min = 0, doc = "weight of the loss of several labels at once")
                double multiLabelWeight,
        @Key(value = "1", min = 0, doc = "weight of the loss of values") double valuesWeight) {
    /** What values are learnt by. */
    public enum ValuesLoss {
        /** 1 - concordance correlation coefficient, mean over the values. */
        CCC,
        /** Smooth L1 with beta 1, on ranges scaled to -1 to 1. */
        SMOOTH_L1
    }

    /** Checks what one key cannot see alone. */
    public Settings {
        learns = List.copyOf(learns);
        if (learns.isEmpty() || learns.contains(Target.DISTRIBUTION.word())) {
            throw new IllegalArgumentException(
                    "learns is "
                            + (learns.isEmpty() ? "empty" : "'" + String.join(", ", learns) + "'")
                            + "; expected one or several of class, multi-label, values. Votes"
                            + " are read with class where the dataset has them");
        }
        learns.forEach(Target::of);
    }
}
