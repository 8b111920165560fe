// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.evaluate;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.mien.api.InputSpec;
import org.mien.api.data.Picture;
import org.mien.api.data.Sample;
import org.mien.api.data.Target;
import org.mien.api.data.Targets;
import org.mien.api.evaluate.Answer;
import org.mien.api.evaluate.Drawing;
import org.mien.api.evaluate.Judge;
import org.mien.api.evaluate.Results;
import org.mien.core.MienException;
import org.mien.core.internal.data.Chain;
import org.mien.core.internal.data.Loader;
import org.mien.core.internal.data.PictureCache;
import org.mien.core.internal.data.Splits;
import org.mien.core.internal.model.Answering;
import org.mien.core.internal.model.Predictor;
import org.mien.core.internal.plugin.Border;
import org.mien.core.internal.plugin.Holding;

/** What evaluators read of a run; computed when first asked for. */
final class RunResults implements Results, AutoCloseable {
    /** Answers that are kept for the next evaluator; of more, another pass is made. */
    private static final long MOST_BYTES = 128L << 20;

    private final Answering trained;
    private final Splits splits;
    private final List<Sample> samples;
    private final Loader loader;
    private final Holding lease;
    private final Function<String, Path> folders;
    private final Map<String, OtherRun> judges = new LinkedHashMap<>();
    private final Map<Target, float[][]> arrays = new EnumMap<>(Target.class);
    private List<Answer> kept;

    /**
     * Of a run.
     *
     * @param trained the network
     * @param splits its dataset
     * @param samples those that are judged
     * @param loader of their pictures
     * @param lease asked at each batch
     * @param folders folder of another run, by its id
     */
    RunResults(
            Answering trained,
            Splits splits,
            List<Sample> samples,
            Loader loader,
            Holding lease,
            Function<String, Path> folders) {
        this.trained = trained;
        this.splits = splits;
        this.samples = List.copyOf(samples);
        this.loader = loader;
        this.lease = lease;
        this.folders = folders;
    }

    @Override
    public String run() {
        return trained.id();
    }

    @Override
    public Targets targets() {
        Targets learnt = trained.built().parts().targets();
        return learnt.kinds().isEmpty() ? splits.targets() : learnt;
    }

    @Override
    public List<Sample> samples() {
        return samples;
    }

    @Override
    public float[][] probabilities() {
        trained.predictor().needClasses();
        return rows(Target.CLASS, Answer::probabilities);
    }

    @Override
    public float[][] multiLabel() {
        need(Target.MULTI_LABEL);
        return rows(Target.MULTI_LABEL, Answer::multiLabel);
    }

    @Override
    public float[][] values() {
        need(Target.VALUES);
        return rows(Target.VALUES, Answer::values);
    }

    private void need(Target target) {
        Targets learnt = trained.built().parts().targets();
        if (!learnt.kinds().contains(target)) {
            throw new IllegalArgumentException(
                    "run '"
                            + run()
                            + "' has learnt "
                            + learnt
                            + ", not "
                            + target.words()
                            + ". Choose evaluators that read what it learnt (evaluators=..)");
        }
    }

    private float[][] rows(Target target, Function<Answer, float[]> of) {
        return arrays.computeIfAbsent(
                target,
                key -> {
                    List<float[]> rows = new ArrayList<>();
                    visit(answer -> rows.add(of.apply(answer)));
                    return rows.toArray(new float[0][]);
                });
    }

    @Override
    public void visit(Consumer<Answer> visitor) {
        if (kept != null) {
            kept.forEach(visitor);
            return;
        }
        List<Answer> all = new ArrayList<>();
        long[] bytes = {0};
        loader.each(
                samples,
                Predictor.inOrder(samples.size()),
                trained.bound().loop().batch(),
                -1,
                loaded -> {
                    lease.check();
                    for (Answer answer : trained.predictor().answers(loaded, true)) {
                        bytes[0] += bytes(answer);
                        if (bytes[0] <= MOST_BYTES) {
                            all.add(answer);
                        }
                        visitor.accept(answer);
                    }
                    return true;
                });
        if (bytes[0] <= MOST_BYTES) {
            kept = all;
        }
    }

    private static long bytes(Answer answer) {
        long floats = answer.probabilities().length + answer.values().length;
        floats += answer.multiLabel().length;
        for (Answer.Extra extra : answer.extras().values()) {
            floats += extra.values().length;
        }
        return Float.BYTES * floats;
    }

    @Override
    public void drawings(Consumer<Drawing> visitor) {
        InputSpec input = trained.built().parts().input();
        try (Answering draws = trained.drawing();
                Chain chain = new Chain(trained.bound(), input)) {
            loader.each(
                    samples,
                    Predictor.inOrder(samples.size()),
                    trained.bound().loop().batch(),
                    -1,
                    loaded -> {
                        lease.check();
                        Map<String, List<Picture>> pictures = draws.predictor().pictures(loaded);
                        if (pictures.isEmpty()) {
                            throw new IllegalArgumentException(
                                    trained.bound().method().who()
                                            + " draws no pictures, so there are none to judge");
                        }
                        int row = 0;
                        for (int i = 0; i < loaded.samples().size(); i++) {
                            int place = i;
                            Map<String, Picture> drawn = new LinkedHashMap<>();
                            pictures.forEach((name, all) -> drawn.put(name, all.get(place)));
                            Sample sample = loaded.samples().get(i);
                            visitor.accept(
                                    new Drawing(
                                            sample,
                                            seen(loaded, row, input),
                                            atRest(sample, chain),
                                            drawn));
                            row += loaded.rows()[i];
                        }
                        return true;
                    });
        }
    }

    /** A row of a batch as the network saw it. */
    private static Picture seen(Loader.Loaded loaded, int row, InputSpec input) {
        Map<String, ByteBuffer> views = loaded.views();
        ByteBuffer all = views.getOrDefault("face", views.values().iterator().next());
        int bytes = 3 * input.width() * input.height();
        return Picture.rgb(input.width(), input.height(), all.slice(row * bytes, bytes));
    }

    /** Through the same steps as the sample's picture. */
    private Optional<Picture> atRest(Sample sample, Chain chain) {
        return Border.call(
                trained.bound().dataset(),
                trained.bound().plugins(),
                () -> {
                    Optional<Picture> picture = splits.atRest(sample);
                    if (picture.isEmpty()) {
                        return picture;
                    }
                    List<Chain.Found> faces = chain.prepare(picture.get());
                    return faces.isEmpty()
                            ? Optional.empty()
                            : chain.views(chain.only(faces), null).stream()
                                    .findFirst()
                                    .map(
                                            views ->
                                                    views.getOrDefault(
                                                            "face",
                                                            views.values().iterator().next()));
                });
    }

    @Override
    public Judge judge(String run) {
        return judges.computeIfAbsent(
                run,
                id -> {
                    Answering other = trained.other(folders.apply(id));
                    try {
                        lease.hold(other.bound().plugins());
                    } catch (RuntimeException e) {
                        other.close();
                        throw e;
                    }
                    return new OtherRun(other);
                });
    }

    @Override
    public void close() {
        judges.values().forEach(OtherRun::close);
    }

    /** Another run that is asked about pictures. */
    private static final class OtherRun implements Judge, AutoCloseable {
        private final Answering run;
        private final Loader loader;
        private volatile List<Picture> pictures = List.of();

        OtherRun(Answering run) {
            this.run = run;
            if (run.built().parts().labels().isEmpty()) {
                run.close();
                throw new MienException(
                        "run '"
                                + run.id()
                                + "' was trained without labels, so it cannot say what a picture"
                                + " shows. Name a run that was trained with labels");
            }
            loader =
                    new Loader(
                            run.bound(),
                            run.built().parts().input(),
                            sample -> pictures.get(Integer.parseInt(sample.where())),
                            PictureCache.none());
        }

        @Override
        public List<String> labels() {
            return run.built().parts().labels();
        }

        @Override
        public float[][] probabilities(List<Picture> asked) {
            pictures = List.copyOf(asked);
            List<Sample> samples =
                    IntStream.range(0, asked.size())
                            .mapToObj(Integer::toString)
                            .map(i -> Sample.of("picture " + i, i).build())
                            .toList();
            return run.predictor().probabilities(loader, samples);
        }

        @Override
        public void close() {
            loader.close();
            run.close();
        }
    }
}
