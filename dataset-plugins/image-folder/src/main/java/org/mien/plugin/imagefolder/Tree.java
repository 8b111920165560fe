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
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.mien.api.data.Sample;

/**
 * The pictures below a folder, by name alone.
 *
 * @param root the folder
 * @param labels class names in order
 * @param files sorted by path
 */
record Tree(Path root, List<String> labels, List<File> files) {
    // Hidden files and files with other endings count too: they cost time as well.
    static final int MOST_ENTRIES = 10_000_000;
    static final int DEEPEST = 16;

    private static final Set<String> ENDINGS = Set.of("jpg", "jpeg", "png", "webp", "bmp");
    private static final String ENDINGS_TEXT = "jpg, jpeg, png, webp or bmp";
    private static final Map<String, Sample.Split> SPLITS =
            Map.of(
                    "train", Sample.Split.TRAIN,
                    "val", Sample.Split.VALIDATION,
                    "valid", Sample.Split.VALIDATION,
                    "validation", Sample.Split.VALIDATION,
                    "test", Sample.Split.TEST);
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

    private static final class Lister {
        private final Path root;
        private final ImageFolderDataset.Settings settings;
        private final Pattern subject;
        private final int most;
        private final List<File> files = new ArrayList<>();
        // One copy of each person's name.
        private final Map<String, String> subjects = new HashMap<>();
        // The folders that lead to where the lister is, to notice a link back to one of them.
        private final List<Path> way = new ArrayList<>();
        private boolean flat;
        private int entries;
        private int others;

        Lister(ImageFolderDataset.Settings settings, int most) {
            this.settings = settings;
            this.most = most;
            root = settings.path().toAbsolutePath().normalize();
            subject = settings.subject().isEmpty() ? null : Pattern.compile(settings.subject());
        }

        Tree tree() throws IOException {
            if (!Files.exists(root)) {
                throw odd(
                        root,
                        "does not exist; expected a folder with train, val and test in it, or with"
                                + " a folder for each class. Set path to where it lies.");
            }
            if (!Files.isDirectory(root)) {
                throw odd(
                        root,
                        "is a file; expected a folder with train, val and test in it, or with a"
                                + " folder for each class. Set path to the folder.");
            }
            way.add(real(root));
            Map<Sample.Split, Path> splits = splits();
            flat = splits.isEmpty();
            if (flat) {
                splits.put(Sample.Split.TRAIN, root);
            }
            Path train = splits.get(Sample.Split.TRAIN);
            if (train == null) {
                throw odd(
                        root,
                        "has "
                                + splits.values().iterator().next().getFileName()
                                + " but no train; expected train with a folder for each class.");
            }
            List<String> labels = labels(train);
            for (Map.Entry<Sample.Split, Path> split : splits.entrySet()) {
                read(split.getKey(), split.getValue(), labels);
            }
            files.sort(BY_PATH);
            return new Tree(root, labels, List.copyOf(files));
        }

        private Map<Sample.Split, Path> splits() throws IOException {
            Map<Sample.Split, Path> splits = new TreeMap<>();
            for (Path entry : entries(root)) {
                Sample.Split split = SPLITS.get(name(entry).toLowerCase(Locale.ROOT));
                if (split == null || !attributes(entry).isDirectory()) {
                    continue;
                }
                Path other = splits.put(split, entry);
                if (other != null) {
                    throw odd(
                            root,
                            "has both "
                                    + other.getFileName()
                                    + " and "
                                    + entry.getFileName()
                                    + ", which are the same split; expected one of them. Rename or"
                                    + " move the other.");
                }
            }
            return splits;
        }

        /** Class folders of a split by name. */
        private Map<String, Path> classes(Path split) throws IOException {
            Map<String, Path> classes = new LinkedHashMap<>();
            for (Path entry : entries(split)) {
                if (attributes(entry).isDirectory()) {
                    classes.put(spelled(entry), entry);
                } else if (isPicture(entry)) {
                    throw odd(
                            entry,
                            "lies beside the class folders; expected every picture in the folder"
                                    + " of its class. Move it there or take it out.");
                }
            }
            if (classes.isEmpty()) {
                throw odd(
                        split,
                        "has no folders in it; expected a folder for each class with its pictures."
                                + " Check path.");
            }
            return classes;
        }

        private List<String> labels(Path train) throws IOException {
            List<String> found = List.copyOf(classes(train).keySet());
            List<String> wanted = settings.labels();
            if (wanted.isEmpty()) {
                return found;
            }
            for (String label : wanted) {
                if (!found.contains(label)) {
                    throw odd(
                            train,
                            "has no class folder '"
                                    + label
                                    + "', which labels names; expected "
                                    + String.join(", ", found)
                                    + " in any order. Mend labels.");
                }
            }
            for (String label : found) {
                if (!wanted.contains(label)) {
                    throw odd(
                            train,
                            "has a class folder '"
                                    + label
                                    + "' that labels does not name; expected all of "
                                    + String.join(", ", found)
                                    + ". Add it to labels, or move the folder away.");
                }
            }
            return wanted;
        }

        private void read(Sample.Split split, Path folder, List<String> labels) throws IOException {
            String prefix = "";
            if (!flat) {
                enter(folder);
                prefix = spelled(folder) + "/";
            }
            for (Map.Entry<String, Path> entry : classes(folder).entrySet()) {
                int label = labels.indexOf(entry.getKey());
                if (label < 0) {
                    throw odd(
                            entry.getValue(),
                            "is a class that train lacks; expected "
                                    + String.join(", ", labels)
                                    + ". Rename the folder or move it away.");
                }
                int before = files.size();
                others = 0;
                read(entry.getValue(), prefix + entry.getKey(), label, split, 1);
                if (files.size() == before) {
                    throw odd(
                            entry.getValue(),
                            "holds no picture ("
                                    + ENDINGS_TEXT
                                    + ")"
                                    + (others == 0 ? "" : " among " + others + " other files")
                                    + ". Fill the folder or move it away.");
                }
            }
            if (!flat) {
                way.remove(way.size() - 1);
            }
        }

        private void read(Path folder, String path, int label, Sample.Split split, int depth)
                throws IOException {
            if (depth > DEEPEST) {
                throw odd(
                        folder,
                        "lies more than "
                                + DEEPEST
                                + " folders deep; expected pictures nearer to their class's"
                                + " folder.");
            }
            enter(folder);
            for (Path entry : entries(folder)) {
                BasicFileAttributes attributes = attributes(entry);
                if (attributes.isDirectory()) {
                    String name = spelled(entry);
                    if (flat && depth == 1 && SPLITS.containsKey(name.toLowerCase(Locale.ROOT))) {
                        throw odd(
                                entry,
                                "is a split inside of what would be a class; expected "
                                        + name
                                        + " directly below path. Set path to "
                                        + folder
                                        + ", or rename the folder.");
                    }
                    read(entry, path + "/" + name, label, split, depth + 1);
                } else if (!isPicture(entry)) {
                    others++;
                } else if (!attributes.isRegularFile()) {
                    throw odd(
                            entry,
                            "is no plain file (a pipe, socket or device); expected a picture. Take"
                                    + " it out.");
                } else {
                    String file = path + "/" + spelled(entry);
                    files.add(new File(file, label, split, subject(entry, file)));
                }
            }
            way.remove(way.size() - 1);
        }

        private void enter(Path folder) throws IOException {
            Path real = real(folder);
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

        private Path real(Path folder) throws IOException {
            try {
                return folder.toRealPath();
            } catch (IOException e) {
                throw unreadable(folder, e);
            }
        }

        private String subject(Path entry, String file) throws IOException {
            if (subject == null) {
                return "";
            }
            Matcher matcher = subject.matcher(file);
            String found = matcher.find() ? matcher.group(1) : null;
            if (found == null || found.isEmpty()) {
                throw odd(
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

        /**
         * What is in a folder and not hidden, sorted, so that the first error is always the same.
         */
        private List<Path> entries(Path folder) throws IOException {
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
                    if (!name(entry).startsWith(".")) {
                        found.add(entry);
                    }
                }
            } catch (DirectoryIteratorException e) {
                throw unreadable(folder, e.getCause());
            } catch (FileSystemException e) {
                throw unreadable(folder, e);
            }
            found.sort(Comparator.comparing(Lister::name));
            return found;
        }

        private BasicFileAttributes attributes(Path entry) throws IOException {
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

        private IOException unreadable(Path entry, IOException e) {
            return new IOException(
                    "image-folder: "
                            + entry
                            + " cannot be looked at ("
                            + reason(e)
                            + "). Check it and its permissions.",
                    e);
        }

        private static boolean isPicture(Path entry) {
            String name = name(entry);
            String ending = name.substring(name.lastIndexOf('.') + 1);
            return name.contains(".") && ENDINGS.contains(ending.toLowerCase(Locale.ROOT));
        }

        private static String name(Path entry) {
            return entry.getFileName().toString();
        }

        /**
         * The name, when it leads back to the entry. Where a name's bytes are no text in the
         * system's encoding, two names could look the same and neither could be opened by its text.
         */
        private static String spelled(Path entry) throws IOException {
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

        private static IOException odd(Path at, String words) {
            return new IOException("image-folder: " + at + " " + words);
        }
    }
}
