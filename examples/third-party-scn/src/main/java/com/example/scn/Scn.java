// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package com.example.scn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
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
import org.mien.nn.Linear;

/** The network and its losses. N samples, P wide is the backbone's vector, K classes. */
final class Scn implements Model {
    private final ScnMethod.Settings s;
    private final Trunk backbone;
    private final Linear weigh;
    private final Linear classify;

    Scn(Build build, ScnMethod.Settings settings) {
        s = settings;
        backbone = build.trunk();
        int p = backbone.feature(Feature.Kind.VECTOR).channels();
        weigh = build.part("importance", new Linear(p, 1));
        classify = build.part("classifier", new Linear(p, build.classes()));
    }

    /**
     * What a forward gives.
     *
     * @param x the backbone's vector (N, P)
     * @param alpha importance (N, 1), 0 to 1
     * @param logits weighted by it (N, K)
     */
    private record Forward(NDArray x, NDArray alpha, NDArray logits) {}

    private Forward forward(Batch batch, Pass pass) {
        NDArray x = backbone.run(pass, batch.face(), Feature.Kind.VECTOR);
        NDArray alpha = pass.sigmoid(weigh.run(pass, x));
        return new Forward(x, alpha, classify.run(pass, x).mul(alpha));
    }

    @Override
    public Output predict(Batch batch, Pass pass) {
        Forward on = forward(batch, pass);
        return Output.logits(on.logits())
                .also("embedding", Output.Role.EMBEDDING, on.x())
                .also("importance", Output.Role.WEIGHTS, on.alpha(), "importance");
    }

    @Override
    public List<Phase> phases(Build build) {
        return List.of(Phase.of("train", this::loss));
    }

    private Loss loss(Batch batch, Pass pass) {
        Forward on = forward(batch, pass);
        Loss loss =
                Loss.of("cross-entropy", 1 - s.gamma(), () -> pass.crossEntropy(on.logits(), batch))
                        .scores(on.logits());
        int n = batch.size();
        if (n < 2) {
            return loss; // one sample has no rank
        }
        NDArray alpha = on.alpha().squeeze(1);
        int high = Math.max(1, Math.min(n - 1, (int) Math.round(s.beta() * n)));
        NDArray low = alpha.argSort(0).argSort(0).lt(n - high);
        loss.plus("rank", s.gamma(), () -> rank(pass, alpha, low, n - high, high));
        if (s.relabel() && pass.epoch() >= s.relabelFrom()) {
            relabel(batch, pass, on.logits(), low, loss);
        }
        return loss;
    }

    /** max(0, delta1 - (mean of the high group - mean of the low group)). */
    private NDArray rank(Pass pass, NDArray alpha, NDArray low, int lows, int highs) {
        NDArray isLow = pass.cast(low, DataType.FLOAT32);
        NDArray share = isLow.mul(1f / lows + 1f / highs).sub(1f / highs);
        return pass.relu(alpha.mul(share).sum().add((float) s.delta1()));
    }

    /** The most probable class, where a sample of the low group has a far less probable label. */
    private void relabel(Batch batch, Pass pass, NDArray logits, NDArray low, Loss loss) {
        NDArray p = logits.softmax(1);
        NDArray given = p.gather(batch.labels().expandDims(1), 1).squeeze(1);
        NDArray where = p.max(new int[] {1}).sub(given).gt((float) s.delta2()).logicalAnd(low);
        loss.measure("relabelled", pass.cast(where, DataType.FLOAT32).mean())
                .rule(() -> batch.relabel(where, logits.argMax(1)));
    }
}
