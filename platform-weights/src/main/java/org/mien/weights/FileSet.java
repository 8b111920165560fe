// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.weights;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which files weights lie in: one, the pieces of a large model (Hugging Face's {@code
 * pytorch_model-00001-of-00002.bin} with their {@code .index.json}), or those of a folder.
 *
 * @param shown what stands for them in messages
 * @param files one at least
 * @param tensors what the index says lies in which file; empty without one
 */
record FileSet(Path shown, List<Path> files, Map<String, String> tensors) {
    private static final int LONGEST_INDEX = 16 << 20;
    private static final int MOST_FILES = 1000;
    private static final int SHOWN = 8;

    private static final Pattern PIECE = Pattern.compile("(.+)-(\\d{5})-of-(\\d{5})(\\.\\w+)?");

    /** Files of weights that a folder is known to have, the better ones first. */
    private static final List<String> KNOWN =
            List.of(
                    "best.safetensors",
                    "model.safetensors",
                    "model.safetensors.index.json",
                    "pytorch_model.bin",
                    "pytorch_model.bin.index.json",
                    "pytorch_model.safetensors",
                    "open_clip_model.safetensors",
                    "open_clip_pytorch_model.bin",
                    "diffusion_pytorch_model.safetensors",
                    "model.pth",
                    "model.pt");

    /** How names of files of weights end. */
    static final Set<String> ENDINGS =
            Set.of(
                    "safetensors",
                    "pth",
                    "pt",
                    "bin",
                    "npz",
                    "npy",
                    "ckpt",
                    "pkl",
                    "tar",
                    "th",
                    "t7");

    /** Finds them. */
    static FileSet of(Path place) throws BadWeights {
        if (Files.isDirectory(place)) {
            return folder(place);
        }
        if (!Files.isRegularFile(place)) {
            throw new BadWeights(
                    place
                            + (Files.exists(place) ? " is no file" : " does not exist")
                            + "; expected a file of weights");
        }
        String name = place.getFileName().toString();
        if (name.endsWith(".index.json")) {
            return index(place);
        }
        Matcher piece = PIECE.matcher(name);
        return piece.matches()
                ? pieces(place, piece)
                : new FileSet(place, List.of(place), Map.of());
    }

    private static BadWeights bad(Path place, String why) {
        return new BadWeights(place + " cannot be used: " + why + ".");
    }

    private static FileSet folder(Path folder) throws BadWeights {
        List<Path> all;
        try (Stream<Path> list = Files.list(folder)) {
            all = list.filter(Files::isRegularFile).sorted().limit(10_000).toList();
        } catch (IOException e) {
            throw new BadWeights(folder + " cannot be read: " + BadWeights.reason(e));
        }
        for (String known : KNOWN) {
            if (Files.isRegularFile(folder.resolve(known))) {
                return of(folder.resolve(known));
            }
        }
        List<Path> weights = new ArrayList<>();
        Set<String> sets = new LinkedHashSet<>();
        for (Path file : all) {
            String name = file.getFileName().toString();
            Matcher piece = PIECE.matcher(name);
            boolean wanted = ENDINGS.contains(ending(name));
            if (wanted && (!piece.matches() || sets.add(piece.group(1) + piece.group(4)))) {
                weights.add(file);
            }
        }
        if (weights.size() == 1) {
            return of(weights.get(0));
        }
        if (weights.isEmpty()) {
            throw bad(folder, "it is a folder without a file of weights" + others(all));
        }
        throw bad(
                folder,
                "it is a folder with "
                        + weights.size()
                        + " files of weights; name one of them: "
                        + names(weights));
    }

    /** What else a folder may be. */
    private static String others(List<Path> all) {
        Set<String> names =
                all.stream().map(file -> file.getFileName().toString()).collect(Collectors.toSet());
        if (names.contains("data.pkl")) {
            return ": it is an unpacked file of torch.save; pack it again (zip -0 -r FILE.pth"
                    + " FOLDER)";
        }
        if (names.contains("saved_model.pb")
                || names.stream().anyMatch(name -> name.contains(".data-00000-of-"))) {
            return ": it is a model of TensorFlow, which is not read. Save its variables in Python"
                    + " with numpy.savez or safetensors";
        }
        return all.isEmpty() ? ", and is empty" : "; it has " + names(all);
    }

    private static String names(Collection<Path> files) {
        String some =
                files.stream()
                        .limit(SHOWN)
                        .map(file -> file.getFileName().toString())
                        .collect(Collectors.joining(", "));
        return files.size() > SHOWN ? some + ", .." : some;
    }

    static String ending(String name) {
        return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    }

    private static FileSet pieces(Path one, Matcher name) throws BadWeights {
        String ending = name.group(4) == null ? "" : name.group(4);
        Path index = one.resolveSibling(name.group(1) + ending + ".index.json");
        if (Files.isRegularFile(index)) {
            return index(index);
        }
        int count = Integer.parseInt(name.group(3));
        if (count < 1 || count > MOST_FILES) {
            throw bad(one, "it says that it is one of " + count + "; the most are " + MOST_FILES);
        }
        List<Path> files = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            String piece = String.format(Locale.ROOT, "-%05d-of-%05d", i, count);
            files.add(one.resolveSibling(name.group(1) + piece + ending));
        }
        return complete(one, files, Map.of());
    }

    private static FileSet index(Path index) throws BadWeights {
        Map<String, String> tensors = new LinkedHashMap<>();
        try {
            if (Files.size(index) > LONGEST_INDEX) {
                throw bad(index, "an index has at most " + LONGEST_INDEX + " bytes");
            }
            JsonElement root = JsonParser.parseString(Files.readString(index));
            JsonObject map = root.getAsJsonObject().getAsJsonObject("weight_map");
            for (Map.Entry<String, JsonElement> entry : map.entrySet()) {
                tensors.put(entry.getKey(), entry.getValue().getAsString());
            }
        } catch (BadWeights e) {
            throw e;
        } catch (IOException e) {
            throw new BadWeights(index + " cannot be read: " + BadWeights.reason(e));
        } catch (JsonParseException
                | IllegalStateException
                | NullPointerException
                | ClassCastException
                | UnsupportedOperationException
                | StackOverflowError e) {
            throw bad(index, "it is no index of weights: it has no 'weight_map' of names");
        }
        Set<String> names = new TreeSet<>(tensors.values());
        if (names.isEmpty() || names.size() > MOST_FILES) {
            throw bad(index, "it names " + names.size() + " files; expected 1 to " + MOST_FILES);
        }
        List<Path> files = new ArrayList<>();
        for (String name : names) {
            if (!name.matches("[\\w.][\\w. -]{0,200}") || name.contains("..")) {
                throw bad(
                        index,
                        "it names the file '"
                                + Shown.shorten(name)
                                + "'; expected names of files beside it");
            }
            files.add(index.resolveSibling(name));
        }
        return complete(index, files, tensors);
    }

    private static FileSet complete(Path shown, List<Path> files, Map<String, String> tensors)
            throws BadWeights {
        List<Path> missing = files.stream().filter(file -> !Files.isRegularFile(file)).toList();
        if (!missing.isEmpty()) {
            throw bad(
                    shown,
                    "its weights lie in "
                            + files.size()
                            + " files, and "
                            + missing.size()
                            + " of them are not beside it: "
                            + names(missing)
                            + ". Download them, too");
        }
        return new FileSet(shown, files, tensors);
    }
}
