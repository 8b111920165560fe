// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.api.net;

import ai.djl.ndarray.NDArray;
import org.mien.api.Feature;

/**
 * An array that a network offered to who looks into it, and where it lies; see {@link Pass#tap}.
 *
 * <p>May be held until the call that got it returns.
 *
 * @param what what it is, for example {@code attention} or {@value Trunk#OUTPUT}
 * @param layer path of the net that offered it, for example {@code backbone.layer4}; empty when no
 *     net did
 * @param grid feature of the stage that it lies in, with rows, columns and tokens before the grid;
 *     null outside a trunk
 * @param value the array
 */
public record Tap(String what, String layer, Feature grid, NDArray value) {}
