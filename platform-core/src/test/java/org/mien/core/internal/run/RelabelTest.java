// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mien.api.Batch;
import org.mien.api.Output;
import org.mien.api.method.Build;
import org.mien.api.method.Method;
import org.mien.api.method.Model;
import org.mien.api.method.Phase;
import org.mien.api.method.Plan;
import org.mien.api.net.Pass;
import org.mien.core.Runs;
import org.mien.core.internal.plugin.Kind;
import org.mien.core.internal.service.Fakes;
import org.mien.core.internal.service.OnPlatform;

/** Labels that a method changes while it trains: kept, logged, and the same after a stop. */
class RelabelTest extends OnPlatform {
    private static final String[] KEYS = {
        "method=changes", "train.epochs=4", "data.validation=0", "seed=3"
    };

    /** From epoch 1 on every fifth sample becomes the class after its own, once. */
    private static final class Changes implements Method<Fakes.Head.Settings> {
        private final Fakes.Head head = new Fakes.Head();

        @Override
        public Class<Fakes.Head.Settings> settings() {
            return head.settings();
        }

        @Override
        public Plan plan(Fakes.Head.Settings s) {
            return head.plan(s).relabels();
        }

        @Override
        public Model build(Build build, Fakes.Head.Settings s) {
            Model model = head.build(build, s);
            return new Model() {
                @Override
                public Output predict(Batch batch, Pass pass) {
                    return model.predict(batch, pass);
                }

                @Override
                public List<Phase> phases(Build training) {
                    Phase.Objective own = model.phases(training).get(0).objective();
                    return List.of(
                            Phase.of(
                                    "train",
                                    (batch, pass) ->
                                            pass.epoch() == 0
                                                    ? own.loss(batch, pass)
                                                    : own.loss(batch, pass)
                                                            .rule(() -> change(batch))));
                }
            };
        }

        private static void change(Batch batch) {
            NDArray fifth = batch.index().mod(5).eq(0);
            NDArray next = batch.index().add(1).mod(3); // sample i is of class i modulo 3
            batch.relabel(fifth, next);
        }
    }

    @BeforeEach
    void changes() {
        bind(Kind.METHOD, "changes", new Changes());
    }

    @Test
    void changesAreLoggedOnceWithSampleOldAndNew() throws IOException {
        Path run = train("demo", KEYS).folder();
        int changes = 0;
        for (String line : Files.readAllLines(run.resolve("metrics.jsonl"))) {
            JsonObject read = JsonParser.parseString(line).getAsJsonObject();
            if (read.get("event").getAsString().equals("relabel")) {
                int i = Integer.parseInt(read.get("sample").getAsString().substring(7));
                List<String> names = List.of("red", "green", "blue");
                assertEquals(0, i % 5, line);
                assertEquals(names.get(i % 3), read.get("from").getAsString(), line);
                assertEquals(names.get((i + 1) % 3), read.get("to").getAsString(), line);
                assertEquals(2, read.get("epoch").getAsInt(), "the first epoch that may");
                changes++;
            }
        }
        assertEquals(60 / 5, changes);
    }

    @Test
    void labelsSurviveAStopAndAKill() throws IOException {
        Path unbroken = train("demo", KEYS).folder();
        Runs.Run broken = mien.jobs().train("demo", map(KEYS), event -> {}, stopAfter(6));
        Path metrics = broken.folder().resolve("metrics.jsonl");
        String before = Files.readString(metrics);
        assertTrue(before.contains("\"relabel\""), "stopped after the first changes");
        // As after a kill: lines that are ahead of the checkpoint.
        Files.writeString(
                metrics,
                before
                        + "{\"event\":\"relabel\",\"epoch\":2,\"step\":99,\"sample\":\"x\"}\n"
                        + "{\"event\":\"relab");
        while (!broken.state().equals("DONE")) {
            assertEquals("CANCELLED", broken.state());
            broken = mien.jobs().resume(broken.id(), event -> {}, stopAfter(3));
        }
        sameRun(unbroken, broken.folder());
    }
}
