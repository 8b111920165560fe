// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import java.io.IOException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.FileVisitor;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.mien.api.data.FileNames;
import org.mien.core.MienException;

/**
 * Files, folders and patterns as people type them, as files. A folder stands for the images in it
 * and below, by the ending of their names, but for litter that systems leave there; a pattern
 * ({@code *}, {@code ?}, {@code [..]}, {@code {..}}, and {@code **} across folders) for every file
 * that it matches, where no file has that name. Both are sorted; links are followed, but not in
 * circles.
 */
final class ImagePaths {
    /**
     * An image.
     *
     * @param typed its path, as the one who typed it would write it
     * @param path absolute
     */
    record Image(String typed, Path path) {}

    private static final Pattern GLOB = Pattern.compile(".*[*?\\[{].*", Pattern.DOTALL);

    private static final int DEEPEST = 64;
    private static final int MOST = 5_000_000;

    private final Path folder;
    private final List<Image> images = new ArrayList<>();
    private final List<String> leftOut = new ArrayList<>();

    private ImagePaths(Path folder) {
        this.folder = folder;
    }

    /**
     * Finds them.
     *
     * @param folder that relative paths start from
     * @param typed what was typed
     * @return images in the order typed; a file that does not exist is one of them
     */
    static List<Image> of(Path folder, List<String> typed) {
        return of(folder, typed, words -> {});
    }

    /**
     * Finds them.
     *
     * @param folder that relative paths start from
     * @param typed what was typed
     * @param tell told, for each folder, which files in it are no images by their names
     * @return images in the order typed; a file that does not exist is one of them
     */
    static List<Image> of(Path folder, List<String> typed, Consumer<String> tell) {
        ImagePaths paths = new ImagePaths(folder);
        typed.forEach(paths::add);
        paths.leftOut.forEach(tell);
        return paths.images;
    }

    private void add(String typed) {
        Path path = path(typed);
        if (Files.isDirectory(path)) {
            Map<String, Integer> others = new TreeMap<>();
            int found =
                    walk(
                            typed,
                            path,
                            file -> {
                                boolean picture = FileNames.isPicture(name(file));
                                if (!picture) {
                                    others.merge(FileNames.ending(name(file)), 1, Integer::sum);
                                }
                                return picture;
                            });
            if (found == 0) {
                throw new MienException(
                        "folder '"
                                + typed
                                + "' has no images: no file in it ends in "
                                + FileNames.pictures()
                                + (others.isEmpty() ? "" : "; it has " + counted(others)));
            }
            if (!others.isEmpty()) {
                leftOut.add("left out of '" + typed + "', no images: " + counted(others));
            }
        } else if (GLOB.matcher(typed).matches() && !Files.exists(path)) {
            glob(typed);
        } else {
            images.add(new Image(typed, path));
        }
    }

    /** Endings with how many files have them, the most frequent first. */
    private static String counted(Map<String, Integer> endings) {
        return String.join(
                ", ",
                endings.entrySet().stream()
                        .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
                        .limit(8)
                        .map(
                                one ->
                                        (one.getKey().isEmpty()
                                                        ? "without an ending"
                                                        : "." + one.getKey())
                                                + " "
                                                + one.getValue())
                        .toList());
    }

    private Path path(String typed) {
        return path(folder, typed);
    }

    /** A path that starts from a folder where it is relative. */
    static Path path(Path folder, String typed) {
        try {
            return folder.resolve(typed).toAbsolutePath().normalize();
        } catch (InvalidPathException e) {
            throw new MienException("'" + typed + "' is not a path: " + e.getReason());
        }
    }

    private static String name(Path path) {
        return path.getFileName() == null ? "" : path.getFileName().toString();
    }

    /** The folder above the first part with a wildcard is walked, and matched against the rest. */
    private void glob(String typed) {
        int wild = 0;
        while (!GLOB.matcher(typed.substring(0, wild + 1)).matches()) {
            wild++;
        }
        int slash = Math.max(typed.lastIndexOf('/', wild), folder(typed));
        String above = slash < 0 ? "" : slash == 0 ? "/" : typed.substring(0, slash);
        String rest = typed.substring(slash + 1);
        Path root = path(above);
        PathMatcher matcher;
        try {
            matcher = root.getFileSystem().getPathMatcher("glob:" + rest);
        } catch (PatternSyntaxException e) {
            throw new MienException(
                    "'" + typed + "' is not a pattern of paths: " + e.getDescription());
        }
        // As in shells, **/a matches a itself too.
        PathMatcher direct =
                rest.startsWith("**/")
                        ? root.getFileSystem().getPathMatcher("glob:" + rest.substring(3))
                        : matcher;
        int found =
                Files.isDirectory(root)
                        ? walk(
                                above,
                                root,
                                file -> {
                                    Path below = root.relativize(file);
                                    return matcher.matches(below) || direct.matches(below);
                                })
                        : 0;
        if (found == 0) {
            throw new MienException("no file matches '" + typed + "'");
        }
    }

    /**
     * Where the name ends of the folder that is there as it was typed, wildcards and all; or -1.
     */
    private int folder(String typed) {
        int slash = typed.lastIndexOf('/');
        while (slash > 0 && !Files.isDirectory(path(typed.substring(0, slash)))) {
            slash = typed.lastIndexOf('/', slash - 1);
        }
        return slash;
    }

    /** Adds the files below a folder that are wanted, sorted by path; how many. */
    private int walk(String typed, Path root, Predicate<Path> wanted) {
        List<Path> files = new ArrayList<>();
        FileVisitor<Path> visitor =
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult preVisitDirectory(Path at, BasicFileAttributes about) {
                        boolean litter = !at.equals(root) && FileNames.isLitter(name(at));
                        return litter ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFile(Path path, BasicFileAttributes about) {
                        // A link that leads nowhere is an image that cannot be read.
                        boolean file = about.isRegularFile() || about.isSymbolicLink();
                        if (file && !FileNames.isLitter(name(path)) && wanted.test(path)) {
                            files.add(path);
                            if (files.size() + images.size() > MOST) {
                                throw new MienException(
                                        String.format(
                                                Locale.ROOT,
                                                "'%s' and what came before it are more than %,d"
                                                        + " images; name fewer",
                                                typed,
                                                MOST));
                            }
                        }
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFileFailed(Path file, IOException e) {
                        // A circle of links: what it leads to is walked already.
                        if (e instanceof FileSystemLoopException) {
                            return FileVisitResult.CONTINUE;
                        }
                        throw new MienException(
                                "'"
                                        + file
                                        + "' cannot be read ("
                                        + e.getClass().getSimpleName()
                                        + ")");
                    }
                };
        try {
            Files.walkFileTree(root, EnumSet.of(FileVisitOption.FOLLOW_LINKS), DEEPEST, visitor);
        } catch (IOException e) {
            throw new MienException("folder '" + root + "' cannot be read: " + e.getMessage());
        }
        files.sort(Comparator.comparing(file -> root.relativize(file).toString()));
        String start = typed.isEmpty() || typed.endsWith("/") ? typed : typed + "/";
        for (Path file : files) {
            images.add(new Image(start + root.relativize(file), file));
        }
        return files.size();
    }
}
