// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.api.method;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
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

    /** What each batch adds to a sum over the training split. */
    @FunctionalInterface
    public interface Tally {
        /**
         * Counts a batch.
         *
         * @param batch samples of the training split
         * @param pass an inference pass
         * @return arrays by name; those of one name have one shape in every batch
         */
        Map<String, NDArray> of(Batch batch, Pass pass);
    }

    private final String name;
    private final Objective objective;
    private List<Net> moves = List.of();
    private int every = 1;
    private int from;
    private int until = Integer.MAX_VALUE;
    private Consumer<Pass> after = pass -> {};
    private Tally tally;
    private BiConsumer<Map<String, NDArray>, Pass> outcome = (sums, pass) -> {};

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
     * Runs from an epoch on. Warm-up, schedule and milestones of its rates count from there.
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
        return ordered();
    }

    /**
     * Ends before an epoch, so that others go on with what it has moved: a head first, then all.
     * What its optimiser remembers is let go of.
     *
     * @param epoch the first epoch that does not run it; with that of {@link #from} it never runs
     * @return this
     */
    public Phase until(int epoch) {
        until = epoch;
        return ordered();
    }

    private Phase ordered() {
        if (until < from) {
            throw new IllegalArgumentException(
                    "phase " + name + ": until(" + until + ") is before from(" + from + ")");
        }
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
     * What follows each epoch in which it ran, from numbers over the whole training split: what the
     * network says of each class on average. Every training sample is looked at once, in the order
     * of the split, whatever the sampler draws, without augmentation and with the weights as they
     * stand; its label is the one it has now. What the batches give is added up, and the sums are
     * handed to a rule, which moves state by {@link Pass#write}. Neither records a gradient. A run
     * that is broken off in between does all of it again.
     *
     * @param tally what each batch adds
     * @param outcome told the sums by name, and where to write; the sums die when it returns
     * @return this
     */
    public Phase afterEpoch(Tally tally, BiConsumer<Map<String, NDArray>, Pass> outcome) {
        this.tally = tally;
        this.outcome = outcome;
        return this;
    }

    /**
     * See {@link #afterEpoch}.
     *
     * @return what each batch adds, or nothing for a phase without such a pass
     */
    public Optional<Tally> tally() {
        return Optional.ofNullable(tally);
    }

    /**
     * See {@link #afterEpoch}.
     *
     * @return the rule
     */
    public BiConsumer<Map<String, NDArray>, Pass> outcome() {
        return outcome;
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
     * First epoch that does not run it any more.
     *
     * @return from 0; {@link Integer#MAX_VALUE} for a phase that does not end
     */
    public int until() {
        return until;
    }

    /**
     * True when it runs in an epoch.
     *
     * @param epoch from 0
     * @return whether it is due there
     */
    public boolean due(int epoch) {
        return epoch >= from && epoch < until;
    }

    /**
     * True when it runs then.
     *
     * @param epoch from 0
     * @param step from 0, over the run
     * @return whether it is due
     */
    public boolean due(int epoch, long step) {
        return due(epoch) && step % every == 0;
    }
}
