// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal;

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
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.mien.core.Mien;
import org.mien.core.MienException;
import org.mien.core.internal.Registry.Kind;
import org.mien.engine.Torch;

/** The platform without OSGi: plugins are bound by hand. */
abstract class OnPlatform {
    private static final AtomicLong SERVICES = new AtomicLong();

    @TempDir Path work;

    final Registry registry = new Registry(null);
    final Pipelines pipelines = new Pipelines();
    final Shipped shipped = new Shipped(null);
    final SweepFiles files = new SweepFiles();
    Torch torch;
    Clock clock = Clock.systemUTC();
    MienService mien;

    @BeforeEach
    final void start() {
        torch = Torch.start(Path.of(System.getProperty("mien.torch")));
        mien = new MienService(registry, pipelines, shipped, files, torch, work, clock);
        bind(Kind.DATASET, "colours", new Fakes.Colours());
        bind(Kind.BACKBONE, "small", new Fakes.Small());
        bind(Kind.BACKBONE, "maps", new Fakes.MapsOnly());
        bind(Kind.METHOD, "head", new Fakes.Head());
        bind(Kind.PREPROCESSOR, "noise", new Fakes.Noise());
        bind(Kind.PREPROCESSOR, "left-half", new Fakes.LeftHalf());
        bind(Kind.EVALUATOR, "share", new Fakes.Share());
        configure("demo", "dataset=colours", "backbone=small", "method=head");
    }

    void bind(Kind kind, String id, Object service) {
        registry.bind(
                kind, service, Map.of("mien.id", id, "service.id", SERVICES.incrementAndGet()));
    }

    void configure(String name, String... pairs) {
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
    void ship(Shipped.Kind kind, String name, long owner, String... lines) {
        byte[] content = String.join("\n", lines).getBytes(StandardCharsets.UTF_8);
        shipped.add(kind, name, "org.example.paper", "1.2.0", owner, content);
    }

    Mien.Run train(String name, String... pairs) {
        return mien.train(name, map(pairs), event -> {}, () -> false);
    }

    static Map<String, String> map(String... pairs) {
        Map<String, String> map = new LinkedHashMap<>();
        for (String pair : pairs) {
            int at = pair.indexOf('=');
            map.put(pair.substring(0, at), pair.substring(at + 1));
        }
        return map;
    }

    Mien.Pipeline pipeline(String name) {
        return mien.pipelines().stream()
                .filter(p -> p.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    static String refused(Runnable work) {
        return assertThrows(MienException.class, work::run).getMessage();
    }

    @AfterEach
    final void stop() {
        mien.close();
    }

    static BooleanSupplier stopAfter(int times) {
        AtomicInteger asked = new AtomicInteger();
        return () -> asked.incrementAndGet() > times;
    }

    static void sameRun(Path expected, Path actual) throws IOException {
        for (String file : List.of(Runs.BEST, Runs.LAST, "metrics.jsonl")) {
            assertArrayEquals(
                    Files.readAllBytes(expected.resolve(file)),
                    Files.readAllBytes(actual.resolve(file)),
                    file);
        }
    }
}
