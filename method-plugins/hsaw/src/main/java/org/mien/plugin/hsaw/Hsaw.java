// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.hsaw;

import ai.djl.ndarray.NDArray;
import java.util.List;
import org.mien.api.Batch;
import org.mien.api.Feature;
import org.mien.api.Output;
import org.mien.api.data.Sample;
import org.mien.api.method.Build;
import org.mien.api.method.Loss;
import org.mien.api.method.Model;
import org.mien.api.method.Phase;
import org.mien.api.net.Pass;
import org.mien.nn.Linear;
import org.mien.plugin.hsaw.Settings.Against;
import org.mien.plugin.hsaw.Settings.Mode;

/** The network of Fig. 5, its losses and its re-labelling. D values has a vector V, n classes. */
final class Hsaw implements Model {
    /** Smallest image and smallest map: below, V has next to no values left. */
    private static final int LEAST_SIDE = 112;

    private static final int LEAST_MAP = 4;

    private final Settings s;
    private final Extractors extractors;
    private final Linear attention;
    private final Linear classifier;

    Hsaw(Build build, Settings settings) {
        s = settings;
        Feature map = build.trunk().feature(Feature.Kind.MAP);
        check(build, map);
        extractors = new Extractors(build, settings);
        int d = Vector.size(map);
        attention = s.attention() ? build.part("attention", new Linear(d, 1, false)) : null; // W
        classifier = build.part("classifier", new Linear(d, build.labels().size(), false)); // W_fc
    }

    private static void check(Build build, Feature map) {
        int height = build.input().height();
        int width = build.input().width();
        if (Math.min(height, width) < LEAST_SIDE
                || Math.min(map.rows(), map.columns()) < LEAST_MAP) {
            throw new IllegalArgumentException(
                    "an input of "
                            + height
                            + " x "
                            + width
                            + " gives a "
                            + map.words()
                            + " and a feature vector of "
                            + Vector.size(map)
                            + (Vector.size(map) == 1 ? " value" : " values")
                            + "; expected an input of at least 112 x 112 and a map of at least 4 x"
                            + " 4. Set backbone.size = 224, which gives 121 values as in the paper,"
                            + " or 112");
        }
        if (!Vector.fits(map)) {
            throw new IllegalArgumentException(
                    "the backbone's "
                            + map.words()
                            + " cannot be made 8 times as large by sub-pixel convolution, which"
                            + " needs a multiple of 64 channels");
        }
    }

    /**
     * What a forward gives.
     *
     * @param v V_all (N, D)
     * @param left w_left (N, 1); null without halves
     * @param right w_right (N, 1); null without halves
     * @param all P_all (N, n)
     * @param aux P_aux (N, n); null without halves
     * @param p P (N, n)
     */
    private record Forward(
            NDArray v, NDArray left, NDArray right, NDArray all, NDArray aux, NDArray p) {}

    private Forward forward(Batch batch, Pass pass) {
        if (!s.attention()) {
            NDArray v = extractors.whole(pass, batch.face());
            NDArray all = classifier.run(pass, v);
            return new Forward(v, null, null, all, null, all);
        }
        Extractors.Vectors v =
                extractors.run(pass, batch.face(), batch.view("left"), batch.view("right"));
        NDArray left = pass.sigmoid(attention.run(pass, v.left())); // eq. 2
        NDArray right = pass.sigmoid(attention.run(pass, v.right()));
        NDArray all = classifier.run(pass, v.all());
        NDArray aux = // eqs. 4, 5
                classifier
                        .run(pass, v.left())
                        .mul(left)
                        .add(classifier.run(pass, v.right()).mul(right));
        return new Forward(v.all(), left, right, all, aux, aux.add(all)); // eq. 6
    }

    @Override
    public Output predict(Batch batch, Pass pass) {
        Forward on = forward(batch, pass);
        Output output = Output.logits(on.p()).also("embedding", Output.Role.EMBEDDING, on.v());
        if (on.left() != null) {
            NDArray weights = on.left().concat(on.right(), 1);
            output.also("half-weights", Output.Role.WEIGHTS, weights, "w_left", "w_right");
        }
        return output;
    }

    @Override
    public List<Phase> phases(Build build) {
        return List.of(
                Phase.of(
                        "train",
                        (batch, pass) -> {
                            Forward on = forward(batch, pass);
                            Loss loss = // eq. 9
                                    Loss.of( // eq. 8, on the softmax of P
                                                    "cross-entropy",
                                                    s.gamma(),
                                                    () -> pass.crossEntropy(on.p(), batch))
                                            .scores(on.p());
                            if (on.left() != null) {
                                NDArray sum = on.left().add(on.right());
                                loss.plus( // eq. 3
                                                "half-weights",
                                                s.alpha(),
                                                () -> pass.smoothL1(sum, sum.onesLike()))
                                        .plus( // eq. 7
                                                "feature-balance",
                                                s.beta(),
                                                () -> pass.smoothL1(on.all(), on.aux()));
                            }
                            if (s.relabelling() && pass.epoch() >= s.relabelFrom()) {
                                loss.rule(() -> relabel(batch, pass, on));
                            }
                            return loss;
                        }));
    }

    /**
     * Section 4.5: where the prediction is not the label, and whole face and halves agree, the
     * prediction becomes the label.
     */
    private void relabel(Batch batch, Pass pass, Forward training) {
        Forward on = s.relabelMode() == Mode.INFERENCE ? forward(batch, pass.still()) : training;
        NDArray other = on.aux();
        if (other == null) { // without halves: the face and its mirror image
            Pass still = pass.still();
            other = classifier.run(still, extractors.whole(still, batch.view("mirror")));
        }
        NDArray predicted = on.p().argMax(1);
        NDArray label =
                s.relabelAgainst() == Against.CURRENT ? batch.labels() : originals(batch, pass);
        NDArray agree = on.all().argMax(1).eq(other.argMax(1));
        batch.relabel(predicted.neq(label).logicalAnd(agree), predicted);
    }

    /** Labels as the dataset has them, (N). */
    private static NDArray originals(Batch batch, Pass pass) {
        return pass.scope().create(batch.samples().stream().mapToLong(Sample::label).toArray());
    }
}
