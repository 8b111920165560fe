// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.mae;

import org.mien.api.Key;

/**
 * Keys.
 *
 * @param maskRatio share of hidden patches
 * @param normalise whether the target is normalised
 * @param decoderWidth d
 * @param decoderDepth blocks
 * @param decoderHeads heads
 */
public record Settings(
        @Key(
                        value = "0.75",
                        min = 0.01,
                        max = 0.99,
                        doc = "share of the patches that the encoder does not see")
                double maskRatio,
        @Key(value = "true", doc = "each patch of the target by its own mean and deviation")
                boolean normalise,
        @Key(
                        value = "0",
                        min = 0,
                        max = 4096,
                        doc =
                                "width of the decoder, a multiple of 4; 0 for two thirds of the"
                                        + " encoder's (Table 1)")
                int decoderWidth,
        @Key(value = "8", min = 1, max = 64, doc = "blocks of the decoder (Table 1)")
                int decoderDepth,
        @Key(
                        value = "0",
                        min = 0,
                        max = 256,
                        doc = "heads of the decoder; 0 for one to 32 of its width (Table 1)")
                int decoderHeads) {}
