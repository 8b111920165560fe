// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.Option;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.mien.core.MienException;
import org.mien.core.Plugins;
import org.mien.core.Predictions;
import org.mien.core.Predictions.Drawn;
import org.mien.core.Predictions.DrawnFace;

/** {@code fer:generate}. */
@Service
@Command(
        scope = "fer",
        name = "generate",
        description = "Writes the pictures that a run's method draws of images")
public final class Generate extends ImageCommand<Drawn> {
    @Reference Plugins plugins;
    @Reference Predictions predictions;

    /** Answers that may wait to be written; then the platform waits too. */
    private static final int WAITING = 32;

    @Option(name = "--output", description = "Folder to write to; it is made if it does not exist")
    String output;

    @Option(name = "--replace", description = "Replace files that are there")
    boolean replace;

    @Argument(
            index = 1,
            name = "IMAGE",
            description =
                    "Image files, folders of them, patterns such as 'photos/**/*.jpg', and"
                            + " key=value for keys that count for this call only",
            required = true,
            multiValued = true)
    @Completion(ImageFiles.class)
    List<String> images;

    /** What was asked for, as typed, by the beginning of the names of its files. */
    private final Map<String, String> names = new LinkedHashMap<>();

    private List<String> order;
    private Path folder;
    private int files;
    private int errors;

    @Override
    void run() {
        List<String> typed = plain(images);
        List<String> keys = new ArrayList<>(typed);
        keys.removeIf(argument -> !isKey(argument));
        typed.removeAll(keys);
        if (output == null) {
            throw new MienException("--output must name a folder for the pictures");
        }
        if (typed.isEmpty()) {
            throw new MienException("nothing to draw: give image files");
        }
        folder = file(output);
        List<ImagePaths.Image> found = ImagePaths.of(screen.folder(), typed, this::told);
        for (ImagePaths.Image image : found) {
            String name = image.path().getFileName().toString().replaceFirst("(?<=.)\\.[^.]*$", "");
            String other = names.put(name, image.typed());
            if (other != null) {
                throw new MienException(
                        "'"
                                + other
                                + "' and '"
                                + image.typed()
                                + "' would be written under one name, '"
                                + name
                                + "'. Generate them into different folders");
            }
            free(folder.resolve(name + "-strip.png"));
        }
        order = List.copyOf(names.keySet());
        make();
        ask(
                order.size(),
                WAITING,
                "; what was written stays",
                (answer, stop) ->
                        predictions.generate(
                                run,
                                TypedKeys.of(keys, plugins, screen.folder()),
                                found.stream().map(ImagePaths.Image::path).toList(),
                                answer,
                                stop));
        if (!json) {
            facts(
                    "images", Text.count(order.size()),
                    "files", Text.count(files),
                    "errors", Text.count(errors),
                    "folder", folder.toString());
        }
        if (errors > 0) {
            throw new MienException(errors + " of " + order.size() + " images could not be drawn");
        }
    }

    private void make() {
        if (Files.isDirectory(folder)) {
            return;
        }
        Path above = folder.getParent();
        if (above == null || !Files.isDirectory(above)) {
            throw new MienException("folder '" + above + "' does not exist; make it first");
        }
        try {
            Files.createDirectory(folder);
        } catch (IOException e) {
            throw failed(folder, e);
        }
    }

    private static MienException failed(Path path, IOException e) {
        return new MienException(
                "'"
                        + path
                        + "' cannot be written: "
                        + e.getMessage()
                        + ". Check that its folder can be written and the disk has room");
    }

    private void free(Path path) {
        if (!replace && Files.exists(path)) {
            throw new MienException(
                    "'" + path + "' exists; name another folder, or say --replace to replace it");
        }
    }

    @Override
    void take(int index, Drawn answer) {
        String name = order.get(index);
        String typed = names.get(name);
        List<List<String>> written = new ArrayList<>();
        for (int i = 0; i < answer.faces().size(); i++) {
            String start = answer.faces().size() == 1 ? name : name + "-" + (i + 1);
            written.add(write(start, answer.faces().get(i)));
        }
        if (answer.error() != null) {
            errors++;
        }
        if (json) {
            screen.line(
                    Json.line(
                            answer.error() == null
                                    ? Json.object("path", typed, "faces", written)
                                    : Json.object("path", typed, "error", answer.error())));
        } else if (answer.error() != null) {
            screen.line(typed + ": error: " + answer.error());
        } else if (written.isEmpty()) {
            screen.line(typed + ": no face was found");
        } else {
            written.forEach(all -> screen.line(typed + ": " + String.join(", ", all)));
        }
    }

    /** Writes the pictures of a face; gives the names of the files. */
    private List<String> write(String start, DrawnFace face) {
        Map<String, byte[]> all = new LinkedHashMap<>();
        face.pictures()
                .forEach((picture, png) -> all.put(start + "-" + word(picture) + ".png", png));
        all.put(start + "-strip.png", face.strip());
        all.keySet().forEach(name -> free(folder.resolve(name)));
        all.forEach((name, png) -> write(folder.resolve(name), png));
        files += all.size();
        return List.copyOf(all.keySet());
    }

    /** {@code Poker face} as {@code poker-face}. */
    private static String word(String picture) {
        return picture.toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N}]+", "-");
    }

    /** Whole or not at all. */
    private static void write(Path target, byte[] png) {
        Path part = target.resolveSibling(target.getFileName() + ".part");
        try {
            try (FileOutputStream out = new FileOutputStream(part.toFile())) {
                out.write(png);
                out.getFD().sync();
            }
            Files.move(
                    part,
                    target,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            part.toFile().delete();
            throw failed(target, e);
        }
    }
}
