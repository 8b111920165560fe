// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.chirality;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Locale;
import org.mien.api.Batch;
import org.mien.api.Feature;
import org.mien.api.Output;
import org.mien.api.method.Build;
import org.mien.api.method.Loss;
import org.mien.api.method.Model;
import org.mien.api.method.Phase;
import org.mien.api.net.Net;
import org.mien.api.net.Ops;
import org.mien.api.net.Pass;
import org.mien.api.net.Trunk;
import org.mien.nn.Contrastive;
import org.mien.nn.Fn;
import org.mien.nn.Linear;
import org.mien.nn.Relu;
import org.mien.nn.Sequence;
import org.mien.plugin.chirality.Settings.Combine;
import org.mien.plugin.chirality.Settings.Variant;

/**
 * The network of Fig. 2 and its losses. N pairs of a face and its mirror image go through every
 * part as one batch of 2N, faces first: weights are shared, and batch normalisation sees both. C
 * channels has the backbone's map, d wide are the class token and the chirality token, K classes.
 * The rows of Table I differ in what makes the two tokens, and in whether there is a second.
 */
final class Chirality implements Model {
    /** Width of the layer of the conference version. */
    private static final int ICME = 256;

    private final Settings s;
    private final Trunk backbone;
    private final Net tokens;
    private final Net expression;
    private final Net chirality;

    Chirality(Build build, Settings settings) {
        s = settings;
        backbone = build.trunk();
        Feature map = backbone.feature(Feature.Kind.MAP);
        boolean halves = s.variant() == Variant.CNN_FS || s.variant() == Variant.CNN_FS_TRANS;
        if (halves && map.channels() % 2 != 0) {
            throw new IllegalArgumentException(
                    "the backbone's "
                            + map.words()
                            + " has no two halves of channels; variant "
                            + s.variant().name().toLowerCase(Locale.ROOT).replace('_', '-')
                            + " needs an even number of them. Set variant to cnn-trans-fs or icme");
        }
        tokens =
                build.part(
                        "tokens",
                        switch (s.variant()) {
                            case CNN, CNN_FS -> new Fn(Ops::globalAveragePool);
                            case CNN_TRANS, CNN_TRANS_FS -> new Encoder(map, map.channels(), s);
                            case CNN_FS_TRANS -> new TwoEncoders(map, s);
                            case ICME ->
                                    new Sequence(
                                            new Fn(Ops::globalAveragePool),
                                            new Linear(map.channels(), ICME));
                        });
        int width = width(map);
        expression = build.part("expression", classifier(width, build.labels().size()));
        chirality = s.variant().separates ? build.part("chirality", classifier(width, 2)) : null;
    }

    /** d, of one token. */
    private int width(Feature map) {
        return switch (s.variant()) {
            case CNN -> map.channels();
            case CNN_FS -> map.channels() / 2;
            case CNN_TRANS, CNN_FS_TRANS -> s.width();
            case CNN_TRANS_FS -> s.width() / 2;
            case ICME -> ICME / 2;
        };
    }

    /**
     * Stacked fully-connected layers; one in the baseline {@code cnn} and the conference version.
     */
    private Net classifier(int width, int classes) {
        return s.variant() == Variant.CNN || s.variant() == Variant.ICME
                ? new Linear(width, classes)
                : new Sequence(new Linear(width, width), new Relu(), new Linear(width, classes));
    }

    /** An array of the faces, and the same of their mirror images: o and r in the paper. */
    private record Two(NDArray o, NDArray r) {
        static Two of(NDArray both) {
            NDList halves = both.split(2);
            return new Two(halves.get(0), halves.get(1));
        }
    }

    /**
     * What a forward gives.
     *
     * @param cls class tokens, (N, d) each
     * @param chi chirality tokens, (N, d) each; null where nothing is separated
     * @param classes scores of the classes, (N, K) each
     * @param sides scores of original and mirror image, (N, 2) each; null where nothing is
     *     separated
     */
    private record Forward(Two cls, Two chi, Two classes, Two sides) {}

    private Forward forward(Batch batch, Pass pass) {
        NDArray pair = batch.face().concat(batch.view("mirror"), 0); // X_o, X_r
        NDArray z = backbone.run(pass, pair, Feature.Kind.MAP); // Z_o, Z_r
        NDArray both = tokens.run(pass, z);
        if (!s.variant().separates) {
            return new Forward(Two.of(both), null, Two.of(expression.run(pass, both)), null);
        }
        NDList halves = both.split(2, 1);
        boolean chiralityFirst = s.variant() == Variant.ICME;
        NDArray cls = halves.get(chiralityFirst ? 1 : 0);
        NDArray chi = halves.get(chiralityFirst ? 0 : 1);
        return new Forward(
                Two.of(cls),
                Two.of(chi),
                Two.of(expression.run(pass, cls)),
                Two.of(chirality.run(pass, chi)));
    }

    @Override
    public Output predict(Batch batch, Pass pass) {
        Forward on = forward(batch, pass);
        NDArray o = on.classes().o();
        NDArray r = on.classes().r();
        // Sums, so that both orders of a pair give the same bits.
        Output output;
        if (s.combine() == Combine.PROBABILITIES) {
            output = Output.probabilities(o.softmax(-1).add(r.softmax(-1)).div(2f));
        } else if (s.variant() == Variant.ICME) {
            output = Output.logits(o.add(r));
        } else {
            output = Output.logits(o.add(r).div(2f));
        }
        output.also( // Fig. 4
                "embedding", Output.Role.EMBEDDING, on.cls().o().add(on.cls().r()).div(2f));
        if (on.chi() != null) {
            NDArray apart = distance(pass, on.cls()).expandDims(1);
            output.also(
                    "distances",
                    Output.Role.WEIGHTS,
                    apart.concat(distance(pass, on.chi()).expandDims(1), 1),
                    "class tokens",
                    "chirality tokens");
        }
        return output;
    }

    private static NDArray distance(Pass pass, Two tokens) {
        return pass.norm(tokens.o().sub(tokens.r()));
    }

    @Override
    public List<Phase> phases(Build build) {
        return List.of(
                Phase.of(
                        "train",
                        (batch, pass) -> {
                            Forward on = forward(batch, pass);
                            NDArray o = on.classes().o();
                            NDArray r = on.classes().r();
                            NDArray both = // eq. 2
                                    pass.crossEntropy(o, batch).add(pass.crossEntropy(r, batch));
                            Loss loss = Loss.of("cross-entropy", both).scores(o.add(r));
                            if (on.chi() != null) {
                                separate(loss, on, pass);
                            }
                            return loss; // eq. 5
                        }));
    }

    /** The losses that take chirality out of the class token. */
    private void separate(Loss loss, Forward on, Pass pass) {
        if (s.variant() == Variant.ICME) {
            loss.plus("alike", s.lambda1(), () -> squared(on.classes()))
                    .plus("apart", s.lambda1(), () -> squaredHinge(pass, on.sides()));
        } else { // eq. 3, its two terms
            loss.plus(
                            "alike",
                            s.lambda1(),
                            () -> Contrastive.alike(pass, on.cls().o(), on.cls().r()))
                    .plus(
                            "apart",
                            s.lambda1(),
                            () -> Contrastive.apart(pass, on.chi().o(), on.chi().r(), s.margin()));
        }
        loss.plus("chirality", s.lambda2(), () -> sides(pass, on.sides()))
                .measure("chirality-accuracy", told(pass, on.sides()));
    }

    /** Mean squared difference of the class scores, of the conference version. */
    private static NDArray squared(Two classes) {
        return classes.o().sub(classes.r()).square().mean();
    }

    /** Squared margin loss on the two scores, of the conference version. */
    private NDArray squaredHinge(Pass pass, Two sides) {
        return pass.relu(distance(pass, sides).neg().add((float) s.margin())).square().mean();
    }

    /** eq. 4: one-hot, the first score that of an original, the second that of a mirror image. */
    private static NDArray sides(Pass pass, Two sides) {
        Shape shape = sides.o().getShape();
        NDArray first = pass.scope().create(new float[] {1, 0}).reshape(1, 2).broadcast(shape);
        NDArray second = pass.scope().create(new float[] {0, 1}).reshape(1, 2).broadcast(shape);
        return pass.binaryCrossEntropy(sides.o(), first)
                .add(pass.binaryCrossEntropy(sides.r(), second));
    }

    /** Share of the 2N images that are told right. */
    private static NDArray told(Pass pass, Two sides) {
        NDArray o = sides.o().argMax(1).eq(0L);
        NDArray r = sides.r().argMax(1).eq(1L);
        return pass.cast(o.concat(r, 0), DataType.FLOAT32).mean();
    }
}
