// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.itest;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertTrue;
import static org.ops4j.pax.exam.CoreOptions.systemProperty;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.ref.WeakReference;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.PrivilegedExceptionAction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import javax.inject.Inject;
import javax.management.ObjectName;
import javax.security.auth.Subject;
import org.apache.karaf.features.BootFinished;
import org.apache.karaf.jaas.boot.principal.RolePrincipal;
import org.apache.karaf.shell.api.console.Session;
import org.apache.karaf.shell.api.console.SessionFactory;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.mien.api.method.Method;
import org.mien.core.Jobs;
import org.mien.core.MienException;
import org.mien.core.Pipelines;
import org.mien.core.Plugins;
import org.mien.core.Runs;
import org.mien.core.Value;
import org.mien.itest.odd.Odd;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.junit.PaxExam;
import org.ops4j.pax.exam.spi.reactors.ExamReactorStrategy;
import org.ops4j.pax.exam.spi.reactors.PerClass;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;

/**
 * In the assembled distribution: plugins are added and removed by command, those that break harm
 * nobody else, and pipelines are made and changed while it runs.
 */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerClass.class)
public class PluginsTest {
    private static final String IMPORTS =
            "org.mien.api,org.mien.api.method;version=\"[2.0,3)\",org.mien.api.net,org.mien.nn,"
                    + "ai.djl.ndarray,org.osgi.framework";

    private static final Map<String, String> KEYS = new LinkedHashMap<>();

    static {
        KEYS.put("dataset", "schematic");
        KEYS.put("dataset.train", "28");
        KEYS.put("dataset.validation", "14");
        KEYS.put("dataset.test", "14");
        KEYS.put("dataset.size", "32");
        KEYS.put("backbone", "resnet18");
        KEYS.put("backbone.size", "32");
        KEYS.put("evaluators", "classification");
        KEYS.put("train.epochs", "1");
        KEYS.put("train.batch", "14");
        KEYS.put("train.device", "cpu");
    }

    @Inject private BootFinished booted;
    @Inject private Plugins plugins;
    @Inject private Pipelines pipelines;
    @Inject private Jobs jobs;
    @Inject private Runs runs;
    @Inject private SessionFactory sessions;
    @Inject private BundleContext context;

    /**
     * The distribution.
     *
     * @return options of the container
     */
    @Configuration
    public Option[] configuration() throws IOException {
        List<Option> options = Exam.options();
        options.add(systemProperty("mien.rounds").value(System.getProperty("mien.rounds", "60")));
        return options.toArray(new Option[0]);
    }

    // --- what tests are made of

    /** A bundle of {@link Odd}, with headers of its own. */
    private Path bundle(String name, String version, String... headers) throws IOException {
        Manifest manifest = new Manifest();
        Attributes main = manifest.getMainAttributes();
        main.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        main.putValue("Bundle-ManifestVersion", "2");
        main.putValue("Bundle-SymbolicName", "com.example." + name);
        main.putValue("Bundle-Version", version);
        main.putValue("Import-Package", IMPORTS);
        main.putValue("Bundle-Activator", Odd.class.getName());
        main.putValue("Odd-Id", name);
        main.putValue("Odd-Does", "nothing");
        String component = null;
        for (int i = 0; i < headers.length; i += 2) {
            main.putValue(headers[i], headers[i + 1]);
            if (headers[i].equals("Service-Component")) {
                component = headers[i + 1];
                main.remove(new Attributes.Name("Bundle-Activator"));
            }
        }
        Path file = Files.createTempFile(name, ".jar");
        try (OutputStream out = Files.newOutputStream(file);
                JarOutputStream jar = new JarOutputStream(out, manifest)) {
            for (String type : List.of("", "$Settings", "$Own", "$Unmade", "$OddModel")) {
                String path = Odd.class.getName().replace('.', '/') + type + ".class";
                jar.putNextEntry(new JarEntry(path));
                try (InputStream in = Odd.class.getResourceAsStream("/" + path)) {
                    in.transferTo(jar);
                }
            }
            if (component != null) {
                jar.putNextEntry(new JarEntry(component));
                jar.write(
                        ("<scr:component xmlns:scr=\"http://www.osgi.org/xmlns/scr/v1.3.0\" name=\""
                                        + name
                                        + "\"><property name=\"mien.id\" value=\""
                                        + name
                                        + "\"/><implementation class=\""
                                        + Odd.Unmade.class.getName()
                                        + "\"/><service><provide interface=\""
                                        + Method.class.getName()
                                        + "\"/></service></scr:component>")
                                .getBytes(StandardCharsets.UTF_8));
            }
        }
        return file;
    }

    /** What a line of the shell prints, typed by an administrator. */
    private String shell(String line) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrintStream to = new PrintStream(out, true, StandardCharsets.UTF_8);
        Subject subject = new Subject();
        for (String role : List.of("admin", "manager", "viewer", "systembundles")) {
            subject.getPrincipals().add(new RolePrincipal(role));
        }
        Session session = sessions.create(new ByteArrayInputStream(new byte[0]), to, to);
        try {
            Subject.doAs(subject, (PrivilegedExceptionAction<Object>) () -> session.execute(line));
        } catch (java.security.PrivilegedActionException e) {
            throw e.getException();
        } finally {
            session.close();
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    /** Why a line of the shell is refused. */
    private String refused(String line) {
        String out;
        try {
            out = shell(line);
        } catch (Exception e) {
            return e.getMessage();
        }
        throw new AssertionError(line + " was not refused: " + out);
    }

    private String words(String... more) {
        StringBuilder words = new StringBuilder();
        Map<String, String> keys = new LinkedHashMap<>(KEYS);
        for (String pair : more) {
            keys.put(pair.substring(0, pair.indexOf('=')), pair.substring(pair.indexOf('=') + 1));
        }
        keys.forEach((key, value) -> words.append(' ').append(key).append('=').append(value));
        return words.toString();
    }

    private void pipeline(String name, String... more) throws Exception {
        shell("fer:pipeline-new --replace " + name + words(more));
    }

    private Pipelines.Pipeline state(String name) {
        return pipelines.all().stream()
                .filter(one -> one.name().equals(name))
                .findFirst()
                .orElse(null);
    }

    private Plugins.Plugin plugin(String bundle) {
        return plugins.all().stream()
                .filter(one -> one.bundle().equals("com.example." + bundle))
                .findFirst()
                .orElse(null);
    }

    private Bundle installed(String name) {
        return Arrays.stream(context.getBundles())
                .filter(one -> ("com.example." + name).equals(one.getSymbolicName()))
                .findFirst()
                .orElse(null);
    }

    private static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + 60_000_000_000L;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("within a minute not: " + what);
            }
            Thread.sleep(5);
        }
    }

    private WeakReference<ClassLoader> loader(String id) throws Exception {
        ServiceReference<?> reference =
                context.getServiceReferences(Method.class, "(mien.id=" + id + ")")
                        .iterator()
                        .next();
        try {
            return new WeakReference<>(context.getService(reference).getClass().getClassLoader());
        } finally {
            context.ungetService(reference);
        }
    }

    private static void awaitGone(List<WeakReference<ClassLoader>> loaders)
            throws InterruptedException {
        await(
                "the class loaders are gone",
                () -> {
                    System.gc();
                    return loaders.stream().allMatch(one -> one.get() == null);
                });
    }

    private Runs.Run train(String pipeline) {
        return jobs.train(pipeline, Map.of(), event -> {}, () -> false);
    }

    /** The message with which a training is refused or fails. */
    private String failure(String pipeline) {
        try {
            return "trained: " + train(pipeline);
        } catch (MienException e) {
            return e.getMessage();
        }
    }

    // --- plugin-add and plugin-remove

    /** It says what it does, installs, updates, and removes; pipelines follow. */
    @Test
    public void aPluginIsAddedUpdatedAndRemoved() throws Exception {
        pipeline("good", "method=good");
        assertEquals(Pipelines.State.WAITING, state("good").state());
        Path first = bundle("good", "1.0.0");
        String dry = shell("fer:plugin-add --dry-run " + first);
        assertTrue(dry, dry.contains("com.example.good  1.0.0"));
        assertTrue(dry, dry.matches("(?s).*org.mien.api.method +\\[2.0,3\\) +2\\..*"));
        assertTrue(dry, dry.contains("refreshed  nothing else"));
        assertNull(installed("good"));
        String added = shell("fer:plugin-add " + first);
        assertTrue(added, added.matches("(?s).*method +good +1.0.0 +com.example.good.*"));
        assertTrue(added, added.contains("now READY  good"));
        assertEquals("DONE", train("good").state());
        List<WeakReference<ClassLoader>> loaders = new ArrayList<>(List.of(loader("good")));
        String updated = shell("fer:plugin-add --json " + bundle("good", "2.0.0"));
        assertTrue(updated, updated.contains("\"replaces\":\"1.0.0\""));
        assertEquals("2.0.0", plugin("good").version());
        loaders.add(loader("good"));
        String removed = shell("fer:plugin-remove good");
        assertTrue(removed, removed.contains("will wait  good"));
        assertEquals(Pipelines.State.WAITING, state("good").state());
        assertNull(installed("good"));
        awaitGone(loaders);
        shell("fer:pipeline-delete good");
        assertNull(state("good"));
    }

    /** A backbone that no key names, only the plan of a method, is missed too. */
    @Test
    public void aFrozenBackboneThatGoesIsMissed() throws Exception {
        shell("fer:plugin-add " + bundle("teaches", "1.0.0"));
        shell("fer:plugin-add " + bundle("asks", "1.0.0", "Odd-Does", "asks"));
        pipeline("teaches", "method=teaches");
        pipeline(
                "asks",
                "method=asks",
                "backbone=vit-tiny",
                "teacher.size=32",
                "teacher.weights=" + train("teaches").id());
        assertEquals(state("asks").why(), Pipelines.State.READY, state("asks").state());
        shell("fer:pipeline-delete teaches");
        String dry = shell("fer:plugin-remove --dry-run resnet18");
        assertTrue(dry, dry.matches("(?s).*will wait  ([^\\n]*, )?asks[,\\n].*"));
        String spared = shell("fer:plugin-remove --dry-run alexnet");
        assertFalse(spared, spared.contains("asks"));
        shell("fer:pipeline-delete asks");
        shell("fer:plugin-remove asks");
        shell("fer:plugin-remove teaches");
    }

    /** A file with a feature of a bundle, and more in it. */
    private Path features(Path bundle, String more) throws IOException {
        return Files.writeString(
                Files.createTempFile("features", ".xml"),
                "<features name='odd'"
                        + " xmlns='http://karaf.apache.org/xmlns/features/v1.6.0'><feature"
                        + " name='odd-feature' version='1.0.0'><feature>mien-platform</feature><bundle>"
                        + bundle.toUri()
                        + "</bundle>"
                        + more
                        + "</feature></features>");
    }

    private String xml(String id, Path into) throws Exception {
        Files.copy(
                bundle("again", "1.0.0", "Odd-Id", id), into, StandardCopyOption.REPLACE_EXISTING);
        return shell("fer:plugin-add " + features(into, ""));
    }

    /** Features by what they have: after a bundle, built again, unchanged, failing, removed. */
    @Test
    public void featuresAreComparedByTheirContent() throws Exception {
        Path jar = Files.createTempFile("again", ".jar");
        shell("fer:plugin-add " + bundle("again", "1.0.0", "Odd-Id", "before"));
        String over = xml("first", jar);
        assertTrue(over, over.matches("(?s).*method +first +1.0.0 +com.example.again.*"));
        String renewed = xml("second", jar);
        assertTrue(renewed, renewed.contains("method  second"));
        assertTrue(renewed + plugins.all(), "second".equals(plugin("again").id()));
        String same = shell("fer:plugin-add " + features(jar, ""));
        assertTrue(same, same.contains("unchanged; all of it is installed already"));
        assertTrue(same, same.contains("method  second"));
        Files.copy(
                bundle("again", "2.0.0", "Odd-Does", "start"),
                jar,
                StandardCopyOption.REPLACE_EXISTING);
        String failed = refused("fer:plugin-add " + features(jar, ""));
        assertTrue(failed, failed.contains("What was there before is there again"));
        assertEquals("second", plugin("again").id());
        assertEquals("1.0.0", plugin("again").version());
        String removed = shell("fer:plugin-remove second");
        assertTrue(removed, removed.contains("odd-feature/1.0.0"));
        assertNull(installed("again"));
        String again = xml("third", jar);
        assertTrue(again, again.contains("method  third"));
        shell("fer:plugin-remove third");
        assertNull(installed("again"));
    }

    /** What would hurt is refused with its reason, and nothing is changed. */
    @Test
    public void whatWouldHurtIsRefused() throws Exception {
        int before = context.getBundles().length;
        String gone =
                refused(
                        "fer:plugin-add "
                                + bundle(
                                        "gone",
                                        "1.0.0",
                                        "Import-Package",
                                        IMPORTS + ",com.acme.gone;version=\"[1,2)\""));
        assertTrue(gone, gone.contains("com.acme.gone in version [1,2); here no bundle exports"));
        String old =
                refused(
                        "fer:plugin-add "
                                + bundle(
                                        "old",
                                        "1.0.0",
                                        "Import-Package",
                                        IMPORTS.replace("[2.0,3)", "[7.0,8)")));
        assertTrue(old, old.contains("org.mien.api.method in version [7.0,8); here it is 2."));
        // One that the platform would take, and one that it would not.
        for (String version : List.of("2.9.0", "9.0.0")) {
            String exports =
                    refused(
                            "fer:plugin-add "
                                    + bundle(
                                            "own",
                                            "1.0.0",
                                            "Export-Package",
                                            "org.mien.api.data;version=" + version));
            assertTrue(
                    exports,
                    exports.contains(
                            "exports the package org.mien.api.data, which is org.mien.api's"));
        }
        String fragment =
                refused(
                        "fer:plugin-add "
                                + bundle("part", "1.0.0", "Fragment-Host", "org.mien.nn"));
        assertTrue(fragment, fragment.contains("is a fragment of org.mien.nn, which is no plugin"));
        String framework =
                refused(
                        "fer:plugin-add "
                                + bundle("whole", "1.0.0", "Fragment-Host", "system.bundle"));
        assertTrue(framework, framework.contains("is a fragment of system.bundle"));
        String platform =
                refused(
                        "fer:plugin-add "
                                + bundle("x", "9.0.0", "Bundle-SymbolicName", "org.mien.api"));
        assertTrue(platform, platform.contains("calls itself org.mien.api"));
        String users =
                refused(
                        "fer:plugin-add "
                                + features(
                                        bundle("odd", "1.0.0"),
                                        "<configfile finalname='/etc/users.properties'"
                                                + " override='true'>mvn:a/b/1</configfile>"));
        assertTrue(users, users.contains("brings the file '/etc/users.properties'"));
        assertTrue(
                refused("fer:plugin-add mvn:org.none/none/1.0").contains("nothing is downloaded"));
        assertTrue(refused("fer:plugin-remove org.mien.nn").contains("is no plugin and stays"));
        assertEquals(before, context.getBundles().length);
        String start = refused("fer:plugin-add " + bundle("begins", "1.0.0", "Odd-Does", "start"));
        assertTrue(start, start.contains("odd start. It was removed again"));
        assertEquals(before, context.getBundles().length);
    }

    // --- plugins that break

    /**
     * Built against what is not there, and installed all the same: it is named with the package.
     */
    @Test
    public void aBundleThatDoesNotResolveIsNamed() throws Exception {
        Path jar =
                bundle(
                        "lost",
                        "1.0.0",
                        "Import-Package",
                        IMPORTS + ",com.acme.gone;version=\"1.5\"");
        Bundle bundle = context.installBundle(jar.toUri().toString());
        try {
            String problem = plugin("lost").problem();
            assertTrue(problem, problem.contains("the package com.acme.gone from version 1.5"));
            assertTrue(shell("fer:plugin-list").contains("com.acme.gone"));
        } finally {
            bundle.uninstall();
        }
        assertNull(plugin("lost"));
    }

    /** A constructor that throws is named, and others work. */
    @Test
    public void aConstructorThatThrowsIsNamed() throws Exception {
        Path jar = bundle("unmade", "1.0.0", "Service-Component", "OSGI-INF/odd.xml");
        String added = shell("fer:plugin-add " + jar);
        assertTrue(added, added.contains("its object could not be made"));
        assertTrue(added, added.contains("odd constructor"));
        assertEquals("unmade", plugin("unmade").id());
        shell("fer:plugin-remove com.example.unmade");
        assertNull(plugin("unmade"));
    }

    /** Plan, build and phase may throw: the run says so, the next runs, no loader is held. */
    @Test
    public void oneThatThrowsCostsOnlyItsOwnRun() throws Exception {
        List<WeakReference<ClassLoader>> loaders = new ArrayList<>();
        shell("fer:plugin-add " + bundle("calm", "1.0.0"));
        pipeline("calm", "method=calm");
        for (String where : List.of("plan", "build", "phase", "stop")) {
            shell("fer:plugin-add " + bundle("throws", "1.0.0", "Odd-Does", where));
            loaders.add(loader("throws"));
            Path file = etc("org.mien.pipeline-throws.cfg");
            Files.writeString(file, cfg("method=throws"));
            await("the pipeline is there", () -> state("throws") != null);
            if (where.equals("stop")) {
                assertEquals("DONE", train("throws").state());
            } else {
                String failure = failure("throws");
                assertTrue(failure, failure.contains("method 'throws' failed: Own (odd " + where));
                if (!where.equals("phase")) {
                    assertEquals(Pipelines.State.FAILED, state("throws").state());
                    assertTrue(
                            state("throws").why(), state("throws").why().contains("odd " + where));
                }
            }
            assertEquals("DONE", train("calm").state());
            Files.delete(file);
            await("the pipeline is gone", () -> state("throws") == null);
            shell("fer:plugin-remove throws");
            assertNull(installed("throws"));
        }
        awaitGone(loaders.subList(0, 3));
        shell("fer:plugin-remove calm");
    }

    /** A step that does not return is given up with its job; the queue goes on. */
    @Test
    public void aStepThatNeverReturnsIsGivenUp() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch leave = new CountDownLatch(1);
        System.getProperties().put("odd.entered", entered);
        System.getProperties().put("odd.leave", leave);
        shell("config:edit org.mien.jobs; config:property-set patience 1; config:update");
        try {
            shell("fer:plugin-add " + bundle("hangs", "1.0.0", "Odd-Does", "hangs"));
            shell("fer:plugin-add " + bundle("calm", "1.0.0"));
            pipeline("hangs", "method=hangs");
            pipeline("calm", "method=calm");
            Runs.Run hangs = jobs.submit("hangs", Map.of());
            Runs.Run next = jobs.submit("calm", Map.of());
            assertTrue(entered.await(60, TimeUnit.SECONDS));
            // Removed in the middle of it: the answer comes, and the job has ended.
            String removed = shell("fer:plugin-remove hangs");
            assertTrue(removed, removed.contains("will stop  " + hangs.id()));
            Runs.Run ended =
                    runs.all().stream().filter(r -> r.id().equals(hangs.id())).findFirst().get();
            assertEquals("FAILED", ended.state());
            assertTrue(ended.text(), ended.text().contains("method 'hangs' has not returned at"));
            assertEquals("DONE", jobs.watch(next.id(), event -> {}, () -> false).state());
            String problem = plugin("hangs").problem();
            assertTrue(problem, problem.contains("never returned from it"));
            leave.countDown();
            await("its thread has ended", () -> plugin("hangs") == null);
        } finally {
            leave.countDown();
            shell("config:edit org.mien.jobs; config:property-set patience 60; config:update");
        }
        shell("fer:plugin-remove calm");
    }

    /** Arrays that outlive their step are named with the plugin; others train as before. */
    @Test
    public void arraysThatOutliveTheirStepAreNamed() throws Exception {
        shell("fer:plugin-add " + bundle("leaks", "1.0.0", "Odd-Does", "leaks"));
        shell("fer:plugin-add " + bundle("calm", "1.0.0"));
        pipeline("leaks", "method=leaks");
        pipeline("calm", "method=calm");
        assertEquals("DONE", train("leaks").state());
        assertEquals("DONE", train("calm").state());
        String problem = plugin("leaks").problem();
        assertTrue(problem, problem.startsWith("2 arrays were left behind by its steps"));
        assertEquals("", plugin("calm").problem());
        shell("fer:plugin-remove leaks");
        shell("fer:plugin-remove calm");
    }

    /** Of two with one id the first is in force, the other is named. */
    @Test
    public void theFirstOfTwoWithOneIdIsInForce() throws Exception {
        shell("fer:plugin-add " + bundle("twin", "1.0.0"));
        pipeline("twin", "method=twin");
        String second = shell("fer:plugin-add " + bundle("late", "1.0.0", "Odd-Id", "twin"));
        assertTrue(second, second.contains("another bundle has this id and came first"));
        assertTrue(plugin("twin").problem().isEmpty());
        Runs.Run run = train("twin");
        assertEquals("DONE", run.state());
        assertTrue(refused("fer:plugin-remove twin").contains("comes from several bundles"));
        String removed = shell("fer:plugin-remove com.example.twin");
        assertTrue(removed, removed.contains("will wait  no pipeline"));
        assertTrue(plugin("late").problem().isEmpty());
        assertEquals(Pipelines.State.READY, state("twin").state());
        shell("fer:plugin-remove twin");
    }

    // --- pipelines

    private static Path etc(String name) {
        return Path.of(System.getProperty("karaf.etc")).resolve(name);
    }

    private String cfg(String... more) {
        return words(more).strip().replace(' ', '\n').replace("=", " = ") + "\n";
    }

    /**
     * Karaf's own commands, a dropped file, and ours: each makes, changes and removes a pipeline.
     */
    @Test
    public void pipelinesAreMadeChangedAndRemovedWhileItRuns() throws Exception {
        shell("fer:plugin-add " + bundle("compose", "1.0.0"));
        StringBuilder line =
                new StringBuilder("config:edit --factory --alias composed org.mien.pipeline");
        for (String pair : words("method=compose").strip().split(" ")) {
            line.append("; config:property-set ").append(pair.replace("=", " "));
        }
        shell(line + "; config:update");
        await("it is there", () -> state("composed") != null);
        assertEquals(Pipelines.State.READY, state("composed").state());
        Runs.Run first = train("composed");
        assertEquals("DONE", first.state());
        Path file = etc("org.mien.pipeline-composed.cfg");
        assertTrue(Files.exists(file));
        // A wrong edit: the reason, and what it was when it worked.
        Files.writeString(file, cfg("method=compose", "train.batch=none"));
        await("it failed", () -> state("composed").state() == Pipelines.State.FAILED);
        Pipelines.Pipeline failed = state("composed");
        assertTrue(failed.why(), failed.why().contains("train.batch"));
        assertEquals("14", failed.lastGood().get("train.batch").value());
        assertTrue(failure("composed"), failure("composed").contains("train.batch"));
        String shown = shell("fer:pipeline-show composed");
        assertTrue(shown, shown.contains("When it last worked:"));
        // A right one counts for the next run.
        Files.writeString(file, cfg("method=compose", "train.epochs=2"));
        await("it works again", () -> state("composed").state() == Pipelines.State.READY);
        Runs.Run second = train("composed");
        assertEquals(2, second.epochs());
        assertEquals("1", runs.details(first.id()).values().get("train.epochs").value());
        String pid =
                shell("config:list '(name=*)'")
                        + shell("config:list '(service.factoryPid=org.mien.pipeline)'");
        java.util.regex.Matcher found =
                java.util.regex.Pattern.compile(
                                "(?s)Pid:"
                                        + " +(org\\.mien\\.pipeline[.~][^\\s]+).{0,400}?composed\\.cfg")
                        .matcher(pid);
        assertTrue(pid, found.find());
        String last = found.group(1);
        while (found.find(found.start() + 1)) {
            last = found.group(1);
        }
        shell("config:delete " + last);
        await("it is gone", () -> state("composed") == null);
        Files.deleteIfExists(file);

        String made = shell("fer:pipeline-new made" + words("method=compose"));
        assertTrue(made, made.contains("READY"));
        assertTrue(refused("fer:pipeline-new made" + words()).contains("exists already"));
        assertTrue(
                refused("fer:pipeline-new other" + words("method=compose", "train.batsh=3"))
                        .contains("train.batch"));
        assertFalse(Files.exists(etc("org.mien.pipeline-other.cfg")));
        String waits = shell("fer:pipeline-new later" + words("method=none"));
        assertTrue(waits, waits.contains("WAITING"));
        shell("fer:pipeline-new --replace made" + words("method=compose", "seed=7"));
        Value seed = state("made").values().get("seed");
        assertEquals(new Value("7", "org.mien.pipeline-made.cfg"), seed);
        shell("fer:pipeline-delete made later");
        assertNull(state("made"));
        assertNull(state("later"));
        shell("fer:plugin-remove compose");
    }

    /** A changed pipeline does not reach a run under way. */
    @Test
    public void aRunUnderWayKeepsItsKeys() throws Exception {
        shell("fer:plugin-add " + bundle("keeps", "1.0.0"));
        pipeline("keeps", "method=keeps", "train.epochs=20");
        Runs.Run run = jobs.submit("keeps", Map.of());
        await("it runs", () -> job(run).step() > 0);
        pipeline("keeps", "method=keeps", "train.epochs=1");
        assertEquals("1", state("keeps").values().get("train.epochs").value());
        Runs.Run ended = jobs.watch(run.id(), event -> {}, () -> false);
        assertEquals("DONE", ended.state());
        assertEquals(20, ended.epochs());
        shell("fer:plugin-remove keeps");
    }

    private Jobs.Job job(Runs.Run run) {
        return jobs.all().stream().filter(j -> j.run().equals(run.id())).findFirst().get();
    }

    // --- many rounds

    /**
     * A method comes and goes again and again while another trains, which does not notice. {@code
     * -Dmien.rounds=300} for more rounds than always.
     */
    @Test
    public void manyRoundsBesideATraining() throws Exception {
        int rounds = Integer.parseInt(context.getProperty("mien.rounds"));
        Queue<Object> times = new ConcurrentLinkedQueue<>();
        System.getProperties().put("odd.steps", times);
        shell("fer:plugin-add " + bundle("steady", "1.0.0", "Odd-Does", "times"));
        pipeline("steady", "method=steady", "train.epochs=100000");
        pipeline("passing", "method=passing");
        String jar = bundle("passing", "1.0.0").toUri().toString();
        Runs.Run run = jobs.submit("steady", Map.of());
        await("some steps", () -> times.size() > 20);
        List<WeakReference<ClassLoader>> loaders = new ArrayList<>();
        long resident = 0;
        long longest = 0;
        int settled = 0;
        int warm = Math.max(10, rounds / 5);
        for (int i = 0; i < warm + rounds; i++) {
            if (i == warm) {
                resident = resident(times);
                settled = times.size();
            }
            long begin = System.nanoTime();
            Bundle passing = context.installBundle(jar);
            passing.start();
            assertEquals(Pipelines.State.READY, state("passing").state());
            loaders.add(loader("passing"));
            passing.uninstall();
            longest = Math.max(longest, System.nanoTime() - begin);
            assertEquals(Pipelines.State.WAITING, state("passing").state());
            if (i >= warm) {
                // One swap in a step at most: what a step is late by is what one swap costs it.
                int seen = times.size();
                await("the step goes on", () -> times.size() > seen);
            }
        }
        int during = times.size();
        long after = resident(times);
        int measured = times.size();
        await("it still trains", () -> times.size() > measured + 40);
        assertEquals("RUNNING", job(run).state());
        assertEquals("CANCELLED", jobs.cancel(run.id()).state());
        awaitGone(loaders);
        List<String> steps =
                Files.readAllLines(run.folder().resolve("metrics.jsonl")).stream()
                        .filter(line -> line.contains("\"event\":\"step\""))
                        .toList();
        for (int i = 0; i < steps.size(); i++) {
            assertTrue(steps.get(i), steps.get(i).contains("\"step\":" + i + ","));
        }
        List<Long> at = times.stream().map(one -> (Long) one).toList();
        assertEquals(steps.size(), at.size());
        long calm = 0;
        long late = 0;
        for (int i = 1; i < at.size(); i++) {
            long gap = at.get(i) - at.get(i - 1);
            // Steps while memory was measured are neither: giving it back is what slows them.
            if (i > settled && i < during) {
                late = Math.max(late, gap);
            } else if (i <= 20 || i > measured + 1) {
                calm = Math.max(calm, gap);
            }
        }
        String figures =
                String.format(
                        "%d rounds, longest %d ms; %d steps, longest apart %d ms, without rounds"
                                + " %d ms; resident %d to %d KiB",
                        rounds,
                        longest / 1_000_000,
                        steps.size(),
                        late / 1_000_000,
                        calm / 1_000_000,
                        resident,
                        after);
        System.out.println(figures);
        Files.writeString(Path.of(System.getProperty("karaf.data"), "rounds.txt"), figures);
        assertTrue(figures, after < resident * 1.05);
        assertTrue(figures, late <= calm + longest + 1_000_000_000L);
        System.getProperties().remove("odd.steps");
        shell("fer:plugin-remove steady");
    }

    /**
     * Resident memory in KiB after garbage and what malloc keeps are given back: the least of some
     * steps of the training beside it, whose arrays come and go.
     */
    private static long resident(Queue<Object> steps) throws Exception {
        long least = Long.MAX_VALUE;
        for (int end = steps.size() + 5; steps.size() < end; ) {
            System.gc();
            ManagementFactory.getPlatformMBeanServer()
                    .invoke(
                            new ObjectName("com.sun.management:type=DiagnosticCommand"),
                            "systemTrimNativeHeap",
                            null,
                            null);
            String status = Files.readString(Path.of("/proc/self/status"));
            least =
                    Math.min(
                            least,
                            Long.parseLong(status.replaceAll("(?s).*VmRSS:\\s*(\\d+).*", "$1")));
        }
        return least;
    }
}
