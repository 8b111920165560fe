// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.api.evaluate;

import java.util.List;
import java.util.Map;
import org.mien.api.Output;
import org.mien.api.data.Sample;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A trained run over a split. Plain Java arrays: computed once, shared by all evaluators.
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
     * Class names in order.
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
}
