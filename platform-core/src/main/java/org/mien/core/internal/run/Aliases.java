// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.run;

import com.google.gson.JsonParseException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.mien.core.MienException;
import org.mien.core.internal.io.Atomic;
import org.mien.core.internal.io.Json;
import org.mien.core.internal.pipeline.Names;
import org.mien.core.internal.plugin.Words;

/**
 * Names for runs, such as {@code prod}, that can be given to another run: the file {@code
 * aliases.json} beside the folders of the runs. It is read each time, so a copy of the folder has
 * them, too.
 */
public final class Aliases {
    private static final String FILE = "aliases.json";

    /** A text of a few bytes an alias. */
    private static final long MOST_BYTES = 1 << 20;

    private final Path runs;

    /**
     * Of some runs.
     *
     * @param runs folder of the runs
     */
    public Aliases(Path runs) {
        this.runs = runs;
    }

    /** What {@code aliases.json} holds. */
    private record Held(Map<String, String> aliases) {}

    /** Alias to run, by name. */
    public Map<String, String> all() {
        Path file = runs.resolve(FILE);
        try {
            if (!Files.exists(file)) {
                return Map.of();
            }
            Held held =
                    Files.size(file) > MOST_BYTES
                            ? null
                            : Json.read(Files.readString(file), Held.class);
            if (held == null || held.aliases() == null) {
                throw new MienException(
                        file
                                + " holds no aliases; expected {\"aliases\": {\"NAME\": \"RUN\"}}."
                                + " Put it right or remove it");
            }
            return new TreeMap<>(held.aliases());
        } catch (IOException | JsonParseException e) {
            throw new MienException(
                    file + " cannot be read: " + e.getMessage() + ". Put it right or remove it");
        }
    }

    /** The run that a name stands for; nothing for what is no alias. */
    public Optional<String> find(String name) {
        return Optional.ofNullable(all().get(name));
    }

    /**
     * Gives a run a name, which may have been another's.
     *
     * @param run its id; it exists
     */
    public synchronized void set(String name, String run) {
        Names.check("alias", name);
        if (name.matches(".*-\\d+")) {
            throw new MienException(
                    "alias '"
                            + name
                            + "': a name that ends in a number could be that of a run to come."
                            + " Take another name, for example prod");
        }
        if (Files.isDirectory(runs.resolve(name))) {
            throw new MienException("alias '" + name + "': a run has this name. Take another one");
        }
        Map<String, String> all = new TreeMap<>(all());
        all.put(name, run);
        write(all);
    }

    /** Takes a name back; its run stays. */
    public synchronized void remove(String name) {
        Map<String, String> all = new TreeMap<>(all());
        if (all.remove(name) == null) {
            throw new MienException(
                    "alias '" + name + "' does not exist." + Words.hint(name, all.keySet()));
        }
        write(all);
    }

    /** Takes all names of a run back. */
    public synchronized void removeAll(String run) {
        Map<String, String> all = new TreeMap<>(all());
        if (all.values().removeIf(run::equals)) {
            write(all);
        }
    }

    private void write(Map<String, String> all) {
        try {
            Atomic.write(runs.resolve(FILE), Json.pretty(new Held(all)));
        } catch (IOException e) {
            throw new MienException(
                    runs.resolve(FILE)
                            + " cannot be written: "
                            + e.getMessage()
                            + ". Check that the folder can be written and the disk has room.");
        }
    }
}
