// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.api;

import ai.djl.ndarray.NDArray;
import java.util.List;
import org.mien.api.data.Sample;
import org.mien.api.data.Target;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Rows that go through the network together. A row is one crop of one face: in training each sample
 * that is drawn is one row. In evaluation and prediction a face whose steps give several crops has
 * as many rows, one after the other, each with the sample, label, target and weight of the whole;
 * the platform takes the mean of their answers.
 *
 * <p>N is the number of rows throughout: every array here has N of them, and {@link #samples} has N
 * elements. A method answers each row by itself.
 *
 * <p>May be held until the call it was given to returns, and its arrays with it.
 */
@ProviderType
public interface Batch {
    /**
     * Number of rows.
     *
     * @return N
     */
    int size();

    /**
     * A view by name.
     *
     * @param name "face", "mirror" (the face flipped left to right) or one of an installed view
     *     step
     * @return (N, 3, H, W) as {@link #input} says
     * @throws IllegalArgumentException when the plan did not ask for it
     */
    NDArray view(String name);

    /**
     * The whole face.
     *
     * @return (N, 3, H, W)
     */
    default NDArray face() {
        return view("face");
    }

    /**
     * Scaling and size of every view.
     *
     * @return the specification
     */
    InputSpec input();

    /**
     * Class of each row's sample as it stands now, re-labelling included.
     *
     * @return (N) int64; -1 where it is not known
     */
    NDArray labels();

    /**
     * What is to be predicted of the classes: one-hot, smoothed, or a distribution of votes.
     *
     * @return (N, K); a row of zeros where the class is not known
     * @throws IllegalArgumentException in words, for a sample without a class when the plan learns
     *     nothing else
     */
    NDArray targets();

    /**
     * How much each row counts in means over the batch, for class weighting.
     *
     * @return (N), 0 where the class is not known; or null when all count the same
     */
    NDArray weights();

    /**
     * Labels that hold several at once.
     *
     * @return (N, L), 0 to 1, in the order of {@link org.mien.api.data.Targets#multiLabel}; 0 where
     *     one is not known
     */
    NDArray multiLabel();

    /**
     * Numbers.
     *
     * @return (N, V), the range of each as -1 to 1, in the order of {@link
     *     org.mien.api.data.Targets#values}; 0 where one is not known
     */
    NDArray values();

    /**
     * Which answers are known.
     *
     * @param target their kind
     * @return 1 where known, else 0: (N) for CLASS and DISTRIBUTION, (N, L) for MULTI_LABEL, (N, V)
     *     for VALUES
     */
    NDArray known(Target target);

    /**
     * The sample of each row: id, subject, split and attributes.
     *
     * @return N samples
     */
    List<Sample> samples();

    /**
     * How often the sample of a row came before in this epoch: above 0 where the sampler of a
     * pipeline repeats samples, so that each time draws apart.
     *
     * @param row from 0 to below N
     * @return from 0
     */
    default int repeat(int row) {
        return 0;
    }

    /**
     * Position of each row's sample in its split, to index what is kept for each sample.
     *
     * @return (N) int64
     */
    NDArray index();

    /**
     * Changes labels of training samples, from the next step on. Takes effect only if the update of
     * this step does. Once a step: what two phases want to change has to be one call.
     *
     * @param where true for those to change, (N) bool
     * @param labels the new class of each, (N) int64; read where {@code where} is true
     * @throws IllegalStateException when the plan did not say {@code relabels()}, or at the second
     *     call in a step
     * @throws IllegalArgumentException for another shape, or a class that there is not
     */
    void relabel(NDArray where, NDArray labels);
}
