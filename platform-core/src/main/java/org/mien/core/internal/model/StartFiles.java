// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.model;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.mien.core.MienException;
import org.mien.core.internal.pipeline.BoundPipeline;
import org.mien.core.internal.run.Aliases;
import org.mien.core.internal.run.RunFolders;
import org.mien.weights.Place;

/** Where the keys of a pipeline have start values from: files, folders, earlier runs. */
final class StartFiles {
    private StartFiles() {}

    /**
     * The file of {@code backbone.weights}.
     *
     * @return where it is; null where the key is not set
     */
    static Place backbone(BoundPipeline bound) {
        if (bound.backboneWeights().isEmpty()) {
            return null;
        }
        Place place = place("backbone.weights", bound.backboneWeights());
        if (bound.trunk() == null) {
            throw new MienException(
                    "key 'backbone.weights' is set, and the pipeline uses no backbone. Remove the"
                            + " key, or name a backbone");
        }
        if (!Files.exists(place.path())) {
            throw new MienException(
                    "key 'backbone.weights': "
                            + place.path()
                            + " does not exist; expected weights as .safetensors,"
                            + " .npz or a state dict of PyTorch, or a folder with such");
        }
        return place;
    }

    /** Where a frozen backbone has its weights from. */
    static Place frozen(String role, BoundPipeline.Frozen second, Path runs) {
        String key = role + ".weights";
        if (second.weights().isEmpty()) {
            throw new MienException(
                    "key '"
                            + key
                            + "' is not set: "
                            + second.entry().who()
                            + " never moves, so without weights it would judge by chance. Give a"
                            + " file of weights, or a run that trained it");
        }
        return earlier(key, second.weights(), runs);
    }

    /** A run by its name, or a file. */
    static Place earlier(String key, String name, Path runs) {
        if (name.matches("[A-Za-z0-9][A-Za-z0-9._-]*")) {
            String run =
                    Files.isDirectory(runs.resolve(name))
                            ? name
                            : new Aliases(runs).find(name).orElse(name);
            Path best = runs.resolve(run).resolve(RunFolders.BEST);
            if (Files.isRegularFile(best)) {
                return new Place(best, "");
            }
        }
        Place place = place(key, name);
        if (!Files.exists(place.path())) {
            throw new MienException(
                    "key '"
                            + key
                            + "' is '"
                            + name
                            + "': there is no run of this name with a finished epoch, and no file "
                            + place.path()
                            + ". fer:run-list shows the runs");
        }
        return place;
    }

    private static Place place(String key, String text) {
        try {
            return Place.of(text);
        } catch (InvalidPathException e) {
            throw new MienException("key '" + key + "' is '" + text + "'; expected a path");
        }
    }
}
