// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.model;

import com.google.gson.JsonParseException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.mien.api.data.Target;
import org.mien.api.data.Targets;
import org.mien.core.MienException;
import org.mien.core.internal.data.ClassNames;
import org.mien.core.internal.io.Json;
import org.mien.core.internal.run.RunFolders;
import org.mien.weights.WeightsFile;

/**
 * What the classes, labels and values of a file of start values are called: as the run says whose
 * checkpoint it is, else as the file itself says, else as the pipeline says.
 */
final class SourceNames {
    private static final Set<String> CHECKPOINTS = Set.of(RunFolders.BEST, RunFolders.LAST);

    private final Targets run;
    private final String written;
    private final List<String> given;

    /**
     * Of a file.
     *
     * @param path the file; of a checkpoint in the folder of a run, that counts
     * @param file the same, opened
     * @param given names that the pipeline has for the classes of the file, or none
     */
    SourceNames(Path path, WeightsFile file, List<String> given) {
        boolean checkpoint =
                CHECKPOINTS.contains(path.getFileName().toString())
                        && Files.isRegularFile(path.resolveSibling(RunFolders.CONFIG));
        run = checkpoint ? RunFolders.config(path.getParent()).targets() : null;
        written = file.metadata().getOrDefault(ModelCard.LABELS, "");
        this.given = given;
    }

    /**
     * Names of a kind, in the order of the file.
     *
     * @param count how many the file has, as far as its arrays tell
     * @return the names, none for what it was not trained with; nothing where nobody says
     * @throws MienException when the pipeline says otherwise than the file
     */
    Optional<List<String>> of(Target kind, long count) {
        Optional<List<String>> own =
                run != null
                        ? Optional.of(ClassNames.of(run, kind))
                        : kind == Target.CLASS ? written(count) : Optional.empty();
        if (kind != Target.CLASS || given.isEmpty()) {
            return own;
        }
        if (own.isPresent() && !ClassNames.of(given, own.get()).areSame()) {
            throw new MienException(
                    "key 'method.init-classes' is "
                            + ClassNames.list(given)
                            + "; what it names the classes of has them itself: "
                            + ClassNames.list(own.get())
                            + ". Leave the key out");
        }
        return Optional.of(given);
    }

    /** A list in JSON; or with commas, where it can be read in one way only. */
    private Optional<List<String>> written(long count) {
        if (written.isEmpty()) {
            return Optional.empty();
        }
        if (written.startsWith("[")) {
            try {
                return Optional.of(List.of(Json.read(written, String[].class)));
            } catch (JsonParseException | NullPointerException e) {
                return Optional.empty();
            }
        }
        List<String> names = Arrays.asList(written.split(",", -1));
        return names.size() == count ? Optional.of(names) : Optional.empty();
    }
}
