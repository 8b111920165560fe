// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.mien.core.Evaluations;
import org.mien.core.MienException;
import org.mien.core.Runs;
import org.mien.core.internal.evaluate.AnswersFile;
import org.mien.core.internal.evaluate.EvaluationFolders;
import org.mien.core.internal.evaluate.MistakePictures;
import org.mien.core.internal.io.Atomic;
import org.mien.core.internal.run.RunFolders;
import org.mien.core.internal.run.RunNotes;
import org.mien.core.internal.train.Gallery;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes {@code report.html} of a run from what lies in its folder. */
public final class Reports {
    private static final Logger LOG = LoggerFactory.getLogger(Reports.class);

    /** The most strips of a report; of more, some are left out between the first and the last. */
    private static final int SHOWN = 12;

    private static final int LARGEST_FILE = 16 << 20;

    private Reports() {}

    /** Writes a report after the work it tells of: that stands even if the report cannot. */
    public static void afterwards(Runnable report) {
        try {
            report.run();
        } catch (RuntimeException e) {
            LOG.warn("a report could not be written: {}", e.getMessage());
        }
    }

    /** Writes the report; two at a time would write into each other's temporary file. */
    public static synchronized Path write(Path run, Runs.Details details) {
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

    private static Facts facts(Path run, Runs.Details details) throws IOException {
        List<Facts.Judged> judged = new ArrayList<>();
        for (Evaluations.Evaluation one : EvaluationFolders.all(run)) {
            Path folder = EvaluationFolders.find(run, one.name());
            judged.add(
                    new Facts.Judged(
                            one,
                            AnswersFile.summary(folder, one.split()),
                            MistakePictures.read(folder, one.split()),
                            MistakePictures.found(folder, one.split())));
        }
        return new Facts(
                details,
                RunFolders.config(run).data(),
                Curves.read(run.resolve("metrics.jsonl")),
                shown(run),
                judged,
                RunNotes.of(run));
    }

    /** What the method drew, with the pictures. */
    private static List<Facts.Strip> shown(Path run) throws IOException {
        List<Gallery.Strip> all = Gallery.strips(run);
        List<Facts.Strip> shown = new ArrayList<>();
        int count = Math.min(SHOWN, all.size());
        for (int i = 0; i < count; i++) {
            Gallery.Strip strip =
                    all.get(
                            count == 1
                                    ? 0
                                    : (int) Math.round(i * (all.size() - 1.0) / (count - 1)));
            Path file = strip.file(run);
            if (Files.isRegularFile(file) && Files.size(file) <= LARGEST_FILE) {
                shown.add(
                        new Facts.Strip(
                                strip.epoch(),
                                strip.columns(),
                                strip.samples(),
                                Base64.getEncoder().encodeToString(Files.readAllBytes(file))));
            }
        }
        return shown;
    }
}
