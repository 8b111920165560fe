// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.api.evaluate;

import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.mien.api.Output;
import org.mien.api.data.Sample;
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
     * Class names in order; those of the dataset for a run that names none.
     *
     * @return K names
     */
    List<String> labels();

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
     * Extras of a role.
     *
     * @param role the role
     * @return name to values, one flattened row a sample
     */
    Map<String, float[][]> extras(Output.Role role);

    /**
     * Names of the columns of an extra.
     *
     * @param role its role
     * @param name its name
     * @return a name for each number of a row; empty when the method gave none
     */
    default List<String> columns(Output.Role role, String name) {
        return List.of();
    }

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
