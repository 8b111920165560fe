// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.api.net;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Optional;
import java.util.function.Supplier;
import org.mien.api.Batch;
import org.osgi.annotation.versioning.ProviderType;

/**
 * One forward of one batch on one thread. Everything made in it dies with it. Reading a var goes
 * through here, and only here: that is where ownership, device and "which weights does this phase
 * move" are decided.
 *
 * <p>May be held until the call it was given to returns, and what was made in it too.
 */
@ProviderType
public interface Pass extends Ops {
    /**
     * True in a training step: dropout drops, batch normalisation uses the batch.
     *
     * @return whether it trains
     */
    boolean training();

    /**
     * Epoch of the run.
     *
     * @return from 0
     */
    int epoch();

    /**
     * Step of the run.
     *
     * @return from 0, over all epochs
     */
    long step();

    /**
     * Owner of arrays made here.
     *
     * @return the manager
     */
    NDManager scope();

    /**
     * The var's value, owned by this pass. Gradient is recorded when the running phase moves it.
     * The array shares the memory of the var: it is to be read. An operation in place ({@code
     * addi}, {@code muli}, {@code set}) would write into the weights past optimiser and checkpoint;
     * the contract tests catch that. State is moved by {@link #write}.
     *
     * @param var a var of the net that is run
     * @return its value
     * @throws IllegalArgumentException when its net hangs on no {@code Build}
     */
    NDArray read(Var var);

    /**
     * Sets state. The value is copied, carries no gradient, and takes effect with the update of
     * this step; outside training, and for parts that the running phase does not move, it is
     * dropped.
     *
     * @param state a var that no optimiser moves
     * @param value the new value, of its shape
     * @throws IllegalArgumentException for a weight, or another shape
     */
    void write(Var state, NDArray value);

    /**
     * Uniform draws; row i is a function of (run seed, epoch, sample i, stream), whatever else is
     * in the batch.
     *
     * @param stream names the purpose, so that two purposes draw apart
     * @param batch the batch
     * @param shape axes of one row
     * @return (N, shape..) in [0, 1)
     */
    NDArray uniform(String stream, Batch batch, long... shape);

    /**
     * Hands an array, detached, to the later phases of this step.
     *
     * @param name its name
     * @param value the array
     */
    void keep(String name, NDArray value);

    /**
     * What an earlier phase of this step kept.
     *
     * @param name its name
     * @return the array, without a gradient
     * @throws IllegalArgumentException when nothing was kept under the name
     */
    NDArray kept(String name);

    /**
     * Offers an array of a layer to who looks into the network, under a name that says what it is,
     * for example {@code attention}. It is computed only when somebody has asked for it. A net that
     * gets it back goes on from it, so that a gradient reaches it; else it takes its faster way.
     * Who asked is told the layer's path and the grid of the stage that it lies in, see {@link
     * Tap}.
     *
     * @param layer the net that offers it, {@code this} in most
     * @param what what it is
     * @param value computes it
     * @return the array, or nothing when nobody asked
     */
    Optional<NDArray> tap(Net layer, String what, Supplier<NDArray> value);

    /**
     * Offers an array of no layer, of a model for example.
     *
     * @param what what it is
     * @param value computes it
     * @return the array, or nothing when nobody asked
     */
    default Optional<NDArray> tap(String what, Supplier<NDArray> value) {
        return tap(null, what, value);
    }

    /**
     * Whether somebody has asked for what a layer can offer, so that a way on which it would never
     * come to be is not to be taken.
     *
     * @param layer the net that offers it
     * @param what what it is
     * @return whether {@link #tap} would compute it
     */
    boolean asks(Net layer, String what);

    /**
     * dy/dx with a graph of its own (gradient penalties).
     *
     * @param y a scalar
     * @param x what y was computed from
     * @return of x's shape
     */
    NDArray gradient(NDArray y, NDArray x);

    /**
     * The same pass with inference behaviour; gradient still flows.
     *
     * @return the pass
     */
    Pass still();

    /**
     * The pass that a part of a network runs in: with inference behaviour where the pipeline has
     * frozen the part ({@code freeze}), so that its normalisations neither use the batch nor learn
     * from it; else this one. A {@link Trunk} asks for each of its stages.
     *
     * @param part the part
     * @return the pass
     */
    Pass in(Net part);

    /**
     * Runs without recording a gradient.
     *
     * @param work what to run
     * @param <T> its result
     * @return the result
     */
    <T> T quiet(Supplier<T> work);

    /**
     * Runs a part of a network whose arrays nobody needs afterwards but its result. In inference
     * what it made with this pass, and on the way from that, dies with it, and so a forward needs
     * the memory of its largest part; in training all lives until the step ends.
     *
     * @param work gives the result
     * @param consumed arrays that die too, made earlier in this pass; they may not be used again
     * @return the result, null where the work gives null
     */
    default NDArray brief(Supplier<NDArray> work, NDArray... consumed) {
        return work.get();
    }
}
