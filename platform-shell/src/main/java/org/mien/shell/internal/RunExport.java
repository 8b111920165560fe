// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import java.nio.file.Path;
import java.util.List;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.mien.core.MienException;

/** {@code fer:run-export}. */
@Service
@Command(
        scope = "fer",
        name = "run-export",
        description = "Packs a run to be handed on, as a zip file")
public final class RunExport extends FerCommand {
    @Argument(
            index = 0,
            name = "RUN",
            description = "Id of a run; fer:run-list shows them",
            required = true)
    @Completion(RunIds.class)
    String run;

    @Argument(
            index = 1,
            name = "FILE",
            description = "The zip file to write; RUN.zip when not given",
            multiValued = true)
    @Completion(ImageFiles.class)
    List<String> files;

    @Override
    void run() {
        List<String> words = plain(files);
        if (words.size() > 1) {
            throw new MienException(
                    "run-export writes one file; leave '" + words.get(1) + "' away");
        }
        Path file = screen.folder().resolve(words.isEmpty() ? run + ".zip" : words.get(0));
        mien.exportRun(run, file);
        screen.line(
                json
                        ? Json.line(Json.object("run", run, "file", file.toString()))
                        : "packed " + run + " as " + file);
    }
}
