// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.model;

import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.mien.api.data.Sample.Split;
import org.mien.core.Value;
import org.mien.core.internal.data.Splits;
import org.mien.core.internal.pipeline.BoundPipeline;
import org.mien.core.internal.pipeline.Built;
import org.mien.core.internal.pipeline.Overlay;
import org.mien.core.internal.pipeline.Recipes;
import org.mien.core.internal.plugin.Registry;
import org.mien.core.internal.run.Checkpoint;
import org.mien.core.internal.run.RunFolders;
import org.mien.engine.Torch;
import org.mien.nn.spi.Weights;

/** A run's chosen checkpoint, loaded to predict; held by one job or {@code OpenRun}. */
public final class TrainedRun implements Answering {
    private final Registry registry;
    private final Torch torch;
    private final Path run;
    private final Map<String, String> overrides;
    private final BoundPipeline bound;
    private final String dataset;
    private final Built built;
    private final Checkpoint.Opened opened;
    private final Weights weights;
    private final Predictor predictor;

    /**
     * Loads what predicts of a run.
     *
     * @param overrides keys that count for this use only
     */
    public TrainedRun(Registry registry, Torch torch, Path run, Map<String, String> overrides) {
        this(registry, torch, run, overrides, false, true);
    }

    /**
     * Loads a run to predict pictures, for which its dataset need not be there.
     *
     * @param overrides keys that count for this use only
     * @param draws whether parts of training are loaded, too, since the method may draw with them
     */
    public static TrainedRun forPictures(
            Registry registry,
            Torch torch,
            Path run,
            Map<String, String> overrides,
            boolean draws) {
        return new TrainedRun(registry, torch, run, overrides, draws, false);
    }

    /**
     * Loads a run.
     *
     * @param overrides keys that count for this use only
     * @param draws whether parts of training are loaded, too, since the method may draw with them
     * @param data whether its dataset and its evaluators must be there
     */
    private TrainedRun(
            Registry registry,
            Torch torch,
            Path run,
            Map<String, String> overrides,
            boolean draws,
            boolean data) {
        this.registry = registry;
        this.torch = torch;
        this.run = run;
        this.overrides = overrides;
        RunFolders.Config config = RunFolders.config(run);
        Map<String, Value> values = values(config, overrides);
        bound =
                data
                        ? BoundPipeline.of(registry, config.pipeline(), values)
                        : BoundPipeline.predicting(registry, config.pipeline(), values);
        dataset = values.containsKey("dataset") ? values.get("dataset").value() : "";
        opened = Checkpoint.open(run.resolve(RunFolders.BEST));
        try {
            built = bound.build(config.targets());
            if (draws) {
                built.phases(counts(config));
            }
            weights = new Weights(Devices.device(torch, bound));
        } catch (RuntimeException e) {
            opened.close();
            throw e;
        }
        try {
            built.parts().inference().forEach(weights::add);
            if (built.parts().gallery() != null) {
                built.parts().training().forEach(weights::add);
            }
            opened.checkpoint().under(weights, "run '" + run.getFileName() + "' cannot be used");
        } catch (RuntimeException e) {
            close();
            throw e;
        }
        predictor = new Predictor(bound, built, weights, torch);
    }

    /**
     * The keys of a run.
     *
     * @param overrides keys that count for this use only
     */
    public static Map<String, Value> values(
            RunFolders.Config config, Map<String, String> overrides) {
        return Overlay.of(config.values(), Recipes.typed(overrides));
    }

    /** Training samples of each class. */
    private static long[] counts(RunFolders.Config config) {
        Map<String, Integer> known =
                config.data() == null
                        ? Map.of()
                        : config.data().classes().getOrDefault(Splits.word(Split.TRAIN), Map.of());
        return config.targets().classes().stream()
                .mapToLong(label -> known.getOrDefault(label, 1))
                .toArray();
    }

    /** The same run, with what its method draws with. */
    @Override
    public TrainedRun drawing() {
        return new TrainedRun(registry, torch, run, overrides, true, true);
    }

    /** Another run, to predict. */
    @Override
    public TrainedRun other(Path other) {
        return new TrainedRun(registry, torch, other, Map.of());
    }

    @Override
    public String id() {
        return run.getFileName().toString();
    }

    /** Names of the keys that count for this use only. */
    public Set<String> given() {
        return overrides.keySet();
    }

    /** Its dataset, for messages. */
    public String dataset() {
        return dataset;
    }

    public Path folder() {
        return run;
    }

    /** Memory of its weights, in bytes; on a CPU they are packed and not there twice. */
    public long bytes() {
        return Float.BYTES
                * weights.entries().values().stream().mapToLong(one -> one.var().size()).sum();
    }

    @Override
    public BoundPipeline bound() {
        return bound;
    }

    @Override
    public Built built() {
        return built;
    }

    @Override
    public Predictor predictor() {
        return predictor;
    }

    @Override
    public void close() {
        weights.close();
        opened.close();
    }
}
