// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.api.method;

import java.util.List;
import org.mien.api.InputSpec;
import org.mien.api.net.Net;
import org.mien.api.net.Trunk;
import org.osgi.annotation.versioning.ProviderType;

/**
 * What a method builds with, and what it hangs its parts on. Parts hung on in {@link Method#build}
 * serve inference; parts hung on in {@link Model#phases} exist in training only.
 *
 * <p>May be held until the call it was given to returns.
 */
@ProviderType
public interface Build {
    /**
     * The pipeline's backbone, part "backbone", cut after the last feature the plan asked for.
     *
     * @return the trunk
     */
    Trunk trunk();

    /**
     * What every view is scaled and sized to.
     *
     * @return the specification
     */
    InputSpec input();

    /**
     * Class names in order.
     *
     * @return K names; empty for a plan without labels
     */
    List<String> labels();

    /**
     * Training samples of each class; only in {@link Model#phases}.
     *
     * @return K counts
     * @throws IllegalStateException in {@link Method#build}
     */
    long[] counts();

    /**
     * Adds a part.
     *
     * @param name first step of the path of its vars
     * @param net the part
     * @param <N> its type
     * @return the part
     */
    <N extends Net> N part(String name, N net);

    /**
     * Number of classes.
     *
     * @return K
     */
    default int classes() {
        return labels().size();
    }
}
