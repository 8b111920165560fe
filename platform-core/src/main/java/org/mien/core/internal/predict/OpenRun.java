// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.predict;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;
import org.mien.core.internal.data.Chain;
import org.mien.core.internal.model.TrainedRun;
import org.mien.core.internal.plugin.Kind;
import org.mien.core.internal.plugin.OwnThread;
import org.mien.core.internal.plugin.Registry;
import org.mien.core.internal.plugin.Registry.Entry;
import org.mien.core.internal.run.RunFolders;

/**
 * A run that is open to predict: its network, and its steps, opened once for each thread that
 * prepares pictures. Several calls may use it at once. It is closed by the last who lets it go.
 */
public final class OpenRun {
    /** A file as it was. */
    private record Stamp(Object file, long size, FileTime changed) {
        /** Null where there is no file. */
        static Stamp of(Path path) {
            try {
                BasicFileAttributes facts = Files.readAttributes(path, BasicFileAttributes.class);
                return facts.isRegularFile()
                        ? new Stamp(facts.fileKey(), facts.size(), facts.lastModifiedTime())
                        : null;
            } catch (IOException e) {
                return null;
            }
        }
    }

    private final TrainedRun trained;
    private final Map<Path, Stamp> files = new LinkedHashMap<>();
    private final ConcurrentLinkedQueue<Chain> idle = new ConcurrentLinkedQueue<>();
    private int users = 1;

    /**
     * Opens a run; who does so uses it.
     *
     * @param run its folder
     * @param load loads it
     */
    public OpenRun(Path run, Function<Path, TrainedRun> load) {
        // Before they are read: what changes meanwhile is seen the next time.
        for (String name : new String[] {RunFolders.CONFIG, RunFolders.BEST}) {
            files.put(run.resolve(name), Stamp.of(run.resolve(name)));
        }
        trained = load.apply(run);
        try {
            trained.bound().values().values().forEach(value -> watch(value.value()));
            // A pipeline that cannot be opened is one error, not one for each image.
            idle.add(open());
        } catch (RuntimeException | Error e) {
            trained.close();
            throw e;
        }
    }

    /** A key may name a file that a step reads when it is opened, such as a detector's network. */
    private void watch(String value) {
        try {
            Path path = Path.of(value);
            Stamp stamp = Stamp.of(path);
            if (stamp != null) {
                files.put(path, stamp);
            }
        } catch (InvalidPathException e) {
            return; // no file has this name
        }
    }

    private Chain open() {
        return new Chain(trained.bound(), trained.built().parts().input());
    }

    /** Whether opening it anew would give the same. */
    boolean isCurrent(Registry registry) {
        boolean whole =
                trained.bound().dataset() != null
                        || registry.find(Kind.DATASET, trained.dataset()).isEmpty();
        return whole
                && trained.bound().plugins().stream()
                        .allMatch(
                                entry ->
                                        registry.find(entry.kind(), entry.id())
                                                .filter(found -> found == entry)
                                                .isPresent())
                && files.entrySet().stream()
                        .allMatch(file -> file.getValue().equals(Stamp.of(file.getKey())));
    }

    /** Whether it holds a plugin. */
    boolean holds(Entry entry) {
        return trained.bound().plugins().stream().anyMatch(one -> one == entry);
    }

    public TrainedRun trained() {
        return trained;
    }

    /** Steps that nobody works with, for the thread that asks; to be given back. */
    Chain take() {
        Chain chain = idle.poll();
        return chain == null ? open() : chain;
    }

    /** Gives steps back. */
    void give(Chain chain) {
        idle.add(chain);
    }

    /**
     * Uses it.
     *
     * @return false when it is closed already
     */
    synchronized boolean use() {
        if (users == 0) {
            return false;
        }
        users++;
        return true;
    }

    /** Lets it go; the last one closes it, on a thread that ends with that. */
    public void leave() {
        synchronized (this) {
            users--;
            if (users > 0) {
                return;
            }
        }
        OwnThread.run(
                "closing of " + trained.id(),
                () -> {
                    close();
                    return null;
                },
                () -> {});
    }

    private void close() {
        try {
            for (Chain chain = idle.poll(); chain != null; chain = idle.poll()) {
                chain.close();
            }
        } finally {
            trained.close();
        }
    }
}
