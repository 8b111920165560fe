// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.run;

/**
 * How a go at a run ended.
 *
 * @param state what the run is now
 * @param text why, or empty
 */
public record Ending(JobState state, String text) {}
