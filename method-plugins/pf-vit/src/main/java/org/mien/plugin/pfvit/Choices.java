// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.pfvit;

import org.mien.api.Feature;
import org.mien.api.method.Plan;

/**
 * What PF-ViT and Multi-Task MAE have in common to choose.
 *
 * @param neutral name of the class without an expression, c
 * @param reduction of the separator
 * @param emotion weight of eq. 5
 * @param reconstruction weight of eq. 6
 * @param discrimination weight of eq. 7 for the generator
 * @param direct weight of the constraint of eq. 2 on the separated tokens; 0 for none
 * @param network id of the backbone that sees the images of the separated tokens, or "none"
 * @param ofNetwork weight of the constraint on its embeddings
 * @param adversarial game
 * @param width of the decoder, or 0
 * @param depth of the decoder
 * @param heads of the decoder, or 0
 */
record Choices(
        String neutral,
        int reduction,
        double emotion,
        double reconstruction,
        double discrimination,
        double direct,
        String network,
        double ofNetwork,
        Adversarial adversarial,
        int width,
        int depth,
        int heads) {
    /** The role of the frozen network, first step of its keys. */
    static final String ROLE = "constraint";

    /** What it needs, and the paper's recipe (section 4.2). */
    Plan plan() {
        Plan plan =
                Plan.on(Feature.Kind.TOKENS)
                        .train("epochs=100", "batch=32", "plateau=30")
                        .phase("generate", "optimizer=adam", "lr=2e-5", "schedule=plateau")
                        .phase(
                                "discriminate",
                                "optimizer=adam",
                                "beta1=0.5",
                                "beta2=0.999",
                                "lr=1e-4",
                                "schedule=plateau");
        return hasNetwork() ? plan.frozen(ROLE, network, Feature.Kind.VECTOR) : plan;
    }

    /** Whether there is a frozen network. */
    boolean hasNetwork() {
        return !network.equals("none");
    }
}
