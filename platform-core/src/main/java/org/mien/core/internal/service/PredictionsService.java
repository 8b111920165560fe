// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.service;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.mien.core.MienException;
import org.mien.core.Predictions;
import org.mien.core.internal.model.TrainedRun;
import org.mien.core.internal.plugin.Leases;
import org.mien.core.internal.plugin.Registry;
import org.mien.core.internal.predict.OpenModel;
import org.mien.core.internal.predict.OpenRun;
import org.mien.core.internal.predict.OpenRuns;
import org.mien.core.internal.predict.Photographs;
import org.mien.core.internal.run.RunFolders;
import org.mien.engine.Torch;

/** {@link Predictions}. */
final class PredictionsService implements Predictions {
    private final Registry registry;
    private final Torch torch;
    private final RunFolders runs;
    private final OpenRuns open;
    private final Leases leases;
    private final Set<OpenModel> models = ConcurrentHashMap.newKeySet();

    PredictionsService(
            Registry registry, Torch torch, RunFolders runs, OpenRuns open, Leases leases) {
        this.registry = registry;
        this.torch = torch;
        this.runs = runs;
        this.open = open;
        this.leases = leases;
    }

    @Override
    public void predict(
            String run,
            Map<String, String> overrides,
            List<Path> images,
            List<String> samples,
            Consumer<Prediction> answer,
            BooleanSupplier stop) {
        if (images.isEmpty() && samples.isEmpty()) {
            throw new MienException(
                    "nothing to predict: give image files, or --sample with the id of a sample");
        }
        Path folder = runs.find(run);
        AtomicBoolean interrupted = new AtomicBoolean();
        leases.run(
                "the prediction of run '" + folder.getFileName() + "'",
                lease -> {
                    try (OpenRuns.Use use = open.use(folder, overrides)) {
                        try (Photographs photographs = new Photographs(use.run(), torch)) {
                            photographs.answer(
                                    images,
                                    samples,
                                    answer,
                                    () ->
                                            stop.getAsBoolean()
                                                    || interrupted.get()
                                                    || lease.isOver());
                        }
                        lease.check();
                        use.keep();
                    }
                    return null;
                },
                () -> interrupted.set(true));
    }

    @Override
    public Model open(String run, Map<String, String> overrides, Room room) {
        OpenModel model =
                new OpenModel(
                        () -> runs.find(run),
                        overrides,
                        room,
                        open,
                        leases,
                        registry,
                        torch,
                        models::remove);
        models.add(model);
        return model;
    }

    /** Closes what is still open. */
    void close() {
        List.copyOf(models).forEach(OpenModel::close);
    }

    @Override
    public void generate(
            String run,
            Map<String, String> overrides,
            List<Path> images,
            Consumer<Drawn> answer,
            BooleanSupplier stop) {
        Path folder = runs.find(run);
        AtomicBoolean interrupted = new AtomicBoolean();
        leases.run(
                "the drawing of run '" + folder.getFileName() + "'",
                lease -> {
                    OpenRun drawing =
                            new OpenRun(
                                    folder,
                                    of ->
                                            TrainedRun.forPictures(
                                                    registry, torch, of, overrides, true));
                    try (Photographs photographs = new Photographs(drawing, torch)) {
                        photographs.draw(
                                images,
                                answer,
                                () -> stop.getAsBoolean() || interrupted.get() || lease.isOver());
                    } finally {
                        drawing.leave();
                    }
                    lease.check();
                    return null;
                },
                () -> interrupted.set(true));
    }
}
