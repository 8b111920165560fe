// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.predict;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mien.api.Key;
import org.mien.api.data.Face;
import org.mien.api.data.Picture;
import org.mien.api.data.Preprocessor;
import org.mien.core.Predictions;
import org.mien.core.internal.plugin.Kind;
import org.mien.core.internal.service.OnPlatform;
import org.mien.vision.Images;

/** From files to an answer for each face. */
class PhotographsTest extends OnPlatform {
    private static final String RUN = "demo-1";

    /** Takes every bright square of 8 pixels of one row for a face. */
    public static final class Squares implements Preprocessor<Squares.Settings> {
        /**
         * Keys.
         *
         * @param none what if there is none
         * @param least sum of its channels
         */
        public record Settings(
                @Key(value = "skip", doc = "skip or fail") String none,
                @Key(value = "10000", doc = "sum of the channels of a face") int least) {}

        static final AtomicInteger OPEN = new AtomicInteger();
        static final AtomicInteger SEEN = new AtomicInteger();

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
            return Gives.FACES;
        }

        @Override
        public String oneFace() {
            return "least=10000";
        }

        @Override
        public Step open(Settings settings, String view) {
            OPEN.incrementAndGet();
            return new Step() {
                @Override
                public List<Picture> apply(Picture picture) {
                    SEEN.incrementAndGet();
                    List<Picture> faces = new ArrayList<>();
                    for (int x = 0; x + 8 <= picture.width(); x += 8) {
                        Picture square = Images.crop(picture, x, 0, 8, 8);
                        if (brightness(square) > settings.least()) {
                            faces.add(square.with(new Face(x, 0, 8, 8, x / 100.0)));
                        }
                    }
                    if (faces.isEmpty() && settings.none().equals("fail")) {
                        throw new IllegalArgumentException("no square in sight");
                    }
                    return faces;
                }

                @Override
                public void close() {
                    OPEN.decrementAndGet();
                }
            };
        }

        private static int brightness(Picture picture) {
            int sum = 0;
            for (int i = 0; i < picture.bytes().remaining(); i++) {
                sum += picture.bytes().get(i) & 0xff;
            }
            return sum;
        }
    }

    @BeforeEach
    void trainOnSquares() {
        Squares.OPEN.set(0);
        Squares.SEEN.set(0);
        mien.configure(Map.of("open-runs", "0"));
        bind(Kind.PREPROCESSOR, "squares", new Squares());
        train("demo", "train.epochs=2");
    }

    /** A photograph of squares: r, g, b, or a dot for darkness. */
    private static Picture photograph(String squares) {
        byte[] rgb = new byte[3 * 8 * 8 * squares.length()];
        for (int i = 0; i < rgb.length; i++) {
            int square = i / 3 % (8 * squares.length()) / 8;
            int colour = "rgb".indexOf(squares.charAt(square));
            rgb[i] = (byte) (colour == i % 3 ? 180 : colour >= 0 ? 30 : 0);
        }
        return Picture.rgb(8 * squares.length(), 8, ByteBuffer.wrap(rgb));
    }

    private Path write(String name, String squares) throws IOException {
        Path file = work.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.write(file, Images.encodePng(photograph(squares)));
    }

    private List<Predictions.Prediction> predict(List<Path> images, String... keys) {
        List<Predictions.Prediction> answers = new ArrayList<>();
        mien.predictions().predict(RUN, map(keys), images, List.of(), answers::add, () -> false);
        assertEquals(0, Squares.OPEN.get(), "every step is closed");
        return answers;
    }

    private static String labels(Predictions.Prediction prediction) {
        StringBuilder labels = new StringBuilder();
        prediction.faces().forEach(face -> labels.append(face.label().charAt(0)));
        return labels.toString();
    }

    @Test
    void everyFaceIsAnsweredWithItsPlace() throws IOException {
        List<Predictions.Prediction> answers =
                predict(
                        List.of(write("three.png", "r.gb"), write("one.png", "..b")),
                        "preprocess=squares");
        assertEquals("rgb", labels(answers.get(0)));
        assertEquals(List.of(16.0, 0.0, 8.0, 8.0), answers.get(0).faces().get(1).box());
        assertEquals(0.16, answers.get(0).faces().get(1).score());
        assertEquals("b", labels(answers.get(1)));
        assertEquals(
                List.of("red", "green", "blue"),
                List.copyOf(answers.get(1).faces().get(0).probabilities().keySet()));
        assertNull(answers.get(1).error());
        // Without the step the image is the face.
        Predictions.FaceAnswer whole =
                predict(List.of(work.resolve("one.png"))).get(0).faces().get(0);
        assertNull(whole.box());
        assertNull(whole.score());
    }

    @Test
    void noFaceIsNoErrorUnlessThePipelineSaysSo() throws IOException {
        List<Path> images = List.of(write("dark.png", "..."), write("one.png", "g"));
        List<Predictions.Prediction> answers = predict(images, "preprocess=squares");
        assertEquals(List.of(), answers.get(0).faces());
        assertNull(answers.get(0).error());
        assertEquals("g", labels(answers.get(1)));
        List<Predictions.Prediction> failed =
                predict(images, "preprocess=squares", "squares.none=fail");
        assertEquals("preprocessor 'squares': no square in sight", failed.get(0).error());
        assertEquals("g", labels(failed.get(1)));
        // Whoever trains is told which sample and which step.
        configure(
                "photos", "dataset=colours", "backbone=small", "method=head", "preprocess=squares");
        String message = refused(() -> train("photos", "squares.least=1000000"));
        assertTrue(message.contains("sample 'colour-"), message);
        assertTrue(message.contains("preprocessor 'squares' found no face"), message);
    }

    @Test
    void theStepsOfARunCanBeReplacedWithoutTheirKeys() throws IOException {
        Path image = write("one.png", "g");
        train("demo", "preprocess=noise");
        List<Predictions.Prediction> answers = new ArrayList<>();
        Path run = work.resolve("runs").resolve("demo-2").resolve("config.json");
        String config = Files.readString(run);
        Files.writeString(
                run,
                config.replace(
                                "\"preprocess\": {",
                                "\"squares.least\": {\"value\": \"9\", \"origin\": \"a file\"},\n"
                                        + "    \"preprocess\": {")
                        .replace("\"value\": \"noise\"", "\"value\": \"squares, noise\""));
        mien.predictions()
                .predict(
                        "demo-2",
                        map("preprocess=noise"),
                        List.of(image),
                        List.of(),
                        answers::add,
                        () -> false);
        assertEquals("g", labels(answers.get(0)));
    }

    @Test
    void badFilesAreNamedAndTheOthersGoOnInOrder() throws IOException {
        List<Path> images = new ArrayList<>();
        List<String> expected = new ArrayList<>();
        byte[] good = Images.encodePng(photograph("g"));
        for (int i = 0; i < 150; i++) {
            String name = String.format("photos/%03d.png", i);
            Path file = write(name, "rgb".substring(i % 3, i % 3 + 1));
            expected.add("rgb".substring(i % 3, i % 3 + 1));
            switch (i % 10) {
                case 3 -> Files.writeString(file, "no image");
                case 5 -> Files.write(file, Arrays.copyOf(good, good.length / 2));
                case 7 -> Files.write(file, new byte[0]);
                case 9 -> Files.delete(file);
                default -> {}
            }
            images.add(file);
        }
        String[] words = {
            "",
            "",
            "",
            "not an image: it begins",
            "",
            "truncated PNG",
            "",
            "the file is empty",
            "",
            "does not exist"
        };
        for (String threads : List.of("1", "3")) {
            List<Predictions.Prediction> answers =
                    predict(images, "preprocess=squares", "predict.threads=" + threads);
            assertEquals(150, answers.size());
            for (int i = 0; i < 150; i++) {
                assertEquals(images.get(i).toString(), answers.get(i).image());
                if (words[i % 10].isEmpty()) {
                    assertEquals(expected.get(i), labels(answers.get(i)));
                } else {
                    assertTrue(
                            answers.get(i).error().contains(words[i % 10]), answers.get(i).error());
                    assertEquals(List.of(), answers.get(i).faces());
                }
            }
        }
    }

    @Test
    void limitsAreKeysOfThePipeline() throws IOException {
        Path image = write("wide.png", "rgbrgb");
        assertEquals(
                "PNG of 48 x 8 pixels: a side may have 47 at most. Make it smaller, or raise"
                        + " image.max-side",
                predict(List.of(image), "image.max-side=47").get(0).error());
        assertTrue(
                predict(List.of(image), "image.max-pixels=383")
                        .get(0)
                        .error()
                        .contains("raise image.max-pixels"));
        assertTrue(
                predict(List.of(image), "image.max-bytes=20")
                        .get(0)
                        .error()
                        .contains("an image file may have 20 at most"));
        assertNull(predict(List.of(image), "image.max-side=48").get(0).error());
        assertTrue(
                refused(() -> predict(List.of(image), "image.max-side=0"))
                        .contains("expected an integer from 1 to 1048576"));
    }

    /** Twice the same bytes, and one by one the same but for the rounding of other batches. */
    @Test
    void batchesAreFilledAcrossImages() throws IOException {
        List<Path> images = new ArrayList<>();
        String[] squares = {"rgb", ".", "rrrrrrrrrrrrrrrrrrrrr", "b", "g.g", "rgbrgbrgb"};
        for (int i = 0; i < 40; i++) {
            images.add(write("mixed/" + i + ".png", squares[i % squares.length]));
        }
        Files.writeString(images.get(20), "no image");
        List<Predictions.Prediction> once = predict(images, "preprocess=squares");
        for (String threads : List.of("1", "2", "5")) {
            assertEquals(once, predict(images, "preprocess=squares", "predict.threads=" + threads));
        }
        for (int i = 0; i < images.size(); i++) {
            assertEquals(images.get(i).toString(), once.get(i).image());
            assertEquals(i == 20, once.get(i).error() != null);
            List<Predictions.FaceAnswer> alone =
                    predict(List.of(images.get(i)), "preprocess=squares").get(0).faces();
            assertEquals(alone.size(), once.get(i).faces().size());
            for (int face = 0; face < alone.size(); face++) {
                Predictions.FaceAnswer same = once.get(i).faces().get(face);
                assertEquals(alone.get(face).box(), same.box());
                alone.get(face)
                        .probabilities()
                        .forEach(
                                (label, p) ->
                                        assertEquals(p, same.probabilities().get(label), 1e-5));
            }
        }
        assertTrue(
                refused(() -> predict(images, "predict.threads=none"))
                        .contains("threads 'none'; expected auto or a number from 1 to 64"));
    }

    @Test
    void itStopsWithoutReadingWhatIsLeft() throws IOException {
        Path image = write("one.png", "g");
        List<Path> images = new ArrayList<>();
        for (int i = 0; i < 5000; i++) {
            images.add(image);
        }
        AtomicInteger answers = new AtomicInteger();
        mien.predictions()
                .predict(
                        RUN,
                        map("preprocess=squares"),
                        images,
                        List.of(),
                        answer -> answers.incrementAndGet(),
                        () -> answers.get() > 0);
        assertTrue(answers.get() > 0 && answers.get() <= 32, answers + " answers");
        assertTrue(Squares.SEEN.get() < 100, Squares.SEEN + " images read");
        assertEquals(0, Squares.OPEN.get());
    }

    @Test
    void nothingIsKeptOfManyImages() throws IOException {
        Path image = write("three.png", "rgb");
        Path bad = Files.write(work.resolve("bad.png"), "bad".getBytes(StandardCharsets.UTF_8));
        List<Path> images = new ArrayList<>();
        for (int i = 0; i < 700; i++) {
            images.add(i % 7 == 0 ? bad : image);
        }
        long before = torch.arrays();
        AtomicInteger answered = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        mien.predictions()
                .predict(
                        RUN,
                        map("preprocess=squares"),
                        images,
                        List.of(),
                        answer -> {
                            int ahead = Squares.SEEN.get() - answered.incrementAndGet() * 6 / 7;
                            most.accumulateAndGet(ahead, Math::max);
                        },
                        () -> false);
        assertEquals(700, answered.get());
        assertTrue(most.get() < 100, "at most " + most + " images lay ready");
        assertEquals(before, torch.arrays());
    }
}
