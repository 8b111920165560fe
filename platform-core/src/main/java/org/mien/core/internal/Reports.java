// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.mien.core.Mien;
import org.mien.core.MienException;
import org.mien.core.report.internal.Curves;
import org.mien.core.report.internal.Facts;
import org.mien.core.report.internal.Page;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes {@code report.html} of a run from what lies in its folder. */
final class Reports {
    private static final Logger LOG = LoggerFactory.getLogger(Reports.class);
    private static final List<String> SPLITS = List.of("test", "validation", "train");

    /** What is in {@code evaluation-SPLIT.json} beside the evaluation. */
    private record Keys(Map<String, String> keys) {}

    private Reports() {}

    /** Writes a report after the work it tells of: that stands even if the report cannot. */
    static void afterwards(Runnable report) {
        try {
            report.run();
        } catch (RuntimeException e) {
            LOG.warn("a report could not be written: {}", e.getMessage());
        }
    }

    /** Writes the report; two at a time would write into each other's temporary file. */
    static synchronized Path write(Path run, Mien.RunDetails details) {
        Path file = run.resolve("report.html");
        try {
            Atomic.write(file, Page.of(facts(run, details)));
            return file;
        } catch (IOException e) {
            throw new MienException(
                    "the report "
                            + file
                            + " cannot be written: "
                            + e.getMessage()
                            + ". Check that the folder can be written and the disk has room.");
        }
    }

    private static Facts facts(Path run, Mien.RunDetails details) throws IOException {
        List<Facts.Judged> judged = new ArrayList<>();
        for (String split : SPLITS) {
            Path file = run.resolve("evaluation-" + split + ".json");
            if (Files.exists(file)) {
                Map<String, String> keys = Runs.read(file, Keys.class).keys();
                judged.add(
                        new Facts.Judged(
                                Runs.read(file, Mien.Evaluation.class),
                                keys == null ? Map.of() : keys,
                                Predictions.summary(run, split),
                                Pictures.read(run, split)));
            }
        }
        return new Facts(
                details,
                Runs.config(run).data(),
                Curves.read(run.resolve("metrics.jsonl")),
                Gallery.shown(run),
                judged);
    }
}
