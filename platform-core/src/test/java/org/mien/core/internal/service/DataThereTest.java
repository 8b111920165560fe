// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.mien.api.Key;
import org.mien.api.data.Dataset;
import org.mien.core.Pipelines.State;
import org.mien.core.internal.plugin.Kind;

/** READY is said of what can be opened, and a training that is refused leaves nothing. */
class DataThereTest extends OnPlatform {
    private final AtomicInteger opened = new AtomicInteger();
    private final CountDownLatch slow = new CountDownLatch(1);

    /**
     * Colours, if there is a file.
     *
     * @param path the file
     * @param slow whether opening it takes long
     */
    public record Settings(
            @Key(doc = "the file") Path path,
            @Key(value = "false", doc = "whether it opens slowly") boolean slow) {}

    private final class InFile implements Dataset<Settings> {
        @Override
        public Class<Settings> settings() {
            return Settings.class;
        }

        @Override
        public Open open(Settings settings) throws IOException {
            opened.incrementAndGet();
            if (settings.slow()) {
                try {
                    slow.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
            if (!Files.exists(settings.path())) {
                throw new IOException(settings.path() + " does not exist. Copy it there");
            }
            return new Fakes.Colours().open(new Fakes.Colours.Settings(60, -1));
        }
    }

    @Test
    void aPipelineWithoutItsDataIsFailedUntilTheyCome() throws Exception {
        Path file = work.resolve("faces.bin");
        bind(Kind.DATASET, "in-file", new InFile());
        configure(
                "far", "dataset=in-file", "dataset.path=" + file, "backbone=small", "method=head");
        assertEquals(State.FAILED, pipeline("far").state());
        String why = "dataset 'in-file': " + file + " does not exist. Copy it there";
        assertEquals(why, pipeline("far").why());
        assertEquals(why, refused(() -> train("far")));
        assertEquals(why, refused(() -> mien.jobs().submit("far", Map.of())));
        assertEquals(List.of(), mien.runs().all());
        int before = opened.get();
        for (int i = 0; i < 50; i++) {
            pipeline("far");
        }
        assertTrue(opened.get() - before < 40, "opened each time");
        Files.createFile(file);
        Thread.sleep(600);
        assertEquals(State.READY, pipeline("far").state());
        assertEquals("DONE", train("far", "train.epochs=1").state());
    }

    @Test
    void whoAsksDoesNotWaitForDataThatOpenSlowly() throws Exception {
        Path file = Files.createFile(work.resolve("faces.bin"));
        bind(Kind.DATASET, "in-file", new InFile());
        configure(
                "far",
                "dataset=in-file",
                "dataset.path=" + file,
                "dataset.slow=true",
                "backbone=small",
                "method=head");
        assertEquals("its data are still being looked at", pipeline("far").why());
        assertEquals(State.READY, pipeline("far").state());
        assertEquals(1, opened.get());
        slow.countDown();
        for (int i = 0; i < 100 && !pipeline("far").why().isEmpty(); i++) {
            Thread.sleep(20);
        }
        assertEquals("", pipeline("far").why());
    }

    @Test
    void whatFailsBeforeItBeginsLeavesNoRun() {
        String why = refused(() -> train("demo", "select=share.nothing"));
        assertTrue(why.contains("gives no metric 'nothing'") || why.contains("select.mode"), why);
        assertEquals(List.of(), mien.runs().all());
    }
}
