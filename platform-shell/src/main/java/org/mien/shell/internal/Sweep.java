// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.Option;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.apache.karaf.shell.support.completers.StringsCompleter;
import org.mien.api.run.RunEvent;
import org.mien.core.MienException;
import org.mien.core.Plugins;
import org.mien.core.SweepTable;
import org.mien.core.Sweeps;

/** {@code fer:sweep}. */
@Service
@Command(
        scope = "fer",
        name = "sweep",
        description = "Trains what is left of a sweep, or a product of keys over a pipeline")
public final class Sweep extends FerCommand {
    @Reference Plugins plugins;
    @Reference Sweeps sweeps;

    @Option(name = "--seeds", description = "Seeds of each cell: 1..5, or 1,2,7")
    String seeds;

    @Option(
            name = "--split",
            description = "test, validation or train, on which runs are evaluated")
    @Completion(
            value = StringsCompleter.class,
            values = {"test", "validation", "train"})
    String split;

    @Option(
            name = "--base",
            description = "Pipeline or recipe to start from instead of the sweep's own")
    @Completion(TrainNames.class)
    String base;

    @Option(name = "--name", description = "Name under which it is kept; its own if not given")
    String name;

    @Option(name = "--resume", description = "Name of a sweep to go on with as it was begun")
    @Completion(SweepNames.class)
    String resume;

    @Option(name = "--background", description = "Return at once; fer:sweep-show shows how it goes")
    boolean background;

    @Option(name = "--format", description = "table, markdown, csv or latex")
    @Completion(
            value = StringsCompleter.class,
            values = {"table", "markdown", "csv", "latex"})
    String format = "table";

    @Argument(
            index = 0,
            name = "SWEEP",
            description =
                    "Name of a sweep, or of a pipeline or recipe; fer:sweep-list shows sweeps")
    @Completion(SweepStarts.class)
    String sweep;

    @Argument(
            index = 1,
            name = "key=value",
            description =
                    "Keys of all cells; over a pipeline key=a,b makes a cell of each value, and of"
                            + " values that are lists key=a,b;a,c",
            multiValued = true)
    @Completion(SweepKeys.class)
    List<String> rest;

    @Override
    void run() {
        Map<String, String> keys = TypedKeys.several(plain(rest), plugins, screen.folder());
        String as = Sheets.format(format);
        Sweeps.Order order = order(keys);
        if (background) {
            Sweeps.Sweep begun = sweeps.submit(order);
            if (json) {
                screen.line(Json.line(Json.of(begun)));
            } else {
                facts(
                        "sweep", begun.name(),
                        "state", begun.state(),
                        "runs", begun.done() + " of " + begun.all() + " done",
                        "next", screen.typed("sweep-show " + begun.name()));
            }
            return;
        }
        Sweeps.Sweep done = follow(order);
        if (json) {
            screen.line(Json.line(Json.of(done)));
        } else {
            screen.lines(
                    new SweepSheets(done)
                            .sheets(false)
                            .lines(
                                    as,
                                    SweepTable.csv(done)
                                            .lines()
                                            .map(line -> line + "\r")
                                            .toList()));
        }
        if (done.done() < done.all()) {
            throw new MienException(
                    "sweep "
                            + done.name()
                            + ": "
                            + (done.all() - done.done())
                            + " of "
                            + done.all()
                            + " runs did not come to their end. Why: "
                            + screen.typed("sweep-show " + done.name())
                            + ". To go on: "
                            + screen.typed("sweep --resume=" + done.name()));
        }
    }

    private Sweeps.Order order(Map<String, String> keys) {
        if (resume != null) {
            boolean more = sweep != null || seeds != null || split != null || base != null;
            if (more || name != null) {
                throw new MienException(
                        "sweep '"
                                + resume
                                + "' goes on as it was begun; leave away all but --resume");
            }
            return new Sweeps.Order(resume, "", "", Map.of(), "", "", true);
        }
        if (sweep == null) {
            throw new MienException(
                    "nothing to sweep: give the name of a sweep, of a pipeline or of a recipe");
        }
        return new Sweeps.Order(
                sweep, given(name), given(base), keys, given(seeds), given(split), false);
    }

    private static String given(String option) {
        return option == null ? "" : option;
    }

    private Sweeps.Sweep follow(Sweeps.Order order) {
        AtomicBoolean stop = new AtomicBoolean();
        Progress progress = new Progress(screen::message, screen.columns(), System::nanoTime);
        try {
            return Relay.<Object, Sweeps.Sweep>run(
                    tell -> sweeps.run(order, tell::accept, tell::accept, stop::get),
                    told -> {
                        if (told instanceof RunEvent event) {
                            if (!stop.get()) {
                                progress.on(event);
                            }
                        } else {
                            progress.clear();
                            screen.message(told + "\n");
                        }
                        if (!stop.get()) {
                            stop.set(screen.gone());
                        }
                    },
                    () -> {
                        stop.set(true);
                        progress.clear();
                        interrupted("Stopping after this step; the checkpoint is written.");
                    },
                    screen.mark());
        } finally {
            progress.clear();
        }
    }
}
