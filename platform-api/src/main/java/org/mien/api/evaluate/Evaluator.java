// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.api.evaluate;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * Service, property {@code mien.id}: a judgement of a trained run over a split.
 *
 * <p>May be held by the platform while it is registered.
 *
 * @param <S> its keys, {@code <id>.*}; a public record of {@link org.mien.api.Key} components
 */
@ConsumerType
public interface Evaluator<S extends Record> {
    /**
     * Type of its keys.
     *
     * @return the record's class
     */
    Class<S> settings();

    /**
     * Judges.
     *
     * @param results what the run predicts
     * @param settings the keys
     * @param findings where to write
     * @throws IllegalArgumentException in words, when the run cannot give what is needed
     */
    void evaluate(Results results, S settings, Findings findings);
}
