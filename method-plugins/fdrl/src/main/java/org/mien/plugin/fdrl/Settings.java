// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.fdrl;

import org.mien.api.Key;

/**
 * Keys: all that the paper varies, with the paper's values as defaults but for {@code intraWeight}
 * and {@code centreRate} (see README).
 *
 * @param latents M
 * @param width D
 * @param delta of eq. 11
 * @param lambda1 of eq. 13
 * @param lambda2 of eq. 13
 * @param lambda3 of eq. 13
 * @param centreRate of the centres of eqs. 2 and 5
 * @param fdn whether there are latents
 * @param intra whether latents are weighed
 * @param inter whether latents exchange messages
 * @param intraWeight how they are weighed
 */
public record Settings(
        @Key(value = "9", min = 1, max = 64, doc = "M, number of latent features (Fig. 4)")
                int latents,
        @Key(value = "128", min = 1, max = 1024, doc = "D, width of a latent feature") int width,
        @Key(
                        value = "0.5",
                        min = 0,
                        max = 1,
                        doc = "share of the intra-aware feature, the rest is inter-aware (eq. 11)")
                double delta,
        @Key(value = "1e-4", min = 0, doc = "weight of the compactness loss (Table 1a)")
                double lambda1,
        @Key(value = "1", min = 0, doc = "weight of the balance loss (Table 1b)") double lambda2,
        @Key(value = "1e-4", min = 0, doc = "weight of the distribution loss (Table 1c)")
                double lambda3,
        @Key(value = "0.5", min = 0, max = 1, doc = "rate at which centres follow (eqs. 2, 5)")
                double centreRate,
        @Key(value = "true", doc = "feature decomposition network, or not (Table 2)") boolean fdn,
        @Key(value = "true", doc = "intra-feature relation module, or not (Table 2)") boolean intra,
        @Key(value = "true", doc = "inter-feature relation module, or not (Table 2)") boolean inter,
        @Key(value = "mean", doc = "Intra-W: sum of D sigmoids (eq. 4) or their mean")
                IntraWeight intraWeight) {
    /** How alpha_j is made from its D sigmoids. */
    public enum IntraWeight {
        /** Their sum, the L1 norm as eq. 4 prints it: 0 to D. */
        SUM,
        /** Their mean, the L1 norm over D: 0 to 1. */
        MEAN
    }

    /** Refuses modules that would have nothing to work on. */
    public Settings {
        if (!fdn && (intra || inter)) {
            throw new IllegalArgumentException(
                    "fdn = false leaves no latent features, which "
                            + (intra && inter
                                    ? "intra and inter need"
                                    : intra ? "intra needs" : "inter needs")
                            + ". Set intra = false and inter = false too for the paper's"
                            + " baseline, or fdn = true");
        }
    }
}
