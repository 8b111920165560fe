// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.evaluate;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.mien.api.data.Sample;
import org.mien.api.data.Sample.Split;
import org.mien.api.data.Target;
import org.mien.api.data.Targets;
import org.mien.core.Evaluations;
import org.mien.core.MienException;
import org.mien.core.internal.data.BadPictures;
import org.mien.core.internal.data.ClassNames;
import org.mien.core.internal.data.Loader;
import org.mien.core.internal.data.PictureCache;
import org.mien.core.internal.data.Splits;
import org.mien.core.internal.model.Answering;
import org.mien.core.internal.model.TrainedRun;
import org.mien.core.internal.pipeline.BoundEvaluator;
import org.mien.core.internal.pipeline.BoundPipeline;
import org.mien.core.internal.pipeline.Built;
import org.mien.core.internal.pipeline.IdleKeys;
import org.mien.core.internal.plugin.Border;
import org.mien.core.internal.plugin.Holding;
import org.mien.core.internal.plugin.Kind;
import org.mien.core.internal.plugin.Leases;
import org.mien.core.internal.plugin.Registry;
import org.mien.core.internal.plugin.Words;

/** Lets the evaluators of a run judge it. */
public final class Evaluating {
    private Evaluating() {}

    /**
     * Judges a run.
     *
     * @param trained the run, which stays open
     * @param registry the evaluators there are, for an error
     * @param lease holds the plugins, and ends it when one goes
     * @param split on what
     * @param folders folder of a run, by its id
     * @param into folder that answers and pictures are written to
     */
    public static Evaluations.Evaluation evaluate(
            TrainedRun trained,
            Registry registry,
            Leases.Lease lease,
            Split split,
            Function<String, Path> folders,
            Path into) {
        lease.hold(trained.bound().plugins());
        BoundPipeline bound = trained.bound();
        Built built = trained.built();
        Targets learnt = built.parts().targets();
        try (Splits splits = new Splits(bound, learnt);
                Loader loader =
                        new Loader(
                                bound, built.parts().input(), splits::read, PictureCache.none())) {
            fit(learnt, splits.targets());
            Collected findings = new Collected();
            splits.notes().forEach(findings::note);
            BadPictures.before(bound, splits, split).words().forEach(findings::note);
            if (bound.judges().isEmpty()) {
                throw new MienException(
                        "the run has no evaluators. Say which on the command line: evaluators="
                                + String.join(",", registry.ids(Kind.EVALUATOR)));
            }
            try (RunResults results =
                    new RunResults(trained, splits, splits.some(split), loader, lease, folders)) {
                for (BoundEvaluator judge : bound.judges()) {
                    findings.of(judge.entry().id());
                    judge(judge, bound, results, findings);
                }
                IdleKeys.outsideOfTraining(bound, trained.given()).forEach(findings::note);
                if (!learnt.kinds().isEmpty()) {
                    AnswersFile.write(into, Splits.word(split), results);
                    MistakePictures.write(into, Splits.word(split), bound, splits);
                }
                MistakePictures.found(into, Splits.word(split), bound, splits, findings.pictures());
                return findings.of(results.run(), Splits.word(split), results.samples().size());
            }
        } catch (IOException e) {
            throw new MienException(
                    "the evaluation cannot be written to "
                            + into
                            + ": "
                            + e.getMessage()
                            + ". Check that the folder can be written and the disk has room.");
        }
    }

    /**
     * A metric.
     *
     * @param value NaN when it was stopped
     * @param share whether it is one, 0 to 1
     */
    public record Measured(double value, boolean share) {}

    /**
     * A metric that an evaluator gives of a network.
     *
     * @param network what is judged
     * @param samples on what
     * @param judge the evaluator
     * @param name of its metric
     * @param stop asked at each batch; after true what is given is of no use
     * @throws MienException when it gives no such metric
     */
    public static Measured metric(
            Answering network,
            Splits splits,
            List<Sample> samples,
            Loader loader,
            BoundEvaluator judge,
            String name,
            BooleanSupplier stop) {
        Collected findings = new Collected();
        boolean[] stopped = {false};
        Holding training =
                new Holding() {
                    @Override
                    public void hold(Collection<Registry.Entry> entries) {
                        throw new MienException("no other run can be asked while one trains");
                    }

                    @Override
                    public void check() {
                        stopped[0] = stop.getAsBoolean();
                        if (stopped[0]) {
                            throw new MienException("its run is halted");
                        }
                    }
                };
        try (RunResults results =
                new RunResults(
                        network,
                        splits,
                        samples,
                        loader,
                        training,
                        id -> {
                            throw new MienException("no other run can be asked while one trains");
                        })) {
            judge(judge, network.bound(), results, findings);
        } catch (MienException e) {
            if (stopped[0]) {
                return new Measured(Double.NaN, false);
            }
            throw e;
        }
        Map<String, Double> metrics = findings.metrics();
        Double found = metrics.get(name);
        if (found == null) {
            throw new MienException(
                    "select = "
                            + judge.entry().id()
                            + "."
                            + name
                            + ": "
                            + judge.entry().who()
                            + " gives no metric '"
                            + name
                            + "'."
                            + Words.nearest(name, metrics.keySet())
                                    .map(near -> " Did you mean '" + near + "'?")
                                    .orElse("")
                            + " It gives "
                            + String.join(", ", metrics.keySet()));
        }
        return new Measured(found, findings.shares().contains(name));
    }

    /** An evaluator asks the network, and so calls all other plugins. */
    private static void judge(
            BoundEvaluator judge, BoundPipeline bound, RunResults results, Collected findings) {
        Border.call(
                judge.entry(),
                bound.plugins(),
                () -> {
                    judge.entry().evaluator().evaluate(results, judge.settings(), findings);
                    return null;
                });
    }

    /** Refuses a dataset that is labelled with nothing of a kind that the run has learnt. */
    private static void fit(Targets learnt, Targets there) {
        for (Target kind : learnt.kinds()) {
            if (ClassNames.of(there, kind).isEmpty()) {
                throw new MienException(
                        "the dataset has no "
                                + ClassNames.word(kind)
                                + ", the run was trained on "
                                + ClassNames.list(ClassNames.of(learnt, kind))
                                + ". Take a dataset that is labelled with them");
            }
        }
    }
}
