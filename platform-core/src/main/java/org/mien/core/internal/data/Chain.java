// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.data;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.mien.api.InputSpec;
import org.mien.api.data.Picture;
import org.mien.api.data.Preprocessor;
import org.mien.api.data.Preprocessor.When;
import org.mien.core.MienException;
import org.mien.core.internal.pipeline.Recipe;
import org.mien.core.internal.plugin.Words;
import org.mien.nn.spi.Counter;
import org.mien.vision.Images;
import org.mien.vision.Limits;

/** The steps of a recipe, opened for one thread: from a picture to the views of its faces. */
public final class Chain implements AutoCloseable {
    /** An opened step with its name. */
    private record Opened(String who, When when, String view, Preprocessor.Step step) {}

    private final List<Opened> once = new ArrayList<>();
    private final List<Opened> each = new ArrayList<>();
    private final Map<String, Opened> cuts = new LinkedHashMap<>();
    private final List<String> views;
    private final InputSpec input;
    private final Limits limits;
    private String blind = "";

    /**
     * Opens the steps.
     *
     * @param recipe the recipe
     * @param input size of each view
     */
    public Chain(Recipe recipe, InputSpec input) {
        this(recipe.steps(), recipe.plan().views(), input, recipe.image().limits());
    }

    /**
     * Opens steps.
     *
     * @param views that are wanted
     * @param limits of an image
     */
    public Chain(List<Recipe.Step> steps, List<String> views, InputSpec input, Limits limits) {
        this.input = input;
        this.limits = limits;
        // The mirror is the finished face flipped.
        this.views =
                views.stream()
                        .map(view -> view.equals("mirror") ? "face" : view)
                        .distinct()
                        .toList();
        try {
            for (Recipe.Step step : steps) {
                When when = step.service().when();
                if (when == When.VIEW) {
                    for (String view : step.service().views()) {
                        if (this.views.contains(view)) {
                            cuts.put(view, open(step, view));
                        }
                    }
                } else {
                    (when == When.ONCE ? once : each).add(open(step, "face"));
                }
            }
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    @SuppressWarnings("unchecked")
    private static Opened open(Recipe.Step step, String view) {
        try {
            Preprocessor<Record> service = (Preprocessor<Record>) step.service();
            return new Opened(
                    step.entry().who(), service.when(), view, service.open(step.settings(), view));
        } catch (RuntimeException | LinkageError e) {
            throw Words.plugin(step.entry().who(), e);
        }
    }

    /**
     * Decodes and does what is done once; none when no face was found. Steps learn the size of the
     * photograph from its facts, since they may see a scaled copy of it.
     */
    public List<Picture> prepare(Picture picture) throws IOException {
        Picture decoded = Images.decode(picture, limits);
        Picture sized =
                decoded.with("photograph.width", decoded.width())
                        .with("photograph.height", decoded.height());
        return through(once, List.of(sized), null);
    }

    /** The step that last gave no picture, for messages. */
    public String blind() {
        return blind;
    }

    /**
     * Does what is done at each use and cuts the views.
     *
     * @param picture what {@link #prepare} gave
     * @param random draws in training, or null
     * @return for each face view name to a picture at the input's size
     */
    public List<Map<String, Picture>> views(Picture picture, Counter random) {
        List<Map<String, Picture>> faces = new ArrayList<>();
        for (Picture face : through(each, List.of(picture), random)) {
            Map<String, Picture> all = new LinkedHashMap<>();
            for (String view : views) {
                Opened cut = cuts.get(view);
                Picture piece = face;
                if (cut != null) {
                    List<Picture> pieces = apply(cut, face, random);
                    if (pieces.size() != 1) {
                        throw new MienException(
                                cut.who()
                                        + " gave "
                                        + pieces.size()
                                        + " pictures for the view '"
                                        + view
                                        + "'; expected one. This is a fault of the plugin.");
                    }
                    piece = pieces.get(0);
                }
                all.put(view, fit(piece));
            }
            faces.add(all);
        }
        return faces;
    }

    private Picture fit(Picture picture) {
        return picture.width() == input.width() && picture.height() == input.height()
                ? picture
                : Images.resize(picture, input.width(), input.height());
    }

    private List<Picture> through(List<Opened> steps, List<Picture> start, Counter random) {
        List<Picture> pictures = start;
        for (Opened step : steps) {
            List<Picture> next = new ArrayList<>();
            for (Picture picture : pictures) {
                next.addAll(apply(step, picture, random));
            }
            if (next.isEmpty() && !pictures.isEmpty()) {
                blind = step.who();
            }
            pictures = next;
        }
        return pictures;
    }

    private static List<Picture> apply(Opened step, Picture picture, Counter random) {
        try {
            return random == null ? step.step().apply(picture) : step.step().vary(picture, random);
        } catch (RuntimeException | LinkageError e) {
            throw Words.plugin(step.who(), e);
        }
    }

    @Override
    public void close() {
        List<Opened> all = new ArrayList<>(once);
        all.addAll(each);
        all.addAll(cuts.values());
        for (Opened step : all) {
            try {
                step.step().close();
            } catch (RuntimeException | LinkageError e) {
                throw Words.plugin(step.who(), e);
            }
        }
    }
}
