// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.chirality;

import org.mien.api.Key;

/**
 * Keys. What the paper prints is the default; what it does not print is said in the README.
 *
 * @param variant row of Table I, or the conference version
 * @param tokens what a token is
 * @param width of a token
 * @param layers of an encoder
 * @param heads of its attention
 * @param feedForward width between its two feed-forward layers
 * @param norm where it normalises
 * @param dropout in its layers
 * @param margin m of eq. 3
 * @param lambda1 weight of eq. 3 in eq. 5
 * @param lambda2 weight of eq. 4 in eq. 5
 * @param combine how two answers become one
 */
public record Settings(
        @Key(
                        value = "cnn-fs-trans",
                        doc = "row of Table I: the full model, a part of it, or icme of 2021")
                Variant variant,
        @Key(value = "channel", doc = "a token of an encoder is a channel or a place of the map")
                Tokens tokens,
        @Key(value = "64", min = 1, max = 1024, doc = "d, width of a token") int width,
        @Key(value = "4", min = 1, max = 24, doc = "layers of an encoder") int layers,
        @Key(value = "8", min = 1, max = 64, doc = "attention heads, a divisor of the width")
                int heads,
        @Key(
                        value = "2048",
                        min = 1,
                        max = 8192,
                        doc = "width between the two feed-forward layers of an encoder's layer")
                int feedForward,
        @Key(value = "pre", doc = "layers of an encoder normalise before or after they compute")
                Norm norm,
        @Key(value = "0.1", min = 0, max = 0.9, doc = "dropout in an encoder's layers")
                double dropout,
        @Key(
                        value = "2",
                        min = 0,
                        max = 1000,
                        doc = "m, distance that chirality tokens are kept apart (eq. 3)")
                double margin,
        @Key(value = "1", min = 0, max = 1000, doc = "weight of the contrastive loss (eq. 5)")
                double lambda1,
        @Key(
                        value = "1",
                        min = 0,
                        max = 1000,
                        doc = "weight of telling originals from mirror images (eq. 5)")
                double lambda2,
        @Key(
                        value = "logits",
                        doc = "the answers to both images become one as logits or probabilities")
                Combine combine) {
    /** What makes the features that the classifiers read: the rows of Table I. */
    public enum Variant {
        /** Pooled features, cross-entropy only. */
        CNN(false),
        /** Pooled features split in two halves. */
        CNN_FS(true),
        /** One encoder with a class token, cross-entropy only: the paper's baseline. */
        CNN_TRANS(false),
        /** One encoder, whose class token is split in two halves. */
        CNN_TRANS_FS(true),
        /** Features split before two encoders, one with a class, one with a chirality token. */
        CNN_FS_TRANS(true),
        /** The conference version: pooled features through a layer of 256, split in two halves. */
        ICME(true);

        /** Whether it separates chirality from expression. */
        final boolean separates;

        Variant(boolean separates) {
            this.separates = separates;
        }

        /** Whether it has a transformer. */
        boolean encodes() {
            return this == CNN_TRANS || this == CNN_TRANS_FS || this == CNN_FS_TRANS;
        }
    }

    /** What a token of an encoder is. */
    public enum Tokens {
        /** A channel of the map. */
        CHANNEL,
        /** A place of the map. */
        POSITION
    }

    /** Where an encoder's layers normalise. */
    public enum Norm {
        /** Before attention and before the feed-forward layers, and once at the end. */
        PRE,
        /** After each of them. */
        POST
    }

    /** How the answers to a face and to its mirror image become one. */
    public enum Combine {
        /** Mean of the class scores; for {@link Variant#ICME} their sum. */
        LOGITS,
        /** Mean of the class probabilities. */
        PROBABILITIES
    }

    /** Refuses widths that cannot be shared out. */
    public Settings {
        if (variant.encodes() && width % heads != 0) {
            throw new IllegalArgumentException(
                    "heads is "
                            + heads
                            + ", and a width of "
                            + width
                            + " cannot be shared out to them. Set heads to a divisor of width");
        }
        if (variant == Variant.CNN_TRANS_FS && width % 2 != 0) {
            throw new IllegalArgumentException(
                    "width is "
                            + width
                            + "; variant cnn-trans-fs splits the class token in two halves and"
                            + " needs an even width");
        }
    }
}
