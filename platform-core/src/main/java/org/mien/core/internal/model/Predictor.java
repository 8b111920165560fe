// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.model;

import ai.djl.ndarray.NDArray;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import org.mien.api.Batch;
import org.mien.api.InputSpec;
import org.mien.api.Output;
import org.mien.api.data.Picture;
import org.mien.api.data.Sample;
import org.mien.api.data.Targets;
import org.mien.api.evaluate.Answer;
import org.mien.api.method.Build;
import org.mien.api.method.Loss;
import org.mien.api.method.Phase;
import org.mien.api.net.Pass;
import org.mien.core.MienException;
import org.mien.core.internal.data.Loader;
import org.mien.core.internal.pipeline.BoundPipeline;
import org.mien.core.internal.pipeline.Built;
import org.mien.engine.Scope;
import org.mien.engine.Torch;
import org.mien.nn.spi.TorchPass;
import org.mien.nn.spi.Weights;

/** Runs a model over loaded batches, without gradients and without chance. */
public final class Predictor {
    private final BoundPipeline bound;
    private final Built built;
    private final Weights weights;
    private final Torch torch;

    public Predictor(BoundPipeline bound, Built built, Weights weights, Torch torch) {
        this.bound = bound;
        this.built = built;
        this.weights = weights;
        this.torch = torch;
    }

    /** Whether it computes on a GPU. */
    public boolean onGpu() {
        return weights.device().isGpu();
    }

    /**
     * Makes what inference on a CPU reads, by a row of black. Its layout may follow from the size
     * it is first asked for, and no answer may depend on who asked first.
     */
    public void warm() {
        if (onGpu()) {
            return;
        }
        InputSpec input = built.parts().input();
        Map<String, ByteBuffer> views = new LinkedHashMap<>();
        for (String view : bound.plan().views()) {
            // The mirror is made of the face.
            views.put(
                    view.equals("mirror") ? "face" : view,
                    ByteBuffer.allocateDirect(3 * input.width() * input.height()));
        }
        Sample black = Sample.of("black", "").build();
        forward(
                new Loader.Loaded(new int[1], List.of(black), new int[] {1}, views),
                (batch, pass) -> built.model().predict(batch, pass));
    }

    /**
     * What the model says of each sample of a batch; means over the crops of its face.
     *
     * @param extras whether extras are wanted too, but for pictures
     */
    public List<Answer> answers(Loader.Loaded loaded, boolean extras) {
        return forward(
                loaded,
                (batch, pass) -> {
                    Output output = built.model().predict(batch, pass);
                    int count = loaded.samples().size();
                    float[][] classes = rows(output.probabilities(), loaded);
                    float[][] multiLabel = rows(sigmoid(output.multiLabel()), loaded);
                    float[][] values = unscaled(rows(output.values(), loaded));
                    Map<String, float[][]> more = new LinkedHashMap<>();
                    output.extras()
                            .forEach(
                                    (name, extra) -> {
                                        if (extras && !isDrawn(extra)) {
                                            more.put(name, rows(extra.value(), loaded));
                                        }
                                    });
                    List<Answer> answers = new ArrayList<>();
                    for (int i = 0; i < count; i++) {
                        int at = i;
                        Map<String, Answer.Extra> of = new LinkedHashMap<>();
                        more.forEach((name, rows) -> of.put(name, extra(output, name, rows[at])));
                        answers.add(
                                new Answer(
                                        loaded.samples().get(i),
                                        classes[i],
                                        multiLabel[i],
                                        values[i],
                                        of));
                    }
                    return answers;
                });
    }

    /** Whether it is for looking at: large, and shown by {@link #pictures}. */
    private static boolean isDrawn(Output.Extra extra) {
        return extra.role() == Output.Role.IMAGE || extra.role() == Output.Role.HEAT_MAP;
    }

    private static Answer.Extra extra(Output output, String name, float[] row) {
        Output.Extra extra = output.extras().get(name);
        return new Answer.Extra(extra.role(), List.copyOf(extra.columns()), row);
    }

    private static NDArray sigmoid(NDArray scores) {
        return scores == null ? null : scores.neg().exp().add(1).pow(-1);
    }

    private float[][] unscaled(float[][] rows) {
        List<Targets.Value> ranges = built.parts().targets().values();
        for (float[] row : rows) {
            for (int i = 0; i < row.length; i++) {
                row[i] = ranges.get(i).unscaled(row[i]);
            }
        }
        return rows;
    }

    /** Probabilities of samples, in their order, (N, K). */
    public float[][] probabilities(Loader loader, List<Sample> samples) {
        needClasses();
        return answers(loader, samples, () -> false).stream()
                .map(Answer::probabilities)
                .toArray(float[][]::new);
    }

    /**
     * What the model says of samples, in their order, without extras.
     *
     * @param stop asked at each batch; after true what is given is of no use
     */
    public List<Answer> answers(Loader loader, List<Sample> samples, BooleanSupplier stop) {
        List<Answer> answers = new ArrayList<>();
        loader.each(
                samples,
                inOrder(samples.size()),
                bound.loop().batch(),
                -1,
                loaded -> {
                    if (stop.getAsBoolean()) {
                        return false;
                    }
                    answers.addAll(answers(loaded, false));
                    return true;
                });
        return answers;
    }

    /** Refuses, in words, a model that names no classes. */
    public void needClasses() {
        Targets targets = built.parts().targets();
        if (!targets.classes().isEmpty()) {
            return;
        }
        if (targets.kinds().isEmpty()) {
            throw new MienException(
                    bound.method().who()
                            + " was trained without labels and names no classes, so there is no"
                            + " accuracy. Evaluators that read something else work"
                            + " (evaluators=..), and a run with method.init=RUN goes on from it and"
                            + " names classes");
        }
        throw new MienException(
                bound.method().who()
                        + " has learnt "
                        + targets
                        + " and names no classes, so there is no accuracy. Choose evaluators that"
                        + " read what it learnt (evaluators=..)");
    }

    /** What the method draws: a picture of each sample, of its first row; none if it draws none. */
    public Map<String, List<Picture>> pictures(Loader.Loaded loaded) {
        int[] first = new int[loaded.rows().length];
        for (int i = 1; i < first.length; i++) {
            first[i] = first[i - 1] + loaded.rows()[i - 1];
        }
        Build.Gallery gallery = built.parts().gallery();
        return forward(
                loaded,
                (batch, pass) -> {
                    Output output =
                            gallery == null
                                    ? built.model().predict(batch, pass)
                                    : gallery.draw(batch, pass);
                    Map<String, List<Picture>> found = new LinkedHashMap<>();
                    output.extras()
                            .forEach(
                                    (name, extra) -> {
                                        if (extra.role() == Output.Role.IMAGE) {
                                            found.put(
                                                    name,
                                                    Drawings.pictures(
                                                            name,
                                                            extra.value(),
                                                            first,
                                                            batch.input()));
                                        } else if (extra.role() == Output.Role.HEAT_MAP) {
                                            List<Picture> faces =
                                                    Drawings.pictures(
                                                            "face",
                                                            batch.face(),
                                                            first,
                                                            batch.input());
                                            found.putAll(HeatMaps.over(name, extra, first, faces));
                                        }
                                    });
                    return found;
                });
    }

    /** Frees what was made to be fast: training goes on and needs the memory. */
    public void rest() {
        weights.unprepare();
    }

    private <T> T forward(Loader.Loaded samples, BiFunction<Batch, Pass, T> work) {
        Loader.Loaded loaded = samples.byRow();
        long[] labels = loaded.samples().stream().mapToLong(Sample::label).toArray();
        return bound.code(
                () -> {
                    try (Scope scope = torch.inference(weights.device())) {
                        StepBatch batch =
                                new StepBatch(
                                        scope.manager(),
                                        built.parts().input(),
                                        loaded,
                                        built.parts().targets(),
                                        bound.plan().learned(),
                                        labels,
                                        false,
                                        0,
                                        null);
                        return work.apply(batch, TorchPass.inference(weights, scope));
                    }
                });
    }

    /** A row a sample, the mean of its rows; empty rows for what there is not. */
    private static float[][] rows(NDArray array, Loader.Loaded loaded) {
        if (array == null) {
            return new float[loaded.samples().size()][0];
        }
        float[] all = array.toFloatArray();
        int width = all.length / loaded.height();
        float[][] rows = new float[loaded.samples().size()][width];
        int at = 0;
        for (int i = 0; i < rows.length; i++) {
            int count = loaded.rows()[i];
            for (int row = 0; row < count; row++) {
                for (int k = 0; k < width; k++) {
                    rows[i][k] += all[at++] / count;
                }
            }
        }
        return rows;
    }

    /**
     * Mean over samples of the weighted loss of all phases, in inference.
     *
     * @param stop asked at each batch; after true the loss is of no use
     */
    public double loss(
            Loader loader, List<Sample> samples, List<Phase> phases, BooleanSupplier stop) {
        double[] sums = new double[2];
        loader.each(
                samples,
                inOrder(samples.size()),
                bound.loop().batch(),
                -1,
                loaded -> {
                    if (stop.getAsBoolean()) {
                        return false;
                    }
                    int count = loaded.samples().size();
                    sums[0] += count * forward(loaded, (batch, pass) -> loss(phases, batch, pass));
                    sums[1] += count;
                    return true;
                });
        rest();
        return sums[0] / sums[1];
    }

    private static double loss(List<Phase> phases, Batch batch, Pass pass) {
        double sum = 0;
        for (Phase phase : phases) {
            Loss loss = phase.objective().loss(batch, pass);
            for (Map.Entry<String, NDArray> term : loss.terms().entrySet()) {
                sum += loss.weights().get(term.getKey()) * term.getValue().toFloatArray()[0];
            }
        }
        return sum;
    }

    public static int likeliest(float[] probabilities) {
        int best = 0;
        for (int k = 1; k < probabilities.length; k++) {
            if (probabilities[k] > probabilities[best]) {
                best = k;
            }
        }
        return best;
    }

    public static int[] inOrder(int n) {
        int[] order = new int[n];
        Arrays.setAll(order, i -> i);
        return order;
    }
}
