// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.mien.core.MienException;
import org.mien.core.internal.io.Atomic;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which runs were left to the platform: a file in the folder of each, from its order to its end, so
 * that the platform goes on with it after a stop or a kill. In it stands how often in a row the
 * platform died while it trained this run.
 */
public final class InBackground {
    /** A run during which the platform died so often is not begun again by itself. */
    public static final int MOST_KILLS = 3;

    private static final Logger LOG = LoggerFactory.getLogger(InBackground.class);
    private static final String FILE = "background";

    private InBackground() {}

    /** A run is left to the platform from now on. */
    public static void begin(Path run, int kills) {
        try {
            Atomic.write(run.resolve(FILE), kills + "\n");
        } catch (IOException e) {
            LOG.warn(
                    "run {} would not go on by itself after a restart: {}",
                    run.getFileName(),
                    e.getMessage());
        }
    }

    /** A run has ended, or is somebody's own again. */
    public static void end(Path run) {
        try {
            Files.deleteIfExists(run.resolve(FILE));
        } catch (IOException e) {
            LOG.warn("{} cannot be deleted: {}", run.resolve(FILE), e.getMessage());
        }
    }

    /**
     * How often the platform has died while it trained a run; what is no number counts as often.
     */
    public static int kills(Path run) {
        try {
            String text = Files.readString(run.resolve(FILE)).strip();
            return text.matches("\\d{1,4}") ? Integer.parseInt(text) : MOST_KILLS;
        } catch (IOException e) {
            return MOST_KILLS;
        }
    }

    /** The folders of those that have not ended, the one first that was begun first. */
    public static List<Path> all(Path runs) {
        if (!Files.isDirectory(runs)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(runs)) {
            return all.filter(run -> Files.isRegularFile(run.resolve(FILE)))
                    .sorted(
                            Comparator.comparing(InBackground::started)
                                    .thenComparing(Path::getFileName))
                    .toList();
        } catch (IOException e) {
            LOG.warn("the runs in {} cannot be listed: {}", runs, e.getMessage());
            return List.of();
        }
    }

    private static String started(Path run) {
        try {
            return RunFolders.state(run).started();
        } catch (MienException e) {
            return ""; // said by who goes on with it
        }
    }
}
