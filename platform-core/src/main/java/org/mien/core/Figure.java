// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core;

/**
 * A figure that a paper prints.
 *
 * @param data on which data
 * @param metric of what, for example {@code accuracy}
 * @param value the figure; a share is 0 to 1
 * @param share whether it is a share, which the paper prints as percent
 */
public record Figure(String data, String metric, double value, boolean share) {}
