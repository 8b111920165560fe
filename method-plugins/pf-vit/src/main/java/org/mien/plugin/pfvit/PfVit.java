// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.pfvit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Locale;
import org.mien.api.Batch;
import org.mien.api.Feature;
import org.mien.api.InputSpec;
import org.mien.api.Output;
import org.mien.api.method.Build;
import org.mien.api.method.Loss;
import org.mien.api.method.Model;
import org.mien.api.method.Phase;
import org.mien.api.net.Pass;
import org.mien.api.net.Trunk;
import org.mien.nn.Linear;
import org.mien.nn.Masking;

/**
 * The network of Fig. 2 and its losses: encoder E, separator S and classifier C, which predict, and
 * generator G, discriminator D and a frozen network, which train them. N samples, T tokens D wide,
 * K classes; x is an image, xhat its reconstruction, xtilde its poker face.
 */
final class PfVit implements Model {
    /** Where G's phase leaves its images for D's. */
    private static final String RECONSTRUCTION = "reconstruction";

    private static final String POKER_FACE = "poker-face";

    private final Choices s;
    private final Masks masks;
    private final Trunk encoder;
    private final Feature embedded;
    private final Feature encoded;
    private final InputSpec input;
    private final int patch;
    private final Sizes sizes;
    private final List<String> labels;
    private final int classes;
    private final Separator separator;
    private final Linear classifier;

    /**
     * Makes what predicts.
     *
     * @param masks which patches the encoder does not see; null when it sees all
     */
    PfVit(Build build, Choices choices, Masks masks) {
        s = choices;
        this.masks = masks;
        encoder = build.trunk();
        encoded = encoder.feature(Feature.Kind.TOKENS);
        embedded =
                encoder.features().stream()
                        .filter(feature -> feature.kind() == Feature.Kind.TOKENS)
                        .findFirst()
                        .orElseThrow();
        if (encoded.prefix() == 0) {
            throw new IllegalArgumentException(
                    "the backbone gives "
                            + encoded.words()
                            + " without a class token, which the classifier reads. Try vit-tiny");
        }
        input = build.input();
        patch = input.height() / encoded.rows();
        sizes = Sizes.of(encoded.channels(), s.decoderWidth(), s.decoderDepth(), s.decoderHeads());
        labels = build.labels();
        classes = labels.size();
        separator = build.part("separator", new Separator(encoded.channels(), s.reduction()));
        classifier = build.part("classifier", new Linear(encoded.channels(), classes));
    }

    /** Asked for in training: what is only built to see whether it fits has no class names yet. */
    private int neutral() {
        for (int k = 0; k < labels.size(); k++) {
            if (labels.get(k).equalsIgnoreCase(s.neutral().trim())) {
                return k;
            }
        }
        throw new IllegalArgumentException(
                "no class is named '"
                        + s.neutral()
                        + "', without which there is no poker face; the classes are "
                        + String.join(", ", labels).toLowerCase(Locale.ROOT)
                        + ". Set method.neutral to one of them");
    }

    /**
     * A face taken apart. (eqs. 1 and 2)
     *
     * @param masking which patches were seen; null for all
     * @param emotion V_e (N, T, D)
     * @param rest V_p (N, T, D)
     * @param logits (N, K), eq. 4
     */
    private record Separated(Masking masking, NDArray emotion, NDArray rest, NDArray logits) {}

    private Separated separate(Batch batch, Pass pass) {
        Masking masking = null;
        NDArray z;
        if (masks == null) {
            z = encoder.run(pass, batch.face(), Feature.Kind.TOKENS);
        } else {
            NDArray tokens = encoder.run(pass, batch.face(), null, embedded);
            masking = masks.draw(batch, pass, encoded.rows() * encoded.columns());
            NDArray seen = masking.visible(pass, tokens, embedded.prefix());
            z = encoder.run(pass, seen, embedded, encoded);
        }
        NDArray mask = separator.run(pass, z);
        NDArray emotion = z.mul(mask);
        NDArray logits = classifier.run(pass, emotion.get(new NDIndex(":, 0")));
        return new Separated(masking, emotion, z.sub(emotion), logits);
    }

    @Override
    public Output predict(Batch batch, Pass pass) {
        Separated on = separate(batch, pass);
        return Output.logits(on.logits())
                .also("embedding", Output.Role.EMBEDDING, on.emotion().get(new NDIndex(":, 0")));
    }

    @Override
    public List<Phase> phases(Build build) {
        Generator g = build.part("generator", new Generator(encoded, patch, sizes, masks != null));
        Discriminator d =
                build.part("discriminator", new Discriminator(encoded, patch, sizes, classes));
        Trunk network = s.hasNetwork() ? build.frozen(Choices.ROLE) : null;
        build.gallery((batch, pass) -> gallery(batch, pass, g));
        return List.of(
                Phase.of("generate", (batch, pass) -> generate(batch, pass, g, d, network))
                        .moves(encoder, separator, classifier, g),
                Phase.of("discriminate", (batch, pass) -> discriminate(batch, pass, d)).moves(d));
    }

    /** An image of separated tokens. */
    private static NDArray draw(Pass pass, Generator g, Separated on, NDArray tokens) {
        return on.masking() == null ? g.run(pass, tokens) : g.run(pass, tokens, on.masking());
    }

    private Loss generate(Batch batch, Pass pass, Generator g, Discriminator d, Trunk network) {
        int neutral = neutral();
        Separated on = separate(batch, pass);
        NDArray x = batch.face();
        NDArray xhat = draw(pass, g, on, on.emotion().add(on.rest())); // eq. 3
        NDArray xtilde = draw(pass, g, on, on.rest());
        pass.keep(RECONSTRUCTION, xhat);
        pass.keep(POKER_FACE, xtilde);
        NDArray isNeutral = pass.cast(batch.labels().eq(neutral), DataType.FLOAT32);
        return Loss.of("emotion", s.emotion(), () -> pass.crossEntropy(on.logits(), batch)) // eq. 5
                .scores(on.logits())
                .plus( // eq. 6
                        "reconstruction", s.reconstruction(), () -> distance(pass, xhat, x).mean())
                .plus(
                        "neutral-reconstruction",
                        s.reconstruction(),
                        () -> distance(pass, xtilde, x).mul(isNeutral).mean())
                .plus(
                        "adversarial",
                        s.discrimination(),
                        () -> adversarial(batch, pass, d, xhat, xtilde))
                .plus( // eq. 2
                        "orthogonality",
                        s.orthogonality(),
                        () -> pass.cosine(on.emotion(), on.rest()).abs().mean())
                .plus(
                        "network-orthogonality",
                        network == null ? 0 : s.ofNetwork(),
                        () ->
                                pass.cosine(
                                                embedding(
                                                        pass,
                                                        network,
                                                        draw(pass, g, on, on.emotion())),
                                                embedding(pass, network, xtilde))
                                        .abs()
                                        .mean());
    }

    /** ||a - b||_2 of each sample over the root of the number of its values (N). */
    private static NDArray distance(Pass pass, NDArray a, NDArray b) {
        long n = a.getShape().get(0);
        long values = a.getShape().size() / n;
        return pass.norm(a.sub(b).reshape(n, values)).div((float) Math.sqrt(values));
    }

    /** What the frozen network says of images, scaled and sized as it reads them (N, P). */
    private NDArray embedding(Pass pass, Trunk network, NDArray image) {
        InputSpec to = network.input();
        float[] scale = new float[3];
        float[] shift = new float[3];
        for (int c = 0; c < 3; c++) {
            scale[c] = input.deviation().get(c) / to.deviation().get(c);
            shift[c] = (input.mean().get(c) - to.mean().get(c)) / to.deviation().get(c);
        }
        Shape channels = new Shape(1, 3, 1, 1);
        NDArray x =
                image.mul(pass.scope().create(scale, channels))
                        .add(pass.scope().create(shift, channels));
        boolean same = to.height() == input.height() && to.width() == input.width();
        return network.run(
                pass.still(),
                same ? x : pass.resize(x, to.height(), to.width(), false),
                Feature.Kind.VECTOR);
    }

    private NDArray adversarial(
            Batch batch, Pass pass, Discriminator d, NDArray xhat, NDArray xtilde) {
        NDArray classesOfHat = classesOf(batch);
        NDArray classesOfTilde = neutrals(batch);
        boolean fool = s.adversarial() == Adversarial.NON_SATURATING;
        NDArray loss =
                judged(pass, d, xhat, classesOfHat, fool)
                        .add(judged(pass, d, xtilde, classesOfTilde, fool))
                        .div(2f);
        return fool ? loss : loss.neg();
    }

    private Loss discriminate(Batch batch, Pass pass, Discriminator d) { // eq. 7
        NDArray real = judged(pass, d, batch.face(), classesOf(batch), true);
        NDArray xhat = judged(pass, d, pass.kept(RECONSTRUCTION), classesOf(batch), false);
        NDArray xtilde = judged(pass, d, pass.kept(POKER_FACE), neutrals(batch), false);
        return Loss.of("discrimination", real.add(xhat).add(xtilde).div(3f))
                .measure("real", real)
                .measure(RECONSTRUCTION, xhat)
                .measure(POKER_FACE, xtilde);
    }

    /** K + 1 binary cross-entropies of D, summed over its outputs; a mean over the samples. */
    private NDArray judged(
            Pass pass, Discriminator d, NDArray image, NDArray classesOf, boolean real) {
        return pass.binaryCrossEntropy(d.run(pass, image), targets(classesOf, real))
                .mul(classes + 1f);
    }

    /** Eq. 8: classes (N, K) and whether an image counts as real, (N, K + 1). */
    static NDArray targets(NDArray classesOf, boolean real) {
        NDArray last = classesOf.get(new NDIndex(":, :1")).zerosLike();
        return classesOf.concat(real ? last.add(1f) : last, 1);
    }

    /** One-hot classes of x and xhat (N, K). */
    private NDArray classesOf(Batch batch) {
        return batch.labels().oneHot(classes, DataType.FLOAT32);
    }

    /** One-hot classes of xtilde, all neutral (N, K). */
    private NDArray neutrals(Batch batch) {
        return batch.labels().zerosLike().add(neutral()).oneHot(classes, DataType.FLOAT32);
    }

    /** Fig. 3. */
    private Output gallery(Batch batch, Pass pass, Generator g) {
        Separated on = separate(batch, pass);
        return Output.none()
                .also("original", Output.Role.IMAGE, batch.face())
                .also("emotion", Output.Role.IMAGE, draw(pass, g, on, on.emotion()))
                .also("poker face", Output.Role.IMAGE, draw(pass, g, on, on.rest()))
                .also(
                        "reconstruction",
                        Output.Role.IMAGE,
                        draw(pass, g, on, on.emotion().add(on.rest())));
    }
}
