// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core;

import java.util.List;
import java.util.Map;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Pipelines and recipes, as a service. Every call throws {@link MienException} for what a user can
 * put right.
 */
@ProviderType
public interface Pipelines {
    /** What a pipeline can do now. */
    enum State {
        /** A plugin it names is not there. */
        WAITING,
        /** It can train. */
        READY,
        /** A run of it is under way. */
        BUSY,
        /** Its configuration cannot work. */
        FAILED
    }

    /**
     * A pipeline.
     *
     * @param name its name
     * @param state what it can do now
     * @param why for what it waits, which run is under way, or why it failed; may be empty
     * @param source where its configuration lies
     * @param values its keys with their origin
     * @param lastGood when it FAILED: its keys when it last worked, as far as is known
     */
    record Pipeline(
            String name,
            State state,
            String why,
            String source,
            Map<String, Value> values,
            Map<String, Value> lastGood) {}

    /**
     * A recipe: a pipeline that a bundle brings, and that becomes one when it is used.
     *
     * @param name its name, by which it is trained as a pipeline is
     * @param bundle symbolic name of the bundle that brings it
     * @param version of the bundle
     * @param state READY when its plugins are there, WAITING, or FAILED when it is broken
     * @param why for what it waits, or why it failed; may be empty
     * @param paper where it was published
     * @param note what else there is to know
     * @param figures what the paper reports
     * @param needs keys that the user must give, with what each is
     * @param values its keys, with their origin
     */
    record Published(
            String name,
            String bundle,
            String version,
            State state,
            String why,
            String paper,
            String note,
            List<Figure> figures,
            Map<String, String> needs,
            Map<String, Value> values) {}

    /**
     * Every pipeline, by name, with its state now.
     *
     * @return the pipelines
     */
    List<Pipeline> all();

    /**
     * Every recipe, by name. A pipeline of the same name counts before it.
     *
     * @return the recipes
     */
    List<Published> recipes();

    /**
     * Makes a pipeline, as a file in {@code etc}. Its keys are checked before, as far as the
     * plugins it names are there.
     *
     * @param name its name
     * @param keys its keys
     * @param replace whether one of that name may be written anew
     * @return the pipeline, READY or WAITING
     */
    Pipeline create(String name, Map<String, String> keys, boolean replace);

    /**
     * Deletes a pipeline with its file. Runs of it go on and stay.
     *
     * @param name its name
     */
    void delete(String name);
}
