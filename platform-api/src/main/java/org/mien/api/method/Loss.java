// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.api.method;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.mien.api.Batch;
import org.mien.api.data.Target;
import org.mien.api.net.Pass;

/**
 * Named terms that add up. Each is a scalar and is logged, unweighted.
 *
 * <p>May be held until the step it belongs to is over.
 */
public final class Loss {
    private final Map<String, NDArray> terms = new LinkedHashMap<>();
    private final Map<String, Double> weights = new LinkedHashMap<>();
    private final Map<String, NDArray> measures = new LinkedHashMap<>();
    private final List<Runnable> rules = new ArrayList<>();
    private NDArray scores;

    private Loss() {}

    /**
     * No term yet, for what is added up piece by piece.
     *
     * @return the loss
     */
    public static Loss none() {
        return new Loss();
    }

    /**
     * A first term.
     *
     * @param name its name
     * @param weight its weight
     * @param term computes a scalar
     * @return the loss
     */
    public static Loss of(String name, double weight, Supplier<NDArray> term) {
        return new Loss().plus(name, weight, term);
    }

    /**
     * A first term of weight 1.
     *
     * @param name its name
     * @param term a scalar
     * @return the loss
     */
    public static Loss of(String name, NDArray term) {
        return of(name, 1, () -> term);
    }

    /**
     * What a classifier learns from: {@link org.mien.api.net.Ops#crossEntropy}, as the term
     * "cross-entropy" of weight 1, with its logits as {@link #scores}.
     *
     * @param pass where it computes
     * @param logits (N, K)
     * @param batch the batch
     * @return the loss
     */
    public static Loss crossEntropy(Pass pass, NDArray logits, Batch batch) {
        return of("cross-entropy", pass.crossEntropy(logits, batch)).scores(logits);
    }

    /**
     * What several labels at once are learnt from: {@link org.mien.api.net.Ops#binaryCrossEntropy},
     * as the term "binary-cross-entropy" of weight 1; labels that are not known do not count.
     *
     * @param pass where it computes
     * @param logits (N, L)
     * @param batch the batch
     * @return the loss
     */
    public static Loss binaryCrossEntropy(Pass pass, NDArray logits, Batch batch) {
        return of(
                "binary-cross-entropy",
                pass.binaryCrossEntropy(
                        logits, batch.multiLabel(), batch.known(Target.MULTI_LABEL)));
    }

    /**
     * One more term. With weight 0 it is not even computed, which is what an ablation wants.
     *
     * @param name its name, unique
     * @param weight its weight
     * @param term computes a scalar
     * @return this
     */
    public Loss plus(String name, double weight, Supplier<NDArray> term) {
        if (weights.put(name, weight) != null) {
            throw new IllegalArgumentException("two loss terms are named '" + name + "'");
        }
        if (weight != 0) {
            terms.put(name, term.get());
        }
        return this;
    }

    /**
     * One more term with a rule of its own, as centres have. With weight 0 neither is run.
     *
     * @param name its name, unique
     * @param weight its weight
     * @param term computes a scalar
     * @param rule as {@link #rule}
     * @return this
     */
    public Loss plus(String name, double weight, Supplier<NDArray> term, Runnable rule) {
        plus(name, weight, term);
        return weight == 0 ? this : rule(rule);
    }

    /**
     * Class scores, for the running training accuracy.
     *
     * @param logits (N, K)
     * @return this
     */
    public Loss scores(NDArray logits) {
        scores = logits;
        return this;
    }

    /**
     * A number that is no loss, to be logged beside the terms.
     *
     * @param name its name, unique among terms and measures
     * @param value a scalar
     * @return this
     */
    public Loss measure(String name, NDArray value) {
        if (weights.containsKey(name) || measures.put(name, value) != null) {
            throw new IllegalArgumentException("two numbers of a loss are named '" + name + "'");
        }
        return this;
    }

    /**
     * A movement that is no gradient: centres, queues, labels. Runs without gradient, whatever the
     * weights of the terms, and takes effect only if the update does.
     *
     * @param rule what to do
     * @return this
     */
    public Loss rule(Runnable rule) {
        rules.add(rule);
        return this;
    }

    /**
     * Terms that were computed, by name, in order.
     *
     * @return scalars
     */
    public Map<String, NDArray> terms() {
        return Collections.unmodifiableMap(terms);
    }

    /**
     * Weights of all terms, by name, in order.
     *
     * @return weights
     */
    public Map<String, Double> weights() {
        return Collections.unmodifiableMap(weights);
    }

    /**
     * Numbers that are no loss, by name, in order.
     *
     * @return scalars
     */
    public Map<String, NDArray> measures() {
        return Collections.unmodifiableMap(measures);
    }

    /**
     * Class scores.
     *
     * @return (N, K), or null
     */
    public NDArray scores() {
        return scores;
    }

    /**
     * Movements that are no gradient, in order.
     *
     * @return the rules
     */
    public List<Runnable> rules() {
        return Collections.unmodifiableList(rules);
    }
}
