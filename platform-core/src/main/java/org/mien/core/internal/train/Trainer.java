// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.train;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;

import org.mien.api.Batch;
import org.mien.api.data.Sample;
import org.mien.api.data.Sample.Split;
import org.mien.api.data.Target;
import org.mien.api.method.Phase;
import org.mien.api.net.Trunk;
import org.mien.api.run.RunEvent;
import org.mien.core.MienException;
import org.mien.core.internal.data.Loader;
import org.mien.core.internal.data.PictureCache;
import org.mien.core.internal.data.Splits;
import org.mien.core.internal.model.Predictor;
import org.mien.core.internal.model.StartValues;
import org.mien.core.internal.model.StepBatch;
import org.mien.core.internal.pipeline.Built;
import org.mien.core.internal.pipeline.PlatformKeys;
import org.mien.core.internal.pipeline.Recipe;
import org.mien.core.internal.run.Checkpoint;
import org.mien.core.internal.run.Ending;
import org.mien.core.internal.run.JobState;
import org.mien.core.internal.run.Progress;
import org.mien.core.internal.run.RunFolders;
import org.mien.core.internal.run.RunLog;
import org.mien.core.internal.run.StartedFrom;
import org.mien.engine.Scope;
import org.mien.engine.Torch;
import org.mien.nn.spi.Average;
import org.mien.nn.spi.Counter;
import org.mien.nn.spi.Gathered;
import org.mien.nn.spi.Optimizer;
import org.mien.nn.spi.TorchPass;
import org.mien.nn.spi.TrainingStep;
import org.mien.nn.spi.Weights;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import java.util.function.Supplier;

/** The one training loop: owns batches, gradients, optimisers, schedules, checkpoints, progress. */
public final class Trainer {
    /** A phase with what moves its weights. */
    private record Active(
            Phase phase,
            PlatformKeys.Rule rule,
            Set<String> moved,
            Optimizer optimizer,
            Gathered gathered) {
        /** Beginning of its optimiser's names in a checkpoint. */
        String stateName() {
            return "optimizer/" + phase.name() + "/";
        }

        /** Beginning of its gathered gradients' names in a checkpoint. */
        String gatheredName() {
            return "gathered/" + phase.name() + "/";
        }

        /** Name of how much is gathered. */
        String countName() {
            return "gathered/" + phase.name();
        }
    }

    /** Draws, where it is time to. */
    private interface Drawing {
        void draw(int done, boolean last) throws IOException;
    }

    /** Beginning of the averaged weights' names in a checkpoint. */
    private static final String AVERAGE = "average/";

    /** Where changed labels lie in a checkpoint. */
    private static final String LABELS = "labels";

    private final Recipe recipe;
    private final Splits splits;
    private final Path run;
    private final Torch torch;
    private final RunLog log;
    private final Supplier<Ending> halt;
    private final LongConsumer leaks;
    private final RunFolders.State before;
    private final long startNanos = System.nanoTime();
    private Progress progress = new Progress();
    private long[] labels = {};
    private float[] classWeights;
    private Average average;
    private List<StartedFrom> starts = List.of();
    private long steps;
    private boolean begun;
    private boolean moved;
    private Ending halted;

    /**
     * A trainer of one run, which goes on where its last checkpoint, if there is one, was written.
     *
     * @param halt asked at each step: null to go on, or how the run is to end here
     * @param leaks told how many arrays a step left behind
     * @param before how the run stood before
     */
    public Trainer(
            Recipe recipe,
            Splits splits,
            Path run,
            Torch torch,
            RunLog log,
            Supplier<Ending> halt,
            LongConsumer leaks,
            RunFolders.State before) {
        this.recipe = recipe;
        this.splits = splits;
        this.run = run;
        this.torch = torch;
        this.log = log;
        this.halt = halt;
        this.leaks = leaks;
        this.before = before;
    }

    /**
     * Trains to the end, or until told to halt.
     *
     * @param begins told the steps done before, when the run is about to make the next one
     * @return how it ended; a checkpoint of that moment is written
     */
    public Ending train(Device device, LongConsumer begins) throws IOException {
        Ending halted = loop(device, begins);
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
                recipe.pipeline(),
                ending.state(),
                before.started(),
                before.seconds() + (System.nanoTime() - startNanos) / 1e9,
                progress.epoch(),
                progress.bestEpoch(),
                progress.bestAccuracy(),
                ending.text());
    }

    /** What files of weights and earlier runs gave; nothing for a run that goes on. */
    public List<StartedFrom> starts() {
        return starts;
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
                recipe.pipeline(),
                kind,
                epoch,
                recipe.loop().epochs(),
                progress.step(),
                steps,
                values,
                text);
    }

    private Ending loop(Device device, LongConsumer begins) throws IOException {
        List<Sample> training = splits.some(Split.TRAIN);
        List<Sample> validation = splits.of(Split.VALIDATION);
        Built built = recipe.build(splits.read(recipe.plan()));
        List<Phase> phases = built.phases(splits.counts());
        labels = training.stream().mapToLong(Sample::label).toArray();
        classWeights = classWeights(splits.counts());
        int size = recipe.loop().batch();
        // A single sample has no batch statistics: it waits for an epoch that puts it elsewhere.
        boolean lone = training.size() > 1 && size > 1 && training.size() % size == 1;
        int seen = lone ? training.size() - 1 : training.size();
        long perEpoch = (seen + size - 1) / size;
        steps = perEpoch * recipe.loop().epochs();
        try (Weights weights = new Weights(device);
                Loader loader =
                        new Loader(
                                recipe,
                                built.parts().input(),
                                splits.open()::read,
                                PictureCache.of(recipe))) {
            built.parts().hang(weights);
            weights.fill(recipe.parts().seed());
            boolean fresh = !Files.exists(run.resolve(RunFolders.LAST));
            if (fresh) {
                starts = StartValues.load(recipe, built, weights, run.getParent());
            }
            List<Active> active = new ArrayList<>();
            for (Phase phase : phases) {
                active.add(activate(phase, weights));
            }
            checkSchedules(active, validation);
            if (recipe.loop().ema() > 0) {
                average = new Average(weights, built.parts().inference(), recipe.loop().ema());
            }
            if (!fresh) {
                restore(weights, active);
            }
            begun = true;
            log.keep(progress.epoch(), progress.step());
            save();
            begins.accept(progress.step());
            log.tell(event(RunEvent.Kind.STARTED, progress.epoch(), Map.of(), began()));
            Weights used = average == null ? weights : average.weights();
            Predictor predictor = new Predictor(recipe, built, used, torch);
            // Parts of training have no average: where they draw, all is as it stands.
            Predictor drawer =
                    built.parts().gallery() == null
                            ? predictor
                            : new Predictor(recipe, built, weights, torch);
            Gallery gallery = new Gallery(run, recipe, splits, built.parts().input());
            Drawing drawing = (done, last) -> gallery.draw(done, last, drawer, loader);
            while (progress.epoch() < recipe.loop().epochs() && !stoppedEarly()) {
                Map<String, Double> means =
                        epoch(perEpoch, seen, training, built, weights, active, loader);
                if (halted == null) {
                    endOfEpoch(means, weights, active, predictor, loader, validation, drawing);
                }
                if (halted != null) {
                    log.flush();
                    checkpoint(weights, active).write(run.resolve(RunFolders.LAST));
                    return halted;
                }
            }
        } finally {
            if (average != null) {
                average.close();
            }
        }
        return null;
    }

    /** What is to be said as it begins, on lines. */
    private String began() {
        StringBuilder text = new StringBuilder(splits.validation());
        starts.forEach(one -> text.append('\n').append(one.words()));
        return text.toString();
    }

    /** Whether to end here. */
    private boolean halts() {
        halted = halt.get();
        return halted != null;
    }

    /** Weights that make classes count alike, with a mean of 1 over the samples; or null. */
    private float[] classWeights(long[] counts) {
        if (recipe.loop().classWeights() == PlatformKeys.ClassWeights.NONE) {
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
        int patience = recipe.loop().patience();
        return patience > 0 && progress.sinceBest() >= patience;
    }

    private void checkSchedules(List<Active> active, List<Sample> validation) {
        boolean chosen = !validation.isEmpty();
        boolean plateau =
                active.stream()
                        .anyMatch(one -> one.rule().schedule() == PlatformKeys.Schedule.PLATEAU);
        if (!chosen && (plateau || recipe.loop().patience() > 0)) {
            throw new MienException(
                    (plateau ? "train.schedule = plateau" : "train.patience")
                            + " watches the validation split, and there is none."
                            + " Set data.validation above 0");
        }
    }

    private Active activate(Phase phase, Weights weights) {
        PlatformKeys.Rule rule = recipe.rule(phase.name());
        Set<String> moved = TrainingStep.moved(phase, weights);
        List<Optimizer.Group> groups = groups(rule, moved, weights);
        Optimizer.Settings settings;
        try {
            settings =
                    new Optimizer.Settings(
                            Optimizer.Rule.valueOf(rule.optimizer().name()),
                            rule.momentum(),
                            rule.nesterov(),
                            rule.beta1(),
                            rule.beta2(),
                            rule.eps());
        } catch (IllegalArgumentException e) {
            throw new MienException("phase '" + phase.name() + "': " + e.getMessage());
        }
        return new Active(
                phase,
                rule,
                moved,
                new Optimizer(settings, weights, groups),
                new Gathered(weights));
    }

    /**
     * Weights by how they are moved: matrices decay, vectors do not, and the farther a stage of the
     * backbone is from its end, the slower it goes.
     */
    private List<Optimizer.Group> groups(
            PlatformKeys.Rule rule, Set<String> moved, Weights weights) {
        Map<String, Integer> depths = rule.layerDecay() == 1 ? Map.of() : depths();
        Map<Integer, List<String>> matrices = new TreeMap<>();
        Map<Integer, List<String>> vectors = new TreeMap<>();
        for (String path : moved) {
            Weights.Entry entry = weights.entries().get(path);
            if (entry.var().trained()) {
                String[] steps = entry.start().split("\\.", 3);
                int depth = steps[0].equals("backbone") ? depths.getOrDefault(steps[1], 0) : 0;
                (entry.var().shape().length > 1 ? matrices : vectors)
                        .computeIfAbsent(depth, key -> new ArrayList<>())
                        .add(path);
            }
        }
        List<Optimizer.Group> groups = new ArrayList<>();
        matrices.forEach(
                (depth, paths) ->
                        groups.add(
                                new Optimizer.Group(
                                        paths,
                                        Math.pow(rule.layerDecay(), depth),
                                        rule.weightDecay())));
        vectors.forEach(
                (depth, paths) ->
                        groups.add(
                                new Optimizer.Group(paths, Math.pow(rule.layerDecay(), depth), 0)));
        return groups;
    }

    /** Stages of the backbone by how many with weights lie behind them. */
    private Map<String, Integer> depths() {
        Trunk trunk = recipe.trunk();
        Map<String, Integer> depths = new LinkedHashMap<>();
        List<String> names =
                trunk.parts().entrySet().stream()
                        .filter(part -> part.getValue().parameters() > 0)
                        .map(Map.Entry::getKey)
                        .toList();
        for (int i = 0; i < names.size(); i++) {
            depths.put(names.get(i), names.size() - 1 - i);
        }
        return depths;
    }

    /** The rest of an epoch, as far as nothing halts it; gives its means. */
    private Map<String, Double> epoch(
            long perEpoch,
            int seen,
            List<Sample> training,
            Built built,
            Weights weights,
            List<Active> active,
            Loader loader)
            throws IOException {
        int epoch = progress.epoch();
        int[] order = Counter.of(recipe.parts().seed(), epoch, "order").order(training.size());
        int done = Math.min(seen, progress.batches() * recipe.loop().batch());
        int[] all = Arrays.copyOf(order, seen);
        long begin = System.nanoTime();
        long[] images = {0};
        loader.each(
                training,
                all,
                done,
                recipe.loop().batch(),
                epoch,
                loaded -> {
                    if (halts()) {
                        return false;
                    }
                    long strays = torch.strays();
                    Map<String, Double> values =
                            step(epoch, perEpoch, loaded, built, weights, active);
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

    private Map<String, Double> step(
            int epoch,
            long perEpoch,
            Loader.Loaded loaded,
            Built built,
            Weights weights,
            List<Active> active) {
        Map<String, Double> values = new LinkedHashMap<>();
        long[] now = new long[loaded.positions().length];
        for (int i = 0; i < now.length; i++) {
            now[i] = labels[loaded.positions()[i]];
        }
        try (Scope scope = torch.training(weights.device())) {
            StepBatch batch =
                    new StepBatch(
                            scope.manager(),
                            built.parts().input(),
                            loaded,
                            built.parts().targets(),
                            recipe.plan().learned(),
                            now,
                            recipe.plan().mayRelabel(),
                            recipe.loop().smoothing(),
                            classWeights);
            TorchPass pass =
                    TorchPass.training(
                            weights,
                            scope,
                            new TorchPass.Clock(recipe.parts().seed(), epoch, progress.step()));
            boolean updated = false;
            for (Active one : active) {
                if (one.phase().due(epoch, progress.step())) {
                    double rate =
                            one.rule()
                                    .rate(
                                            progress.step(),
                                            perEpoch,
                                            recipe.loop().epochs(),
                                            progress.drops());
                    updated |= phase(one, rate, batch, pass, now, values);
                }
            }
            if (average != null && updated) {
                scope.quiet(average::follow);
            }
            if (batch.relabelled() != null) {
                long[] after = batch.relabelled().after(now);
                for (int i = 0; i < after.length; i++) {
                    labels[loaded.positions()[i]] = after[i];
                    if (after[i] != now[i]) {
                        log.relabelled(
                                epoch,
                                progress.step(),
                                loaded.samples().get(i).id(),
                                now[i] < 0 ? "" : built.parts().labels().get((int) now[i]),
                                built.parts().labels().get((int) after[i]));
                    }
                }
            }
        }
        return values;
    }

    /** One step of a phase; gives whether it moved weights. */
    private boolean phase(
            Active one,
            double rate,
            StepBatch batch,
            TorchPass pass,
            long[] truth,
            Map<String, Double> values) {
        String name = one.phase().name();
        String prefix = name.equals("train") ? "" : name + ".";
        TrainingStep step = TrainingStep.forward(one.phase(), one.moved(), batch, pass);
        step.terms().forEach((term, value) -> values.put(prefix + term, value));
        values.put(prefix + "loss", step.total());
        if (!Double.isFinite(step.total())) {
            throw notFinite("loss", name, step.total(), values, batch);
        }
        step.measures().forEach((measure, value) -> values.put(prefix + measure, value));
        double norm = Optimizer.norm(step.gradients());
        values.put(prefix + "gradient-norm", norm);
        if (!Double.isFinite(norm)) {
            throw notFinite("gradient's norm", name, norm, values, batch);
        }
        boolean updated =
                step.update(gradients -> optimise(one, gradients, norm, rate, truth.length));
        values.put(prefix + "lr", rate);
        NDArray scores = step.loss().scores();
        if (scores != null) {
            long[] said = scores.argMax(1).toLongArray();
            int right = 0;
            for (int i = 0; i < truth.length; i++) {
                right += said[i] == truth[i] ? 1 : 0;
            }
            values.put(prefix + "accuracy", (double) right / truth.length);
        }
        return updated;
    }

    /** Moves weights by gradients, or gathers those until there are enough. */
    private boolean optimise(
            Active one, Map<String, NDArray> gradients, double norm, double rate, int samples) {
        if (recipe.loop().accumulate() <= 1) {
            update(one, gradients, norm, rate);
            return true;
        }
        one.gathered().add(gradients, samples);
        if (one.gathered().batches() < recipe.loop().accumulate()) {
            return false;
        }
        Map<String, NDArray> mean = one.gathered().mean();
        update(one, mean, Optimizer.norm(mean), rate);
        one.gathered().clear();
        return true;
    }

    private static void update(
            Active one, Map<String, NDArray> gradients, double norm, double rate) {
        double clip = one.rule().clip();
        if (clip > 0 && norm > clip) {
            Optimizer.scale(gradients, clip / (norm + 1e-6)); // as PyTorch does
        }
        one.optimizer().update(gradients, rate);
    }

    private MienException notFinite(
            String what, String phase, double value, Map<String, Double> values, Batch batch) {
        return new MienException(
                "step "
                        + progress.step()
                        + ": the "
                        + what
                        + " of phase '"
                        + phase
                        + "' is "
                        + value
                        + " ("
                        + values
                        + "), samples "
                        + batch.samples().stream().map(Sample::id).toList()
                        + ". No weight was moved by it; the last checkpoint stands. Lower train.lr, set"
                        + " train.clip, or look at these samples.");
    }

    private void endOfEpoch(
            Map<String, Double> values,
            Weights weights,
            List<Active> active,
            Predictor predictor,
            Loader loader,
            List<Sample> validation,
            Drawing drawing)
            throws IOException {
        int epoch = progress.epoch();
        double accuracy = Double.NaN;
        double loss = Double.NaN;
        if (recipe.plan().learned().contains(Target.CLASS) && !validation.isEmpty()) {
            accuracy = predictor.accuracy(loader, validation, this::halts);
            values.put("validation.accuracy", accuracy);
        } else if (!validation.isEmpty()) {
            List<Phase> phases = active.stream().map(Active::phase).toList();
            loss = predictor.loss(loader, validation, phases, this::halts);
            values.put("validation.loss", loss);
        }
        if (halted != null) {
            return; // its steps are done; what comes after them is done when the run goes on
        }
        boolean best = progress.epochDone(accuracy, loss, recipe.loop().plateau());
        Map<String, Double> written = new LinkedHashMap<>(values);
        written.remove("images/s");
        log.line("epoch", epoch, progress.step(), written);
        // Before the checkpoint: killed between the two, the run draws the same again.
        drawing.draw(progress.epoch(), stoppedEarly());
        // The best first: killed between the two, the run goes on from the epoch before and writes
        // both again.
        if (best) {
            Map<String, Checkpoint.Values> used = arrays(weights, "");
            if (average != null) {
                used.putAll(arrays(average.weights(), ""));
            }
            new Checkpoint(used, progress.metadata()).write(run.resolve(RunFolders.BEST));
        }
        log.flush();
        checkpoint(weights, active).write(run.resolve(RunFolders.LAST));
        save();
        log.tell(event(RunEvent.Kind.EPOCH, epoch, values, ""));
    }

    private static Map<String, Checkpoint.Values> arrays(Weights weights, String prefix) {
        Map<String, Checkpoint.Values> arrays = new LinkedHashMap<>();
        weights.entries()
                .forEach((path, entry) -> arrays.put(prefix + path, values(weights.array(path))));
        return arrays;
    }

    private Checkpoint checkpoint(Weights weights, List<Active> active) {
        Map<String, Checkpoint.Values> arrays = arrays(weights, "");
        if (average != null) {
            arrays.putAll(arrays(average.weights(), AVERAGE));
        }
        for (Active one : active) {
            one.optimizer()
                    .state()
                    .forEach((name, array) -> arrays.put(one.stateName() + name, values(array)));
        }
        for (Active one : active) {
            Gathered gathered = one.gathered();
            if (gathered.batches() > 0) {
                gathered.sums()
                        .forEach((path, sum) -> arrays.put(one.gatheredName() + path, values(sum)));
                float[] counts = {gathered.batches(), (float) gathered.samples()};
                arrays.put(one.countName(), new Checkpoint.Values(new long[] {2}, counts));
            }
        }
        if (recipe.plan().mayRelabel()) {
            float[] now = new float[labels.length];
            for (int i = 0; i < now.length; i++) {
                now[i] = labels[i];
            }
            arrays.put(LABELS, new Checkpoint.Values(new long[] {now.length}, now));
        }
        return new Checkpoint(arrays, progress.metadata());
    }

    private static Checkpoint.Values values(NDArray array) {
        return new Checkpoint.Values(array.getShape().getShape(), () -> Weights.elements(array));
    }

    /** Everything as it was when the last checkpoint was written. */
    private void restore(Weights weights, List<Active> active) {
        Path file = run.resolve(RunFolders.LAST);
        try (Checkpoint.Opened opened = Checkpoint.open(file)) {
            restore(weights, active, opened.checkpoint());
            progress = Progress.of(file, opened.checkpoint().metadata());
        }
    }

    private void restore(Weights weights, List<Active> active, Checkpoint checkpoint) {
        String otherwise = "run '" + run.getFileName() + "' cannot go on";
        checkpoint.into(weights, "", otherwise);
        if (average != null) {
            checkpoint.into(average.weights(), AVERAGE, otherwise);
        }
        Set<String> left = new LinkedHashSet<>(checkpoint.arrays().keySet());
        left.removeAll(weights.entries().keySet());
        left.remove(LABELS);
        left.removeIf(name -> name.startsWith(AVERAGE));
        for (Active one : active) {
            for (String name : List.copyOf(left)) {
                Checkpoint.Values values = checkpoint.arrays().get(name);
                boolean known = true;
                if (name.startsWith(one.stateName())) {
                    String of = name.substring(one.stateName().length());
                    one.optimizer().restore(of, values.elements(), values.shape());
                } else if (name.startsWith(one.gatheredName())) {
                    String of = name.substring(one.gatheredName().length());
                    one.gathered().restore(of, values.elements(), values.shape());
                } else if (name.equals(one.countName())) {
                    float[] counts = values.elements();
                    one.gathered().restore((int) counts[0], counts[1]);
                } else {
                    known = false;
                }
                if (known) {
                    left.remove(name);
                }
            }
        }
        for (String name : left) {
            throw Checkpoint.misfit(
                    otherwise,
                    "its '"
                            + name
                            + "' of shape "
                            + Arrays.toString(checkpoint.arrays().get(name).shape())
                            + " has no place in the network");
        }
        Checkpoint.Values changed = checkpoint.arrays().get(LABELS);
        if (changed != null) {
            float[] elements = changed.elements();
            for (int i = 0; i < labels.length; i++) {
                labels[i] = (long) elements[i];
            }
        }
    }
}
