// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mien.api.InputSpec;
import org.mien.api.data.Picture;
import org.mien.api.data.Sample;
import org.mien.core.MienException;
import org.mien.core.Predictions;
import org.mien.core.Runs;
import org.mien.core.internal.io.Json;
import org.mien.core.internal.model.Drawings;
import org.mien.core.internal.plugin.Kind;
import org.mien.core.internal.service.Fakes;
import org.mien.core.internal.service.OnPlatform;
import org.mien.engine.Scope;
import org.mien.vision.Images;
import org.mien.vision.Limits;

/** What a method draws while it trains, and of images that somebody gives it. */
class GalleryTest extends OnPlatform {
    private static final List<String> THREE =
            List.of("gallery/epoch-0001.png", "gallery/epoch-0002.png", "gallery/epoch-0003.png");

    @BeforeEach
    void paints() {
        bind(Kind.METHOD, "paints", new Fakes.Paints());
        configure(
                "painted",
                "dataset=colours",
                "backbone=small",
                "method=paints",
                "report.images=all",
                "report.gallery-every=2");
    }

    private static Picture decoded(byte[] png) throws IOException {
        return Images.decode(Picture.encoded(ByteBuffer.wrap(png)), Limits.DEFAULT);
    }

    private static int[] pixel(Picture picture, int x, int y) {
        int at = 3 * (y * picture.width() + x);
        ByteBuffer bytes = picture.bytes();
        return new int[] {bytes.get(at) & 255, bytes.get(at + 1) & 255, bytes.get(at + 2) & 255};
    }

    @Test
    void stripsOfTheSameSamplesAreKept() throws IOException {
        Runs.Run run = train("painted");
        assertEquals(
                THREE,
                mien.runs().details(run.id()).gallery(),
                "the first, each second and the last");
        List<Gallery.Strip> strips =
                List.of(
                        Json.read(
                                Json.read(
                                                Files.readString(
                                                        run.folder()
                                                                .resolve("gallery/strips.json")),
                                                com.google.gson.JsonObject.class)
                                        .get("strips"),
                                Gallery.Strip[].class));
        assertEquals(List.of("original", "Painted face"), strips.get(0).columns());
        List<String> ids = strips.get(0).samples();
        assertEquals(ids.stream().sorted().toList(), ids);
        assertEquals(4, ids.size());
        // The first column is the sample as it is: scaling and augmentation are undone or left out.
        Picture last = decoded(Files.readAllBytes(run.folder().resolve(THREE.get(2))));
        assertEquals(8 + 2 + 8, last.width());
        assertEquals(4 * 8 + 3 * 2, last.height());
        try (var open = new Fakes.Colours().open(new Fakes.Colours.Settings(60, -1))) {
            for (int row = 0; row < 4; row++) {
                String id = ids.get(row);
                Sample sample =
                        open.samples().filter(one -> one.id().equals(id)).findFirst().orElseThrow();
                assertArrayEquals(pixel(open.read(sample), 5, 3), pixel(last, 5, 10 * row + 3), id);
                assertArrayEquals(new int[] {127, 127, 127}, pixel(last, 8, 10 * row + 3));
            }
        }
        // It learns: what it paints comes nearer to the sample.
        double before = distance(decoded(Files.readAllBytes(run.folder().resolve(THREE.get(0)))));
        assertTrue(distance(last) < before, distance(last) + " < " + before);
        String report = Files.readString(mien.runs().report(run.id()));
        assertTrue(report.contains("<li>Painted face</li>"), report);
        assertTrue(report.contains("alt=\"epoch 3: original, Painted face\""), report);
        mien.runs().delete(run.id());
        assertFalse(Files.exists(run.folder()));
    }

    private static double distance(Picture strip) {
        double sum = 0;
        for (int y = 0; y < strip.height(); y++) {
            for (int x = 0; x < 8; x++) {
                int[] a = pixel(strip, x, y);
                int[] b = pixel(strip, x + 10, y);
                for (int c = 0; c < 3; c++) {
                    sum += Math.abs(a[c] - b[c]);
                }
            }
        }
        return sum;
    }

    @Test
    void drawingChangesNothingOfTheRun() throws IOException {
        Path drawn = train("painted", "train.ema=0.5").folder();
        Path plain = train("painted", "train.ema=0.5", "report.gallery=0").folder();
        assertFalse(Files.exists(plain.resolve("gallery")));
        sameRun(drawn, plain);
    }

    @Test
    void nobodyIsShownUnasked() {
        for (String shown : List.of("none", "publishable")) {
            Runs.Run run = train("painted", "report.images=" + shown, "train.epochs=1");
            assertFalse(Files.exists(run.folder().resolve("gallery")), shown);
            assertEquals(List.of(), mien.runs().details(run.id()).gallery());
        }
        Runs.Run run = train("demo", "report.images=all", "train.epochs=1");
        assertFalse(Files.exists(run.folder().resolve("gallery")), "its method draws nothing");
    }

    /** Stopped at any step, a run of two phases that hand arrays on ends in the same bytes. */
    @Test
    void twoPhasesGoOnWhereverTheyWereStopped() throws IOException {
        Runs.Run whole = train("painted", "train.ema=0.5");
        for (int asked = 1; asked < 9; asked += 2) {
            Runs.Run run =
                    mien.jobs()
                            .train("painted", map("train.ema=0.5"), event -> {}, stopAfter(asked));
            for (int more = 2; run.state().equals("CANCELLED"); more++) {
                run = mien.jobs().resume(run.id(), event -> {}, stopAfter(more));
            }
            sameRun(whole.folder(), run.folder());
            sameStrips(whole.folder(), run.folder());
        }
    }

    /** Broken off within a step, in either phase, it goes on from the last checkpoint. */
    @Test
    void twoPhasesGoOnWhereverTheyBroke() throws IOException {
        Runs.Run whole = train("painted");
        AtomicInteger left = new AtomicInteger(Integer.MAX_VALUE);
        List<String> broken = new ArrayList<>();
        // Its registration is the second of this id; the first one must go.
        bind(
                Kind.METHOD,
                "breaks",
                new Fakes.Paints(
                        phase -> {
                            if (left.getAndDecrement() == 0) {
                                broken.add(phase);
                                throw new IllegalStateException("the power failed");
                            }
                        }));
        // 54 samples in batches of 16: four steps of two phases in an epoch.
        for (int calls : new int[] {0, 1, 8, 11, 14, 21}) {
            left.set(calls);
            assertThrows(MienException.class, () -> train("painted", "method=breaks"));
            List<Runs.Run> runs = mien.runs().all();
            Runs.Run run = runs.get(runs.size() - 1);
            assertEquals("FAILED", run.state());
            assertEquals("DONE", mien.jobs().resume(run.id(), event -> {}, () -> false).state());
            sameRun(whole.folder(), run.folder());
            sameStrips(whole.folder(), run.folder());
        }
        assertEquals(List.of("paint", "judge", "paint", "judge", "paint", "judge"), broken);
    }

    private static void sameStrips(Path expected, Path actual) throws IOException {
        try (Stream<Path> files = Files.list(expected.resolve("gallery"))) {
            for (Path file : files.toList()) {
                assertArrayEquals(
                        Files.readAllBytes(file),
                        Files.readAllBytes(
                                actual.resolve("gallery").resolve(file.getFileName().toString())),
                        file.toString());
            }
        }
    }

    @Test
    void imagesAreDrawnOnDemand() throws IOException {
        Runs.Run run = train("painted", "train.epochs=1");
        byte[] rgb = new byte[8 * 8 * 3];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) i;
        }
        Path image =
                Files.write(
                        work.resolve("a.png"),
                        Images.encodePng(Picture.rgb(8, 8, ByteBuffer.wrap(rgb))));
        List<Predictions.Drawn> drawn = new ArrayList<>();
        List<Path> images = List.of(image, work.resolve("b.png"), image);
        mien.predictions().generate(run.id(), Map.of(), images, drawn::add, () -> false);
        assertEquals(3, drawn.size());
        assertNull(drawn.get(0).error());
        Map<String, byte[]> pictures = drawn.get(0).faces().get(0).pictures();
        assertEquals(List.of("original", "Painted face"), List.copyOf(pictures.keySet()));
        byte[] original = new byte[rgb.length];
        decoded(pictures.get("original")).bytes().get(original);
        assertArrayEquals(rgb, original);
        assertEquals(8 + 2 + 8, decoded(drawn.get(0).faces().get(0).strip()).width());
        assertTrue(drawn.get(1).error().contains("does not exist"), drawn.get(1).error());
        assertArrayEquals(drawn.get(0).faces().get(0).strip(), drawn.get(2).faces().get(0).strip());

        train("demo", "train.epochs=1");
        String message =
                refused(
                        () ->
                                mien.predictions()
                                        .generate(
                                                "demo-1",
                                                Map.of(),
                                                images,
                                                drawn::add,
                                                () -> false));
        assertTrue(
                message.startsWith("method 'head' draws no pictures, so there is nothing"),
                message);
        assertEquals(3, drawn.size());
    }

    @Test
    void pixelsAreCutOffAndWhatIsNoPictureIsRefused() {
        InputSpec input = new InputSpec(1, 1, List.of(0.5f, 0.5f, 0.5f), List.of(0.5f, 0.5f, 0.5f));
        try (Scope scope = torch.inference(torch.device("cpu"))) {
            NDArray values =
                    scope.manager()
                            .create(new float[] {9, 9, 9, -7, 7, Float.NaN}, new Shape(2, 3, 1, 1));
            List<Picture> one = Drawings.pictures("a", values, new int[] {1}, input);
            assertArrayEquals(new int[] {0, 255, 0}, pixel(one.get(0), 0, 0));
            for (Shape shape :
                    List.of(new Shape(6), new Shape(1, 6, 1, 1), new Shape(1, 3, 1, 2))) {
                NDArray other = values.reshape(shape.size() == 6 ? shape : new Shape(1, 3, 1, 2));
                String message =
                        assertThrows(
                                        IllegalArgumentException.class,
                                        () ->
                                                Drawings.pictures(
                                                        "a", other, new int[] {0, 1}, input))
                                .getMessage();
                assertTrue(
                        message.startsWith(
                                "what it draws as 'a' has shape "
                                        + Arrays.toString(shape.getShape())),
                        message);
            }
        }
    }
}
