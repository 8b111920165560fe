// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.imagefolder;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.mien.api.data.FileNames;

/**
 * Folders and what is in them, within bounds: litter is passed over, links are followed but in no
 * circle, and what cannot be looked at is told.
 */
final class Folders {
    private static final Comparator<Path> BY_NAME =
            Comparator.comparing(Folders::name, FileNames.NATURAL);

    private final int most;
    // The folders that lead to where the reader is, to notice a link back to one of them.
    private final List<Path> way = new ArrayList<>();
    private int entries;

    /**
     * None was looked at.
     *
     * @param most how many entries to look at before giving up
     */
    Folders(int most) {
        this.most = most;
    }

    /** What is in a folder but litter, in natural order, so that the first error is the same. */
    List<Path> in(Path folder) throws IOException {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(folder)) {
            for (Path entry : all) {
                if (++entries > most) {
                    throw odd(
                            folder,
                            "brings more than "
                                    + most
                                    + " files and folders; expected fewer in a dataset. Check"
                                    + " path, or split the dataset.");
                }
                if (!FileNames.isLitter(name(entry))) {
                    found.add(entry);
                }
            }
        } catch (DirectoryIteratorException e) {
            throw unreadable(folder, e.getCause());
        } catch (FileSystemException e) {
            throw unreadable(folder, e);
        }
        found.sort(BY_NAME);
        return found;
    }

    /** The folders in a folder. */
    List<Path> foldersIn(Path folder) throws IOException {
        List<Path> found = new ArrayList<>();
        for (Path entry : in(folder)) {
            if (attributes(entry).isDirectory()) {
                found.add(entry);
            }
        }
        return found;
    }

    BasicFileAttributes attributes(Path entry) throws IOException {
        try {
            return Files.readAttributes(entry, BasicFileAttributes.class);
        } catch (NoSuchFileException e) {
            if (Files.isSymbolicLink(entry)) {
                throw odd(
                        entry,
                        "is a link to "
                                + Files.readSymbolicLink(entry)
                                + ", which is not there. Mend the link or take it out.");
            }
            throw unreadable(entry, e);
        } catch (IOException e) {
            throw unreadable(entry, e);
        }
    }

    /** Goes into a folder; {@link #leave} goes out again. */
    void enter(Path folder) throws IOException {
        Path real;
        try {
            real = folder.toRealPath();
        } catch (IOException e) {
            throw unreadable(folder, e);
        }
        if (way.contains(real)) {
            throw odd(
                    folder,
                    "is a link back to "
                            + real
                            + ", which it lies in; following it would never end. Take the link"
                            + " out.");
        }
        way.add(real);
    }

    void leave() {
        way.remove(way.size() - 1);
    }

    static String name(Path entry) {
        return entry.getFileName().toString();
    }

    /**
     * The name, when it leads back to the entry. Where a name's bytes are no text in the system's
     * encoding, two names could look the same and neither could be opened by its text.
     */
    static String spelled(Path entry) throws IOException {
        String name = name(entry);
        if (name.indexOf('\uFFFD') >= 0) {
            throw odd(
                    entry,
                    "has a name that is no text in the encoding of file names, "
                            + System.getProperty("sun.jnu.encoding")
                            + ". Rename it, or where that is not UTF-8 start with"
                            + " LC_ALL=C.UTF-8.");
        }
        return name;
    }

    static IOException odd(Path at, String words) {
        return new IOException("image-folder: " + at + " " + words);
    }

    private static IOException unreadable(Path entry, IOException e) {
        return new IOException(
                "image-folder: "
                        + entry
                        + " cannot be looked at ("
                        + reason(e)
                        + "). Check it and its permissions.",
                e);
    }

    /** What the system says about a failure, without the path that a message has already. */
    static String reason(IOException e) {
        if (e instanceof AccessDeniedException) {
            return "this user may not";
        }
        if (e instanceof NoSuchFileException) {
            return "it is not there";
        }
        if (e instanceof FileSystemException f && f.getReason() != null) {
            return f.getReason();
        }
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }
}
