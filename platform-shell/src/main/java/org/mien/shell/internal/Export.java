// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.Option;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.apache.karaf.shell.support.completers.StringsCompleter;
import org.mien.core.MienException;
import org.mien.core.Runs;

/** {@code fer:export}. */
@Service
@Command(
        scope = "fer",
        name = "export",
        description = "Writes a run to be handed on: all of it, or its weights for others")
public final class Export extends FerCommand {
    @Reference Runs runs;

    @Argument(
            index = 0,
            name = "RUN",
            description = "Id of a run; fer:run-list shows them",
            required = true,
            multiValued = true)
    @Completion(RunIds.class)
    List<String> ids;

    @Option(
            name = "--format",
            description =
                    "zip (configuration, results and checkpoint), safetensors or npz (weights under"
                            + " their published names)")
    @Completion(
            value = StringsCompleter.class,
            values = {"zip", "safetensors", "npz"})
    String format = "zip";

    @Option(
            name = "--output",
            description = "The file to write, which must not exist; RUN.FORMAT when not given")
    @Completion(ImageFiles.class)
    String output;

    @Override
    void run() {
        List<String> words = plain(ids);
        if (words.size() != 1) {
            throw new MienException(
                    "export writes one run; " + words.size() + " were named: " + words);
        }
        String run = words.get(0);
        Runs.Format wanted =
                Arrays.stream(Runs.Format.values())
                        .filter(one -> one.name().toLowerCase(Locale.ROOT).equals(format))
                        .findFirst()
                        .orElseThrow(
                                () ->
                                        new MienException(
                                                "--format is '"
                                                        + format
                                                        + "'; expected zip, safetensors or npz"));
        Path file = screen.folder().resolve(output == null ? run + "." + format : output);
        runs.export(run, wanted, file);
        screen.line(
                json
                        ? Json.line(
                                Json.object("run", run, "format", format, "file", file.toString()))
                        : "exported " + run + " as " + file);
    }
}
