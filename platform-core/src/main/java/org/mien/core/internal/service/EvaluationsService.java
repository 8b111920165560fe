// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.service;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.mien.api.data.Sample.Split;
import org.mien.core.Evaluations;
import org.mien.core.internal.data.Splits;
import org.mien.core.internal.evaluate.Comparer;
import org.mien.core.internal.evaluate.Evaluating;
import org.mien.core.internal.model.TrainedRun;
import org.mien.core.internal.plugin.Leases;
import org.mien.core.internal.plugin.Registry;
import org.mien.core.internal.report.Reports;
import org.mien.core.internal.run.RunFolders;
import org.mien.engine.Torch;

/** {@link Evaluations}. */
final class EvaluationsService implements Evaluations {
    private final Registry registry;
    private final Torch torch;
    private final RunFolders runs;
    private final Leases leases;
    private final Consumer<String> report;

    EvaluationsService(
            Registry registry,
            Torch torch,
            RunFolders runs,
            Leases leases,
            Consumer<String> report) {
        this.registry = registry;
        this.torch = torch;
        this.runs = runs;
        this.leases = leases;
        this.report = report;
    }

    @Override
    public Evaluation evaluate(String run, String split, Map<String, String> overrides) {
        Split wanted = Splits.parse(split);
        Path folder = runs.find(run);
        return leases.run(
                "the evaluation of run '" + folder.getFileName() + "'",
                lease -> {
                    try (TrainedRun trained = new TrainedRun(registry, torch, folder, overrides)) {
                        Evaluation evaluation =
                                Evaluating.evaluate(trained, registry, lease, wanted, runs::find);
                        RunFolders.write(folder, evaluation, overrides);
                        Reports.afterwards(() -> report.accept(run));
                        return evaluation;
                    }
                },
                () -> {});
    }

    @Override
    public Comparison compare(List<String> names, String split) {
        String wanted = Splits.word(Splits.parse(split));
        Map<String, Path> folders = new LinkedHashMap<>();
        names.stream()
                .map(runs::find)
                .forEach(folder -> folders.put(folder.getFileName().toString(), folder));
        return new Comparer(folders, wanted).compare();
    }
}
