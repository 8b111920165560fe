// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.hsaw;

import org.mien.api.Key;

/**
 * Keys, with the paper's values as defaults; what it does not print is said in the README.
 *
 * @param extractors what they share
 * @param attention whether there are half faces
 * @param relabelling whether labels change
 * @param relabelFrom epoch from which on
 * @param relabelAgainst what a prediction must differ from
 * @param relabelMode which forward it reads
 * @param alpha weight of eq. 3 in eq. 9
 * @param beta weight of eq. 7 in eq. 9
 * @param gamma weight of eq. 8 in eq. 9
 */
public record Settings(
        @Key(
                        value = "tail",
                        doc =
                                "what the extractors of face and halves share: tail (all but the"
                                        + " last stages), shared (all), halves (the halves one,"
                                        + " the face its own), separate (nothing)")
                Sharing extractors,
        @Key(value = "true", doc = "half faces, weighed and added to the face, or not (Table 6)")
                boolean attention,
        @Key(value = "true", doc = "adaptive re-labelling, or not (Table 6)") boolean relabelling,
        @Key(
                        value = "20",
                        min = 0,
                        max = 1e6,
                        doc = "epoch, counted from 0, from which on labels may change")
                int relabelFrom,
        @Key(
                        value = "current",
                        doc = "label that a prediction must differ from: current or original")
                Against relabelAgainst,
        @Key(value = "training", doc = "forward that re-labelling reads: training or inference")
                Mode relabelMode,
        @Key(
                        value = "3",
                        min = 0,
                        max = 1000,
                        doc = "alpha, weight of the loss of the halves' weights (eq. 9)")
                double alpha,
        @Key(
                        value = "1",
                        min = 0,
                        max = 1000,
                        doc = "beta, weight of the feature balance loss (eq. 9)")
                double beta,
        @Key(value = "2", min = 0, max = 1000, doc = "gamma, weight of the cross-entropy (eq. 9)")
                double gamma) {
    /** What the extractors of whole face, left and right half share. */
    public enum Sharing {
        /** All up to the last halving of the map; what follows each has for itself. */
        TAIL,
        /** Everything. */
        SHARED,
        /** The halves share one, the whole face has its own. */
        HALVES,
        /** Nothing. */
        SEPARATE
    }

    /** What a prediction must differ from to become the label. */
    public enum Against {
        /** The label as it stands now. */
        CURRENT,
        /** The dataset's. */
        ORIGINAL
    }

    /** Which forward the re-labelling reads. */
    public enum Mode {
        /** That of the training step. */
        TRAINING,
        /** A second one as in inference: no dropout, running statistics. */
        INFERENCE
    }
}
