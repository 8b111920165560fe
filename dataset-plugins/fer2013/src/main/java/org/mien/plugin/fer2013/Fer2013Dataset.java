// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.fer2013;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.mien.api.Key;
import org.mien.api.data.Dataset;
import org.mien.api.data.Picture;
import org.mien.api.data.Sample;
import org.mien.api.data.Target;
import org.mien.api.data.Targets;
import org.osgi.service.component.annotations.Component;

/**
 * FER2013 (Goodfellow et al. 2013) from its own file, {@code fer2013.csv}: 48 x 48 grey faces,
 * seven classes, no subjects. The file is read once, at opening, and every row is checked.
 *
 * <p>Its labels 0 to 6 (angry, disgust, fear, happy, sad, surprise, neutral) keep their order and
 * are called anger, disgust, fear, happiness, sadness, surprise, neutral. Usage Training is the
 * training split; which of PublicTest and PrivateTest is the test split is a key, and rows of the
 * other belong to no split. There is no validation split in the file.
 *
 * <p>With the FER+ file beside it (Barsoum et al. 2016), labels can come from its votes by one of
 * three rules; contempt is then the eighth class, and rows to which the rule gives no label are no
 * samples.
 */
@Component(property = "mien.id=fer2013")
public final class Fer2013Dataset implements Dataset<Fer2013Dataset.Settings> {
    /** Rows that make up the test split. */
    public enum Test {
        /** Usage PublicTest; PrivateTest is left out. */
        PUBLIC,
        /** Usage PrivateTest; PublicTest is left out. */
        PRIVATE,
        /** Both. */
        BOTH
    }

    /** Where labels come from. */
    public enum Labels {
        /** The column emotion, seven classes. */
        FER2013,
        /**
         * FER+: single votes taken out, the class that has more than half of the rest; rows where
         * none has, or "unknown" or "NF" has, are left out.
         */
        MAJORITY,
        /**
         * FER+: the class with most votes of the eight, among equals the first in the FER+ file's
         * order (neutral, happiness, surprise, sadness, anger, disgust, fear, contempt); rows
         * without a vote for any of them are left out.
         */
        ARGMAX,
        /** FER+: as ARGMAX, and the shares of the votes over the eight as the sample's votes. */
        DISTRIBUTION
    }

    /**
     * The keys.
     *
     * @param path the CSV
     * @param test which rows are the test split
     * @param votes the FER+ file, or empty; read only when labels come from it
     * @param labels where labels come from
     */
    public record Settings(
            @Key(
                            doc =
                                    "the file fer2013.csv (or icml_face_data.csv, train.csv),"
                                            + " plain, gzip, or in the zip, tar or tar.gz it came in")
                    Path path,
            @Key(
                            value = "public",
                            doc =
                                    "rows of the test split by their Usage: public (PublicTest),"
                                            + " private (PrivateTest) or both; the rest is in no"
                                            + " split")
                    Test test,
            @Key(
                            value = "",
                            doc =
                                    "the file fer2013new.csv of FER+, plain or packed; rows in the"
                                            + " order of path")
                    String votes,
            @Key(
                            value = "fer2013",
                            doc =
                                    "where labels come from: fer2013 (its own column), or the FER+"
                                            + " votes by majority, argmax or distribution (8"
                                            + " classes)")
                    Labels labels) {
        /** Checks that they are there and that FER+ labels have their votes. */
        public Settings {
            if (path == null) {
                throw new IllegalArgumentException(
                        "path is missing; it must name the file fer2013.csv, plain or packed.");
            }
            if (test == null) {
                throw new IllegalArgumentException(
                        "test is missing; it must be public, private or both.");
            }
            if (votes == null || labels == null) {
                throw new IllegalArgumentException(
                        "votes or labels is missing; votes may be empty, labels must be fer2013,"
                                + " majority, argmax or distribution.");
            }
            if (labels != Labels.FER2013 && votes.isBlank()) {
                throw new IllegalArgumentException(
                        "labels is "
                                + labels.name().toLowerCase(Locale.ROOT)
                                + " and votes is empty; expected the FER+ file. Set votes to"
                                + " fer2013new.csv, or labels to fer2013.");
            }
        }
    }

    static final List<String> LABELS =
            List.of("anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral");
    static final List<String> PLUS_LABELS =
            Stream.concat(LABELS.stream(), Stream.of("contempt")).toList();

    @Override
    public Class<Settings> settings() {
        return Settings.class;
    }

    @Override
    public Set<Target> offers(Settings settings) {
        return settings.labels() == Labels.FER2013
                ? EnumSet.of(Target.CLASS)
                : EnumSet.of(Target.CLASS, Target.DISTRIBUTION);
    }

    @Override
    public Open open(Settings settings) throws IOException {
        Rows rows = Rows.read(settings.path());
        if (settings.labels() == Labels.FER2013) {
            return new Opened(settings, rows, null, rows.notes());
        }
        Votes votes = Votes.read(votes(settings.votes()), rows, settings.path());
        List<String> notes = new ArrayList<>(rows.notes());
        votes.notes().forEach(note -> notes.add("votes: " + note));
        Votes.Verdict[] verdicts = votes.by(settings.labels());
        long left = Arrays.stream(verdicts).filter(one -> one == null).count();
        if (left > 0) {
            notes.add(
                    left
                            + " of "
                            + verdicts.length
                            + " rows were left out: FER+ has no name for them, or the rule "
                            + settings.labels().name().toLowerCase(Locale.ROOT)
                            + " no label");
        }
        return new Opened(settings, rows, verdicts, List.copyOf(notes));
    }

    private static Path votes(String text) throws IOException {
        try {
            return Path.of(text).toAbsolutePath().normalize();
        } catch (InvalidPathException e) {
            throw new IOException(
                    "fer2013: votes is '"
                            + text
                            + "', which cannot be a path ("
                            + e.getReason()
                            + "). Set it to where fer2013new.csv lies.",
                    e);
        }
    }

    private static final class Opened implements Open {
        private final Settings settings;
        // For each row; null when labels are FER2013's own.
        private final Votes.Verdict[] verdicts;
        private final List<String> notes;
        private volatile Rows rows;

        Opened(Settings settings, Rows rows, Votes.Verdict[] verdicts, List<String> notes) {
            this.settings = settings;
            this.notes = notes;
            this.rows = rows;
            this.verdicts = verdicts;
        }

        private Rows rows() throws IOException {
            Rows open = rows;
            if (open == null) {
                throw new IOException(
                        "fer2013: " + settings.path() + " was closed; open it again.");
            }
            return open;
        }

        @Override
        public Targets targets() {
            return verdicts == null
                    ? Targets.classes(LABELS)
                    : Targets.classes(PLUS_LABELS).withVotes();
        }

        @Override
        public Stream<Sample> samples() throws IOException {
            Rows open = rows();
            return IntStream.range(0, open.size())
                    .filter(i -> verdicts == null || verdicts[i] != null)
                    .mapToObj(i -> sample(open, i));
        }

        private Sample sample(Rows open, int i) {
            Usage usage = open.usage(i);
            return Sample.of("fer2013-" + (i + 1), Integer.toString(i + 1))
                    .split(split(usage))
                    .label(verdicts == null ? open.label(i) : verdicts[i].label())
                    .votes(verdicts == null ? null : verdicts[i].votes())
                    .attributes(Map.of("usage", usage.text))
                    .build();
        }

        private Sample.Split split(Usage usage) {
            Test test = settings.test();
            return switch (usage) {
                case TRAINING -> Sample.Split.TRAIN;
                case PUBLIC -> test == Test.PRIVATE ? Sample.Split.NONE : Sample.Split.TEST;
                case PRIVATE -> test == Test.PUBLIC ? Sample.Split.NONE : Sample.Split.TEST;
            };
        }

        @Override
        public Picture read(Sample sample) throws IOException {
            Rows open = rows();
            String where = String.valueOf(sample.where());
            int row = where.matches("[0-9]{1,9}") ? Integer.parseInt(where) : 0;
            if (row < 1 || row > open.size()) {
                throw new IOException(
                        "fer2013: "
                                + settings.path()
                                + " has no row '"
                                + where
                                + "'; expected 1 to "
                                + open.size()
                                + ". Use the samples of this dataset.");
            }
            byte[] grey = open.pixels(row - 1);
            byte[] rgb = new byte[grey.length * 3];
            for (int i = 0; i < grey.length; i++) {
                rgb[3 * i] = grey[i];
                rgb[3 * i + 1] = grey[i];
                rgb[3 * i + 2] = grey[i];
            }
            return Picture.rgb(Rows.SIDE, Rows.SIDE, ByteBuffer.wrap(rgb));
        }

        @Override
        public List<String> notes() {
            return notes;
        }

        @Override
        public void close() {
            rows = null;
        }
    }
}
