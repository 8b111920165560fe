// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.doctor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.mien.core.Doctor;
import org.mien.core.MienException;
import org.mien.core.Pipelines;
import org.mien.core.Plugins;
import org.mien.core.internal.plugin.Border;
import org.mien.engine.OneDnn;
import org.mien.engine.Torch;
import org.mien.nn.spi.Shapes;
import org.mien.vision.OpenCv;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** The doctor's round. */
@Component(service = Doctor.class)
public final class Doctors implements Doctor {
    /** Looks at one thing. */
    @FunctionalInterface
    interface Look {
        Check at() throws IOException;
    }

    private final Plugins plugins;
    private final Pipelines pipelines;
    private final Torch torch;
    private final Path work;

    /**
     * Made by Declarative Services.
     *
     * @param plugins the plugins
     * @param pipelines the pipelines
     * @param torch the engine
     */
    @Activate
    public Doctors(
            @Reference Plugins plugins, @Reference Pipelines pipelines, @Reference Torch torch) {
        this(plugins, pipelines, torch, Path.of(System.getProperty("mien.work", "work")));
    }

    Doctors(Plugins plugins, Pipelines pipelines, Torch torch, Path work) {
        this.plugins = plugins;
        this.pipelines = pipelines;
        this.torch = torch;
        this.work = work.toAbsolutePath().normalize();
    }

    @Override
    public void examine(Consumer<Check> tell) {
        Machine machine = new Machine(Path.of("/"), System.getenv());
        Runtime runtime = Runtime.getRuntime();
        Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
        Path etc = Path.of(System.getProperty("karaf.etc", work.resolve("etc").toString()));
        tell.accept(look("java", Doctors::java));
        tell.accept(look("memory", () -> machine.memory(runtime.maxMemory())));
        tell.accept(look("processor", () -> machine.processor(runtime.availableProcessors())));
        tell.accept(look("allocator", machine::allocator));
        tell.accept(look("engine", () -> engine(runtime.availableProcessors())));
        tell.accept(look("vision", Doctors::vision));
        tell.accept(look("gpu", () -> machine.gpu(torch.gpus(), cuda(), torch.natives())));
        tell.accept(look("work", () -> Machine.folder("work", work)));
        tell.accept(look("temporary", () -> Machine.folder("temporary", temporary)));
        tell.accept(look("disk", () -> Machine.disk(work)));
        tell.accept(look("ports", machine::ports));
        tell.accept(look("secrets", () -> Machine.secrets(etc)));
        tell.accept(look("clock", () -> clock(temporary)));
        tell.accept(look("plugins", () -> plugins(plugins.all())));
        tell.accept(look("pipelines", () -> pipelines(pipelines.all())));
        tell.accept(
                look("leftovers", () -> Machine.leftovers(work.resolve("runs"), Instant.now())));
        tell.accept(look("training", () -> SelfTest.run(torch, alone(pipelines.all()))));
    }

    /** One finding; what fails is a finding too. */
    static Check look(String name, Look look) {
        try {
            return Border.call(name, List.of(), look::at);
        } catch (MienException e) {
            return new Check(
                    name,
                    Level.PROBLEM,
                    "cannot be looked at: " + e.getMessage(),
                    "see the log; if it does not help, report this");
        }
    }

    private static Check java() {
        return Machine.java(
                Runtime.version().feature(),
                System.getProperty("java.version"),
                System.getProperty("java.vm.name") + ", " + System.getProperty("java.vendor"));
    }

    private Check engine(int processors) {
        return engine(
                torch.version(),
                torch.threads(),
                processors,
                torch.natives(),
                torch.oneDnn(),
                torch.crowded(),
                Shapes.distrusted());
    }

    static Check engine(
            String version,
            int threads,
            int processors,
            Path natives,
            OneDnn oneDnn,
            boolean crowded,
            List<String> distrusted) {
        String found = "libtorch " + version + " in " + natives + ", " + threads + " threads";
        if (threads > processors) {
            return new Check(
                    "engine",
                    Level.WARNING,
                    found + " on " + processors + " processors",
                    "set OMP_NUM_THREADS=" + processors + " and restart");
        }
        if (crowded) {
            found += ", which yield to other processes now";
        }
        switch (oneDnn) {
            case MENDED ->
                    found +=
                            "; oneDNN guesses the sizes of caches, which this machine hides from it";
            case UNUSED -> found += "; without oneDNN";
            case RIGHT -> {}
            case WRONG -> {
                return new Check(
                        "engine",
                        Level.WARNING,
                        found
                                + "; its oneDNN convolves wrongly on this machine: each shape is"
                                + " checked before its first use, and "
                                + distrusted.size()
                                + " so far are computed without it, which is slower"
                                + (distrusted.isEmpty()
                                        ? ""
                                        : ": " + String.join("; ", distrusted)),
                        "have the virtual machine show the processor's caches, so that lscpu"
                                + " lists L1d, and restart; or use another machine");
            }
        }
        return new Check("engine", Level.OK, found, "");
    }

    private static Check vision() {
        OpenCv.load();
        return new Check("vision", Level.OK, "OpenCV " + OpenCv.version(), "");
    }

    private boolean cuda() {
        return Files.exists(torch.natives().resolve(System.mapLibraryName("torch_cuda")));
    }

    private static Check clock(Path temporary) throws IOException {
        Path probe = Files.createTempFile(temporary, "doctor", null);
        Instant written = Files.getLastModifiedTime(probe).toInstant();
        Files.delete(probe);
        Path version = Path.of(System.getProperty("karaf.home", ".")).resolve("version");
        Instant built =
                Files.exists(version)
                        ? Files.getLastModifiedTime(version).toInstant()
                        : Instant.EPOCH;
        return Machine.clock(Instant.now(), written, built);
    }

    static Check plugins(List<Plugins.Plugin> plugins) {
        List<String> problems = new ArrayList<>();
        for (Plugins.Plugin plugin : plugins) {
            if (!plugin.problem().isEmpty()) {
                problems.add(
                        plugin.kind()
                                + " '"
                                + plugin.id()
                                + "' ("
                                + plugin.bundle()
                                + "): "
                                + plugin.problem());
            }
        }
        if (!problems.isEmpty()) {
            return new Check(
                    "plugins",
                    Level.PROBLEM,
                    String.join("; ", problems),
                    "replace or remove the bundle: plugin-add, plugin-remove");
        }
        return new Check("plugins", Level.OK, plugins.size() + " installed", "");
    }

    static Check pipelines(List<Pipelines.Pipeline> pipelines) {
        List<String> cannot = new ArrayList<>();
        for (Pipelines.Pipeline pipeline : pipelines) {
            if (pipeline.state() == Pipelines.State.FAILED
                    || pipeline.state() == Pipelines.State.WAITING) {
                cannot.add(pipeline.name() + " " + pipeline.state() + " " + pipeline.why().strip());
            }
        }
        if (!cannot.isEmpty()) {
            return new Check(
                    "pipelines",
                    Level.WARNING,
                    (pipelines.size() - cannot.size())
                            + " of "
                            + pipelines.size()
                            + " can train; "
                            + String.join("; ", cannot),
                    "a key can be given for one run: train NAME key=value");
        }
        return new Check("pipelines", Level.OK, pipelines.size() + " can train", "");
    }

    static boolean alone(List<Pipelines.Pipeline> pipelines) {
        return pipelines.stream().noneMatch(one -> one.state() == Pipelines.State.BUSY);
    }
}
