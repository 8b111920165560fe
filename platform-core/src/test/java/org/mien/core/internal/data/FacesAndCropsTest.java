// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mien.api.Key;
import org.mien.api.data.Face;
import org.mien.api.data.Picture;
import org.mien.api.data.Preprocessor;
import org.mien.core.Predictions;
import org.mien.core.internal.plugin.Kind;
import org.mien.core.internal.service.Fakes;
import org.mien.core.internal.service.OnPlatform;
import org.mien.vision.Images;

/** Several faces and several crops of each, in training, evaluation, prediction and features. */
public class FacesAndCropsTest extends OnPlatform {
    /** Whose faces go on. */
    public enum Whose {
        /** Of all. */
        ALL,
        /** The first. */
        ONE
    }

    /** Takes every 4 columns for a face. */
    public static final class People implements Preprocessor<People.Settings> {
        /**
         * Keys.
         *
         * @param faces which go on
         */
        public record Settings(@Key(value = "all", doc = "which faces go on") Whose faces) {}

        @Override
        public When when() {
            return When.ONCE;
        }

        @Override
        public Class<Settings> settings() {
            return Settings.class;
        }

        @Override
        public Gives gives(Settings settings) {
            return settings.faces() == Whose.ALL ? Gives.FACES : Gives.ONE;
        }

        @Override
        public String oneFace() {
            return "faces=one";
        }

        @Override
        public Step open(Settings settings, String view) {
            return picture -> {
                List<Picture> faces = new ArrayList<>();
                int end = settings.faces() == Whose.ALL ? picture.width() : 4;
                for (int x = 0; x + 4 <= end; x += 4) {
                    faces.add(
                            Images.crop(picture, x, 0, 4, picture.height())
                                    .with(new Face(x, 0, 4, picture.height(), 1)));
                }
                return faces;
            };
        }
    }

    /** A face as it is, and with its colours changed round; they forget whose they are. */
    public static final class Colourings implements Preprocessor<Colourings.Settings> {
        /**
         * Keys.
         *
         * @param first number of times that the colours go round
         * @param last the same for the last crop
         */
        public record Settings(
                @Key(value = "0", doc = "of the first crop") int first,
                @Key(value = "2", doc = "of the last crop") int last) {}

        @Override
        public When when() {
            return When.EACH_USE;
        }

        @Override
        public Class<Settings> settings() {
            return Settings.class;
        }

        @Override
        public Gives gives(Settings settings) {
            return Gives.CROPS;
        }

        @Override
        public Step open(Settings settings, String view) {
            return picture -> {
                List<Picture> crops = new ArrayList<>();
                for (int i = settings.first(); i <= settings.last(); i++) {
                    crops.add(round(picture, i));
                }
                return crops;
            };
        }

        private static Picture round(Picture picture, int times) {
            byte[] rgb = new byte[picture.bytes().remaining()];
            for (int i = 0; i < rgb.length; i++) {
                rgb[i] = picture.bytes().get(i / 3 * 3 + (i + times) % 3);
            }
            return Picture.rgb(picture.width(), picture.height(), ByteBuffer.wrap(rgb));
        }
    }

    @BeforeEach
    void steps() {
        bind(Kind.PREPROCESSOR, "people", new People());
        bind(Kind.PREPROCESSOR, "colourings", new Colourings());
    }

    private static Map<String, Double> mean(List<Map<String, Double>> answers) {
        Map<String, Double> mean = new LinkedHashMap<>();
        answers.forEach(
                answer ->
                        answer.forEach(
                                (label, p) -> mean.merge(label, p / answers.size(), Double::sum)));
        return mean;
    }

    private static void same(Map<String, Double> expected, Map<String, Double> actual) {
        assertEquals(expected.keySet(), actual.keySet());
        expected.forEach((label, p) -> assertEquals(p, actual.get(label), 1e-5, label));
    }

    private List<Map<String, Double>> predict(String run, Path image, String... keys) {
        List<Predictions.Prediction> answers = new ArrayList<>();
        mien.predictions()
                .predict(run, map(keys), List.of(image), List.of(), answers::add, () -> false);
        assertEquals(null, answers.get(0).error());
        return answers.get(0).faces().stream().map(Predictions.FaceAnswer::probabilities).toList();
    }

    /** A red face and a darker green one, side by side. */
    private Path photograph() throws IOException {
        byte[] rgb = new byte[3 * 8 * 8];
        for (int i = 0; i < rgb.length; i++) {
            boolean left = i / 3 % 8 < 4;
            rgb[i] = (byte) (left ? i % 3 == 0 ? 200 : 20 : i % 3 == 1 ? 120 : 40);
        }
        Picture picture = Picture.rgb(8, 8, ByteBuffer.wrap(rgb));
        return Files.write(work.resolve("two.png"), Images.encodePng(picture));
    }

    @Test
    void predictionAveragesTheCropsOfAFaceAndNoFaceWithAnother() throws IOException {
        String run = train("demo", "train.epochs=2", "preprocess=people", "people.faces=one").id();
        Path image = photograph();
        List<List<Map<String, Double>>> alone = new ArrayList<>();
        for (String crop : List.of("0", "1", "2")) {
            alone.add(
                    predict(
                            run,
                            image,
                            "preprocess=people,colourings",
                            "people.faces=all",
                            "colourings.first=" + crop,
                            "colourings.last=" + crop));
        }
        List<Map<String, Double>> together =
                predict(run, image, "preprocess=people,colourings", "people.faces=all");
        assertEquals(2, together.size());
        for (int face = 0; face < 2; face++) {
            int which = face;
            same(mean(alone.stream().map(of -> of.get(which)).toList()), together.get(face));
        }
        assertNotEquals(together.get(0), together.get(1));
    }

    /** Class to probability of each sample, as evaluation has written it. */
    private List<List<Double>> evaluated(String run, String... keys) throws IOException {
        String name = mien.evaluations().evaluate(run, "test", map(keys)).name();
        Path folder = work.resolve("runs").resolve(run);
        Path file =
                (name.isEmpty() ? folder : folder.resolve("evaluations").resolve(name))
                        .resolve("predictions-test.csv");
        List<String> lines = Files.readAllLines(file);
        int from = Arrays.asList(lines.get(0).strip().split(",")).indexOf("p red");
        return lines.stream()
                .skip(1)
                .map(
                        line ->
                                Arrays.stream(line.strip().split(","))
                                        .skip(from)
                                        .limit(3)
                                        .map(Double::valueOf)
                                        .toList())
                .toList();
    }

    @Test
    void evaluationAveragesCropsAndRefusesSeveralFaces() throws IOException {
        String run = train("demo", "train.epochs=2", "preprocess=people", "people.faces=one").id();
        List<List<List<Double>>> alone = new ArrayList<>();
        for (String crop : List.of("0", "1", "2")) {
            alone.add(
                    evaluated(
                            run,
                            "preprocess=people,colourings",
                            "people.faces=one",
                            "colourings.first=" + crop,
                            "colourings.last=" + crop));
        }
        List<List<Double>> together =
                evaluated(run, "preprocess=people,colourings", "people.faces=one");
        for (int i = 0; i < together.size(); i++) {
            for (int k = 0; k < 3; k++) {
                double mean = 0;
                for (List<List<Double>> one : alone) {
                    mean += one.get(i).get(k) / 3;
                }
                assertEquals(mean, together.get(i).get(k), 1e-5);
            }
        }
        String refused =
                refused(
                        () ->
                                mien.evaluations()
                                        .evaluate(
                                                run,
                                                "test",
                                                map(
                                                        "preprocess=people,colourings",
                                                        "people.faces=all")));
        assertTrue(
                refused.contains(
                        "sample 'colour-60': preprocessor 'people' found 2 faces, and a sample of a"
                                + " dataset is one. Set people.faces=one"),
                refused);
    }

    @Test
    void trainingRefusesSeveralFacesAndDrawsACropOfOne() throws IOException {
        String refused = refused(() -> train("demo", "preprocess=people"));
        assertTrue(refused.contains("preprocessor 'people' found 2 faces"), refused);
        String[] keys = {
            "train.epochs=2", "preprocess=people,colourings,noise", "people.faces=one"
        };
        // The validation split is looked at in all crops, its loss too.
        Path first = train("demo", keys).folder();
        sameRun(first, train("demo", keys).folder());
        String metrics = Files.readString(first.resolve("metrics.jsonl"));
        assertTrue(metrics.contains("validation"), metrics);
    }

    @Test
    void aFaceIsDrawnOnceWhateverItsCrops() throws IOException {
        bind(Kind.METHOD, "paints", new Fakes.Paints());
        String run =
                train(
                                "demo",
                                "method=paints",
                                "train.epochs=1",
                                "preprocess=people",
                                "people.faces=one")
                        .id();
        List<Predictions.Drawn> drawn = new ArrayList<>();
        mien.predictions()
                .generate(
                        run,
                        map("preprocess=people,colourings", "people.faces=all"),
                        List.of(photograph()),
                        drawn::add,
                        () -> false);
        assertEquals(2, drawn.get(0).faces().size());
    }
}
