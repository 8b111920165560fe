// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.itest;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertNotEquals;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertSame;
import static org.junit.Assert.assertTrue;
import static org.ops4j.pax.exam.CoreOptions.systemProperty;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.ref.WeakReference;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import javax.inject.Inject;
import org.apache.karaf.features.BootFinished;
import org.apache.karaf.features.FeaturesService;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.mien.api.Batch;
import org.mien.api.method.Method;
import org.mien.core.Evaluations;
import org.mien.core.Jobs;
import org.mien.core.MienException;
import org.mien.core.Pipelines;
import org.mien.core.Plugins;
import org.mien.core.Predictions;
import org.mien.core.Runs;
import org.mien.engine.Torch;
import org.mien.itest.swap.SwapMethod;
import org.mien.nn.Linear;
import org.mien.vision.Images;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.junit.PaxExam;
import org.ops4j.pax.exam.spi.reactors.ExamReactorStrategy;
import org.ops4j.pax.exam.spi.reactors.PerClass;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.BundleException;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.SynchronousBundleListener;
import org.osgi.service.cm.ConfigurationAdmin;

/** In the assembled distribution: plugins come and go, the platform stays. */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerClass.class)
public class PlatformTest {
    private static final String LINEAR = Exam.LINEAR;

    /** Until then the features service still sets its own features. */
    @Inject private BootFinished booted;

    @Inject private Plugins plugins;
    @Inject private Pipelines pipelines;
    @Inject private Jobs jobs;
    @Inject private Runs runs;
    @Inject private Predictions predictions;
    @Inject private Evaluations evaluations;
    @Inject private FeaturesService features;
    @Inject private ConfigurationAdmin configurations;
    @Inject private BundleContext context;

    /**
     * The distribution with every boot feature but the method.
     *
     * @return options of the container
     */
    @Configuration
    public Option[] configuration() throws IOException {
        Path target = Path.of("target").toAbsolutePath();
        Path swap1 = jar(target.resolve("swap-1.jar"), SwapMethod.class);
        Path swap2 = jar(target.resolve("swap-2.jar"), SwapMethod.Second.class);
        List<Option> options = Exam.options();
        options.add(systemProperty("mien.swap1").value(swap1.toString()));
        options.add(systemProperty("mien.swap2").value(swap2.toString()));
        Path shipped =
                Path.of(System.getProperty("mien.assembly"), "system/org/mien/method-pf-vit");
        try (Stream<Path> files = Files.walk(shipped)) {
            Path bundle =
                    files.filter(one -> one.toString().endsWith(".jar")).findFirst().orElseThrow();
            Path again = Jars.again(target.resolve("pf-vit-again.jar"), bundle, "7.0.0");
            options.add(systemProperty("mien.pf-vit").value(again.toString()));
        }
        return options.toArray(new Option[0]);
    }

    private static Path jar(Path file, Class<?> activator) throws IOException {
        return Jars.of(
                file,
                activator,
                "Bundle-SymbolicName",
                "org.mien.itest.swap",
                "Bundle-Version",
                activator == SwapMethod.class ? "1.0.0" : "2.0.0",
                "Import-Package",
                "org.mien.api,org.mien.api.method,org.mien.api.net,org.mien.nn,ai.djl.ndarray,"
                        + "org.osgi.framework");
    }

    /** A tiny pipeline over drawn faces. */
    private void pipeline(String name, String method) throws IOException {
        Hashtable<String, Object> values = new Hashtable<>();
        values.put("name", name);
        values.put("dataset", "schematic");
        values.put("dataset.train", "28");
        values.put("dataset.validation", "14");
        values.put("dataset.test", "14");
        values.put("dataset.size", "32");
        values.put("backbone", "resnet18");
        values.put("backbone.size", "32");
        values.put("method", method);
        values.put("evaluators", "classification");
        values.put("train.epochs", "1");
        values.put("train.batch", "14");
        values.put("train.device", "cpu");
        configurations.getFactoryConfiguration("org.mien.pipeline", name, "?").update(values);
        await(
                "pipeline " + name,
                () -> pipelines.all().stream().anyMatch(p -> p.name().equals(name)));
    }

    private Pipelines.Pipeline state(String name) {
        return pipelines.all().stream()
                .filter(p -> p.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private void await(String name, Pipelines.State state) {
        await(
                name + " is " + state,
                () -> {
                    Pipelines.Pipeline now = state(name);
                    assertNotEquals(now.why(), Pipelines.State.FAILED, now.state());
                    return now.state() == state;
                });
    }

    /** Asks again and again, for what the framework does on threads of its own. */
    private static void await(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + 60_000_000_000L;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("within a minute not: " + what);
            }
            Thread.onSpinWait();
        }
    }

    private Runs.Run train(String pipeline) {
        return jobs.train(pipeline, Map.of(), event -> {}, () -> false);
    }

    /** What the shell's feature:install does. */
    private void install(String feature) throws Exception {
        features.installFeatures(Set.of(feature), EnumSet.noneOf(FeaturesService.Option.class));
    }

    /** What the shell's feature:uninstall does. */
    private void uninstall(String feature) throws Exception {
        features.uninstallFeatures(Set.of(feature), EnumSet.noneOf(FeaturesService.Option.class));
    }

    private static Bundle owner(Class<?> type) {
        return FrameworkUtil.getBundle(type);
    }

    /** A method is missing, comes, trains, goes, and nothing refuses. */
    @Test
    public void aPipelineWaitsForItsMethodAndTrainsWhenItIsThere() throws Exception {
        pipeline("wait", "linear");
        assertEquals(Pipelines.State.WAITING, state("wait").state());
        assertEquals(
                "for method 'linear' (feature:install mien-method-linear)", state("wait").why());
        try {
            train("wait");
            throw new AssertionError("trained without its method");
        } catch (MienException e) {
            assertTrue(e.getMessage(), e.getMessage().contains("waits for method 'linear'"));
        }
        install(LINEAR);
        await("wait", Pipelines.State.READY);
        Runs.Run run = train("wait");
        assertEquals("DONE", run.state());
        Evaluations.Evaluation evaluation = evaluations.evaluate(run.id(), "test", Map.of());
        assertEquals(14, evaluation.samples());
        assertTrue(evaluation.metrics().containsKey("macroF1"));
        List<Predictions.Prediction> answers = new ArrayList<>();
        predictions.predict(
                run.id(), Map.of(), List.of(), List.of("first"), answers::add, () -> false);
        assertEquals(7, answers.get(0).faces().get(0).probabilities().size());
        uninstall(LINEAR);
        await("wait", Pipelines.State.WAITING);
        for (String feature :
                List.of(
                        "mien-backbone-resnet18",
                        "mien-preprocess-basic",
                        "mien-preprocess-faces",
                        "mien-evaluator-classification")) {
            uninstall(feature);
            install(feature);
        }
        install(LINEAR);
        await("wait", Pipelines.State.READY);
        assertEquals("DONE", train("wait").state());
        uninstall(LINEAR);
    }

    /** The next run after an update uses the new code, and only the method's bundle changed. */
    @Test
    public void anUpdateReachesTheNextRunAndRefreshesNothingElse() throws Exception {
        List<Bundle> platform =
                List.of(
                        owner(Torch.class),
                        owner(Batch.class),
                        owner(Linear.class),
                        owner(Images.class),
                        owner(Jobs.class));
        List<String> moved = new CopyOnWriteArrayList<>();
        SynchronousBundleListener listener =
                event -> {
                    if (platform.contains(event.getBundle())
                            && event.getType() != BundleEvent.RESOLVED) {
                        moved.add(event.getBundle().getSymbolicName() + " " + event.getType());
                    }
                };
        ClassLoader engine = Torch.class.getClassLoader();
        context.addBundleListener(listener);
        Bundle swap = context.installBundle(file("mien.swap1"));
        try {
            swap.start();
            pipeline("swap", "swap");
            await("swap", Pipelines.State.READY);
            Path first = train("swap").folder();
            update(swap, "mien.swap2");
            await("swap", Pipelines.State.READY);
            Path second = train("swap").folder();
            assertFalse(metrics(first).contains("\"second\""));
            assertTrue(metrics(second).contains("\"second\""));
            assertTrue(
                    Files.readString(second.resolve("config.json"))
                            .contains("\"version\": \"2.0.0\""));
            assertTrue(
                    Files.readString(first.resolve("config.json"))
                            .contains("\"version\": \"1.0.0\""));
        } finally {
            swap.uninstall();
            context.removeBundleListener(listener);
        }
        await("swap", Pipelines.State.WAITING);
        assertEquals(List.of(), moved);
        ServiceReference<Torch> torch = context.getServiceReference(Torch.class);
        assertSame(engine, context.getService(torch).getClass().getClassLoader());
    }

    /**
     * An update in the middle of a run: it goes on with the new code, and every step counts once.
     */
    @Test
    public void anUpdateReachesTheRunUnderWay() throws Exception {
        Bundle swap = context.installBundle(file("mien.swap1"));
        try {
            swap.start();
            pipeline("under-way", "swap");
            await("under-way", Pipelines.State.READY);
            Runs.Run run = jobs.submit("under-way", Map.of("train.epochs", "12"));
            Path metrics = run.folder().resolve("metrics.jsonl");
            await("some steps", () -> steps(metrics).size() >= 3);
            update(swap, "mien.swap2");
            int before = steps(metrics).size();
            Runs.Run ended = jobs.watch(run.id(), event -> {}, () -> false);
            assertEquals(ended.text(), "DONE", ended.state());
            List<String> steps = steps(metrics);
            assertEquals(24, steps.size());
            assertTrue("the update came before the end", before < 24);
            for (int i = 0; i < steps.size(); i++) {
                assertTrue(steps.get(i), steps.get(i).contains("\"step\":" + i + ","));
                assertEquals(steps.get(i), i >= before, steps.get(i).contains("\"second\""));
            }
            assertTrue(
                    runs.details(run.id())
                            .plugins()
                            .contains("method swap 2.0.0 from step " + before));
            // The plugin goes for good: the job waits, and its loader is let go.
            Runs.Run waits = jobs.submit("under-way", Map.of("train.epochs", "500"));
            Path others = waits.folder().resolve("metrics.jsonl");
            await("a step", () -> !steps(others).isEmpty());
            List<WeakReference<ClassLoader>> loaders = new ArrayList<>();
            remember(loaders);
            swap.uninstall();
            await(
                    "the class loader is gone",
                    () -> {
                        System.gc();
                        return loaders.get(0).get() == null;
                    });
            assertEquals("WAITING", job(waits.id()).state());
            assertEquals("CANCELLED", jobs.cancel(waits.id()).state());
        } finally {
            if (swap.getState() != Bundle.UNINSTALLED) {
                swap.uninstall();
            }
        }
    }

    /** A method of two phases, replaced in the middle of a run, which ends as if it were not. */
    @Test
    public void anUpdateOfTwoPhasesLeavesNoTrace() throws Exception {
        install("mien-method-pf-vit");
        try {
            pipeline("poker", "pf-vit");
            Map<String, String> keys =
                    Map.of(
                            "backbone", "vit-tiny",
                            "backbone.patch", "8",
                            "backbone.depth", "2",
                            "backbone.width", "48",
                            "method.decoder-depth", "1",
                            "train.epochs", "24");
            Runs.Run whole = jobs.train("poker", keys, event -> {}, () -> false);
            assertEquals(whole.text(), "DONE", whole.state());
            assertEquals(48, steps(whole.folder().resolve("metrics.jsonl")).size());
            String checkpoint =
                    Files.readString(
                            whole.folder().resolve("last.safetensors"),
                            StandardCharsets.ISO_8859_1);
            for (String phase : List.of("generate", "discriminate")) {
                assertTrue(phase, checkpoint.contains("\"optimizer/" + phase + "/"));
            }
            Bundle bundle =
                    Arrays.stream(context.getBundles())
                            .filter(one -> "org.mien.method.pf-vit".equals(one.getSymbolicName()))
                            .findFirst()
                            .orElseThrow();
            Runs.Run run = jobs.submit("poker", keys);
            Path metrics = run.folder().resolve("metrics.jsonl");
            await("some steps", () -> steps(metrics).size() >= 3);
            update(bundle, "mien.pf-vit");
            int before = steps(metrics).size();
            assertTrue("the update came before the end", before < 48);
            Runs.Run ended = jobs.watch(run.id(), event -> {}, () -> false);
            assertEquals(ended.text(), "DONE", ended.state());
            assertTrue(
                    runs.details(run.id()).plugins().toString(),
                    runs.details(run.id())
                            .plugins()
                            .contains("method pf-vit 7.0.0 from step " + before));
            for (String file : List.of("last.safetensors", "best.safetensors", "metrics.jsonl")) {
                assertArrayEquals(
                        file,
                        Files.readAllBytes(whole.folder().resolve(file)),
                        Files.readAllBytes(run.folder().resolve(file)));
            }
        } finally {
            uninstall("mien-method-pf-vit");
        }
    }

    private Jobs.Job job(String run) {
        return jobs.all().stream().filter(j -> j.run().equals(run)).findFirst().orElseThrow();
    }

    private static List<String> steps(Path metrics) {
        try {
            return !Files.exists(metrics)
                    ? List.of()
                    : Files.readAllLines(metrics).stream()
                            .filter(line -> line.contains("\"event\":\"step\""))
                            .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * After thirty swaps with training and prediction between them one class loader of the plugin
     * is left.
     */
    @Test
    public void thirtySwapsLeaveOneClassLoader() throws Exception {
        List<WeakReference<ClassLoader>> loaders = new ArrayList<>();
        Bundle swap = context.installBundle(file("mien.swap1"));
        try {
            swap.start();
            pipeline("many", "swap");
            String last = "";
            for (int i = 0; i < 30; i++) {
                await("many", Pipelines.State.READY);
                remember(loaders);
                if (i % 3 == 0) {
                    Runs.Run run = train("many");
                    assertEquals("DONE", run.state());
                    evaluations.evaluate(run.id(), "test", Map.of());
                    last = run.id();
                }
                // The run stays open; the update closes it, and the next one reads the new code.
                List<Predictions.Prediction> answers = new ArrayList<>();
                predictions.predict(
                        last, Map.of(), List.of(), List.of("first"), answers::add, () -> false);
                assertNull(answers.get(0).error());
                plugins.all();
                update(swap, i % 2 == 0 ? "mien.swap2" : "mien.swap1");
            }
            await("many", Pipelines.State.READY);
            remember(loaders);
            assertEquals(31, loaders.size());
            assertNotEquals(loaders.get(29).get(), loaders.get(30).get());
            await(
                    "one class loader left",
                    () -> {
                        System.gc();
                        return loaders.stream().filter(l -> l.get() != null).count() == 1;
                    });
        } finally {
            swap.uninstall();
        }
    }

    private void remember(List<WeakReference<ClassLoader>> loaders) throws Exception {
        ServiceReference<?> reference =
                context.getServiceReferences(Method.class, "(mien.id=swap)").iterator().next();
        loaders.add(new WeakReference<>(context.getService(reference).getClass().getClassLoader()));
        context.ungetService(reference);
    }

    private String file(String property) {
        return Path.of(context.getProperty(property)).toUri().toString();
    }

    private void update(Bundle bundle, String property) throws IOException, BundleException {
        try (InputStream in = Files.newInputStream(Path.of(context.getProperty(property)))) {
            bundle.update(in);
        }
    }

    private static String metrics(Path run) throws IOException {
        return Files.readString(run.resolve("metrics.jsonl"));
    }
}
