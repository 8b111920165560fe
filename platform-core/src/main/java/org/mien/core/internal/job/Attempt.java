// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.job;

import ai.djl.Device;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.ObjLongConsumer;
import java.util.function.Supplier;
import org.mien.api.data.Sample.Split;
import org.mien.api.data.Target;
import org.mien.api.run.RunEvent;
import org.mien.core.MienException;
import org.mien.core.Value;
import org.mien.core.internal.data.BadPictures;
import org.mien.core.internal.data.ClassNames;
import org.mien.core.internal.data.Sampler;
import org.mien.core.internal.data.Splits;
import org.mien.core.internal.model.Devices;
import org.mien.core.internal.pipeline.BoundPipeline;
import org.mien.core.internal.plugin.Border;
import org.mien.core.internal.plugin.Kind;
import org.mien.core.internal.plugin.Registry;
import org.mien.core.internal.plugin.Registry.Entry;
import org.mien.core.internal.run.Ending;
import org.mien.core.internal.run.JobState;
import org.mien.core.internal.run.RunFolders;
import org.mien.core.internal.run.RunLog;
import org.mien.core.internal.run.RunNotes;
import org.mien.core.internal.run.SampleIds;
import org.mien.core.internal.train.TrainingLoop;
import org.mien.engine.ThreadLease;
import org.mien.engine.Torch;

/**
 * One go at a job, from its last checkpoint to its end or to the step at which it is halted. It
 * holds plugins, and ends with the thread it runs on.
 */
final class Attempt {
    private final Path run;
    private final String pipeline;
    private final Map<String, Value> values;
    private final BooleanSupplier swapped;
    private final Registry registry;
    private final Torch torch;
    private final Supplier<Ending> halt;
    private final ObjLongConsumer<Entry> leaks;
    private final CountDownLatch let = new CountDownLatch(1);
    private volatile List<Entry> plugins = List.of();
    private volatile Thread thread;
    private TrainingLoop trainer;
    private boolean settled;
    private boolean abandoned;

    /**
     * A go.
     *
     * @param run folder of the run
     * @param swapped asked when it fails: whether a plugin was taken from the run
     * @param halt asked at each step: null to go on, or how the run is to end here
     * @param leaks told the method in whose step arrays were left behind, and how many
     */
    Attempt(
            Path run,
            String pipeline,
            Map<String, Value> values,
            BooleanSupplier swapped,
            Registry registry,
            Torch torch,
            Supplier<Ending> halt,
            ObjLongConsumer<Entry> leaks) {
        this.run = run;
        this.pipeline = pipeline;
        this.values = values;
        this.swapped = swapped;
        this.registry = registry;
        this.torch = torch;
        this.halt = halt;
        this.leaks = leaks;
    }

    private String id() {
        return run.getFileName().toString();
    }

    /**
     * Trains; everything that a plugin throws is text afterwards.
     *
     * @param tell told what happens, on another thread
     * @return how it ended, which is also written to the run's folder; null when it was given up
     */
    Ending run(Consumer<RunEvent> tell) {
        thread = Thread.currentThread();
        try {
            Ending ending = train(tell);
            return settle() ? saved(ending) : null;
        } finally {
            plugins = List.of();
            let.countDown();
        }
    }

    private Ending train(Consumer<RunEvent> tell) {
        try {
            BoundPipeline bound =
                    Border.call(
                            "run " + id(),
                            List.of(),
                            () -> BoundPipeline.of(registry, pipeline, values));
            plugins = bound.trainers();
            return Border.call(bound.method(), plugins, () -> training(bound, tell));
        } catch (MienException e) {
            String text = e.getMessage();
            Entry gone = gone();
            if (gone != null) {
                // Code that is taken away breaks anywhere; the last checkpoint is of whole steps.
                return new Ending(JobState.WAITING, away(gone).text() + " in the middle of a step");
            }
            boolean unfit = swapped.getAsBoolean() && (trainer == null || !trainer.moved());
            return new Ending(unfit ? JobState.PAUSED : JobState.FAILED, text);
        }
    }

    private Ending training(BoundPipeline bound, Consumer<RunEvent> tell) {
        try {
            return train(bound, tell);
        } catch (IOException | UncheckedIOException e) {
            return new Ending(
                    JobState.FAILED,
                    "run "
                            + id()
                            + " cannot be written: "
                            + e.getMessage()
                            + ". Check the disk of "
                            + run);
        }
    }

    private Ending train(BoundPipeline bound, Consumer<RunEvent> tell) throws IOException {
        Device device = Devices.device(torch, bound);
        try (ThreadLease threads = bound.loop().lease(torch);
                Splits splits = new Splits(bound);
                RunLog log = new RunLog(run, tell, this::check)) {
            splits.some(Split.TRAIN);
            RunFolders.Config before = RunFolders.config(run);
            BadPictures.Found bad =
                    BadPictures.before(bound, splits, before.complete(), this::ends);
            Ending ending = bad.broken() ? halted() : null;
            if (ending != null) {
                return ending;
            }
            splits.some(Split.TRAIN);
            RunFolders.Config now = config(bound, splits, device);
            List<String> told = new ArrayList<>(bad.words());
            if (before.complete()) {
                sameNames(before, now);
                told.addAll(SampleIds.goesOn(run, before, now, splits));
            }
            trainer =
                    new TrainingLoop(
                            bound,
                            splits,
                            run,
                            torch,
                            log,
                            this::halted,
                            count -> leaks.accept(bound.method(), count),
                            RunFolders.state(run),
                            told);
            return trainer.train(
                    device,
                    step -> {
                        try {
                            RunFolders.Config config =
                                    before.complete()
                                            ? before.with(now.plugins(), step).with(now)
                                            : now;
                            RunFolders.write(run, config.from(trainer.starts()));
                            SampleIds.write(run, splits);
                            RunNotes.of(trainer.warnings(), bad.bad()).write(run);
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    });
        }
    }

    private Ending halted() {
        check();
        Entry gone = gone();
        Ending ending = gone == null ? halt.get() : away(gone);
        if (ending != null && !settle()) {
            check();
        }
        return ending;
    }

    /** From here on no code of a plugin runs; false when it was given up before. */
    private synchronized boolean settle() {
        settled = !abandoned;
        return settled;
    }

    /** Throws when it was given up: the run may be another's by now. */
    private synchronized void check() {
        if (abandoned) {
            throw new MienException("run " + id() + " was given up");
        }
    }

    /**
     * Gives it up, since a plugin does not return: its thread is interrupted, and whatever it does
     * from now on counts for nothing.
     *
     * @return where it is, in words; null when it is about to end by itself
     */
    synchronized Stuck abandon() {
        Thread at = thread;
        if (settled || abandoned || at == null || let.getCount() == 0) {
            return null;
        }
        abandoned = true;
        StackTraceElement[] trace = at.getStackTrace();
        Entry within =
                plugins.stream().filter(one -> one.kind() == Kind.METHOD).findFirst().orElse(null);
        String where = "";
        for (StackTraceElement frame : trace) {
            List<Entry> owners =
                    plugins.stream()
                            .filter(
                                    entry ->
                                            frame.getClassName()
                                                    .startsWith(
                                                            entry.service()
                                                                            .getClass()
                                                                            .getPackageName()
                                                                    + "."))
                            .toList();
            if (!owners.isEmpty()) {
                within = within != null && owners.contains(within) ? within : owners.get(0);
                where =
                        " at "
                                + frame.getClassName()
                                + "."
                                + frame.getMethodName()
                                + ", line "
                                + frame.getLineNumber();
                break;
            }
        }
        at.interrupt();
        return new Stuck(
                id(),
                at,
                within == null ? "" : within.kind().word(),
                within == null ? "" : within.id(),
                within == null ? "" : within.bundle(),
                within == null ? "" : within.version(),
                where);
    }

    private static Ending away(Entry gone) {
        return new Ending(JobState.WAITING, gone.who() + " was taken away");
    }

    /** A plugin in use that is not there any more, or null. */
    private Entry gone() {
        return plugins.stream().filter(entry -> !registry.holds(entry)).findFirst().orElse(null);
    }

    /** Whether it works with a plugin. */
    boolean uses(Entry entry) {
        return plugins.stream().anyMatch(one -> one == entry);
    }

    /**
     * Waits until it has let go of its plugins.
     *
     * @return false when it has not within that time
     */
    boolean letsGo(long seconds) {
        if (Thread.currentThread() == thread) {
            return true; // a plugin that takes itself away
        }
        try {
            return let.await(seconds, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private Ending saved(Ending ending) {
        try {
            RunFolders.write(
                    run,
                    trainer == null ? RunFolders.state(run).with(ending) : trainer.state(ending));
            return ending;
        } catch (IOException | MienException e) {
            return new Ending(
                    ending.state(),
                    ending.text()
                            + " (and run.json does not say so, it cannot be written: "
                            + e.getMessage()
                            + ")");
        }
    }

    private void sameNames(RunFolders.Config before, RunFolders.Config now) {
        for (Target kind : Target.values()) {
            List<String> learnt = ClassNames.of(before.targets(), kind);
            ClassNames names = ClassNames.of(learnt, ClassNames.of(now.targets(), kind));
            if (!names.areSame()) {
                throw new MienException(
                        "run '"
                                + id()
                                + "' cannot go on with other "
                                + ClassNames.word(kind)
                                + ": "
                                + names.difference("the run", "the dataset")
                                + ". Bring the dataset back as it was, or train anew with"
                                + " method.init="
                                + id()
                                + ", which goes by their names");
            }
        }
    }

    /** Whether the run is to end, asked where nothing is trained yet. */
    private boolean ends() {
        check();
        return gone() != null || halt.get() != null;
    }

    private RunFolders.Config config(BoundPipeline bound, Splits splits, Device device) {
        Map<String, Integer> sizes = new LinkedHashMap<>();
        for (Split split : Split.values()) {
            if (split != Split.NONE || !splits.of(split).isEmpty()) {
                sizes.put(Splits.word(split), splits.of(split).size());
            }
        }
        Sampler sampler = TrainingLoop.sampler(bound, splits);
        return new RunFolders.Config(
                bound.pipeline(),
                bound.values(),
                splits.read(bound.plan()),
                sizes,
                splits.validation(),
                new RunFolders.Epoch(sampler.words(), sampler.length()),
                RunFolders.Part.of(bound),
                List.of(),
                Devices.words(torch)
                        + ", device "
                        + (device.isGpu() ? "cuda:" + device.getDeviceId() : "cpu"),
                System.getProperty("java.version"),
                splits.facts(),
                List.of());
    }
}
