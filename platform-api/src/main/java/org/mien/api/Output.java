// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.api;

import ai.djl.ndarray.NDArray;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a model says about a batch: classes, and whatever its paper draws or tabulates.
 *
 * <p>May be held until the call that got it returns.
 */
public final class Output {
    /**
     * What an extra array is for; evaluators and reports choose by this, never by method. More may
     * come: switches need a default branch.
     */
    public enum Role {
        /** What the classifier reads, (N, D). */
        EMBEDDING,
        /** Weights or scores that the paper tabulates, (N, M) with M column names. */
        WEIGHTS,
        /** Pictures, (N, 3, H, W) in the input's units. */
        IMAGE,
        /**
         * What counts where, (N, M, h, w) with M column names: attention, class activation. Shown
         * over the face, each map from its least to its greatest.
         */
        HEAT_MAP
    }

    /**
     * An extra array.
     *
     * @param role what it is for
     * @param value (N, ..)
     * @param columns names of its columns, may be empty
     */
    public record Extra(Role role, NDArray value, List<String> columns) {}

    private final NDArray logits;
    private NDArray probabilities;
    private NDArray multiLabel;
    private NDArray values;
    private final Map<String, Extra> extras = new LinkedHashMap<>();

    private Output(NDArray logits, NDArray probabilities) {
        this.logits = logits;
        this.probabilities = probabilities;
    }

    /**
     * Class scores before the softmax, which is computed when somebody asks for probabilities.
     *
     * @param logits (N, K)
     * @return the output
     */
    public static Output logits(NDArray logits) {
        return new Output(logits, null);
    }

    /**
     * Class probabilities.
     *
     * @param probabilities (N, K), rows sum to 1
     * @return the output
     */
    public static Output probabilities(NDArray probabilities) {
        return new Output(null, probabilities);
    }

    /**
     * No classes: a model that is trained without them.
     *
     * @return the output
     */
    public static Output none() {
        return new Output(null, null);
    }

    /**
     * With labels that hold several at once.
     *
     * @param scores before the sigmoid, (N, L)
     * @return this
     */
    public Output withMultiLabel(NDArray scores) {
        multiLabel = scores;
        return this;
    }

    /**
     * With numbers.
     *
     * @param numbers (N, V), the range of each as -1 to 1, as {@link Batch#values} has them
     * @return this
     */
    public Output withValues(NDArray numbers) {
        values = numbers;
        return this;
    }

    /**
     * Adds an extra array.
     *
     * @param name its name
     * @param role what it is for
     * @param value (N, ..)
     * @param columns names of its columns, may be none
     * @return this
     */
    public Output also(String name, Role role, NDArray value, String... columns) {
        extras.put(name, new Extra(role, value, List.of(columns)));
        return this;
    }

    /**
     * Class scores.
     *
     * @return (N, K), or null when the model gives probabilities only
     */
    public NDArray logits() {
        return logits;
    }

    /**
     * Class probabilities.
     *
     * @return (N, K), or null for a model without classes
     */
    public synchronized NDArray probabilities() {
        if (probabilities == null && logits != null) {
            probabilities = logits.softmax(-1);
        }
        return probabilities;
    }

    /**
     * Scores of labels that hold several at once, before the sigmoid.
     *
     * @return (N, L), or null when there are none
     */
    public NDArray multiLabel() {
        return multiLabel;
    }

    /**
     * Numbers, the range of each as -1 to 1.
     *
     * @return (N, V), or null when there are none
     */
    public NDArray values() {
        return values;
    }

    /**
     * Extra arrays by name, in the order they were added.
     *
     * @return the extras
     */
    public Map<String, Extra> extras() {
        return Collections.unmodifiableMap(extras);
    }
}
