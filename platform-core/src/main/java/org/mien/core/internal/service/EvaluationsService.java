// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.service;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.mien.api.data.Sample.Split;
import org.mien.core.Evaluations;
import org.mien.core.MienException;
import org.mien.core.Sweeps;
import org.mien.core.internal.data.Splits;
import org.mien.core.internal.evaluate.Comparer;
import org.mien.core.internal.evaluate.Evaluating;
import org.mien.core.internal.evaluate.EvaluationFolders;
import org.mien.core.internal.evaluate.OutputsFile;
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
    private final Supplier<Sweeps> sweeps;

    EvaluationsService(
            Registry registry,
            Torch torch,
            RunFolders runs,
            Leases leases,
            Consumer<String> report,
            Supplier<Sweeps> sweeps) {
        this.registry = registry;
        this.torch = torch;
        this.runs = runs;
        this.leases = leases;
        this.report = report;
        this.sweeps = sweeps;
    }

    @Override
    public Evaluation evaluate(
            String run, String name, String split, Map<String, String> overrides) {
        Split wanted = Splits.parse(split);
        Path folder = runs.find(run);
        EvaluationFolders.Place place = EvaluationFolders.place(folder, name, overrides);
        return leases.run(
                "the evaluation of run '" + folder.getFileName() + "'",
                lease -> {
                    try (TrainedRun trained = new TrainedRun(registry, torch, folder, overrides)) {
                        place.make();
                        Evaluation evaluation =
                                Evaluating.evaluate(
                                                trained,
                                                registry,
                                                lease,
                                                wanted,
                                                runs::find,
                                                place.folder())
                                        .as(place.name(), place.keys());
                        RunFolders.write(place.folder(), evaluation);
                        Reports.afterwards(() -> report.accept(run));
                        return evaluation;
                    }
                },
                () -> {});
    }

    @Override
    public Outputs outputs(
            String run,
            String split,
            Map<String, String> overrides,
            List<String> names,
            Path file) {
        Split wanted = Splits.parse(split);
        Path folder = runs.find(run);
        RunFolders.free(file);
        return leases.run(
                "the outputs of run '" + folder.getFileName() + "'",
                lease -> {
                    try (TrainedRun trained = new TrainedRun(registry, torch, folder, overrides)) {
                        return OutputsFile.write(trained, lease, wanted, names, runs::find, file);
                    }
                },
                () -> {});
    }

    @Override
    public List<Evaluation> all(String run) {
        return EvaluationFolders.all(runs.find(run));
    }

    @Override
    public Comparison compare(List<String> names, String split) {
        Map<String, Path> folders = new LinkedHashMap<>();
        Map<String, Path> judged = new LinkedHashMap<>();
        String wanted = split;
        for (String name : names) {
            int colon = name.indexOf(':');
            String run = colon < 0 ? name : name.substring(0, colon);
            Optional<Sweeps.Sweep> sweep =
                    colon >= 0 || runs.exists(name) ? Optional.empty() : sweep(name);
            if (sweep.isPresent()) {
                wanted = wanted.isEmpty() ? sweep.get().split() : wanted;
                for (String done : done(sweep.get())) {
                    folders.put(done, runs.find(done));
                    judged.put(done, folders.get(done));
                }
                continue;
            }
            Path folder = runs.find(run);
            String of = folder.getFileName() + (colon < 0 ? "" : name.substring(colon));
            folders.put(of, folder);
            judged.put(
                    of, EvaluationFolders.find(folder, colon < 0 ? "" : name.substring(colon + 1)));
        }
        String on = Splits.word(Splits.parse(wanted.isEmpty() ? "test" : wanted));
        return new Comparer(folders, judged, on).compare();
    }

    private Optional<Sweeps.Sweep> sweep(String name) {
        return sweeps.get().all().stream().filter(one -> one.name().equals(name)).findFirst();
    }

    private static List<String> done(Sweeps.Sweep sweep) {
        List<String> done =
                sweep.cells().stream()
                        .flatMap(cell -> cell.runs().stream())
                        .filter(run -> run.state().equals("DONE"))
                        .map(Sweeps.CellRun::run)
                        .distinct()
                        .toList();
        if (done.isEmpty()) {
            throw new MienException(
                    "sweep '"
                            + sweep.name()
                            + "' has no run that is done. fer:sweep "
                            + sweep.name()
                            + " trains them");
        }
        return done;
    }
}
