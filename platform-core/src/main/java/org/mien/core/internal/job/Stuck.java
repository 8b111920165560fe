// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.job;

/**
 * A thread of a run that was given up, because a plugin did not return from it. Java has no way to
 * end it; it holds the plugin's code until it returns.
 *
 * @param run id of the run
 * @param kind kind of the plugin it is in, as far as can be told
 * @param id id of that plugin
 * @param bundle its bundle
 * @param version of the bundle
 * @param where the place in its code, or empty
 */
public record Stuck(
        String run,
        Thread thread,
        String kind,
        String id,
        String bundle,
        String version,
        String where) {
    /** Whether it still has not returned. */
    boolean still() {
        return thread.isAlive();
    }

    /** For people. */
    String who() {
        return kind.isEmpty() ? "a plugin" : kind + " '" + id + "'";
    }
}
