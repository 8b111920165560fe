// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.pfvit;

/** What encoder, separator and generator make of the discriminator's judgement. */
public enum Adversarial {
    /** They lower the loss of fakes called real, and of the classes of eq. 8. */
    NON_SATURATING,
    /** They raise the discriminator's loss, as printed. */
    MINIMAX
}
