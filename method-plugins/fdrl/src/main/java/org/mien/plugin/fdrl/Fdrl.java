// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.fdrl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.mien.api.Batch;
import org.mien.api.Feature;
import org.mien.api.Output;
import org.mien.api.method.Build;
import org.mien.api.method.Loss;
import org.mien.api.method.Model;
import org.mien.api.method.Phase;
import org.mien.api.net.Pass;
import org.mien.api.net.Trunk;
import org.mien.nn.Centres;
import org.mien.nn.Linear;
import org.mien.plugin.fdrl.Settings.IntraWeight;

/**
 * The network of Fig. 2 and its losses. N samples, P wide is the backbone's vector, M latents of
 * width D, K classes. A module that is switched off is null and leaves no weights.
 */
final class Fdrl implements Model {
    private final Settings s;
    private final Trunk backbone;
    private final Linear decompose;
    private final PerLatent weigh;
    private final PerLatent message;
    private final Linear classify;

    Fdrl(Build build, Settings settings) {
        s = settings;
        backbone = build.trunk();
        int p = backbone.feature(Feature.Kind.VECTOR).channels();
        int m = s.latents();
        int d = s.width();
        decompose = s.fdn() ? build.part("fdn", new Linear(p, m * d)) : null;
        weigh = s.intra() ? build.part("intra", new PerLatent(m, d)) : null;
        message = s.inter() ? build.part("inter", new PerLatent(m, d)) : null;
        classify = build.part("classifier", new Linear(s.fdn() ? d : p, build.classes()));
    }

    /**
     * What a forward gives.
     *
     * @param l latent features (N, M, D); null without FDN
     * @param w Intra-W (N, M); null without Intra-RM
     * @param omega Inter-W (N, M, M); null without Inter-RM
     * @param y expression feature (N, D); the backbone's (N, P) without FDN
     * @param logits (N, K)
     */
    private record Forward(NDArray l, NDArray w, NDArray omega, NDArray y, NDArray logits) {}

    private Forward forward(Batch batch, Pass pass) {
        NDArray x = backbone.run(pass, batch.face(), Feature.Kind.VECTOR);
        if (decompose == null) {
            return new Forward(null, null, null, x, classify.run(pass, x));
        }
        NDArray l = // eq. 1
                pass.relu(decompose.run(pass, x)).reshape(-1, s.latents(), s.width());
        NDArray w = null;
        NDArray f = l;
        if (weigh != null) {
            NDArray alpha = pass.sigmoid(weigh.run(pass, l)); // eq. 3
            w = alpha.sum(new int[] {2}); // eq. 4
            if (s.intraWeight() == IntraWeight.MEAN) {
                w = w.div((float) s.width());
            }
            f = l.mul(w.expandDims(2)); // eq. 7
        }
        NDArray omega = null;
        NDArray yj = f;
        if (message != null) {
            NDArray g = pass.relu(message.run(pass, f)); // eq. 8
            omega = pass.distances(g, g).tanh(); // eq. 9; a message is at distance 0 from itself
            NDArray inter = omega.matMul(g); // eq. 10
            yj = f.mul((float) s.delta()).add(inter.mul((float) (1 - s.delta()))); // eq. 11
        }
        NDArray y = yj.sum(new int[] {1}); // eq. 12
        return new Forward(l, w, omega, y, classify.run(pass, y));
    }

    @Override
    public Output predict(Batch batch, Pass pass) {
        Forward on = forward(batch, pass);
        Output output =
                Output.logits(on.logits())
                        .also("embedding", Output.Role.EMBEDDING, on.y()); // Fig. 5
        if (on.w() != null) { // Figs. 3 and 6
            String[] names =
                    IntStream.rangeClosed(1, s.latents())
                            .mapToObj(j -> "latent " + j)
                            .toArray(String[]::new);
            output.also("intra-w", Output.Role.WEIGHTS, on.w(), names);
        }
        if (on.omega() != null && s.latents() > 1) {
            pairs(output, on.omega(), pass);
        }
        return output;
    }

    /** Adds what stands above the diagonal of omega, which is symmetric: (N, M (M - 1) / 2). */
    private void pairs(Output output, NDArray omega, Pass pass) {
        int m = s.latents();
        List<String> names = new ArrayList<>();
        long[] places = new long[m * (m - 1) / 2];
        for (int j = 0; j < m; j++) {
            for (int k = j + 1; k < m; k++) {
                places[names.size()] = (long) j * m + k;
                names.add("latents " + (j + 1) + " and " + (k + 1));
            }
        }
        NDManager scope = pass.scope();
        long n = omega.getShape().get(0);
        NDArray index = scope.create(places).expandDims(0).repeat(0, n);
        NDArray weights = pass.pick(omega.reshape(n, (long) m * m, 1), index).squeeze(2);
        output.also("inter-w", Output.Role.WEIGHTS, weights, names.toArray(String[]::new));
    }

    @Override
    public List<Phase> phases(Build build) {
        Centres latents = // c_j of eq. 2
                s.fdn() && s.lambda1() != 0
                        ? build.part(
                                "latent-centres",
                                new Centres(s.latents(), s.width(), s.centreRate()))
                        : null;
        Centres classes = // w_k of eq. 5
                s.intra() && s.lambda3() != 0
                        ? build.part(
                                "class-centres",
                                new Centres(build.classes(), s.latents(), s.centreRate()))
                        : null;
        return List.of(Phase.of("train", (batch, pass) -> loss(batch, pass, latents, classes)));
    }

    private Loss loss(Batch batch, Pass pass, Centres latents, Centres classes) { // eq. 13
        Forward on = forward(batch, pass);
        Loss loss = Loss.crossEntropy(pass, on.logits(), batch);
        if (s.fdn()) {
            NDArray l = on.l().reshape(-1, s.width());
            NDArray j = pass.scope().arange(0, s.latents(), 1, DataType.INT64).tile(batch.size());
            loss.plus( // eq. 2; the sum over latents is M times the mean over them
                    "compactness",
                    s.lambda1(),
                    () -> latents.spread(pass, l, j).mul((float) s.latents()),
                    () -> latents.follow(pass, l, j));
        }
        if (s.intra()) {
            NDArray k = batch.labels();
            loss.plus("balance", s.lambda2(), () -> balance(on.w()))
                    .plus( // eq. 5
                            "distribution",
                            s.lambda3(),
                            () -> classes.spread(pass, on.w(), k),
                            () -> classes.follow(pass, on.w(), k));
        }
        if (on.omega() != null && s.latents() > 1) {
            loss.measure("saturated-omega", saturated(on.omega(), pass));
        }
        return loss;
    }

    /** Share of the omega of two latents that is 1 in float, where tanh has no gradient left. */
    private NDArray saturated(NDArray omega, Pass pass) {
        // Those on the diagonal are 0.
        float ofPairs = s.latents() / (s.latents() - 1f);
        return pass.cast(omega.gte(1f), DataType.FLOAT32).mean().mul(ofPairs);
    }

    private NDArray balance(NDArray w) { // eq. 6
        return w.mean(new int[] {0}).sub(1f / s.latents()).abs().sum();
    }
}
