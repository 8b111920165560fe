// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Completion;
import org.mien.core.MienException;

/**
 * What the commands share that ask a run about images and take its answers one by one.
 *
 * @param <A> an answer
 */
public abstract class ImageCommand<A> extends FerCommand {
    @Argument(
            index = 0,
            name = "RUN",
            description = "Id of a run; fer:run-list shows them",
            required = true)
    @Completion(RunIds.class)
    String run;

    /** Answers that are sent together, at most; sending one alone costs more than writing it. */
    private static final int TOGETHER = 64;

    private final AtomicBoolean stop = new AtomicBoolean();
    private int answers;

    /** Asks; returns when all is answered, or soon after it is to stop. */
    @FunctionalInterface
    interface Question<A> {
        void ask(Consumer<A> answer, BooleanSupplier stop);
    }

    /**
     * Takes an answer. Lines that it holds are sent when there is no other answer to take.
     *
     * @param index of what was asked, from 0
     */
    abstract void take(int index, A answer);

    /**
     * Asks and takes all answers; fewer are a failure.
     *
     * @param waiting answers that may wait to be taken; then the platform waits too. Ten thousand
     *     do not wait in memory for a slow terminal
     * @param left what is said of a stop before the end, such as {@code "; nothing was written"}
     */
    final void ask(int all, int waiting, String left, Question<A> question) {
        Semaphore room = new Semaphore(waiting);
        Relay.<A, Void>run(
                tell -> {
                    question.ask(
                            answer -> {
                                await(room);
                                tell.accept(answer);
                            },
                            stop::get);
                    return null;
                },
                answer -> {
                    room.release();
                    if (!stop.get()) {
                        take(answers++, answer);
                        if (answers % TOGETHER == 0) {
                            send();
                        }
                    }
                },
                this::send,
                () -> {
                    stop.set(true);
                    interrupted("Stopping.");
                },
                screen.mark());
        if (answers < all) {
            throw new MienException("stopped after " + answers + " of " + all + " images" + left);
        }
    }

    private void send() {
        screen.send();
        if (screen.gone()) {
            stop.set(true);
        }
    }

    private void await(Semaphore room) {
        try {
            while (!stop.get() && !room.tryAcquire(100, TimeUnit.MILLISECONDS)) {
                continue;
            }
        } catch (InterruptedException e) {
            stop.set(true);
            Thread.currentThread().interrupt();
        }
    }
}
