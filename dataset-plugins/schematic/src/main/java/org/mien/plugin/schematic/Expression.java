// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.schematic;

import java.util.List;
import java.util.Locale;

/**
 * The seven classes in the order of their labels, each with the action units that make it up, after
 * the prototypes of EMFACS (Ekman, Friesen and Hager 2002), and a place in the plane of valence and
 * arousal after the circumplex of affect (Russell 1980). The places are ours: Russell's figure
 * gives an order around the circle, no numbers.
 */
enum Expression {
    /** No unit but the small movements that every face makes. */
    NEUTRAL(0, 0),
    /** 6 + 12, often with open lips. */
    HAPPINESS(
            0.8,
            0.5,
            unit(ActionUnit.AU6, 1, 0.6),
            unit(ActionUnit.AU12, 1, 0.8),
            unit(ActionUnit.AU25, 0.6, 0.5),
            unit(ActionUnit.AU26, 0.2, 0.3)),
    /** 1 + 4 + 15, often with 17. */
    SADNESS(
            -0.7,
            -0.4,
            unit(ActionUnit.AU1, 1, 0.75),
            unit(ActionUnit.AU4, 1, 0.4),
            unit(ActionUnit.AU15, 1, 0.75),
            unit(ActionUnit.AU17, 0.5, 0.4)),
    /** 1 + 2 + 5 + 25 + 26. */
    SURPRISE(
            0.2,
            0.8,
            unit(ActionUnit.AU1, 1, 0.7),
            unit(ActionUnit.AU2, 1, 0.7),
            unit(ActionUnit.AU5, 1, 0.5),
            unit(ActionUnit.AU25, 1, 0.7),
            unit(ActionUnit.AU26, 1, 0.65)),
    /** 1 + 2 + 4 + 5 + 20 + 25, often with 7, sometimes with 26. */
    FEAR(
            -0.6,
            0.8,
            unit(ActionUnit.AU1, 1, 0.7),
            unit(ActionUnit.AU2, 1, 0.4),
            unit(ActionUnit.AU4, 1, 0.6),
            unit(ActionUnit.AU5, 1, 0.6),
            unit(ActionUnit.AU7, 0.5, 0.2),
            unit(ActionUnit.AU20, 1, 0.8),
            unit(ActionUnit.AU25, 1, 0.5),
            unit(ActionUnit.AU26, 0.2, 0.2)),
    /** 9 + 10, with 15, 16 and 25, or 17, sometimes with 4 and 7. */
    DISGUST(
            -0.7,
            0.4,
            unit(ActionUnit.AU9, 1, 0.85),
            unit(ActionUnit.AU10, 1, 0.7),
            unit(ActionUnit.AU4, 0.4, 0.3),
            unit(ActionUnit.AU7, 0.4, 0.3),
            unit(ActionUnit.AU15, 0.4, 0.3),
            unit(ActionUnit.AU16, 0.4, 0.4),
            unit(ActionUnit.AU17, 0.4, 0.4),
            unit(ActionUnit.AU25, 0.4, 0.4)),
    /** 4 + 5 + 7 + 23, with 24 or open lips. */
    ANGER(
            -0.6,
            0.7,
            unit(ActionUnit.AU4, 1, 0.85),
            unit(ActionUnit.AU5, 1, 0.3),
            unit(ActionUnit.AU7, 1, 0.6),
            unit(ActionUnit.AU23, 1, 0.75),
            unit(ActionUnit.AU24, 0.5, 0.4),
            unit(ActionUnit.AU17, 0.3, 0.3),
            unit(ActionUnit.AU25, 0.2, 0.4));

    /**
     * A unit's part in an expression.
     *
     * @param unit which
     * @param probability how often it takes part
     * @param least smallest strength when it does and the expression is at its strongest; 1 is the
     *     largest
     */
    record Part(ActionUnit unit, double probability, double least) {}

    /** How pleasant the expression is at its strongest, -1 to 1. */
    final double valence;

    /** How excited the expression is at its strongest, -1 to 1. */
    final double arousal;

    final List<Part> parts;

    Expression(double valence, double arousal, Part... parts) {
        this.valence = valence;
        this.arousal = arousal;
        this.parts = List.of(parts);
    }

    private static Part unit(ActionUnit unit, double probability, double least) {
        return new Part(unit, probability, least);
    }

    /**
     * The name of the class.
     *
     * @return for example {@code happiness}
     */
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
