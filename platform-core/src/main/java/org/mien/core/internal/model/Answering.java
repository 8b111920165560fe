// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.model;

import java.nio.file.Path;
import org.mien.core.MienException;
import org.mien.core.internal.pipeline.BoundPipeline;
import org.mien.core.internal.pipeline.Built;

/** A network that answers: of a trained run, or of one under way. */
public interface Answering extends AutoCloseable {
    /** Id of its run. */
    String id();

    /** What it was built by. */
    BoundPipeline bound();

    /** Its parts. */
    Built built();

    /** Runs it. */
    Predictor predictor();

    /** The same with what its method draws with, to be closed. */
    default Answering drawing() {
        throw underWay("its drawings");
    }

    /** Another run, to be closed. */
    default Answering other(Path other) {
        throw underWay("another run");
    }

    /** Lets go of what is only held for it. */
    @Override
    void close();

    private MienException underWay(String what) {
        return new MienException(
                "run '"
                        + id()
                        + "' is under way, and while it trains nobody can ask for "
                        + what
                        + ". Choose its epoch by another metric (select)");
    }
}
