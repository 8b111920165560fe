// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.train;

import ai.djl.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.mien.api.data.Sample;
import org.mien.api.data.Sample.Split;
import org.mien.api.method.Phase;
import org.mien.api.run.RunEvent;
import org.mien.core.MienException;
import org.mien.core.internal.data.DataWords;
import org.mien.core.internal.data.Loader;
import org.mien.core.internal.data.PictureCache;
import org.mien.core.internal.data.Sampler;
import org.mien.core.internal.data.Splits;
import org.mien.core.internal.model.Devices;
import org.mien.core.internal.model.Predictor;
import org.mien.core.internal.model.StartValues;
import org.mien.core.internal.model.StepBatch;
import org.mien.core.internal.pipeline.BoundPipeline;
import org.mien.core.internal.pipeline.Built;
import org.mien.core.internal.pipeline.PlatformKeys;
import org.mien.core.internal.run.Ending;
import org.mien.core.internal.run.JobState;
import org.mien.core.internal.run.Progress;
import org.mien.core.internal.run.RunFolders;
import org.mien.core.internal.run.RunLog;
import org.mien.core.internal.run.StartedFrom;
import org.mien.engine.Scope;
import org.mien.engine.Torch;
import org.mien.nn.spi.Average;
import org.mien.nn.spi.EpochEnd;
import org.mien.nn.spi.TorchPass;
import org.mien.nn.spi.Weights;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one training loop: owns batches, epochs, checkpoints and progress. */
public final class TrainingLoop {
    private static final Logger LOG = LoggerFactory.getLogger(TrainingLoop.class);

    private final BoundPipeline bound;
    private final Splits splits;
    private final Path run;
    private final Torch torch;
    private final RunLog log;
    private final Supplier<Ending> halt;
    private final LongConsumer leaks;
    private final RunFolders.State before;
    private final Sampler sampler;
    private final List<Sample> training;
    private final long[] labels;
    private final float[] classWeights;
    private final long perEpoch;
    private final int seen;
    private final long startNanos = System.nanoTime();
    private Progress progress = new Progress();
    private List<StartedFrom> starts = List.of();
    private Validation chooser;
    private final List<String> told;
    private List<String> warnings = List.of();
    private String slow = "";
    private boolean begun;
    private boolean moved;
    private Ending halted;

    /** What an attempt works with. */
    private record Bench(
            Built built,
            Weights weights,
            Average average,
            List<PhaseUpdate> phases,
            Loader loader,
            Snapshot snapshot,
            Validation validation,
            Predictor drawer,
            Gallery gallery) {}

    /**
     * A loop of one run, which goes on where its last checkpoint, if there is one, was written.
     *
     * @param halt asked at each step: null to go on, or how the run is to end here
     * @param leaks told how many arrays a step left behind
     * @param before how the run stood before
     * @param told warnings that are to be said as it begins, with its own
     */
    public TrainingLoop(
            BoundPipeline bound,
            Splits splits,
            Path run,
            Torch torch,
            RunLog log,
            Supplier<Ending> halt,
            LongConsumer leaks,
            RunFolders.State before,
            List<String> told) {
        this.told = told;
        this.bound = bound;
        this.splits = splits;
        this.run = run;
        this.torch = torch;
        this.log = log;
        this.halt = halt;
        this.leaks = leaks;
        this.before = before;
        training = splits.some(Split.TRAIN);
        labels = training.stream().mapToLong(Sample::label).toArray();
        classWeights = classWeights(splits.counts());
        sampler = sampler(bound, splits);
        int size = bound.loop().batch();
        // A single sample has no batch statistics: it waits for an epoch that puts it elsewhere.
        seen = seen(sampler.length(), size);
        perEpoch = steps(sampler.length(), size);
    }

    /** What an epoch of a run goes through. */
    public static Sampler sampler(BoundPipeline bound, Splits splits) {
        return new Sampler(
                bound.data().sampler(),
                bound.data().repeatBelow(),
                bound.parts().seed(),
                splits.some(Split.TRAIN));
    }

    /**
     * Trains to the end, or until told to halt.
     *
     * @param begins told the steps done before, when the run is about to make the next one
     * @return how it ended; a checkpoint of that moment is written
     */
    public Ending train(Device device, LongConsumer begins) throws IOException {
        loop(device, begins);
        return halted == null
                ? new Ending(JobState.DONE, "")
                : new Ending(halted.state(), halted.text() + " after step " + progress.step());
    }

    /** How the run stands, in the words of {@code run.json}. */
    public RunFolders.State state(Ending ending) {
        if (!begun) {
            return before.with(ending);
        }
        return new RunFolders.State(
                bound.pipeline(),
                ending.state(),
                before.started(),
                before.seconds() + (System.nanoTime() - startNanos) / 1e9,
                progress.epoch(),
                progress.bestEpoch(),
                bound.selection().name(),
                progress.bestValue(),
                ending.text(),
                shares());
    }

    private static int seen(int length, int batch) {
        return length > 1 && batch > 1 && length % batch == 1 ? length - 1 : length;
    }

    /**
     * Steps of an epoch.
     *
     * @param length samples that it goes through
     * @param batch samples of a step
     */
    public static long steps(int length, int batch) {
        return (seen(length, batch) + batch - 1) / batch;
    }

    /** What files of weights and earlier runs gave; nothing for a run that goes on. */
    public List<StartedFrom> starts() {
        return starts;
    }

    /** What cannot take effect in the run, in words. */
    public List<String> warnings() {
        return warnings;
    }

    /** Whether a step was made. */
    public boolean moved() {
        return moved;
    }

    private void save() throws IOException {
        RunFolders.write(run, state(new Ending(JobState.RUNNING, "")));
    }

    private RunEvent event(RunEvent.Kind kind, int epoch, Map<String, Double> values, String text) {
        return new RunEvent(
                run.getFileName().toString(),
                bound.pipeline(),
                kind,
                epoch,
                bound.loop().epochs(),
                progress.step(),
                perEpoch * bound.loop().epochs(),
                values,
                text,
                shares());
    }

    /** Names of the numbers that are shares: of the platform's own, and of what chooses epochs. */
    private Set<String> shares() {
        Set<String> shares = new TreeSet<>(before.shares());
        for (String phase : bound.plan().phases().keySet()) {
            shares.add(phase.equals("train") ? "accuracy" : phase + ".accuracy");
        }
        if (chooser != null) {
            shares.addAll(chooser.shares());
        }
        return shares;
    }

    private void loop(Device device, LongConsumer begins) throws IOException {
        List<Sample> validation = splits.of(Split.VALIDATION);
        Built built = bound.build(splits.read(bound.plan()));
        List<Phase> phases = built.phases(splits.counts());
        checkEpochs(phases);
        try (Weights weights = new Weights(device);
                Loader loader =
                        new Loader(
                                bound,
                                built.parts().input(),
                                splits::read,
                                PictureCache.of(bound))) {
            built.parts().hang(weights);
            weights.fill(bound.parts().seed());
            boolean fresh = !Files.exists(run.resolve(RunFolders.LAST));
            if (fresh) {
                starts = StartValues.load(bound, built, weights, run.getParent());
            }
            List<PhaseUpdate> updates = new ArrayList<>();
            for (Phase phase : phases) {
                updates.add(new PhaseUpdate(bound, phase, weights));
            }
            checkWatched(updates, validation);
            try (Average average =
                    bound.loop().ema() > 0
                            ? new Average(weights, built.parts().inference(), bound.loop().ema())
                            : null) {
                Weights used = average == null ? weights : average.weights();
                Predictor predictor = new Predictor(bound, built, used, torch);
                Bench bench =
                        new Bench(
                                built,
                                weights,
                                average,
                                updates,
                                loader,
                                new Snapshot(
                                        weights,
                                        average,
                                        updates,
                                        bound.plan().mayRelabel() ? labels : null),
                                new Validation(
                                        bound,
                                        splits,
                                        run.getFileName().toString(),
                                        built,
                                        predictor,
                                        loader,
                                        phases),
                                // Parts of training have no average: where they draw, all is as it
                                // stands.
                                built.parts().gallery() == null
                                        ? predictor
                                        : new Predictor(bound, built, weights, torch),
                                new Gallery(run, bound, splits, built.parts().input()));
                if (!fresh) {
                    String otherwise = "run '" + run.getFileName() + "' cannot go on";
                    progress = bench.snapshot().restore(run.resolve(RunFolders.LAST), otherwise);
                    if (progress.step() != progress.epoch() * perEpoch + progress.batches()) {
                        throw new MienException(
                                otherwise
                                        + ": after "
                                        + progress.epoch()
                                        + " epochs it has "
                                        + progress.step()
                                        + " steps, and an epoch has "
                                        + perEpoch
                                        + " now. Bring the data and the batch size back");
                    }
                }
                chooser = bench.validation();
                slow = Devices.slow(torch, device);
                warnings = new ArrayList<>(told);
                warnings.addAll(
                        WithoutEffect.in(
                                bound, splits, perEpoch, updates, built.parts().gallery() != null));
                warnings.forEach(one -> LOG.warn("run {}: {}", run.getFileName(), one));
                begun = true;
                log.keep(progress.epoch(), progress.step());
                save();
                begins.accept(progress.step());
                log.tell(event(RunEvent.Kind.STARTED, progress.epoch(), Map.of(), began()));
                if (fresh) {
                    bench.validation().rehearse(this::halts);
                }
                epochs(bench);
            }
        }
    }

    private void epochs(Bench bench) throws IOException {
        while (halted == null && progress.epoch() < bound.loop().epochs() && !stoppedEarly()) {
            Map<String, Double> means = epoch(bench);
            if (halted == null) {
                endOfEpoch(means, bench);
            }
        }
        if (halted != null) {
            log.flush();
            bench.snapshot().last(progress).write(run.resolve(RunFolders.LAST));
        }
    }

    /** What is to be said as it begins, on lines. */
    private String began() {
        StringBuilder text = new StringBuilder(splits.validation());
        DataWords.atStart(splits).forEach(line -> text.append('\n').append(line));
        starts.forEach(one -> text.append('\n').append(one.words()));
        warnings.forEach(one -> text.append("\nwarning: ").append(one));
        text.append(slow.isEmpty() ? "" : "\nslow: " + slow);
        return text.toString();
    }

    /** Whether to end here. */
    private boolean halts() {
        halted = halt.get();
        return halted != null;
    }

    /** Weights that make classes count alike, with a mean of 1 over the samples; or null. */
    private float[] classWeights(long[] counts) {
        if (bound.loop().classWeights() == PlatformKeys.ClassWeights.NONE) {
            return null;
        }
        double all = Arrays.stream(counts).sum();
        float[] weights = new float[counts.length];
        for (int k = 0; k < weights.length; k++) {
            weights[k] = counts[k] == 0 ? 0 : (float) (all / (counts.length * counts[k]));
        }
        return weights;
    }

    /** Whether nothing has become better for as long as the user wants to wait. */
    private boolean stoppedEarly() {
        int patience = bound.loop().patience();
        return patience > 0 && progress.sinceBest() >= patience;
    }

    private void checkEpochs(List<Phase> phases) {
        for (int i = 0; i < bound.loop().epochs(); i++) {
            int epoch = i;
            if (phases.stream().noneMatch(phase -> phase.due(epoch))) {
                throw new MienException(
                        "in epoch "
                                + (epoch + 1)
                                + " of train.epochs = "
                                + bound.loop().epochs()
                                + " no phase of "
                                + bound.method().who()
                                + " trains anything. Set train.epochs to "
                                + epoch
                                + ", or the method's keys so that a phase lasts longer");
            }
        }
    }

    private void checkWatched(List<PhaseUpdate> phases, List<Sample> validation) {
        if (!validation.isEmpty()) {
            return;
        }
        String watches =
                phases.stream().anyMatch(PhaseUpdate::watches)
                        ? "train.schedule = plateau"
                        : bound.loop().patience() > 0
                                ? "train.patience"
                                : bound.selection().chosen()
                                        ? "select = " + bound.selection().name()
                                        : null;
        if (watches != null) {
            throw new MienException(
                    watches
                            + " watches the validation split, and there is none."
                            + " Set data.validation above 0");
        }
    }

    /** The rest of an epoch, as far as nothing halts it; gives its means. */
    private Map<String, Double> epoch(Bench bench) throws IOException {
        int epoch = progress.epoch();
        int done = Math.min(seen, progress.batches() * bound.loop().batch());
        int[] order = Arrays.copyOf(sampler.epoch(epoch), seen);
        long begin = System.nanoTime();
        long[] images = {0};
        bench.loader()
                .each(
                        training,
                        order,
                        done,
                        bound.loop().batch(),
                        epoch,
                        loaded -> {
                            if (halts()) {
                                return false;
                            }
                            long strays = torch.strays();
                            Map<String, Double> values = step(loaded, bench);
                            if (torch.strays() > strays) {
                                leaks.accept(torch.strays() - strays);
                            }
                            moved = true;
                            log.line("step", epoch, progress.step(), values);
                            progress.batchDone(values, loaded.samples().size());
                            images[0] += loaded.samples().size();
                            log.tell(event(RunEvent.Kind.STEP, epoch, now(images[0], begin), ""));
                            return true;
                        });
        log.check();
        return now(images[0], begin);
    }

    private Map<String, Double> now(long images, long begin) {
        Map<String, Double> now = progress.means().values();
        now.put("images/s", images / ((System.nanoTime() - begin) / 1e9));
        return now;
    }

    private long[] labels(Loader.Loaded loaded) {
        return Arrays.stream(loaded.positions()).mapToLong(i -> labels[i]).toArray();
    }

    private Map<String, Double> step(Loader.Loaded loaded, Bench bench) {
        Map<String, Double> values = new LinkedHashMap<>();
        int epoch = progress.epoch();
        long[] now = labels(loaded);
        try (Scope scope = torch.training(bench.weights().device())) {
            StepBatch batch =
                    new StepBatch(
                            scope.manager(),
                            bench.built().parts().input(),
                            loaded,
                            bench.built().parts().targets(),
                            bound.plan().learned(),
                            now,
                            bound.plan().mayRelabel(),
                            bound.loop().smoothing(),
                            classWeights);
            TorchPass pass = pass(bench.weights(), scope);
            PhaseUpdate.Moment moment =
                    new PhaseUpdate.Moment(
                            progress.step(), perEpoch, bound.loop().epochs(), progress.drops());
            boolean updated = false;
            for (PhaseUpdate one : bench.phases()) {
                if (one.phase().due(epoch, progress.step())) {
                    updated |= one.step(batch, pass, moment, now, isLast(one.phase()), values);
                }
            }
            if (bench.average() != null && updated) {
                scope.quiet(bench.average()::follow);
            }
            if (batch.relabelled() != null) {
                relabelled(loaded, now, batch.relabelled().after(now), bench.built());
            }
        }
        return values;
    }

    /** Whether a phase has no other step in this epoch. */
    private boolean isLast(Phase phase) {
        long end = (progress.epoch() + 1) * perEpoch;
        for (long step = progress.step() + 1; step < end; step++) {
            if (phase.due(progress.epoch(), step)) {
                return false;
            }
        }
        return true;
    }

    private TorchPass pass(Weights weights, Scope scope) {
        return TorchPass.training(
                weights,
                scope,
                new TorchPass.Clock(bound.parts().seed(), progress.epoch(), progress.step()));
    }

    private void relabelled(Loader.Loaded loaded, long[] before, long[] after, Built built) {
        List<String> names = built.parts().labels();
        for (int i = 0; i < after.length; i++) {
            labels[loaded.positions()[i]] = after[i];
            if (after[i] != before[i]) {
                log.relabelled(
                        progress.epoch(),
                        progress.step(),
                        loaded.samples().get(i).id(),
                        before[i] < 0 ? "" : names.get((int) before[i]),
                        names.get((int) after[i]));
            }
        }
    }

    /** What phases do at the end of an epoch with numbers over the training split. */
    private void lookBack(Bench bench) {
        Map<PhaseUpdate, EpochEnd> ends = new LinkedHashMap<>();
        for (PhaseUpdate one : bench.phases()) {
            if (one.phase().due(progress.epoch()) && one.phase().tally().isPresent()) {
                ends.put(one, new EpochEnd(one.phase(), bench.weights()));
            }
        }
        try {
            if (!ends.isEmpty()) {
                gather(ends.values(), bench);
            }
            if (halted == null) {
                // All have looked before any of them writes: none depends on another.
                ends.forEach((one, end) -> conclude(one, end, bench));
                progress.lookedBack();
            }
        } finally {
            ends.values().forEach(EpochEnd::close);
        }
    }

    private void gather(Collection<EpochEnd> ends, Bench bench) {
        bench.loader()
                .each(
                        training,
                        Predictor.inOrder(training.size()),
                        bound.loop().batch(),
                        -1,
                        crops -> {
                            if (halts()) {
                                return false;
                            }
                            Loader.Loaded loaded = crops.byRow();
                            try (Scope scope = torch.inference(bench.weights().device())) {
                                StepBatch batch =
                                        new StepBatch(
                                                scope.manager(),
                                                bench.built().parts().input(),
                                                loaded,
                                                bench.built().parts().targets(),
                                                bound.plan().learned(),
                                                labels(loaded),
                                                false,
                                                0,
                                                null);
                                ends.forEach(
                                        end ->
                                                end.add(
                                                        batch,
                                                        TorchPass.inference(
                                                                bench.weights(), scope)));
                            }
                            return true;
                        });
        bench.weights().unprepare();
    }

    private void conclude(PhaseUpdate one, EpochEnd end, Bench bench) {
        try (Scope scope = torch.training(bench.weights().device())) {
            end.conclude(one.moved(), pass(bench.weights(), scope));
        }
    }

    private void endOfEpoch(Map<String, Double> values, Bench bench) throws IOException {
        int epoch = progress.epoch();
        // A run that was halted below has looked back before; its rules count once.
        if (!progress.hasLookedBack()) {
            lookBack(bench);
        }
        if (epoch == 0 && halted == null) {
            // Nothing of the validation split was read before: what is wrong with it costs no
            // epoch.
            log.flush();
            bench.snapshot().last(progress).write(run.resolve(RunFolders.LAST));
        }
        double value = halted == null ? bench.validation().value(values, this::halts) : Double.NaN;
        if (halted != null) {
            return; // its steps are done; what comes after them is done when the run goes on
        }
        boolean best = progress.epochDone(value, bound.selection()::better, bound.loop().plateau());
        for (PhaseUpdate one : bench.phases()) {
            if (one.phase().until() == progress.epoch()) {
                one.end();
            }
        }
        Map<String, Double> written = new LinkedHashMap<>(values);
        written.remove("images/s");
        log.line("epoch", epoch, progress.step(), written);
        // Before the checkpoint: killed between the two, the run draws the same again.
        bench.gallery().draw(progress.epoch(), stoppedEarly(), bench.drawer(), bench.loader());
        // The best first: killed between the two, the run goes on from the epoch before and writes
        // both again.
        if (best) {
            bench.snapshot().best(progress).write(run.resolve(RunFolders.BEST));
        }
        log.flush();
        bench.snapshot().last(progress).write(run.resolve(RunFolders.LAST));
        save();
        log.tell(event(RunEvent.Kind.EPOCH, epoch, values, ""));
    }
}
