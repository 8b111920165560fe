// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.mien.api.InputSpec;
import org.mien.api.data.Picture;
import org.mien.api.data.Sample;
import org.mien.api.data.Sample.Split;
import org.mien.core.MienException;
import org.mien.core.internal.data.Loader;
import org.mien.core.internal.data.Splits;
import org.mien.core.internal.evaluate.MistakePictures;
import org.mien.core.internal.io.Atomic;
import org.mien.core.internal.io.Json;
import org.mien.core.internal.model.Drawings;
import org.mien.core.internal.model.Predictor;
import org.mien.core.internal.pipeline.BoundPipeline;
import org.mien.core.internal.pipeline.PlatformKeys;
import org.mien.core.internal.run.RunFolders;
import org.mien.vision.Images;

/**
 * {@code gallery/} in a run's folder: what the method draws of the same few samples after some
 * epochs, so that one sees it learn. A strip is a PNG with a row for each sample and a column for
 * each picture; {@code strips.json} says which. Nothing is drawn that a report may not show, see
 * the key {@code report.images}.
 */
public final class Gallery {
    private static final String FOLDER = "gallery";

    /** The longest side of a picture, in pixels. */
    private static final int SIDE = 96;

    /**
     * A strip.
     *
     * @param epoch after which it was drawn, from 1
     * @param columns names of the pictures
     * @param samples ids, a row each
     */
    public record Strip(int epoch, List<String> columns, List<String> samples) {
        private String name() {
            return String.format(Locale.ROOT, "epoch-%04d.png", epoch);
        }

        /** Its picture. */
        public Path file(Path run) {
            return run.resolve(FOLDER).resolve(name());
        }
    }

    /** What {@code strips.json} holds. */
    private record Index(List<Strip> strips) {}

    private final Path run;
    private final PlatformKeys.Report keys;
    private final int epochs;
    private final List<Sample> samples;
    private final InputSpec input;
    private boolean empty;

    /** The gallery of a run that trains. */
    Gallery(Path run, BoundPipeline bound, Splits splits, InputSpec input) {
        this.run = run;
        this.input = input;
        keys = bound.report();
        epochs = bound.loop().epochs();
        List<Sample> validation = splits.of(Split.VALIDATION);
        samples =
                MistakePictures.allowed(bound, splits)
                        ? (validation.isEmpty() ? splits.of(Split.TRAIN) : validation)
                                .stream()
                                        .sorted(Comparator.comparing(Sample::id))
                                        .limit(keys.gallery())
                                        .toList()
                        : List.of();
    }

    /**
     * Draws, where it is time to. A run that goes on draws the strips of what it does again as they
     * were.
     *
     * @param done epochs done
     * @param last whether it is the last one
     * @param predictor with the weights of all parts that the method draws with
     */
    void draw(int done, boolean last, Predictor predictor, Loader loader) throws IOException {
        boolean due = done == 1 || last || done == epochs || done % keys.galleryEvery() == 0;
        if (!due || empty || samples.isEmpty()) {
            return;
        }
        List<Map<String, List<Picture>>> drawn = new ArrayList<>();
        int[] order = Predictor.inOrder(samples.size());
        loader.each(samples, order, order.length, -1, one -> drawn.add(predictor.pictures(one)));
        predictor.rest();
        Map<String, List<Picture>> pictures = drawn.get(0);
        empty = pictures.isEmpty();
        if (empty) {
            return;
        }
        double scale = Math.min(1, (double) SIDE / Math.max(input.width(), input.height()));
        Picture strip =
                Drawings.strip(
                        IntStream.range(0, samples.size())
                                .mapToObj(
                                        i -> pictures.values().stream().map(p -> p.get(i)).toList())
                                .toList(),
                        (int) Math.max(1, Math.round(scale * input.width())),
                        (int) Math.max(1, Math.round(scale * input.height())));
        keep(
                new Strip(
                        done,
                        List.copyOf(pictures.keySet()),
                        samples.stream().map(Sample::id).toList()),
                Images.encodePng(strip));
    }

    /** The picture first: what the index names is there. */
    private void keep(Strip strip, byte[] png) throws IOException {
        Path folder = Files.createDirectories(run.resolve(FOLDER));
        Atomic.write(folder.resolve(strip.name()), out -> out.write(png));
        List<Strip> all = new ArrayList<>(strips(run));
        all.removeIf(one -> one.epoch() == strip.epoch());
        all.add(strip);
        all.sort(Comparator.comparingInt(Strip::epoch));
        Atomic.write(index(run), Json.pretty(new Index(all)));
    }

    private static Path index(Path run) {
        return run.resolve(FOLDER).resolve("strips.json");
    }

    /** The strips of a run, in the order of the epochs. */
    public static List<Strip> strips(Path run) {
        if (!Files.exists(index(run))) {
            return List.of();
        }
        List<Strip> strips = RunFolders.read(index(run), Index.class).strips();
        boolean ours =
                strips != null
                        && strips.stream()
                                .allMatch(
                                        strip ->
                                                strip != null
                                                        && strip.epoch() > 0
                                                        && strip.columns() != null
                                                        && strip.samples() != null);
        if (!ours) {
            throw new MienException(
                    index(run) + " does not say what was drawn; remove the folder it lies in");
        }
        return strips;
    }

    /** Files of the strips of a run, in its folder, in the order of the epochs. */
    public static List<String> files(Path run) {
        return strips(run).stream().map(strip -> FOLDER + "/" + strip.name()).toList();
    }
}
