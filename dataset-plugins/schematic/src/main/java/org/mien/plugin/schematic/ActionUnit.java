// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.schematic;

import java.util.Locale;

/**
 * Action units of the Facial Action Coding System (Ekman and Friesen 1978) that the drawing knows.
 * Each acts on either half of the face with a strength from 0 to 1.
 */
enum ActionUnit {
    /** Inner brow raiser. */
    AU1,
    /** Outer brow raiser. */
    AU2,
    /** Brow lowerer. */
    AU4,
    /** Upper lid raiser. */
    AU5,
    /** Cheek raiser. */
    AU6,
    /** Lid tightener. */
    AU7,
    /** Nose wrinkler. */
    AU9,
    /** Upper lip raiser. */
    AU10,
    /** Lip corner puller. */
    AU12,
    /** Lip corner depressor. */
    AU15,
    /** Lower lip depressor. */
    AU16,
    /** Chin raiser. */
    AU17,
    /** Lip stretcher. */
    AU20,
    /** Lip tightener. */
    AU23,
    /** Lip pressor. */
    AU24,
    /** Lips part. */
    AU25,
    /** Jaw drop. */
    AU26,
    /** Eyes closing; a blink on its way, no part of an expression here. */
    AU43;

    /** The attribute with its strength on the half that is left in the picture. */
    final String left = name().toLowerCase(Locale.ROOT) + "-left";

    /** The attribute with its strength on the half that is right in the picture. */
    final String right = name().toLowerCase(Locale.ROOT) + "-right";
}
