// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.engine;

import ai.djl.ndarray.ManagedArrays;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;
import java.util.List;

/**
 * A stretch of computation on one thread. It sets the thread's gradient mode and owns every array
 * made in it; closing it frees them all and gives the thread its former mode back. Scopes nest.
 */
public final class Scope implements AutoCloseable {
    private final NDManager manager;
    private final boolean before;
    private final Thread thread = Thread.currentThread();
    private boolean closed;

    Scope(NDManager manager, boolean gradient) {
        this.manager = manager;
        this.before = JniUtils.isGradMode();
        JniUtils.setGradMode(gradient);
    }

    /**
     * Owner of the arrays made here.
     *
     * @return the manager
     */
    public NDManager manager() {
        return manager;
    }

    /**
     * The arrays that live in it now.
     *
     * @return the arrays, in no order; they still belong to the scope
     */
    public List<NDArray> arrays() {
        return ManagedArrays.of(manager);
    }

    /**
     * A leaf of this scope's graph that shares the memory of an array that outlives it. What is
     * computed from the leaf belongs to this scope, never to the owner of the array.
     *
     * @param array for example a weight
     * @param gradient true when its gradient is wanted
     * @return the leaf
     */
    public NDArray leaf(NDArray array, boolean gradient) {
        NDArray leaf = array.stopGradient();
        leaf.attach(manager);
        if (gradient) {
            leaf.setRequiresGradient(true);
        }
        return leaf;
    }

    /**
     * Whether operations on this thread record gradients now.
     *
     * @return true in a training scope, but for quiet work
     */
    public boolean records() {
        return JniUtils.isGradMode();
    }

    /**
     * Runs without recording gradients.
     *
     * @param work what to run
     */
    public void quiet(Runnable work) {
        boolean mode = JniUtils.isGradMode();
        JniUtils.setGradMode(false);
        try {
            work.run();
        } finally {
            JniUtils.setGradMode(mode);
        }
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        if (Thread.currentThread() != thread) {
            throw new IllegalStateException(
                    "a scope of thread " + thread.getName() + " was closed on another thread");
        }
        closed = true;
        JniUtils.setGradMode(before);
        manager.close();
    }
}
