// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.evaluate;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.mien.api.data.Picture;
import org.mien.api.data.Sample;
import org.mien.core.internal.data.Splits;
import org.mien.core.internal.io.Atomic;
import org.mien.core.internal.io.Json;
import org.mien.core.internal.pipeline.BoundPipeline;
import org.mien.core.internal.run.RunFolders;
import org.mien.vision.Images;
import org.mien.vision.Limits;

/**
 * {@code pictures-SPLIT.json}: small pictures of the worst mistakes, sample id to PNG in base 64.
 * It exists only where they may be shown, see the key {@code report.images}.
 */
public final class MistakePictures {
    private static final int SIDE = 80;
    private static final Pattern BASE64 = Pattern.compile("[A-Za-z0-9+/]++={0,2}");
    private static final int SMALL = 65_538;
    private static final int LONGEST = 8 << 20;

    /** Sample id to PNG in base 64. */
    private static final class Content extends LinkedHashMap<String, String> {
        private static final long serialVersionUID = 1L;
    }

    private MistakePictures() {}

    private static Path file(Path run, String split) {
        return run.resolve("pictures-" + split + ".json");
    }

    /** Whether pictures of the dataset may be kept for a report. */
    public static boolean allowed(BoundPipeline bound, Splits splits) {
        return switch (bound.report().images()) {
            case NONE -> false;
            case PUBLISHABLE -> splits.publishable();
            case ALL -> true;
        };
    }

    /** Keeps them where that is allowed, and none of an earlier evaluation where it is not. */
    static void write(Path run, String split, BoundPipeline bound, Splits splits)
            throws IOException {
        Files.deleteIfExists(file(run, split));
        if (!allowed(bound, splits)) {
            return;
        }
        Set<String> wanted = new LinkedHashSet<>();
        for (Answers.Mistake mistake : AnswersFile.summary(run, split).mistakes()) {
            wanted.add(mistake.id());
        }
        Map<String, String> pictures = new LinkedHashMap<>();
        for (Sample sample : splits.of(Splits.parse(split))) {
            if (wanted.contains(sample.id())) {
                byte[] png = Images.encodePng(small(splits.read(sample), bound.image().limits()));
                pictures.put(sample.id(), Base64.getEncoder().encodeToString(png));
            }
        }
        Atomic.write(file(run, split), Json.pretty(pictures));
    }

    private static Path foundFile(Path run, String split) {
        return run.resolve("findings-" + split + ".json");
    }

    /** Keeps what evaluators drew, by name, where that is allowed. */
    public static void found(
            Path run, String split, BoundPipeline bound, Splits splits, Map<String, Picture> drawn)
            throws IOException {
        Files.deleteIfExists(foundFile(run, split));
        if (drawn.isEmpty() || !allowed(bound, splits)) {
            return;
        }
        Map<String, String> pictures = new LinkedHashMap<>();
        drawn.forEach(
                (name, picture) ->
                        pictures.put(
                                name,
                                Base64.getEncoder().encodeToString(Images.encodePng(picture))));
        Atomic.write(foundFile(run, split), Json.pretty(pictures));
    }

    /** What evaluators drew, name to PNG in base 64. */
    public static Map<String, String> found(Path run, String split) {
        return read(foundFile(run, split), LONGEST);
    }

    private static Picture small(Picture picture, Limits limits) throws IOException {
        Picture whole = picture.isEncoded() ? Images.decode(picture, limits) : picture;
        double scale = Math.min(1, (double) SIDE / Math.max(whole.width(), whole.height()));
        return Images.resize(
                whole,
                (int) Math.max(1, Math.round(whole.width() * scale)),
                (int) Math.max(1, Math.round(whole.height() * scale)));
    }

    /** What was kept; nothing that is no picture of ours. */
    public static Map<String, String> read(Path run, String split) {
        return read(file(run, split), SMALL);
    }

    private static Map<String, String> read(Path file, int longest) {
        if (!Files.exists(file)) {
            return Map.of();
        }
        Map<String, String> pictures = new LinkedHashMap<>(RunFolders.read(file, Content.class));
        pictures.values()
                .removeIf(
                        text ->
                                text == null
                                        || text.length() > longest
                                        || !BASE64.matcher(text).matches());
        return pictures;
    }
}
