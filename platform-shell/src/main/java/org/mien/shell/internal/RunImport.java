// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import java.util.List;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.Option;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.mien.core.MienException;
import org.mien.core.Runs;

/** {@code fer:run-import}. */
@Service
@Command(
        scope = "fer",
        name = "run-import",
        description = "Takes over a run that 'export RUN --format zip' wrote")
public final class RunImport extends FerCommand {
    @Reference Runs runs;

    @Option(name = "--as", description = "Its id here; the one that it had when not given")
    String as = "";

    @Argument(
            index = 0,
            name = "FILE",
            description = "The zip file",
            required = true,
            multiValued = true)
    @Completion(ImageFiles.class)
    List<String> files;

    @Override
    void run() {
        List<String> typed = plain(files);
        if (typed.size() != 1) {
            throw new MienException(
                    "run-import takes one file; " + typed.size() + " were named: " + typed);
        }
        Runs.Run run = runs.add(file(typed.get(0)), as);
        if (json) {
            screen.line(Json.line(Json.of(run)));
            return;
        }
        facts(
                "run", run.id(),
                "pipeline", run.pipeline(),
                "folder", run.folder().toString(),
                "next", screen.typed("predict " + run.id() + " IMAGE"));
    }
}
