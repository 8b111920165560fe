// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.api.method;

import java.util.List;
import org.mien.api.Batch;
import org.mien.api.Output;
import org.mien.api.net.Pass;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * What a method made for one run. Its parts hang on the {@link Build} it was made with.
 *
 * <p>May be held by the platform while one attempt at a run lasts.
 */
@ConsumerType
public interface Model {
    /**
     * Predicts; several threads at once. In inference what it says of a sample depends on no other
     * sample of the batch.
     *
     * @param batch the batch
     * @param pass where it computes
     * @return classes and extras
     */
    Output predict(Batch batch, Pass pass);

    /**
     * How it is trained, in the order of a step.
     *
     * @param build what training-only parts hang on
     * @return the phases the plan named; empty for a model that is not trained
     */
    default List<Phase> phases(Build build) {
        return List.of();
    }
}
