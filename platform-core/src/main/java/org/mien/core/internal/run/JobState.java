// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.run;

/** What a job, and so its run, does now. */
public enum JobState {
    /** Waits for its turn. */
    QUEUED,
    /** Trains. */
    RUNNING,
    /** A plugin it uses is away; it goes on when the plugin is back. */
    WAITING,
    /** A plugin came back that does not fit its checkpoint; it goes on when one fits. */
    PAUSED,
    /** Came to its end. */
    DONE,
    /** Ended before that, of itself. */
    FAILED,
    /** Somebody stopped it. */
    CANCELLED;

    /** Whether it does not go on by itself. */
    public boolean over() {
        return this == DONE || this == FAILED || this == CANCELLED;
    }
}
