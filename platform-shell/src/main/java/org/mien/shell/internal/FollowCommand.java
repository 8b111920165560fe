// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.mien.api.run.RunEvent;
import org.mien.core.MienException;
import org.mien.core.Runs;

/** A command that shows how a run goes until it is over. */
abstract class FollowCommand extends FerCommand {
    /** What tells how a run goes. */
    @FunctionalInterface
    interface Told {
        /**
         * Returns when the run is over, or soon after it is to stop.
         *
         * @param tell told what happens
         * @param stop whether to stop
         */
        Runs.Run run(Consumer<RunEvent> tell, BooleanSupplier stop);
    }

    /**
     * Shows a run; a run that did not come to its end is a failure.
     *
     * @param interruption what is said when the person at the shell interrupts
     */
    final void follow(Told told, String interruption) {
        AtomicBoolean stop = new AtomicBoolean();
        Progress progress = new Progress(screen::message, screen.columns(), System::nanoTime);
        Runs.Run run;
        try {
            run =
                    Relay.<RunEvent, Runs.Run>run(
                            tell -> told.run(tell, stop::get),
                            event -> {
                                if (!stop.get()) {
                                    progress.on(event);
                                    stop.set(screen.gone());
                                }
                            },
                            () -> {
                                stop.set(true);
                                progress.clear();
                                interrupted(interruption);
                            },
                            screen.mark());
        } finally {
            progress.clear();
        }
        if (json) {
            screen.line(Json.line(Json.of(run)));
        } else {
            show(run);
        }
        switch (run.state()) {
            case "DONE" -> {}
            case "FAILED", "CANCELLED" ->
                    throw new MienException(
                            "run "
                                    + run.id()
                                    + " did not come to its end: "
                                    + run.state()
                                    + (run.text().isEmpty() ? "" : ", " + run.text())
                                    + ". To go on: "
                                    + screen.typed("train --resume=" + run.id()));
            default ->
                    throw new MienException(
                            "run "
                                    + run.id()
                                    + " is not over: "
                                    + run.state()
                                    + (run.text().isEmpty() ? "" : ", " + run.text())
                                    + ". To see more: "
                                    + screen.typed("job-watch " + run.id()));
        }
    }

    private void show(Runs.Run run) {
        boolean chosen = run.bestEpoch() > 0;
        boolean known = chosen && !Double.isNaN(run.chosenValue());
        String value = known ? Text.metric(run.chosenByShare(), run.chosenValue()) : "";
        facts(
                "run",
                run.id(),
                "state",
                (run.state() + " " + run.text()).strip(),
                "seconds",
                Text.tenths(run.seconds()),
                "epochs",
                Integer.toString(run.epochs()),
                "best epoch",
                chosen ? Integer.toString(run.bestEpoch()) : "",
                "validation " + run.chosenBy(),
                value,
                "folder",
                run.folder().toString(),
                "next",
                chosen ? screen.typed((known ? "evaluate " : "report ") + run.id()) : "");
    }
}
