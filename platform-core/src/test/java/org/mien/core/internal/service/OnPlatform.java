// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.service;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Hashtable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.mien.core.MienException;
import org.mien.core.Pipelines;
import org.mien.core.Runs;
import org.mien.core.internal.pipeline.ConfiguredPipelines;
import org.mien.core.internal.pipeline.Shipped;
import org.mien.core.internal.plugin.Kind;
import org.mien.core.internal.plugin.Registry;
import org.mien.core.internal.run.RunFolders;
import org.mien.core.internal.sweep.SweepFiles;
import org.mien.engine.Torch;

/** The platform without OSGi: plugins are bound by hand. */
public abstract class OnPlatform {
    private static final AtomicLong SERVICES = new AtomicLong();

    @TempDir public Path work;

    public final Registry registry = new Registry(null);
    public final ConfiguredPipelines pipelines = new ConfiguredPipelines();
    public final Shipped shipped = new Shipped(null);
    public final SweepFiles files = new SweepFiles();
    public Torch torch;
    public Clock clock = Clock.systemUTC();
    public Platform mien;

    @BeforeEach
    protected final void start() {
        torch = Torch.start(Path.of(System.getProperty("mien.torch")));
        mien = new Platform(registry, pipelines, shipped, files, torch, work, clock);
        // Whoever installs knows a feature for each plugin but one.
        registry.bindOffers(
                (kind, id) ->
                        Optional.of("mien-" + kind + "-" + id).filter(f -> !id.equals("faces-db")));
        bind(Kind.DATASET, "colours", new Fakes.Colours());
        bind(Kind.BACKBONE, "small", new Fakes.Small());
        bind(Kind.BACKBONE, "maps", new Fakes.MapsOnly());
        bind(Kind.METHOD, "head", new Fakes.Head());
        bind(Kind.PREPROCESSOR, "noise", new Fakes.Noise());
        bind(Kind.PREPROCESSOR, "left-half", new Fakes.LeftHalf());
        bind(Kind.EVALUATOR, "share", new Fakes.Share());
        configure("demo", "dataset=colours", "backbone=small", "method=head");
    }

    public void bind(Kind kind, String id, Object service) {
        registry.bind(
                kind, service, Map.of("mien.id", id, "service.id", SERVICES.incrementAndGet()));
    }

    public void configure(String name, String... pairs) {
        Hashtable<String, Object> properties = new Hashtable<>();
        properties.put("evaluators", "share");
        properties.put("train.batch", "16");
        properties.put("train.device", "cpu");
        properties.put("preprocess", "noise");
        properties.put(
                "felix.fileinstall.filename", "file:/etc/org.mien.pipeline-" + name + ".cfg");
        for (String pair : pairs) {
            int at = pair.indexOf('=');
            properties.put(pair.substring(0, at), pair.substring(at + 1));
        }
        pipelines.updated("org.mien.pipeline." + name, properties);
    }

    /** A bundle brings a file. */
    public void ship(Shipped.Kind kind, String name, long owner, String... lines) {
        byte[] content = String.join("\n", lines).getBytes(StandardCharsets.UTF_8);
        shipped.add(kind, name, "org.example.paper", "1.2.0", owner, content);
    }

    public Runs.Run train(String name, String... pairs) {
        return mien.jobs().train(name, map(pairs), event -> {}, () -> false);
    }

    public static Map<String, String> map(String... pairs) {
        Map<String, String> map = new LinkedHashMap<>();
        for (String pair : pairs) {
            int at = pair.indexOf('=');
            map.put(pair.substring(0, at), pair.substring(at + 1));
        }
        return map;
    }

    public Pipelines.Pipeline pipeline(String name) {
        return mien.pipelines().all().stream()
                .filter(p -> p.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    public static String refused(Runnable work) {
        return assertThrows(MienException.class, work::run).getMessage();
    }

    @AfterEach
    protected final void stop() {
        mien.close();
    }

    public static BooleanSupplier stopAfter(int times) {
        AtomicInteger asked = new AtomicInteger();
        return () -> asked.incrementAndGet() > times;
    }

    public static void sameRun(Path expected, Path actual) throws IOException {
        for (String file : List.of(RunFolders.BEST, RunFolders.LAST, "metrics.jsonl")) {
            assertArrayEquals(
                    Files.readAllBytes(expected.resolve(file)),
                    Files.readAllBytes(actual.resolve(file)),
                    file);
        }
    }
}
