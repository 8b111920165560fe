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
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.mien.api.run.RunEvent;
import org.mien.core.Mien;
import org.mien.core.MienException;

/** {@code fer:train}. */
@Service
@Command(
        scope = "fer",
        name = "train",
        description = "Trains a pipeline, or goes on with a run that ended early")
public final class Train extends FerCommand {
    @Option(
            name = "--resume",
            description = "Id of a run to go on with, from its last checkpoint and with its keys")
    @Completion(RunIds.class)
    String resume;

    @Argument(
            index = 0,
            name = "PIPELINE",
            description = "Name of a pipeline; fer:pipeline-list shows them")
    @Completion(PipelineNames.class)
    String pipeline;

    @Argument(
            index = 1,
            name = "key=value",
            description = "Keys that count for this run only, for example train.epochs=3",
            multiValued = true)
    @Completion(TrainKeys.class)
    List<String> rest;

    @Override
    void run() {
        List<String> words = plain(rest);
        if (resume == null && pipeline == null) {
            throw new MienException(
                    "nothing to train: give the name of a pipeline, or --resume and the id of a run");
        }
        if (resume != null && (pipeline != null || !words.isEmpty())) {
            throw new MienException(
                    "run '"
                            + resume
                            + "' goes on with the pipeline and the keys it was started with; leave '"
                            + (pipeline != null ? pipeline : words.get(0))
                            + "' away");
        }
        Map<String, String> keys = KeyValues.parse(words);
        AtomicBoolean stop = new AtomicBoolean();
        Progress progress = new Progress(screen::message, screen.columns(), System::nanoTime);
        Mien.Run run;
        try {
            run =
                    Relay.<RunEvent, Mien.Run>run(
                            tell ->
                                    resume == null
                                            ? mien.train(pipeline, keys, tell, stop::get)
                                            : mien.resume(resume, tell, stop::get),
                            event -> {
                                if (!stop.get()) {
                                    progress.on(event);
                                    stop.set(screen.gone());
                                }
                            },
                            () -> {
                                stop.set(true);
                                progress.clear();
                                interrupted("Stopping after this step; the checkpoint is written.");
                            });
        } finally {
            progress.clear();
        }
        if (json) {
            screen.line(Json.line(Json.of(run)));
        } else {
            show(run);
        }
        if (!run.state().equals("DONE")) {
            throw new MienException(
                    "run "
                            + run.id()
                            + " did not come to its end: "
                            + run.state()
                            + (run.text().isEmpty() ? "" : ", " + run.text())
                            + ". To go on: "
                            + screen.typed("train --resume=" + run.id()));
        }
    }

    private void show(Mien.Run run) {
        boolean chosen = run.bestEpoch() > 0;
        facts(
                "run", run.id(),
                "state", (run.state() + " " + run.text()).strip(),
                "seconds", Text.tenths(run.seconds()),
                "epochs", Integer.toString(run.epochs()),
                "best epoch", chosen ? Integer.toString(run.bestEpoch()) : "",
                "validation accuracy", chosen ? Text.percent(run.validationAccuracy()) : "",
                "folder", run.folder().toString(),
                "next", chosen ? screen.typed("evaluate " + run.id()) : "");
    }
}
