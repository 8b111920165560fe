// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.features;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.mien.api.Feature;
import org.mien.api.InputSpec;
import org.mien.api.net.Tap;
import org.mien.api.net.Trunk;
import org.mien.core.Features;
import org.mien.core.MienException;
import org.mien.core.internal.io.Atomic;
import org.mien.core.internal.io.Json;
import org.mien.core.internal.model.StartValues;
import org.mien.core.internal.pipeline.BoundBackbone;
import org.mien.core.internal.plugin.Border;
import org.mien.core.internal.run.RunFolders;
import org.mien.core.internal.run.StartedFrom;
import org.mien.engine.Scope;
import org.mien.engine.Torch;
import org.mien.nn.spi.Cost;
import org.mien.nn.spi.Images;
import org.mien.nn.spi.TorchPass;
import org.mien.nn.spi.Weights;
import org.mien.weights.Npy;
import org.mien.weights.Npz;

/**
 * Features of a backbone, into files of bounded size. Each file appears when it is complete; {@code
 * NAME.json} beside them says what they are, so that the same order goes on where it was broken off
 * and another one does not.
 */
final class Extraction implements AutoCloseable {
    private static final String WEIGHTS = "weights";

    /** Bytes of the input of a batch. */
    private static final long BATCH_BYTES = 1L << 30;

    /**
     * What files were made of, as {@code NAME.json} keeps it.
     *
     * @param backbone id
     * @param version of its bundle
     * @param keys that were given or that the pipeline has
     * @param weights what was loaded, in words
     * @param sha256 of the file of weights
     * @param stage whose feature it is
     * @param gives the feature in words
     * @param taps further arrays
     * @param input what was read
     * @param size of the input of the network
     * @param items how many things were read
     * @param itemsSha256 which they were
     * @param perFile items of a file
     * @param files their names
     * @param complete whether all are there
     */
    private record Manifest(
            String backbone,
            String version,
            Map<String, String> keys,
            String weights,
            String sha256,
            String stage,
            String gives,
            List<String> taps,
            String input,
            String size,
            int items,
            String itemsSha256,
            int perFile,
            List<String> files,
            boolean complete) {
        String text(boolean whole) {
            return Json.pretty(
                    new Manifest(
                            backbone,
                            version,
                            keys,
                            weights,
                            sha256,
                            stage,
                            gives,
                            taps,
                            input,
                            size,
                            items,
                            itemsSha256,
                            perFile,
                            files,
                            whole));
        }
    }

    private final Features.Order order;
    private final BoundBackbone backbone;
    private final FeatureSource source;
    private final Map<String, String> keys;
    private final long fileBytes;
    private final Device device;
    private final Torch torch;
    private final InputSpec input;
    private final Trunk trunk;
    private final Feature feature;
    private final Weights weights;
    private final String started;
    private final String sha256;
    private final ExecutorService loader =
            Executors.newSingleThreadExecutor(
                    work -> {
                        Thread thread = new Thread(work, "mien-features");
                        thread.setDaemon(true);
                        thread.setContextClassLoader(Extraction.class.getClassLoader());
                        return thread;
                    });

    /**
     * Opens the network.
     *
     * @param source what is read; closed with this
     * @param keys for the record
     * @param file of weights, or null
     * @param fileBytes of the arrays of a file, which are in memory until it is written
     */
    Extraction(
            Features.Order order,
            BoundBackbone backbone,
            FeatureSource source,
            Map<String, String> keys,
            Path file,
            long fileBytes,
            Torch torch) {
        this.order = order;
        this.backbone = backbone;
        this.source = source;
        this.keys = keys;
        this.fileBytes = fileBytes;
        this.torch = torch;
        device = torch.device("auto");
        input = source.input();
        Trunk whole = backbone.trunk(input);
        feature = wanted(whole);
        trunk = whole.upTo(feature);
        long image = 12L * input.height() * input.width();
        if (order.batch() < 1 || order.batch() > BATCH_BYTES / image) {
            throw new MienException(
                    "a batch of "
                            + order.batch()
                            + " images; expected 1 to "
                            + BATCH_BYTES / image
                            + " of "
                            + input.height()
                            + " x "
                            + input.width()
                            + " pixels");
        }
        weights = new Weights(device);
        try {
            weights.add("backbone", trunk);
            weights.fill(1);
            if (file == null) {
                started = "none: the weights are drawn, by the seed 1";
                sha256 = "";
            } else {
                StartedFrom given =
                        StartValues.backbone(WEIGHTS, backbone.entry(), trunk, weights, file);
                started = given.words().substring(WEIGHTS.length() + 2);
                sha256 = given.sha256();
            }
        } catch (RuntimeException e) {
            weights.close();
            throw e;
        }
    }

    private Feature wanted(Trunk whole) {
        List<Feature> features = whole.features();
        return Border.call(
                backbone.entry(),
                () -> {
                    if (order.stage().isEmpty()) {
                        return order.kind().isEmpty()
                                ? features.get(features.size() - 1)
                                : whole.feature(kind());
                    }
                    Feature found = whole.feature(order.stage());
                    if (!order.kind().isEmpty() && found.kind() != kind()) {
                        throw new IllegalArgumentException(
                                "stage '"
                                        + found.name()
                                        + "' gives "
                                        + found.words()
                                        + ", no "
                                        + kind());
                    }
                    return found;
                });
    }

    private Feature.Kind kind() {
        return Arrays.stream(Feature.Kind.values())
                .filter(kind -> kind.name().toLowerCase(Locale.ROOT).equals(order.kind()))
                .findFirst()
                .orElseThrow(
                        () ->
                                new MienException(
                                        "kind '"
                                                + order.kind()
                                                + "' is unknown; expected map, vector or tokens"));
    }

    /** Rows of the files, by name of the array. */
    private static final class Rows {
        private final List<FeatureSource.Row> of = new ArrayList<>();
        private final Map<String, List<float[]>> pieces = new LinkedHashMap<>();
        private final Map<String, long[]> axes = new LinkedHashMap<>();

        void add(String name, NDArray array) {
            long[] shape = array.getShape().getShape();
            axes.put(name, Arrays.copyOfRange(shape, 1, shape.length));
            pieces.computeIfAbsent(name, key -> new ArrayList<>()).add(Weights.elements(array));
        }

        Map<String, Npy> arrays() {
            Map<String, Npy> arrays = new LinkedHashMap<>();
            pieces.forEach(
                    (name, some) -> {
                        long[] rest = axes.get(name);
                        long[] shape = new long[rest.length + 1];
                        shape[0] = of.size();
                        System.arraycopy(rest, 0, shape, 1, rest.length);
                        long elements = new Shape(shape).size();
                        arrays.put(
                                name,
                                new Npy(
                                        "<f4",
                                        shape,
                                        4 * elements,
                                        out -> {
                                            for (float[] piece : some) {
                                                Npy.floats(piece, piece.length).elements().to(out);
                                            }
                                        }));
                    });
            return arrays;
        }

        long bytes() {
            return pieces.values().stream()
                    .flatMap(List::stream)
                    .mapToLong(piece -> 4L * piece.length)
                    .sum();
        }
    }

    /**
     * Writes the files.
     *
     * @param progress told the items done and those there are
     * @param stop asked at each batch
     */
    Features.Written write(BiConsumer<Integer, Integer> progress, BooleanSupplier stop) {
        int items = source.size();
        int perFile = perFile();
        List<Path> files = files((items + perFile - 1) / perFile);
        Manifest manifest =
                new Manifest(
                        backbone.entry().id(),
                        backbone.entry().version(),
                        keys,
                        started,
                        sha256,
                        feature.name(),
                        feature.words(),
                        order.taps(),
                        source.words(),
                        input.height() + " x " + input.width(),
                        items,
                        source.sha256(),
                        perFile,
                        files.stream().map(file -> file.getFileName().toString()).toList(),
                        false);
        Path record = Path.of(base() + ".json");
        int kept = begin(record, manifest, files);
        try {
            for (int i = 0; i < files.size(); i++) {
                int from = i * perFile;
                int to = Math.min(items, from + perFile);
                if (!Files.exists(files.get(i))) {
                    write(files.get(i), rows(from, to, progress, stop));
                }
                progress.accept(to, items);
            }
            Atomic.write(record, manifest.text(true));
        } catch (IOException e) {
            throw new MienException(
                    "features cannot be written to "
                            + order.output().getParent()
                            + ": "
                            + e.getMessage()
                            + ". Check that the folder can be written and the disk has room; the"
                            + " same command then goes on");
        }
        return new Features.Written(
                backbone.entry().id(),
                feature.name(),
                feature.words(),
                started,
                items,
                files,
                kept,
                record);
    }

    /** The files asked for; several where one would be too large. */
    private List<Path> files(int count) {
        return count == 1
                ? List.of(order.output())
                : IntStream.rangeClosed(1, count)
                        .mapToObj(
                                i -> Path.of(String.format(Locale.ROOT, "%s-%05d.npz", base(), i)))
                        .toList();
    }

    private String base() {
        return order.output().toString().replaceFirst("[.]npz$", "");
    }

    /** Items of a file: whole batches, as many as its bytes allow. */
    private int perFile() {
        long bytes = 4 * Cost.axes(feature).size();
        if (!order.taps().isEmpty()) {
            Rows rows = new Rows();
            float[] image = new float[3 * input.height() * input.width()];
            run(FeatureSource.Loaded.floats(List.of(FeatureSource.Row.of(0)), image), rows);
            bytes = rows.bytes();
        }
        long batches = Math.max(1, fileBytes / bytes / order.batch());
        return (int) Math.min(Integer.MAX_VALUE - 1L, batches * order.batch());
    }

    /** Checks what is there; how many files are. */
    private int begin(Path record, Manifest manifest, List<Path> files) {
        Path folder = order.output().getParent();
        if (!Files.isDirectory(folder)) {
            throw new MienException("the folder " + folder + " does not exist; make it first");
        }
        try {
            if (Files.exists(record)) {
                String there = Files.size(record) > 1 << 20 ? "" : Files.readString(record);
                if (!there.equals(manifest.text(false)) && !there.equals(manifest.text(true))) {
                    throw new MienException(
                            record
                                    + " is of other features than those asked for now: it says what"
                                    + " was read, the backbone, its keys and weights. Name another"
                                    + " --output, or remove it and its files");
                }
            } else {
                for (Path file : files) {
                    RunFolders.free(file);
                }
                Atomic.write(record, manifest.text(false));
            }
        } catch (IOException e) {
            throw new MienException(record + " cannot be written: " + e.getMessage());
        }
        return (int) files.stream().filter(Files::exists).count();
    }

    private Rows rows(
            int from, int to, BiConsumer<Integer, Integer> progress, BooleanSupplier stop) {
        Rows rows = new Rows();
        Future<FeatureSource.Loaded> next = null;
        for (int at = from; at < to; at += order.batch()) {
            if (stop.getAsBoolean()) {
                throw new MienException(
                        "stopped after "
                                + from
                                + " of "
                                + source.size()
                                + " that are written; the same command goes on");
            }
            Future<FeatureSource.Loaded> now = next == null ? ahead(at, to) : next;
            int then = at + order.batch();
            next = then < to ? ahead(then, to) : null;
            run(await(now), rows);
            progress.accept(Math.min(then, to), source.size());
        }
        return rows;
    }

    private Future<FeatureSource.Loaded> ahead(int from, int end) {
        int to = Math.min(end, from + order.batch());
        return loader.submit(() -> source.load(from, to));
    }

    private FeatureSource.Loaded await(Future<FeatureSource.Loaded> loaded) {
        try {
            return loaded.get();
        } catch (ExecutionException e) {
            throw Border.words(source.words(), List.of(backbone.entry()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new MienException("features were interrupted; the same command goes on");
        }
    }

    private void run(FeatureSource.Loaded loaded, Rows rows) {
        Border.act(backbone.entry(), () -> forward(loaded, rows));
        rows.of.addAll(loaded.rows());
        finite(loaded, rows.pieces.get("features"));
    }

    private void forward(FeatureSource.Loaded loaded, Rows rows) {
        int n = loaded.rows().size();
        try (Scope scope = torch.inference(device)) {
            NDArray x =
                    loaded.pixels() == null
                            ? scope.manager()
                                    .create(
                                            loaded.values(),
                                            new Shape(n, 3, input.height(), input.width()))
                            : Images.tensor(scope.manager(), loaded.pixels(), n, input);
            TorchPass pass = TorchPass.inference(weights, scope);
            order.taps().forEach(tap -> pass.ask(tap));
            NDArray y = trunk.run(pass, x, null, feature);
            rows.add("features", y);
            for (String tap : order.taps()) {
                List<Tap> tapped = pass.tapped(tap);
                if (tapped.isEmpty()) {
                    throw new MienException(
                            backbone.entry().who()
                                    + " offers no '"
                                    + tap
                                    + "' up to the stage '"
                                    + feature.name()
                                    + "'; every backbone offers output, vision transformers"
                                    + " attention");
                }
                for (int i = 0; i < tapped.size(); i++) {
                    // What a stage gives has its name; of a stage there may be several others.
                    boolean whole = tap.equals(Trunk.OUTPUT);
                    String name = whole ? tapped.get(i).grid().name() : Integer.toString(i);
                    rows.add(tap + "." + name, tapped.get(i).value());
                }
            }
        }
    }

    private void finite(FeatureSource.Loaded loaded, List<float[]> pieces) {
        float[] last = pieces.get(pieces.size() - 1);
        for (int i = 0; i < last.length; i++) {
            if (!Float.isFinite(last[i])) {
                int row = i / (last.length / loaded.rows().size());
                throw new MienException(
                        "the features of "
                                + source.name(loaded.rows().get(row).item())
                                + " are not finite. Check the weights (fer:weights-show) and that"
                                + " the input is scaled as they expect");
            }
        }
    }

    private void write(Path file, Rows rows) throws IOException {
        Map<String, Npy> arrays = rows.arrays();
        source.beside(arrays, rows.of);
        Atomic.write(file, out -> Npz.write(out, arrays));
    }

    @Override
    public void close() {
        loader.shutdownNow();
        try {
            loader.awaitTermination(60, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        weights.close();
    }
}
