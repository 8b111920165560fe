// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.mae;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import java.util.List;
import org.mien.api.Batch;
import org.mien.api.Feature;
import org.mien.api.Output;
import org.mien.api.method.Build;
import org.mien.api.method.Loss;
import org.mien.api.method.Model;
import org.mien.api.method.Phase;
import org.mien.api.net.Pass;
import org.mien.api.net.Trunk;
import org.mien.api.net.Var;
import org.mien.nn.Linear;
import org.mien.nn.MaskedDecoder;
import org.mien.nn.Masking;
import org.mien.nn.Patches;

/**
 * Encoder and decoder. N samples of L patches, V of them seen, p tokens before them; a patch has P
 * P 3 pixels.
 */
final class Mae implements Model {
    private final Settings s;
    private final Masking.Noise noise;
    private final Trunk encoder;
    private final Feature embedded;
    private final Feature encoded;
    private final int patch;
    private final MaskedDecoder decoder;
    private final Linear pred;

    Mae(Build build, Settings settings, Masking.Noise noise) {
        s = settings;
        this.noise = noise;
        encoder = build.trunk();
        embedded = first(encoder);
        encoded = encoder.feature(Feature.Kind.TOKENS);
        patch = encoder.input().height() / encoded.rows();
        if (encoded.rows() * encoded.columns() < 2) {
            throw new IllegalArgumentException(
                    "the backbone gives "
                            + encoded.words()
                            + ": of one patch none can be hidden; choose a smaller backbone.patch");
        }
        int width = s.decoderWidth() == 0 ? encoded.channels() * 2 / 3 : s.decoderWidth();
        int heads = s.decoderHeads() == 0 ? Math.max(1, width / 32) : s.decoderHeads();
        decoder = build.part("decoder", new MaskedDecoder(encoded, width, s.decoderDepth(), heads));
        pred = build.part("pred", new Linear(width, 3 * patch * patch, true, Var.Init.XAVIER));
    }

    /** The first tokens of a trunk, patches with their positions: those that may be left out. */
    private static Feature first(Trunk trunk) {
        Feature found =
                trunk.features().stream()
                        .filter(feature -> feature.kind() == Feature.Kind.TOKENS)
                        .findFirst()
                        .orElseThrow();
        Feature last = trunk.feature(Feature.Kind.TOKENS);
        if (found.tokens() != last.tokens() || found.prefix() != last.prefix()) {
            throw new IllegalArgumentException(
                    "the backbone begins with "
                            + found.words()
                            + " and ends with "
                            + last.words()
                            + "; a masked autoencoder needs one whose blocks keep every token. Try"
                            + " vit-tiny");
        }
        return found;
    }

    /**
     * What the encoder sees and makes of it.
     *
     * @param masking which patches were hidden
     * @param latent tokens of the seen patches (N, p + V, D)
     */
    record Encoded(Masking masking, NDArray latent) {}

    Encoded encode(Batch batch, Pass pass) {
        int all = encoded.rows() * encoded.columns();
        Masking masking = Masking.of(pass, noise.draw(batch, pass, all), s.maskRatio());
        NDArray tokens = encoder.run(pass, batch.face(), null, embedded);
        NDArray seen = masking.visible(pass, tokens, embedded.prefix());
        return new Encoded(masking, encoder.run(pass, seen, embedded, encoded));
    }

    /** Pixels of each patch, in units of the target (N, L, P P 3). */
    NDArray predicted(Encoded on, Pass pass) {
        NDArray decoded = decoder.run(pass, decoder.place(pass, on.latent(), on.masking()));
        return pred.run(pass, decoded).get(new NDIndex(":, {}:", encoded.prefix()));
    }

    /** Mean squared error of the hidden patches, in units of the target; of no others. */
    NDArray loss(Batch batch, Pass pass) {
        Encoded on = encode(batch, pass);
        NDArray unseen = on.masking().unseen();
        NDArray tokens = decoder.place(pass, on.latent(), on.masking());
        // Pixels are large, and nobody needs them until the gradient.
        try (NDArray predicted = pred.run(pass, decoder.at(pass, tokens, unseen));
                NDArray patches = Patches.cut(batch.face(), patch);
                NDArray hidden = pass.pick(patches, unseen);
                NDArray target = pixels(hidden).target()) {
            return predicted.sub(target).square().mean();
        }
    }

    private Pixels pixels(NDArray patches) {
        return s.normalise() ? Pixels.normalised(patches) : Pixels.plain(patches);
    }

    @Override
    public Output predict(Batch batch, Pass pass) {
        Encoded on = encode(batch, pass);
        NDArray predicted = predicted(on, pass);
        NDArray hidden = on.masking().hidden().expandDims(2);
        NDArray seen = hidden.neg().add(1f);
        NDArray patches = Patches.cut(batch.face(), patch);
        Pixels pixels = pixels(patches);
        NDArray filled = pixels.target(visibleMean(patches, seen));
        NDArray reconstruction = patches.mul(seen).add(pixels.image(predicted).mul(hidden));
        NDArray errors =
                sampleMean(on.masking(), predicted.sub(pixels.target()))
                        .concat(sampleMean(on.masking(), filled.sub(pixels.target())), 1);
        return Output.none()
                .also("original", Output.Role.IMAGE, batch.face())
                .also("masked", Output.Role.IMAGE, join(patches.mul(seen)))
                .also("reconstruction", Output.Role.IMAGE, join(reconstruction))
                .also(
                        "masked-error",
                        Output.Role.WEIGHTS,
                        errors,
                        "reconstruction",
                        "visible mean");
    }

    /** Every patch filled with the mean colour of those seen (N, L, P P 3). */
    private NDArray visibleMean(NDArray patches, NDArray seen) {
        long n = patches.getShape().get(0);
        long l = patches.getShape().get(1);
        NDArray colours = patches.reshape(n, l, (long) patch * patch, 3).mean(new int[] {2});
        NDArray mean = // (N, 1, 3)
                colours.mul(seen)
                        .sum(new int[] {1}, true)
                        .div(seen.sum(new int[] {1}, true).maximum(1f));
        return patches.zerosLike()
                .reshape(n, l, (long) patch * patch, 3)
                .add(mean.expandDims(1))
                .reshape(patches.getShape());
    }

    /** Mean square over the hidden patches of each sample (N, 1). */
    private static NDArray sampleMean(Masking masking, NDArray difference) {
        int[] patches = {1};
        NDArray hidden = masking.hidden();
        NDArray each = difference.square().mean(new int[] {2});
        return each.mul(hidden).sum(patches, true).div(hidden.sum(patches, true).maximum(1f));
    }

    private NDArray join(NDArray patches) {
        return Patches.join(patches, patch, encoded.rows(), encoded.columns());
    }

    @Override
    public List<Phase> phases(Build build) {
        return List.of(
                Phase.of("train", (batch, pass) -> Loss.of("reconstruction", loss(batch, pass))));
    }
}
