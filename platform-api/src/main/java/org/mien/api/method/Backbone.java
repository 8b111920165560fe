// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.api.method;

import java.util.Optional;
import org.mien.api.InputSpec;
import org.mien.api.net.Trunk;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Service, property {@code mien.id}: an image network. Stateless; makes a trunk for each run.
 *
 * <p>May be held by the platform while it is registered.
 *
 * @param <S> its keys, {@code backbone.*}; a public record of {@link org.mien.api.Key} components
 */
@ConsumerType
public interface Backbone<S extends Record> {
    /**
     * Type of its keys.
     *
     * @return the record's class
     */
    Class<S> settings();

    /**
     * What it reads with these keys.
     *
     * @param settings the keys
     * @return size, mean and deviation
     */
    InputSpec input(S settings);

    /**
     * The chain at an input size.
     *
     * @param settings the keys
     * @param input size, mean and deviation
     * @return a trunk of fresh stages
     * @throws IllegalArgumentException in words, when it cannot be made at that size
     */
    Trunk trunk(S settings, InputSpec input);

    /**
     * The name that published files of weights have for a var; two vars have two names. It serves
     * for reading and for writing. What stands around such names ({@code module.}, {@code
     * state_dict}, {@code model}), counters of batches and heads of others are the platform's
     * business, not the plugin's.
     *
     * @param path path of a var within the trunk, for example {@code stem.conv1.weight}
     * @return its published name, for example {@code conv1.weight}; the path itself by default
     */
    default String published(String path) {
        return path;
    }

    /**
     * Values for a var from a published tensor of another shape, where a network allows that:
     * positions of another grid of patches. A tensor of the var's shape is taken as it is, and
     * nobody asks.
     *
     * @param trunk the trunk to be filled
     * @param path path of a var within it
     * @param values elements of the tensor, row by row
     * @param shape its axes
     * @return elements for the var, row by row; nothing when the tensor does not fit
     */
    default Optional<float[]> fit(Trunk trunk, String path, float[] values, long... shape) {
        return Optional.empty();
    }
}
