// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.pfvit;

import org.mien.api.Feature;
import org.mien.api.Key;
import org.mien.api.method.Plan;

/**
 * Keys of PF-ViT, which Multi-Task MAE has too.
 *
 * @param neutral name of the class without an expression
 * @param reduction reduction of the separator
 * @param emotion weight of the emotion loss
 * @param reconstruction weight of the reconstruction loss
 * @param discrimination weight of the discrimination loss
 * @param constraintDirect orthogonality of the separated tokens themselves
 * @param direct weight of the direct constraint
 * @param constraintNetwork backbone
 * @param ofNetwork weight of the constraint on the embeddings
 * @param adversarial how the generator's side plays: non-saturating
 * @param decoderWidth width of generator and discriminator
 * @param decoderDepth blocks of generator and discriminator
 * @param decoderHeads heads of generator and discriminator
 */
public record Choices(
        @Key(value = "neutral", doc = "name of the class without an expression, c of eqs. 6 and 8")
                String neutral,
        @Key(
                        value = "16",
                        min = 1,
                        max = 4096,
                        doc = "reduction of the separator, of squeeze and excitation")
                int reduction,
        @Key(value = "1", min = 0, doc = "weight of the emotion loss (eq. 5)") double emotion,
        @Key(value = "1", min = 0, doc = "weight of the reconstruction loss (eq. 6)")
                double reconstruction,
        @Key(
                        value = "0.1",
                        min = 0,
                        doc = "weight of the discrimination loss (eq. 7) for the generator's side")
                double discrimination,
        @Key(
                        value = "true",
                        doc = "orthogonality of the separated tokens themselves (eq. 2, Table 5)")
                boolean constraintDirect,
        @Key(value = "1", min = 0, doc = "weight of the direct constraint") double direct,
        @Key(
                        value = "none",
                        doc =
                                "backbone, frozen, whose embeddings of the images of both components are to be orthogonal, for example inception-resnet-v1 or resnet18; none for no such constraint (Table 5)")
                String constraintNetwork,
        @Key(value = "1", min = 0, doc = "weight of the constraint on the embeddings")
                double ofNetwork,
        @Key(
                        value = "non-saturating",
                        doc =
                                "how the generator's side plays: non-saturating, or minimax as printed")
                Adversarial adversarial,
        @Key(
                        value = "0",
                        min = 0,
                        max = 4096,
                        doc =
                                "width of generator and discriminator, a multiple of 4; 0 for two thirds of the encoder's (Table 1)")
                int decoderWidth,
        @Key(
                        value = "8",
                        min = 1,
                        max = 64,
                        doc = "blocks of generator and discriminator (Table 1)")
                int decoderDepth,
        @Key(
                        value = "0",
                        min = 0,
                        max = 256,
                        doc =
                                "heads of generator and discriminator; 0 for one to 32 of their width (Table 1)")
                int decoderHeads) {
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
        return hasNetwork() ? plan.frozen(ROLE, constraintNetwork, Feature.Kind.VECTOR) : plan;
    }

    /** Whether there is a frozen network. */
    boolean hasNetwork() {
        return !constraintNetwork.equals("none");
    }

    /** Weight of the constraint of eq. 2 on the separated tokens; 0 for none. */
    double orthogonality() {
        return constraintDirect ? direct : 0;
    }
}
