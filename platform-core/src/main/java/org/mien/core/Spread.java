// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core;

/**
 * How a metric lies over the runs of a group.
 *
 * @param n runs that have it
 * @param mean over them
 * @param deviation sample standard deviation (n - 1); NaN for a single run
 * @param least smallest value
 * @param most largest value
 */
public record Spread(int n, double mean, double deviation, double least, double most) {}
