// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.api.evaluate;

import java.util.List;
import java.util.function.Consumer;
import org.mien.api.data.Sample;
import org.mien.api.data.Targets;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A trained run over a split. Plain Java arrays, computed once, shared by all evaluators; pictures
 * are handed out one by one.
 *
 * <p>May be held until the call it was given to returns.
 */
@ProviderType
public interface Results {
    /**
     * The run.
     *
     * @return its id
     */
    String run();

    /**
     * What the run answers with: what it has learnt; what the dataset is labelled with for a run
     * that was trained without labels.
     *
     * @return the targets
     */
    Targets targets();

    /**
     * Class names in order; those of the dataset for a run that names none.
     *
     * @return K names
     */
    default List<String> labels() {
        return targets().classes();
    }

    /**
     * Samples in order.
     *
     * @return N samples
     */
    List<Sample> samples();

    /**
     * Class probabilities.
     *
     * @return (N, K)
     * @throws IllegalArgumentException in words, when the run was trained without labels
     */
    float[][] probabilities();

    /**
     * How likely each of several labels holds.
     *
     * @return (N, L), 0 to 1
     * @throws IllegalArgumentException in words, when the run has not learnt such labels
     */
    float[][] multiLabel();

    /**
     * Numbers, in their own ranges.
     *
     * @return (N, V)
     * @throws IllegalArgumentException in words, when the run has not learnt such numbers
     */
    float[][] values();

    /**
     * All that the run says of each sample, extras included, one sample after the other. Evaluators
     * share one pass over the split as far as the answers fit into memory; what an evaluator keeps
     * of them is its own affair.
     *
     * @param visitor told each, in the order of {@link #samples}, on the calling thread
     */
    void visit(Consumer<Answer> visitor);

    /**
     * What the method draws of each sample, one after the other; none is kept.
     *
     * @param visitor told each, in the order of {@link #samples}, on the calling thread
     * @throws IllegalArgumentException in words, when the method draws nothing
     */
    default void drawings(Consumer<Drawing> visitor) {
        throw new IllegalArgumentException("run '" + run() + "' draws nothing");
    }

    /**
     * Another trained run, to be asked about pictures.
     *
     * @param run its id
     * @return the judge
     * @throws IllegalArgumentException in words, when there is no such run or it names no classes
     */
    default Judge judge(String run) {
        throw new IllegalArgumentException("no run '" + run + "' can be asked here");
    }
}
