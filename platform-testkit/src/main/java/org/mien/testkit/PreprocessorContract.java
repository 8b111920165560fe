// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.mien.api.data.Picture;
import org.mien.api.data.Preprocessor;
import org.mien.api.data.Preprocessor.Gives;
import org.mien.api.data.Preprocessor.Step;
import org.mien.api.data.Preprocessor.When;
import org.mien.api.spi.Settings;
import org.mien.nn.spi.Counter;

/**
 * What holds for every step from picture to picture.
 *
 * @param <S> its settings
 */
public abstract class PreprocessorContract<S extends Record> extends PluginContract<S> {
    private static final int DRAWS = 12;

    /** For subclasses. */
    protected PreprocessorContract() {}

    /**
     * The step's plugin.
     *
     * @return a new one
     */
    protected abstract Preprocessor<S> plugin();

    /**
     * Decoded pictures to work on; drawn ones, with the five points of a face.
     *
     * @return at least one
     * @throws Exception when they cannot be had
     */
    protected List<Picture> pictures() throws Exception {
        return List.of(Pictures.marked(96, 96), Pictures.marked(120, 90));
    }

    /**
     * Share of the points whose pixels may be covered in training, as by erasing.
     *
     * @return 0 to 1
     */
    protected double mayCover() {
        return 0.15;
    }

    @Override
    final boolean isKeyedById() {
        return true;
    }

    @Override
    final Object made() {
        return plugin();
    }

    @Override
    final Class<S> type(Object plugin) {
        return preprocessor(plugin).settings();
    }

    @SuppressWarnings("unchecked")
    private Preprocessor<S> preprocessor(Object plugin) {
        return (Preprocessor<S>) plugin;
    }

    @Override
    final Done work(Object plugin, S settings, Object kept) throws Exception {
        Map<String, Object> out = new TreeMap<>();
        List<Picture> pictures = pictures();
        for (String view : views()) {
            try (Step step = preprocessor(plugin).open(settings, view)) {
                for (int i : turned(IntStream.range(0, pictures.size()).boxed().toList(), kept)) {
                    Picture picture = pictures.get(i);
                    String what = "view '" + view + "' of picture " + i;
                    out.put(what, told(step.apply(picture)));
                    for (int seed : turned(List.of(0, 1, 2), kept)) {
                        out.put(
                                what + " varied by seed " + seed,
                                told(step.vary(picture, draws(seed))));
                    }
                }
            }
        }
        return new Done(out, out);
    }

    private static List<?> told(List<Picture> pictures) {
        return pictures.stream().map(Pictures::told).toList();
    }

    @Override
    final void open(S settings) {
        for (String view : views()) {
            plugin().open(settings, view).close();
        }
    }

    private List<String> views() {
        Preprocessor<S> plugin = plugin();
        return plugin.when() == When.VIEW ? plugin.views() : List.of("face");
    }

    private static Counter draws(int seed) {
        return Counter.of(seed, "draws");
    }

    /** Views have names of their own, and only who cuts views has them. */
    @Test
    public void viewsHaveNames() {
        List<String> views = plugin().views();
        assertEquals(plugin().when() == When.VIEW, !views.isEmpty(), "views " + views);
        assertEquals(views.size(), new HashSet<>(views).size(), "views twice: " + views);
    }

    /** Without chance the same picture gives the same, in an old step and in a fresh one. */
    @Test
    public void applyIsDeterministic() throws Exception {
        for (String view : views()) {
            try (Step step = plugin().open(settings(), view);
                    Step fresh = plugin().open(settings(), view)) {
                for (Picture picture : pictures()) {
                    List<Picture> first = step.apply(picture);
                    step.vary(picture, draws(1));
                    Pictures.same(first, step.apply(picture), "applied twice");
                    Pictures.same(first, fresh.apply(picture), "applied by a fresh step");
                }
            }
        }
    }

    /** With chance it is a function of its draws, whatever was drawn before. */
    @Test
    public void varyIsAFunctionOfItsDraws() throws Exception {
        for (String view : views()) {
            try (Step step = plugin().open(settings(), view);
                    Step fresh = plugin().open(settings(), view)) {
                for (Picture picture : pictures()) {
                    List<List<Picture>> varied = new ArrayList<>();
                    for (int seed = 0; seed < DRAWS; seed++) {
                        varied.add(step.vary(picture, draws(seed)));
                    }
                    for (int seed = DRAWS - 1; seed >= 0; seed--) {
                        Pictures.same(
                                varied.get(seed),
                                fresh.vary(picture, draws(seed)),
                                "varied twice with the same draws");
                    }
                }
            }
        }
    }

    /** What it was given stays as it was. */
    @Test
    public void theSourceIsLeftAsItIs() throws Exception {
        for (String view : views()) {
            try (Step step = plugin().open(settings(), view)) {
                for (Picture picture : pictures()) {
                    Picture before = copy(picture);
                    step.apply(picture);
                    Pictures.same(before, picture, "the source of apply");
                    for (int seed = 0; seed < DRAWS; seed++) {
                        step.vary(picture, draws(seed));
                        Pictures.same(before, picture, "the source of vary");
                    }
                }
            }
        }
    }

    private static Picture copy(Picture picture) {
        byte[] bytes = new byte[picture.bytes().remaining()];
        picture.bytes().get(bytes);
        return new Picture(
                picture.width(),
                picture.height(),
                java.nio.ByteBuffer.wrap(bytes),
                picture.points().stream().map(float[]::clone).toList(),
                picture.facts());
    }

    /** Pictures are decoded, facts are handed on, points are finite pairs. */
    @Test
    public void picturesAreValid() throws Exception {
        for (Case one : cases()) {
            assertFalse(one.made().isEncoded(), "an encoded picture");
            one.source()
                    .facts()
                    .keySet()
                    .forEach(
                            fact ->
                                    assertTrue(
                                            one.made().facts().containsKey(fact),
                                            "fact " + fact + " is not handed on"));
            for (float[] point : one.made().points()) {
                assertEquals(2, point.length, "numbers of a point");
                assertTrue(Float.isFinite(point[0]) && Float.isFinite(point[1]), "no finite point");
            }
        }
    }

    /** Points go with the pixels, and the eye on the left of the image stays the first. */
    @Test
    public void pointsMoveWithThePixels() throws Exception {
        int on = 0;
        int all = 0;
        for (Case one : cases()) {
            List<float[]> points = one.made().points();
            if (one.source().points().isEmpty() || points.isEmpty()) {
                continue;
            }
            assertEquals(one.source().points().size(), points.size(), "number of points");
            if (points.size() == 5) {
                assertTrue(points.get(0)[0] < points.get(1)[0], "the eyes have changed places");
            }
            for (float[] point : points) {
                boolean inside =
                        point[0] >= 1
                                && point[1] >= 1
                                && point[0] < one.made().width() - 1
                                && point[1] < one.made().height() - 1;
                if (inside && marked(one.source())) {
                    all++;
                    on += Pictures.brighter(one.made(), point) > 0 ? 1 : 0;
                }
            }
        }
        // What covers a part of the picture may cover a point.
        assertTrue(
                on >= (1 - mayCover()) * all,
                on + " of " + all + " points lie where their pixels went");
    }

    /** Whether the points of a source are bright themselves, as in the drawn ones. */
    private static boolean marked(Picture source) {
        return source.points().stream().allMatch(p -> Pictures.brighter(source, p) > 50);
    }

    private record Case(Picture source, Picture made) {}

    private List<Case> cases() throws Exception {
        List<Case> cases = new ArrayList<>();
        for (String view : views()) {
            try (Step step = plugin().open(settings(), view)) {
                for (Picture picture : pictures()) {
                    step.apply(picture).forEach(made -> cases.add(new Case(picture, made)));
                    for (int seed = 0; seed < DRAWS; seed++) {
                        step.vary(picture, draws(seed))
                                .forEach(made -> cases.add(new Case(picture, made)));
                    }
                }
            }
        }
        return cases;
    }

    /** Who exchanges left and right says so, for methods that read them apart. */
    @Test
    public void whoMirrorsSaysSo() throws Exception {
        if (plugin().when() == When.VIEW || plugin().mirrors(settings())) {
            return;
        }
        try (Step step = plugin().open(settings(), "face")) {
            List<Picture> made = new ArrayList<>(step.apply(Pictures.sided(96, 96)));
            for (int seed = 0; seed < 4 * DRAWS; seed++) {
                made.addAll(step.vary(Pictures.sided(96, 96), draws(seed)));
            }
            for (Picture picture : made) {
                assertTrue(
                        Pictures.side(picture) > 0,
                        "left and right are exchanged, and mirrors(settings) is false");
            }
        }
    }

    /** As many pictures come out as it says: one, faces of one picture, or crops of one face. */
    @Test
    public void itGivesWhatItSays() throws Exception {
        Gives gives = plugin().gives(settings());
        When when = plugin().when();
        assertTrue(
                gives == Gives.ONE || when != When.VIEW,
                "it cuts views and gives " + gives + "; a view of a face is one picture");
        assertTrue(
                gives != Gives.FACES || when == When.ONCE,
                "it gives faces at " + when + "; faces are looked for ONCE");
        for (String view : views()) {
            try (Step step = plugin().open(settings(), view)) {
                for (Picture picture : pictures()) {
                    number(gives, step.apply(picture), "apply");
                    for (int seed = 0; seed < DRAWS; seed++) {
                        number(gives, step.vary(picture, draws(seed)), "vary");
                    }
                }
            }
        }
    }

    private void number(Gives gives, List<Picture> made, String by) {
        boolean none = made.isEmpty() && gives != Gives.CROPS && plugin().when() != When.VIEW;
        assertTrue(
                none || made.size() == 1 || gives != Gives.ONE && made.size() > 1,
                by + " gives " + made.size() + " pictures; gives(settings) says " + gives);
    }

    /** Who may give several faces says how to have one, and then gives no more. */
    @Test
    public void ofSeveralFacesOneCanBeHad() throws Exception {
        Preprocessor<S> plugin = plugin();
        String one = plugin.oneFace();
        assertTrue(
                plugin.gives(settings()) != Gives.FACES || !one.isEmpty(),
                "it gives faces, and oneFace() does not say how to have one of each picture");
        if (one.isEmpty()) {
            return;
        }
        int at = one.indexOf('=');
        assertTrue(at > 0, "oneFace() is '" + one + "', not key=value");
        S settings =
                Settings.with("oneFace()", settings(), one.substring(0, at), one.substring(at + 1));
        assertEquals(Gives.ONE, plugin.gives(settings), "what it gives with " + one);
        try (Step step = plugin.open(settings, "face")) {
            for (Picture picture : pictures()) {
                assertTrue(step.apply(picture).size() <= 1, "several faces with " + one);
            }
        }
    }

    /** Several threads, each with a step of its own, do not disturb each other. */
    @Test
    public void stepsOfSeveralThreadsAreApart() throws Exception {
        Preprocessor<S> plugin = plugin();
        S settings = settings();
        List<Picture> pictures = pictures();
        for (String view : views()) {
            List<List<Picture>> expected = new ArrayList<>();
            try (Step step = plugin.open(settings, view)) {
                for (int seed = 0; seed < DRAWS; seed++) {
                    expected.add(step.vary(pictures.get(seed % pictures.size()), draws(seed)));
                }
            }
            Threads.each(
                    4,
                    thread -> {
                        try (Step step = plugin.open(settings, view)) {
                            for (int seed = 0; seed < DRAWS; seed++) {
                                Pictures.same(
                                        expected.get(seed),
                                        step.vary(
                                                pictures.get(seed % pictures.size()), draws(seed)),
                                        "with four threads");
                            }
                        }
                    });
        }
    }

    /** Closing twice is closing once. */
    @Test
    public void closingTwiceIsClosingOnce() throws Exception {
        for (String view : views()) {
            Step step = plugin().open(settings(), view);
            step.close();
            step.close();
        }
    }
}
