// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.nn.spi;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.mien.api.net.Net;

/**
 * A running average of weights (Polyak and Juditsky 1992, exponential): after each update, average
 * = decay average + (1 - decay) weight. State, such as running statistics, is copied.
 */
public final class Average implements AutoCloseable {
    private final Weights of;
    private final Weights average;
    private final double decay;
    private final List<String> trained = new ArrayList<>();
    private final List<String> state = new ArrayList<>();

    /**
     * Begins with the weights as they are.
     *
     * @param of the weights to follow, filled
     * @param parts the parts to average, with the paths they have there
     * @param decay 0 to below 1
     */
    public Average(Weights of, Map<String, Net> parts, double decay) {
        this.of = of;
        this.average = new Weights(of.device());
        this.decay = decay;
        parts.forEach(average::add);
        for (Weights.Entry entry : average.entries().values()) {
            (entry.var().trained() ? trained : state).add(entry.path());
            average.set(
                    entry.path(), Weights.elements(of.array(entry.path())), entry.var().shape());
        }
    }

    /** Follows one update; call without recording gradients. */
    public void follow() {
        if (!trained.isEmpty()) {
            Operations.list(average.store(), "follow", arrays(average), arrays(of), decay);
        }
        for (String path : state) {
            Operations.copy(average.array(path), of.array(path));
        }
        average.unprepare();
    }

    private NDArray[] arrays(Weights weights) {
        return trained.stream().map(weights::array).toArray(NDArray[]::new);
    }

    /**
     * The averaged weights.
     *
     * @return weights to predict with
     */
    public Weights weights() {
        return average;
    }

    @Override
    public void close() {
        average.close();
    }
}
