// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.imagefolder;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.mien.api.data.FileNames;

/**
 * Names of class folders. They are compared and shown in Unicode's composed form, whichever system
 * wrote them; two that nobody can tell apart are told.
 */
final class ClassNames {
    /** What splits and parts of trees are called, and hardly any class. */
    private static final Pattern LIKE_SPLITS =
            Pattern.compile(
                    "(train|training|val|valid|validate|validation|dev|eval|evaluation"
                            + "|test|tests|testing|holdout|public|private)"
                            + "([-_ ]?(set|split|data|images?|faces|test))?"
                            + "|fold[-_ ]?[0-9]+"
                            + "|basic|compound|images?|labels?|annotations?|aligned|original",
                    Pattern.CASE_INSENSITIVE);

    private ClassNames() {}

    /** The name of a class folder. */
    static String of(Path folder) throws IOException {
        return FileNames.composed(Folders.spelled(folder));
    }

    /**
     * Refuses two folders of a split that look the same, and folders of one name.
     *
     * @param folders class folders of one split
     */
    static void refuseLookalikes(Path split, List<Path> folders) throws IOException {
        Map<String, String> seen = new HashMap<>();
        for (Path folder : folders) {
            String name = Folders.spelled(folder);
            String other = seen.put(FileNames.looks(name), name);
            if (other != null) {
                throw Folders.odd(
                        split,
                        "has two class folders that look the same: '"
                                + FileNames.spelled(other)
                                + "' and '"
                                + FileNames.spelled(name)
                                + "'; expected each class once. Move the pictures of one into the"
                                + " other, or rename it.");
            }
        }
    }

    /** Refuses a class that is called like a split. */
    static void refuseSplits(List<String> names, Path folder) throws IOException {
        for (String name : names) {
            if (LIKE_SPLITS.matcher(name).matches()) {
                throw Folders.odd(
                        folder.resolve(name),
                        "would be a class, and has the name of a split or of a part of a dataset;"
                                + " expected train, val and test with a folder for each class in"
                                + " each, or folders of classes. Rename or move it; where it is a"
                                + " class, name all classes: dataset.labels = "
                                + String.join(",", names)
                                + ".");
            }
        }
    }

    /** Whether a folder beside the splits is called like one. */
    static boolean isLikeSplit(String name) {
        return LIKE_SPLITS.matcher(name).matches();
    }

    /** What is near a class that train lacks; empty when nothing is. */
    static String near(String name, List<String> labels) {
        for (String label : labels) {
            if (FileNames.looks(label).equals(FileNames.looks(name))) {
                return " It looks like '"
                        + FileNames.spelled(label)
                        + "', and is '"
                        + FileNames.spelled(name)
                        + "'.";
            }
        }
        for (String label : labels) {
            if (label.toLowerCase(Locale.ROOT).equals(name.toLowerCase(Locale.ROOT))) {
                return " It differs from '" + label + "' in upper and lower case.";
            }
        }
        return "";
    }

    /**
     * The classes in the order wanted.
     *
     * @param train where they were found
     * @param found names of class folders
     * @param wanted what the key labels names; empty for the natural order
     */
    static List<String> ordered(Path train, Set<String> found, List<String> wanted)
            throws IOException {
        List<String> all = found.stream().sorted(FileNames.NATURAL).toList();
        if (wanted.isEmpty()) {
            return all;
        }
        for (String label : wanted) {
            if (!found.contains(label)) {
                throw Folders.odd(
                        train,
                        "has no class folder '"
                                + label
                                + "', which labels names; expected "
                                + String.join(", ", all)
                                + " in any order."
                                + near(label, all)
                                + " Mend labels.");
            }
        }
        for (String label : all) {
            if (!wanted.contains(label)) {
                throw Folders.odd(
                        train,
                        "has a class folder '"
                                + label
                                + "' that labels does not name; expected all of "
                                + String.join(", ", all)
                                + "."
                                + near(label, wanted)
                                + " Add it to labels, or move the folder away.");
            }
        }
        return wanted;
    }
}
