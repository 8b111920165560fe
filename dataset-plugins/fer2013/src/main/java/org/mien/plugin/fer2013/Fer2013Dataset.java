// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.fer2013;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.mien.api.Key;
import org.mien.api.data.Dataset;
import org.mien.api.data.Picture;
import org.mien.api.data.Sample;
import org.osgi.service.component.annotations.Component;

/**
 * FER2013 (Goodfellow et al. 2013) from its own file, {@code fer2013.csv}: 48 x 48 grey faces,
 * seven classes, no subjects. The file is read once, at opening, and every row is checked.
 *
 * <p>Its labels 0 to 6 (angry, disgust, fear, happy, sad, surprise, neutral) keep their order and
 * are called anger, disgust, fear, happiness, sadness, surprise, neutral. Usage Training is the
 * training split; which of PublicTest and PrivateTest is the test split is a key, and rows of the
 * other belong to no split. There is no validation split in the file.
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

    /**
     * The keys.
     *
     * @param path the CSV
     * @param test which rows are the test split
     */
    public record Settings(
            @Key(doc = "the file fer2013.csv, plain or gzip") Path path,
            @Key(
                            value = "public",
                            doc =
                                    "rows of the test split by their Usage: public (PublicTest),"
                                            + " private (PrivateTest) or both; the rest is in no"
                                            + " split")
                    Test test) {
        /** Checks that both are there. */
        public Settings {
            if (path == null) {
                throw new IllegalArgumentException(
                        "path is missing; it must name the file fer2013.csv, plain or gzip.");
            }
            if (test == null) {
                throw new IllegalArgumentException(
                        "test is missing; it must be public, private or both.");
            }
        }
    }

    static final List<String> LABELS =
            List.of("anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral");

    @Override
    public Class<Settings> settings() {
        return Settings.class;
    }

    @Override
    public Open open(Settings settings) throws IOException {
        return new Opened(settings, Rows.read(settings.path()));
    }

    private static final class Opened implements Open {
        private final Settings settings;
        private volatile Rows rows;

        Opened(Settings settings, Rows rows) {
            this.settings = settings;
            this.rows = rows;
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
        public List<String> labels() {
            return LABELS;
        }

        @Override
        public Stream<Sample> samples() throws IOException {
            Rows open = rows();
            return IntStream.range(0, open.size()).mapToObj(i -> sample(open, i));
        }

        private Sample sample(Rows open, int i) {
            Rows.Usage usage = open.usage(i);
            return new Sample(
                    "fer2013-" + (i + 1),
                    Integer.toString(i + 1),
                    open.label(i),
                    null,
                    "",
                    split(usage),
                    Map.of("usage", usage.text));
        }

        private Sample.Split split(Rows.Usage usage) {
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
        public void close() {
            rows = null;
        }
    }
}
