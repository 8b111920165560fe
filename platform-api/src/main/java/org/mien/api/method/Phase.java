// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.api.method;

import java.util.List;
import java.util.function.Consumer;
import org.mien.api.Batch;
import org.mien.api.net.Net;
import org.mien.api.net.Pass;

/**
 * A loss and the parts it moves, with an optimiser and schedule of its own ({@code
 * train.<name>.*}). While it runs every other weight is frozen: gradient flows through it, none is
 * kept for it, and what its batch normalisations would write is dropped.
 *
 * <p>May be held by the platform while one attempt at a run lasts.
 */
public final class Phase {
    /** The forward and the loss. */
    @FunctionalInterface
    public interface Objective {
        /**
         * Computes the terms of one batch.
         *
         * @param batch the batch
         * @param pass where it computes
         * @return terms that add up
         */
        Loss loss(Batch batch, Pass pass);
    }

    private final String name;
    private final Objective objective;
    private List<Net> moves = List.of();
    private int every = 1;
    private int from;
    private Consumer<Pass> after = pass -> {};

    private Phase(String name, Objective objective) {
        this.name = name;
        this.objective = objective;
    }

    /**
     * A phase that moves every part.
     *
     * @param name its name, one of the plan's
     * @param objective forward and loss
     * @return the phase
     */
    public static Phase of(String name, Objective objective) {
        return new Phase(name, objective);
    }

    /**
     * Moves these parts only.
     *
     * @param parts parts of the build
     * @return this
     */
    public Phase moves(Net... parts) {
        moves = List.of(parts);
        return this;
    }

    /**
     * Runs at every n-th step: five discriminator steps to one of the generator.
     *
     * @param steps n, at least 1
     * @return this
     */
    public Phase every(int steps) {
        if (steps < 1) {
            throw new IllegalArgumentException(
                    "phase " + name + ": every(" + steps + ") is below 1");
        }
        every = steps;
        return this;
    }

    /**
     * Runs from an epoch on.
     *
     * @param epoch from 0
     * @return this
     */
    public Phase from(int epoch) {
        if (epoch < 0) {
            throw new IllegalArgumentException(
                    "phase " + name + ": from(" + epoch + ") is below 0");
        }
        from = epoch;
        return this;
    }

    /**
     * What follows each update and needs no batch: averages of weights. Runs without gradient.
     *
     * @param rule what to do
     * @return this
     */
    public Phase afterUpdate(Consumer<Pass> rule) {
        after = rule;
        return this;
    }

    /**
     * See {@link #afterUpdate}.
     *
     * @return the rule
     */
    public Consumer<Pass> after() {
        return after;
    }

    /**
     * Name, one of the plan's.
     *
     * @return the name
     */
    public String name() {
        return name;
    }

    /**
     * Forward and loss.
     *
     * @return the objective
     */
    public Objective objective() {
        return objective;
    }

    /**
     * Parts moved.
     *
     * @return empty for all
     */
    public List<Net> moves() {
        return moves;
    }

    /**
     * Steps from one run to the next.
     *
     * @return n of {@link #every(int)}; 1 for each step
     */
    public int every() {
        return every;
    }

    /**
     * First epoch that runs it.
     *
     * @return from 0
     */
    public int from() {
        return from;
    }

    /**
     * True when it runs then.
     *
     * @param epoch from 0
     * @param step from 0, over the run
     * @return whether it is due
     */
    public boolean due(int epoch, long step) {
        return epoch >= from && step % every == 0;
    }
}
