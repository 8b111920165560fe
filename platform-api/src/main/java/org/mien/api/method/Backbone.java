// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.api.method;

import org.mien.api.InputSpec;
import org.mien.api.net.Trunk;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Service, property {@code mien.id}: an image network. Stateless; makes a trunk for each run.
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
}
