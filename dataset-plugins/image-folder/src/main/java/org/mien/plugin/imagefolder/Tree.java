// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.imagefolder;

import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.mien.api.data.FileNames;
import org.mien.api.data.Sample;

/**
 * The pictures below a folder, by name alone.
 *
 * @param root the folder
 * @param labels class names in order
 * @param files sorted by path
 * @param notes what was left out, in words
 */
record Tree(Path root, List<String> labels, List<File> files, List<String> notes) {
    // Litter and files with other endings count too: they cost time as well.
    static final int MOST_ENTRIES = 10_000_000;
    static final int DEEPEST = 16;

    private static final Comparator<File> BY_PATH = Comparator.comparing(File::path);

    /**
     * A picture.
     *
     * @param path below the root, with {@code /}
     * @param label class
     * @param split by its first folder
     * @param subject the person, or empty
     */
    record File(String path, int label, Sample.Split split, String subject) {}

    /**
     * Lists a folder, links followed.
     *
     * @param settings its keys
     * @param most how many entries to look at before giving up
     * @return its pictures
     * @throws IOException in words: what was expected where, and what was found
     */
    static Tree list(ImageFolderDataset.Settings settings, int most) throws IOException {
        return new Lister(settings, most).tree();
    }

    /** Whether a picture was there. */
    boolean has(String path) {
        File file = new File(path, 0, Sample.Split.NONE, "");
        return Collections.binarySearch(files, file, BY_PATH) >= 0;
    }

    private static final class Lister {
        private final Path root;
        private final ImageFolderDataset.Settings settings;
        private final Pattern subject;
        private final Folders folders;
        private final List<File> files = new ArrayList<>();
        private final LeftOut leftOut = new LeftOut();
        // One copy of each person's name.
        private final Map<String, String> subjects = new HashMap<>();
        private Layout layout;

        Lister(ImageFolderDataset.Settings settings, int most) {
            this.settings = settings;
            folders = new Folders(most);
            root = settings.path().toAbsolutePath().normalize();
            subject = settings.subject().isEmpty() ? null : Pattern.compile(settings.subject());
        }

        Tree tree() throws IOException {
            layout = Layout.of(folders, root, settings.labels());
            folders.enter(root);
            for (Layout.Part part : layout.parts()) {
                read(part);
            }
            if (layout.labels().size() == 1 && settings.labels().isEmpty()) {
                throw single(layout.parts().get(0).classes().get(layout.labels().get(0)));
            }
            files.sort(BY_PATH);
            List<String> notes = new ArrayList<>(leftOut.words());
            if (!layout.beside().isEmpty()) {
                notes.add(
                        "folders beside the splits are not looked at: "
                                + String.join(", ", layout.beside()));
            }
            return new Tree(root, layout.labels(), List.copyOf(files), notes);
        }

        private void read(Layout.Part part) throws IOException {
            String prefix = "";
            if (!layout.isFlat()) {
                folders.enter(part.folder());
                prefix = Folders.spelled(part.folder()) + "/";
            }
            for (Map.Entry<String, Path> entry : part.classes().entrySet()) {
                int label = layout.labels().indexOf(entry.getKey());
                if (label < 0) {
                    throw Folders.odd(
                            entry.getValue(),
                            "is a class that train lacks; expected "
                                    + String.join(", ", layout.labels())
                                    + "."
                                    + ClassNames.near(entry.getKey(), layout.labels())
                                    + " Rename the folder or move it away.");
                }
                int before = files.size();
                LeftOut others = new LeftOut();
                String path = prefix + Folders.spelled(entry.getValue());
                read(entry.getValue(), path, label, part.split(), 1, others);
                if (files.size() == before) {
                    throw Folders.odd(
                            entry.getValue(),
                            "holds no picture ("
                                    + FileNames.pictures()
                                    + ")"
                                    + others.among()
                                    + ". Fill the folder or move it away.");
                }
                leftOut.add(others);
            }
            if (!layout.isFlat()) {
                folders.leave();
            }
        }

        private void read(
                Path folder, String path, int label, Sample.Split split, int depth, LeftOut others)
                throws IOException {
            if (depth > DEEPEST) {
                throw Folders.odd(
                        folder,
                        "lies more than "
                                + DEEPEST
                                + " folders deep; expected pictures nearer to their class's"
                                + " folder.");
            }
            folders.enter(folder);
            for (Path entry : folders.in(folder)) {
                BasicFileAttributes attributes = folders.attributes(entry);
                if (attributes.isDirectory()) {
                    String name = Folders.spelled(entry);
                    if (layout.isFlat() && depth == 1 && Layout.isSplit(name)) {
                        throw Folders.odd(
                                entry,
                                "is a split inside of what would be a class; expected "
                                        + name
                                        + " directly below path. Set path to "
                                        + folder
                                        + ", or rename the folder.");
                    }
                    read(entry, path + "/" + name, label, split, depth + 1, others);
                } else if (!FileNames.isPicture(Folders.name(entry))) {
                    others.add(Folders.name(entry));
                } else if (!attributes.isRegularFile()) {
                    throw Folders.odd(
                            entry,
                            "is no plain file (a pipe, socket or device); expected a picture. Take"
                                    + " it out.");
                } else {
                    String file = path + "/" + Folders.spelled(entry);
                    files.add(new File(file, label, split, subject(entry, file)));
                }
            }
            folders.leave();
        }

        /** What is wrong with a single class, which every picture has. */
        private IOException single(Path folder) throws IOException {
            List<String> below =
                    folders.foldersIn(folder).stream().map(Folders::name).limit(5).toList();
            String next =
                    below.size() < 2
                            ? ""
                            : layout.isFlat()
                                    ? " Its folders "
                                            + String.join(", ", below)
                                            + " may be the classes: then set path to "
                                            + folder
                                            + "."
                                    : " Its folders "
                                            + String.join(", ", below)
                                            + " may be the classes: then move them up by one.";
            return Folders.odd(
                    folder,
                    "would be the only class, so that every answer would be right; expected a"
                            + " folder for each of two classes or more."
                            + next
                            + " Where classes do not matter, as in pre-training, say so:"
                            + " dataset.labels = "
                            + layout.labels().get(0)
                            + ".");
        }

        private String subject(Path entry, String file) throws IOException {
            if (subject == null) {
                return "";
            }
            Matcher matcher = subject.matcher(file);
            String found = matcher.find() ? matcher.group(1) : null;
            if (found == null || found.isEmpty()) {
                throw Folders.odd(
                        entry,
                        "has no person by the expression '"
                                + subject
                                + "' in '"
                                + file
                                + "'; expected one in every path. Mend subject or leave it empty.");
            }
            String known = subjects.putIfAbsent(found, found);
            return known == null ? found : known;
        }
    }
}
