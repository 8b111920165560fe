// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.api.method;

import java.util.List;
import org.mien.api.Batch;
import org.mien.api.InputSpec;
import org.mien.api.Output;
import org.mien.api.data.Targets;
import org.mien.api.net.Net;
import org.mien.api.net.Pass;
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
     * Draws pictures with parts of training. Its extras of the role {@link
     * org.mien.api.Output.Role#IMAGE} are shown, in their order.
     *
     * <p>May be held by the run it was made for, until its plugin goes.
     */
    @FunctionalInterface
    interface Gallery {
        /**
         * Draws.
         *
         * @param batch the batch
         * @param pass an inference pass
         * @return pictures (N, 3, H, W) in the input's units
         */
        Output draw(Batch batch, Pass pass);
    }

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
     * What is learnt: the dataset's targets, of the kinds that the plan reads.
     *
     * @return the targets
     */
    Targets targets();

    /**
     * Class names in order. An array with an axis for the classes has one place for each, in this
     * order: a run that starts from another takes them by name. What keeps classes of samples in an
     * array keeps them along such an axis, not as numbers.
     *
     * @return K names; empty for a plan that learns no class
     */
    default List<String> labels() {
        return targets().classes();
    }

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
     * A backbone that never moves and that the plan asked for, as a part named by its role: of
     * inference when asked for in {@link Method#build}, else of training. Gradient flows through
     * it. Run it with {@link Pass#still()}, or its normalisations use the batch.
     *
     * @param role of the plan
     * @return the trunk, cut after the kind of feature that the plan reads
     * @throws IllegalArgumentException when the plan has no such role
     */
    Trunk frozen(String role);

    /**
     * Pictures that show what a run has learnt: the report draws them while it trains, {@code
     * fer:generate} on demand. Without one, what {@link Model#predict} gives of the role {@link
     * org.mien.api.Output.Role#IMAGE} is drawn. Only in {@link Model#phases}.
     *
     * @param gallery draws them
     */
    void gallery(Gallery gallery);

    /**
     * Number of classes.
     *
     * @return K
     */
    default int classes() {
        return labels().size();
    }
}
