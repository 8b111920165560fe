// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.evaluate;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.mien.core.Evaluations;

/**
 * McNemar's test in its exact form: of the samples that one of two runs alone got right, each run
 * has half by chance, so their number is binomial with a probability of 1/2.
 */
final class McNemar {
    private McNemar() {}

    /**
     * The two-sided probability.
     *
     * @param onlyFirst samples that the first alone got right
     * @param onlySecond samples that the second alone got right
     */
    static double p(int onlyFirst, int onlySecond) {
        int n = onlyFirst + onlySecond;
        int less = Math.min(onlyFirst, onlySecond);
        // Logarithms: 2^-n is no double from n = 1075 on.
        double term = -n * Math.log(2); // log of C(n, i) / 2^n
        double sum = 0;
        for (int i = 0; i <= less; i++) {
            sum += Math.exp(term);
            term += Math.log(n - i) - Math.log(i + 1);
        }
        return Math.min(1, 2 * sum);
    }

    /** The pairs with p by Holm's rule: the i-th smallest of m, from 0, counts m - i times. */
    static List<Evaluations.Paired> adjusted(List<Evaluations.Paired> pairs) {
        List<Integer> order =
                IntStream.range(0, pairs.size())
                        .boxed()
                        .sorted(Comparator.comparingDouble(i -> pairs.get(i).p()))
                        .toList();
        List<Evaluations.Paired> adjusted = new ArrayList<>(pairs);
        double most = 0;
        for (int i = 0; i < order.size(); i++) {
            Evaluations.Paired pair = pairs.get(order.get(i));
            most = Math.max(most, Math.min(1, (order.size() - i) * pair.p()));
            adjusted.set(
                    order.get(i),
                    new Evaluations.Paired(
                            pair.first(),
                            pair.second(),
                            pair.samples(),
                            pair.onlyFirst(),
                            pair.onlySecond(),
                            pair.p(),
                            most));
        }
        return adjusted;
    }
}
