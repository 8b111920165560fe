// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.imagefolder;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.mien.api.data.FileNames;
import org.mien.api.data.Sample;

/**
 * Which folders are splits and which are classes.
 *
 * @param parts the splits, one when class folders lie directly in the path
 * @param labels classes in order
 * @param isFlat whether class folders lie directly in the path
 * @param beside names of folders beside the splits, which are not looked at
 */
record Layout(List<Part> parts, List<String> labels, boolean isFlat, List<String> beside) {
    private static final Map<String, Sample.Split> SPLITS =
            Map.of(
                    "train", Sample.Split.TRAIN,
                    "training", Sample.Split.TRAIN,
                    "val", Sample.Split.VALIDATION,
                    "valid", Sample.Split.VALIDATION,
                    "validation", Sample.Split.VALIDATION,
                    "test", Sample.Split.TEST,
                    "testing", Sample.Split.TEST);

    /**
     * A split.
     *
     * @param classes class folders by name
     */
    record Part(Sample.Split split, Path folder, Map<String, Path> classes) {}

    /** Whether a folder of this name is a split. */
    static boolean isSplit(String name) {
        return SPLITS.containsKey(name.toLowerCase(Locale.ROOT));
    }

    /**
     * Looks at a folder.
     *
     * @param labels what the key labels names; empty when it names nothing
     * @throws IOException in words: what was expected where, and what was found
     */
    static Layout of(Folders folders, Path root, List<String> labels) throws IOException {
        if (!Files.exists(root)) {
            throw Folders.odd(
                    root,
                    "does not exist; expected a folder with train, val and test in it, or with a"
                            + " folder for each class. Set path to where it lies.");
        }
        if (!Files.isDirectory(root)) {
            throw Folders.odd(
                    root,
                    "is a file; expected a folder with train, val and test in it, or with a folder"
                            + " for each class. Set path to the folder.");
        }
        // Who names the classes has said that these folders are classes.
        boolean named = !labels.isEmpty();
        if (!named) {
            KnownTree.refuse(folders, root);
        }
        List<String> beside = new ArrayList<>();
        Map<Sample.Split, Path> splits = splits(folders, root, beside);
        boolean flat = splits.isEmpty();
        if (flat) {
            splits.put(Sample.Split.TRAIN, root);
            beside.clear();
        }
        Path train = splits.get(Sample.Split.TRAIN);
        if (train == null) {
            throw Folders.odd(
                    root,
                    "has "
                            + splits.values().iterator().next().getFileName()
                            + " but no train; expected train with a folder for each class.");
        }
        List<Part> parts = new ArrayList<>();
        List<String> ordered = List.of();
        for (Map.Entry<Sample.Split, Path> split : splits.entrySet()) {
            Map<String, Path> classes = classes(folders, split.getValue());
            if (split.getKey() == Sample.Split.TRAIN) {
                ordered = ClassNames.ordered(train, classes.keySet(), labels);
                if (!named) {
                    ClassNames.refuseSplits(ordered, train);
                }
            }
            parts.add(new Part(split.getKey(), split.getValue(), classes));
        }
        return new Layout(parts, ordered, flat, beside);
    }

    private static Map<Sample.Split, Path> splits(Folders folders, Path root, List<String> beside)
            throws IOException {
        Map<Sample.Split, Path> splits = new TreeMap<>();
        for (Path entry : folders.foldersIn(root)) {
            String name = Folders.name(entry);
            Sample.Split split = SPLITS.get(name.toLowerCase(Locale.ROOT));
            if (split == null) {
                beside.add(name);
                continue;
            }
            Path other = splits.put(split, entry);
            if (other != null) {
                throw Folders.odd(
                        root,
                        "has both "
                                + other.getFileName()
                                + " and "
                                + entry.getFileName()
                                + ", which are the same split; expected one of them. Rename or"
                                + " move the other.");
            }
        }
        for (String name : splits.isEmpty() ? List.<String>of() : beside) {
            if (ClassNames.isLikeSplit(name)) {
                throw Folders.odd(
                        root.resolve(name),
                        "lies beside "
                                + splits.values().iterator().next().getFileName()
                                + " and is named like a split; expected train, val and test."
                                + " Rename it to one of these, or move it away.");
            }
        }
        return splits;
    }

    /** Class folders of a split by name. */
    private static Map<String, Path> classes(Folders folders, Path split) throws IOException {
        List<Path> found = new ArrayList<>();
        for (Path entry : folders.in(split)) {
            if (folders.attributes(entry).isDirectory()) {
                found.add(entry);
            } else if (FileNames.isPicture(Folders.name(entry))) {
                throw Folders.odd(
                        entry,
                        "lies beside the class folders; expected every picture in the folder of"
                                + " its class. Move it there or take it out.");
            }
        }
        if (found.isEmpty()) {
            throw Folders.odd(
                    split,
                    "has no folders in it; expected a folder for each class with its pictures."
                            + " Check path.");
        }
        ClassNames.refuseLookalikes(split, found);
        Map<String, Path> classes = new LinkedHashMap<>();
        for (Path entry : found) {
            classes.put(ClassNames.of(entry), entry);
        }
        return classes;
    }
}
