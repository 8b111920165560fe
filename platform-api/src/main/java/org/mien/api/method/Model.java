// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.api.method;

import ai.djl.ndarray.NDArray;
import java.util.List;
import org.mien.api.Batch;
import org.mien.api.Output;
import org.mien.api.net.Pass;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * What a method made for one run. Its parts hang on the {@link Build} it was made with. A
 * classifier that learns by cross-entropy is its {@link #predict} and nothing more.
 *
 * <p>May be held by the platform while one attempt at a run lasts, or while a run is open to
 * predict and the plugin is there.
 */
@ConsumerType
@FunctionalInterface
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
     * How it is trained, in the order of a step. Without an override a phase "train" that moves
     * every part by the cross-entropy of the logits that {@link #predict} gives.
     *
     * @param build what training-only parts hang on
     * @return the phases the plan named
     */
    default List<Phase> phases(Build build) {
        return List.of(
                Phase.of(
                        "train",
                        (batch, pass) -> {
                            NDArray logits = predict(batch, pass).logits();
                            if (logits == null) {
                                throw new IllegalStateException(
                                        "its predict gives no logits to learn from; override phases");
                            }
                            return Loss.crossEntropy(pass, logits, batch);
                        }));
    }
}
