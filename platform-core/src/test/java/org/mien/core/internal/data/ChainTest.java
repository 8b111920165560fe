// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.mien.api.InputSpec;
import org.mien.api.data.Face;
import org.mien.api.data.Picture;
import org.mien.api.data.Preprocessor;
import org.mien.api.data.Preprocessor.Gives;
import org.mien.api.data.Preprocessor.When;
import org.mien.core.MienException;
import org.mien.core.internal.pipeline.BoundPipeline;
import org.mien.core.internal.pipeline.StepGroup;
import org.mien.core.internal.plugin.Kind;
import org.mien.core.internal.plugin.Registry;
import org.mien.core.internal.service.Fakes.None;
import org.mien.engine.Torch;
import org.mien.nn.spi.Counter;
import org.mien.vision.Images;
import org.mien.vision.Limits;

/** From a picture to faces, from a face to crops, from a crop to views. */
class ChainTest {
    private static final InputSpec INPUT =
            new InputSpec(2, 2, List.of(0f, 0f, 0f), List.of(1f, 1f, 1f));

    @BeforeAll
    static void start() {
        Torch.start(Path.of(System.getProperty("mien.torch")));
    }

    /** A step made of functions. */
    private record Fake(
            When when,
            Gives gives,
            List<String> views,
            Function<Picture, List<Picture>> apply,
            BiFunction<Picture, RandomGenerator, List<Picture>> vary)
            implements Preprocessor<None> {
        @Override
        public Class<None> settings() {
            return None.class;
        }

        @Override
        public Gives gives(None settings) {
            return gives;
        }

        @Override
        public String oneFace() {
            return gives == Gives.FACES ? "faces=one" : "";
        }

        @Override
        public Step open(None settings, String view) {
            return new Step() {
                @Override
                public List<Picture> apply(Picture picture) {
                    return apply.apply(picture);
                }

                @Override
                public List<Picture> vary(Picture picture, RandomGenerator random) {
                    return vary == null ? apply(picture) : vary.apply(picture, random);
                }
            };
        }
    }

    /** A face of each column of two pixels. */
    private static final Fake FACES =
            new Fake(When.ONCE, Gives.FACES, List.of(), ChainTest::columns, null);

    /** The picture itself and 10 and 20 more of everything; it forgets whose face it is. */
    private static final Fake CROPS =
            new Fake(
                    When.EACH_USE,
                    Gives.CROPS,
                    List.of(),
                    p -> List.of(brighter(p, 0), brighter(p, 10), brighter(p, 20)),
                    null);

    /** Adds a draw from 1 to 100. */
    private static final Fake DRAW =
            new Fake(
                    When.EACH_USE,
                    Gives.ONE,
                    List.of(),
                    List::of,
                    (p, random) -> List.of(brighter(p, 1 + random.nextInt(100))));

    /** The left column. */
    private static final Fake LEFT =
            new Fake(
                    When.VIEW,
                    Gives.ONE,
                    List.of("left"),
                    p -> List.of(Images.crop(p, 0, 0, 1, 2)),
                    null);

    private static final Map<String, Fake> STEPS =
            Map.of("faces", FACES, "crops", CROPS, "draw", DRAW, "left", LEFT);

    private static List<Picture> columns(Picture picture) {
        List<Picture> faces = new ArrayList<>();
        for (int x = 0; x + 2 <= picture.width(); x += 2) {
            faces.add(Images.crop(picture, x, 0, 2, 2).with(new Face(x, 0, 2, 2, 1)));
        }
        return faces;
    }

    private static Picture brighter(Picture picture, int by) {
        byte[] rgb = new byte[picture.bytes().remaining()];
        picture.bytes().get(rgb);
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] += (byte) by;
        }
        return Picture.rgb(picture.width(), picture.height(), ByteBuffer.wrap(rgb));
    }

    /** Faces of 2 x 2 pixels side by side; the left column of face i is i, the right one i + 5. */
    private static Picture photograph(int faces) {
        byte[] rgb = new byte[3 * 2 * 2 * faces];
        for (int i = 0; i < rgb.length; i++) {
            int x = i / 3 % (2 * faces);
            rgb[i] = (byte) (x / 2 + 5 * (x % 2));
        }
        return Picture.rgb(2 * faces, 2, ByteBuffer.wrap(rgb));
    }

    private static List<BoundPipeline.Step> steps(String... entries) {
        List<BoundPipeline.Step> steps = new ArrayList<>();
        for (StepGroup group : StepGroup.of("test", List.of(entries))) {
            for (String id : group.ids()) {
                Fake fake = STEPS.get(id);
                Registry.Entry entry = new Registry.Entry(Kind.PREPROCESSOR, id, fake, 1, "", "");
                steps.add(new BoundPipeline.Step(entry, new None(), group));
            }
        }
        return steps;
    }

    private static Chain chain(List<String> views, String... entries) {
        return new Chain(steps(entries), views, INPUT, Limits.DEFAULT);
    }

    private static Chain.Draws draws(int epoch) {
        return view -> Counter.of(epoch, "sample", view);
    }

    /** The first pixel. */
    private static int pixel(Map<String, Picture> row, String view) {
        return row.get(view).bytes().get(0) & 0xff;
    }

    private static List<Integer> pixels(List<Map<String, Picture>> rows) {
        return rows.stream().map(row -> pixel(row, "face")).toList();
    }

    @Test
    void cropsBelongToTheirFaceWhateverStepsForget() throws IOException {
        try (Chain chain = chain(List.of("face"), "crops", "faces")) {
            List<Chain.Found> faces = chain.prepare(photograph(3));
            assertEquals(3, faces.size());
            for (int i = 0; i < 3; i++) {
                assertEquals(Optional.of(2.0 * i), faces.get(i).box().map(Face::x));
                assertEquals(List.of(i, i + 10, i + 20), pixels(chain.views(faces.get(i), null)));
            }
            String refused =
                    assertThrows(MienException.class, () -> chain.only(faces)).getMessage();
            assertEquals(
                    "preprocessor 'faces' found 3 faces, and a sample of a dataset is one. Set"
                            + " faces.faces=one, or take the sample out of the dataset",
                    refused);
        }
    }

    @Test
    void inTrainingOneCropIsDrawn() throws IOException {
        try (Chain chain = chain(List.of("face"), "crops")) {
            Chain.Found face = chain.only(chain.prepare(photograph(1)));
            List<Integer> drawn =
                    IntStream.range(0, 60)
                            .mapToObj(epoch -> pixels(chain.views(face, draws(epoch))))
                            .peek(rows -> assertEquals(1, rows.size()))
                            .map(rows -> rows.get(0))
                            .toList();
            assertEquals(List.of(0, 10, 20), drawn.stream().distinct().sorted().toList());
            assertEquals(pixels(chain.views(face, draws(7))), List.of(drawn.get(7)));
            // Crops that were made once, as a cache hands them out.
            Chain.Found cached =
                    new Chain.Found(Optional.empty(), CROPS.apply().apply(photograph(1)));
            try (Chain plain = chain(List.of("face"))) {
                assertEquals(List.of(0, 10, 20), pixels(plain.views(cached, null)));
                assertEquals(1, plain.views(cached, draws(1)).size());
            }
        }
    }

    @Test
    void aStepOnAViewVariesThatViewAloneByDrawsOfItsOwn() throws IOException {
        List<String> views = List.of("face", "left", "mirror");
        try (Chain plain = chain(views, "left");
                Chain left = chain(views, "draw@left", "left");
                Chain all = chain(views, "left", "draw@view")) {
            Chain.Found face = plain.only(plain.prepare(photograph(1)));
            Map<String, Picture> before = plain.views(face, draws(3)).get(0);
            Map<String, Picture> varied = left.views(face, draws(3)).get(0);
            // The mirror is the face flipped, and is made with the tensor.
            assertEquals(List.of("face", "left"), List.copyOf(before.keySet()));
            assertEquals(before.get("face"), varied.get("face"));
            assertNotEquals(pixel(before, "left"), pixel(varied, "left"));
            assertEquals(before, left.views(face, null).get(0), "without chance");

            Map<String, Picture> each = all.views(face, draws(3)).get(0);
            assertEquals(views, List.copyOf(each.keySet()));
            assertEquals(varied.get("left"), each.get("left"), "whatever else is varied");
            int onFace = pixel(each, "face");
            int onMirror = pixel(each, "mirror") - 5; // its first column is the face's last
            assertNotEquals(onFace, onMirror);
            assertEquals(
                    Images.mirror(before.get("face")).bytes(),
                    all.views(face, null).get(0).get("mirror").bytes());
        }
    }

    @Test
    void oneCoinDecidesAboutAGroup() throws IOException {
        try (Chain group = chain(List.of("face"), "draw+draw:0.3");
                Chain one = chain(List.of("face"), "draw")) {
            Chain.Found face = group.only(group.prepare(photograph(1)));
            int heads = 0;
            for (int epoch = 0; epoch < 1000; epoch++) {
                int varied = pixels(group.views(face, draws(epoch))).get(0);
                heads += varied == 0 ? 0 : 1;
                // Either both steps have added at least 1, or none.
                assertTrue(varied != 1, "one step without the other");
            }
            assertEquals(300, heads, 50);
            assertEquals(0, pixels(group.views(face, null)).get(0));
            assertTrue(pixels(one.views(face, draws(1))).get(0) > 0);
        }
    }

    @Test
    void whoGivesMoreThanItSaysIsStopped() throws IOException {
        Fake liar = new Fake(When.ONCE, Gives.ONE, List.of(), ChainTest::columns, null);
        Registry.Entry entry = new Registry.Entry(Kind.PREPROCESSOR, "liar", liar, 1, "", "");
        StepGroup group = new StepGroup(List.of("liar"), 1, "");
        List<BoundPipeline.Step> steps = List.of(new BoundPipeline.Step(entry, new None(), group));
        try (Chain chain = new Chain(steps, List.of("face"), INPUT, Limits.DEFAULT)) {
            String refused =
                    assertThrows(MienException.class, () -> chain.prepare(photograph(2)))
                            .getMessage();
            assertTrue(
                    refused.startsWith(
                            "preprocessor 'liar' gave 2 pictures and says that it gives one"),
                    refused);
        }
    }
}
