// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.data;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.mien.api.InputSpec;
import org.mien.api.data.Face;
import org.mien.api.data.Picture;
import org.mien.api.data.Preprocessor;
import org.mien.api.data.Preprocessor.Gives;
import org.mien.api.data.Preprocessor.When;
import org.mien.core.MienException;
import org.mien.core.internal.pipeline.BoundPipeline;
import org.mien.core.internal.pipeline.StepGroup;
import org.mien.core.internal.plugin.Border;
import org.mien.core.internal.plugin.Registry.Entry;
import org.mien.nn.spi.Counter;
import org.mien.vision.Images;
import org.mien.vision.Limits;

/**
 * The steps of a pipeline, opened for one thread: from a picture to its faces, from a face to its
 * crops, from a crop to the views that the method reads. It keeps account itself of whose crop a
 * picture is, whatever steps hand on.
 */
public final class Chain implements AutoCloseable {
    /** A face of a picture, after what is done once: as many crops as the steps gave of it. */
    public record Found(Optional<Face> box, List<Picture> crops) {}

    /** Draws of one use of a sample. */
    public interface Draws {
        /**
         * Draws of their own for each.
         *
         * @param view that is varied; empty for the face, before views are cut
         */
        Counter of(String view);
    }

    /** An opened step. */
    private record Opened(
            Entry plugin,
            Gives gives,
            String oneFace,
            String view,
            StepGroup group,
            Preprocessor.Step step) {
        String who() {
            return plugin.who();
        }

        boolean finds() {
            return gives == Gives.FACES;
        }
    }

    private static final String MIRROR = "mirror";
    private static final String FACE = "face";

    private final List<Opened> once = new ArrayList<>();
    private final List<Opened> each = new ArrayList<>();
    private final Map<String, Opened> cuts = new LinkedHashMap<>();
    private final Map<String, List<Opened>> after = new LinkedHashMap<>();
    private final List<String> views;
    private final InputSpec input;
    private final Limits limits;
    private String blind = "";

    /**
     * Opens the steps.
     *
     * @param bound the pipeline
     * @param input size of each view
     */
    public Chain(BoundPipeline bound, InputSpec input) {
        this(bound.steps(), bound.plan().views(), input, bound.image().limits());
    }

    /**
     * Opens steps.
     *
     * @param read views that are wanted
     * @param limits of an image
     */
    public Chain(
            List<BoundPipeline.Step> steps, List<String> read, InputSpec input, Limits limits) {
        this.input = input;
        this.limits = limits;
        // The mirror is the finished face flipped, unless it is varied by itself.
        this.views =
                read.stream()
                        .map(view -> view.equals(MIRROR) && !varied(steps) ? FACE : view)
                        .distinct()
                        .toList();
        try {
            for (BoundPipeline.Step step : steps) {
                When when = step.when();
                if (step.group().isOnView()) {
                    for (String view : this.views) {
                        if (step.group().isOn(view)) {
                            after.computeIfAbsent(view, key -> new ArrayList<>())
                                    .add(open(step, FACE));
                        }
                    }
                } else if (when == When.VIEW) {
                    for (String view : step.views()) {
                        if (this.views.contains(view)) {
                            cuts.put(view, open(step, view));
                        }
                    }
                } else {
                    (when == When.ONCE ? once : each).add(open(step, FACE));
                }
            }
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private static boolean varied(List<BoundPipeline.Step> steps) {
        return steps.stream()
                .anyMatch(step -> step.group().isOnView() && step.group().isOn(MIRROR));
    }

    private static Opened open(BoundPipeline.Step step, String view) {
        return Border.call(
                step.entry(),
                () -> {
                    Preprocessor<Record> service = step.entry().preprocessor();
                    return new Opened(
                            step.entry(),
                            service.gives(step.settings()),
                            step.entry().id() + "." + service.oneFace(),
                            view,
                            step.group(),
                            service.open(step.settings(), view));
                });
    }

    /**
     * Decodes and does what is done once; none when no face was found. Steps learn the size of the
     * photograph from its facts, since they may see a scaled copy of it.
     */
    public List<Found> prepare(Picture picture) throws IOException {
        Picture decoded = Images.decode(picture, limits);
        Picture sized =
                decoded.with("photograph.width", decoded.width())
                        .with("photograph.height", decoded.height());
        List<Found> faces = List.of(new Found(sized.face(), List.of(sized)));
        for (Opened step : once) {
            List<Found> next = new ArrayList<>();
            for (Found face : faces) {
                next.addAll(once(step, face));
            }
            if (next.isEmpty() && !faces.isEmpty()) {
                blind = step.who();
            }
            faces = next;
        }
        return faces;
    }

    private static List<Found> once(Opened step, Found face) {
        List<Found> faces = new ArrayList<>();
        List<Picture> crops = new ArrayList<>();
        for (Picture crop : face.crops()) {
            for (Picture made : apply(step, crop, null)) {
                if (step.finds()) {
                    faces.add(new Found(made.face(), List.of(made)));
                } else {
                    crops.add(made);
                }
            }
        }
        if (!crops.isEmpty()) {
            faces.add(new Found(face.box().or(() -> crops.get(0).face()), crops));
        }
        return faces;
    }

    /**
     * The one face of a sample, which has one label.
     *
     * @throws MienException when there is none, or several
     */
    public Found only(List<Found> faces) {
        if (faces.isEmpty()) {
            throw none();
        }
        if (faces.size() > 1) {
            Opened finder = once.stream().filter(Opened::finds).findFirst().orElseThrow();
            throw new MienException(
                    finder.who()
                            + " found "
                            + faces.size()
                            + " faces, and a sample of a dataset is one. Set "
                            + finder.oneFace()
                            + ", or take the sample out of the dataset");
        }
        return faces.get(0);
    }

    /** That no face was found. */
    public MienException none() {
        return new MienException(
                blind
                        + " found no face. A sample of a dataset needs one: let the step take the"
                        + " whole picture, or take the sample out of the dataset");
    }

    /** The step that last gave no picture, for messages. */
    public String blind() {
        return blind;
    }

    /**
     * Does what is done at each use and cuts the views.
     *
     * @param face what {@link #prepare} gave
     * @param draws in training, where one crop is drawn; or null, and all are given
     * @return for each crop view name to a picture at the input's size; none when a step finds no
     *     face after all
     */
    public List<Map<String, Picture>> views(Found face, Draws draws) {
        Counter random = draws == null ? null : draws.of("");
        List<Picture> crops = drawn(face.crops(), random);
        Coin coin = new Coin(random);
        for (Opened step : each) {
            Counter chance = coin.of(step);
            List<Picture> next = new ArrayList<>();
            for (Picture crop : crops) {
                next.addAll(apply(step, crop, chance));
            }
            if (next.isEmpty()) {
                blind = step.who();
                return List.of();
            }
            crops = drawn(next, random);
        }
        List<Map<String, Picture>> rows = new ArrayList<>();
        for (Picture crop : crops) {
            Map<String, Picture> row = new LinkedHashMap<>();
            for (String view : views) {
                row.put(view, fit(view(view, crop, random, draws)));
            }
            rows.add(row);
        }
        return rows;
    }

    private static List<Picture> drawn(List<Picture> crops, Counter random) {
        return random == null || crops.size() == 1
                ? crops
                : List.of(crops.get(random.nextInt(crops.size())));
    }

    /** One coin for the steps of a group; on its other side they do what they do without chance. */
    private static final class Coin {
        private final Counter random;
        private StepGroup group;
        private boolean heads;

        Coin(Counter random) {
            this.random = random;
        }

        /** The draws of a step, or null where it is not to vary. */
        Counter of(Opened step) {
            // Two groups may read alike; each has its own coin.
            if (random != null && group != step.group()) {
                group = step.group();
                heads = group.share() >= 1 || random.nextDouble() < group.share();
            }
            return heads ? random : null;
        }
    }

    private Picture view(String name, Picture face, Counter random, Draws draws) {
        Picture view = face;
        Opened cut = cuts.get(name);
        if (cut != null) {
            view = one(cut, view, name, random);
        } else if (name.equals(MIRROR)) {
            view = Images.mirror(view);
        }
        List<Opened> steps = after.getOrDefault(name, List.of());
        if (!steps.isEmpty()) {
            Coin coin = new Coin(draws == null ? null : draws.of(name));
            for (Opened step : steps) {
                view = one(step, view, name, coin.of(step));
            }
        }
        return view;
    }

    private static Picture one(Opened step, Picture picture, String view, Counter random) {
        List<Picture> made = apply(step, picture, random);
        if (made.size() != 1) {
            throw new MienException(
                    step.who()
                            + " gave "
                            + made.size()
                            + " pictures for the view '"
                            + view
                            + "'; expected one. This is a fault of the plugin.");
        }
        return made.get(0);
    }

    private Picture fit(Picture picture) {
        return picture.width() == input.width() && picture.height() == input.height()
                ? picture
                : Images.resize(picture, input.width(), input.height());
    }

    private static List<Picture> apply(Opened step, Picture picture, Counter random) {
        List<Picture> made =
                Border.call(
                        step.plugin(),
                        () ->
                                random == null
                                        ? step.step().apply(picture)
                                        : step.step().vary(picture, random));
        if (made.size() > 1 && step.gives() == Gives.ONE) {
            throw new MienException(
                    step.who()
                            + " gave "
                            + made.size()
                            + " pictures and says that it gives one; which faces or crops they are"
                            + " is not known. This is a fault of the plugin.");
        }
        return made;
    }

    @Override
    public void close() {
        List<Opened> all = new ArrayList<>(once);
        all.addAll(each);
        all.addAll(cuts.values());
        after.values().forEach(all::addAll);
        for (Opened step : all) {
            Border.act(step.plugin(), step.step()::close);
        }
    }
}
