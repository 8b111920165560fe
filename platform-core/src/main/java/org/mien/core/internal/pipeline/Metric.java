// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.pipeline;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.mien.api.data.Target;

/**
 * What an epoch can be chosen by without an evaluator. Who adds one says here which value is
 * better, and in {@code train.Validation} how it is computed.
 */
public enum Metric {
    /** Share of samples whose likeliest class is theirs. */
    ACCURACY(true, Target.CLASS),
    /** Mean of that share over the classes. */
    MEAN_CLASS_ACCURACY(true, Target.CLASS),
    /** Mean over the classes of F1. */
    MACRO_F1(true, Target.CLASS),
    /** Mean over the values of the concordance correlation coefficient (Lin 1989). */
    CCC(true, Target.VALUES),
    /** Mean over samples of the weighted loss of all phases. */
    LOSS(false, null);

    private final boolean larger;
    private final Target needs;

    Metric(boolean larger, Target needs) {
        this.larger = larger;
        this.needs = needs;
    }

    /** As a key has it. */
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Whether a larger value is better. */
    boolean isLargerBetter() {
        return larger;
    }

    /** Whether it is a share, 0 to 1. */
    public boolean isShare() {
        return this == ACCURACY || this == MEAN_CLASS_ACCURACY || this == MACRO_F1;
    }

    /** What a method must have learnt for it; null for whatever it learns. */
    Target needs() {
        return needs;
    }

    static Optional<Metric> of(String word) {
        return Arrays.stream(values()).filter(one -> one.word().equals(word)).findFirst();
    }

    static List<String> words() {
        return Arrays.stream(values()).map(Metric::word).toList();
    }
}
