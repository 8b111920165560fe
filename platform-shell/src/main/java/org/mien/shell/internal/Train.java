// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import java.util.List;
import java.util.Map;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.Option;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.mien.core.Jobs;
import org.mien.core.MienException;
import org.mien.core.Pipelines;
import org.mien.core.Plugins;
import org.mien.core.Runs;

/** {@code fer:train}. */
@Service
@Command(
        scope = "fer",
        name = "train",
        description = "Trains a pipeline or recipe, or goes on with a run that ended early")
public final class Train extends FollowCommand {
    @Reference Plugins plugins;
    @Reference Jobs jobs;
    @Reference Pipelines pipelines;

    @Option(
            name = "--resume",
            description = "Id of a run to go on with, from its last checkpoint and with its keys")
    @Completion(RunIds.class)
    String resume;

    @Option(
            name = "--continue",
            description =
                    "Id of a run that is done, to be trained longer as a new run; give"
                            + " train.epochs, which counts from its beginning")
    @Completion(RunIds.class)
    String longer;

    @Option(
            name = "--background",
            description = "Return at once; fer:job-list and fer:job-watch show how it goes")
    boolean background;

    @Argument(
            index = 0,
            name = "PIPELINE",
            description =
                    "Name of a pipeline or recipe; fer:pipeline-list and fer:recipe-list show them")
    @Completion(TrainNames.class)
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
        if (longer != null && pipeline != null && isKey(pipeline)) {
            words.add(0, pipeline); // its pipeline need not be named
            pipeline = null;
        }
        if (longer != null && resume != null) {
            throw new MienException(
                    "--resume goes on with a run that did not come to its end, --continue trains"
                            + " one longer that did; give one of them");
        }
        if (longer == null && resume == null && pipeline == null) {
            throw new MienException(
                    "nothing to train: give the name of a pipeline or recipe, or --resume and the id of"
                            + " a run");
        }
        if (resume != null && (pipeline != null || !words.isEmpty())) {
            throw new MienException(
                    "run '"
                            + resume
                            + "' goes on with the pipeline and the keys it was started with; leave '"
                            + (pipeline != null ? pipeline : words.get(0))
                            + "' away");
        }
        Map<String, String> keys = TypedKeys.of(words, plugins, screen.folder());
        if (resume == null && longer == null) {
            sayWhatCounts();
        }
        String named = pipeline == null ? "" : pipeline;
        if (background) {
            Runs.Run run =
                    longer != null
                            ? jobs.submitOn(named, longer, keys)
                            : resume == null ? jobs.submit(pipeline, keys) : jobs.resubmit(resume);
            if (json) {
                screen.line(Json.line(Json.of(run)));
            } else {
                facts(
                        "run", run.id(),
                        "state", run.state(),
                        "next", screen.typed("job-watch " + run.id()));
            }
            return;
        }
        follow(
                (tell, stop) ->
                        longer != null
                                ? jobs.trainOn(named, longer, keys, tell, stop)
                                : resume == null
                                        ? jobs.train(pipeline, keys, tell, stop)
                                        : jobs.resume(resume, tell, stop),
                "Stopping after this step; the checkpoint is written.");
    }

    /** Of a pipeline and a recipe with one name the pipeline counts, which is to be known. */
    private void sayWhatCounts() {
        boolean both =
                pipelines.recipes().stream().anyMatch(recipe -> recipe.name().equals(pipeline))
                        && pipelines.all().stream().anyMatch(one -> one.name().equals(pipeline));
        if (both) {
            screen.message(
                    "The pipeline '" + pipeline + "' is trained, not the recipe of this name.\n");
        }
    }
}
