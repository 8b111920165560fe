// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.api.method;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * Service, property {@code mien.id}: a paper. Stateless; makes a model for each run.
 *
 * <p>May be held by the platform while it is registered.
 *
 * @param <S> its keys, {@code method.*}; a public record of {@link org.mien.api.Key} components
 */
@ConsumerType
public interface Method<S extends Record> {
    /**
     * Type of its keys.
     *
     * @return the record's class
     */
    Class<S> settings();

    /**
     * What it needs and how it trains, before anything is made; pure.
     *
     * @param settings the keys
     * @return the plan
     */
    Plan plan(S settings);

    /**
     * Makes what predicts.
     *
     * @param build what to build with
     * @param settings the keys
     * @return the model; it holds nets and settings, no arrays
     */
    Model build(Build build, S settings);

    /**
     * The name that published files of weights have for a var of the method's own parts; two vars
     * have two names. It serves for reading and for writing. Names of the backbone's vars are the
     * backbone's business.
     *
     * @param path path of a var, for example {@code decoder.norm.weight}
     * @return its published name, for example {@code decoder_norm.weight}; the path itself by
     *     default
     */
    default String published(String path) {
        return path;
    }
}
