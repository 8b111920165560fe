// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.testkit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.mien.api.Batch;
import org.mien.api.Feature;
import org.mien.api.Key;
import org.mien.api.Output;
import org.mien.api.method.Build;
import org.mien.api.method.Loss;
import org.mien.api.method.Method;
import org.mien.api.method.Model;
import org.mien.api.method.Phase;
import org.mien.api.method.Plan;
import org.mien.api.net.Net;
import org.mien.api.net.Pass;
import org.mien.api.net.Trunk;
import org.mien.api.net.Var;
import org.mien.nn.Linear;

/**
 * A head that learns alone in the first epochs, then all together, towards what the network says of
 * each class on average after each epoch: the label distributions of Ada-DF (Liu et al., ICASSP
 * 2023).
 */
public final class StagedMethod implements Method<StagedMethod.Settings> {
    /**
     * Keys.
     *
     * @param alone epochs of the head alone
     * @param later epochs after them before the rest begins
     * @param sure least share of its own class in a distribution that counts
     */
    public record Settings(
            @Key(value = "2", min = 0, doc = "epochs of the head alone") int alone,
            @Key(value = "0", min = 0, doc = "epochs in which nothing trains") int later,
            @Key(value = "0.7", min = 0, max = 1, doc = "least own share") double sure) {}

    /** A distribution over the classes for each class. */
    private static final class Distributions extends Net {
        private final Var rows;

        Distributions(int classes) {
            rows = state("rows", 1.0 / classes, classes, classes);
        }

        @Override
        public NDArray run(Pass pass, NDArray x) {
            return x;
        }
    }

    @Override
    public Class<Settings> settings() {
        return Settings.class;
    }

    @Override
    public Plan plan(Settings settings) {
        return Plan.on(Feature.Kind.VECTOR).phase("head").phase("all");
    }

    @Override
    public Model build(Build build, Settings settings) {
        Trunk trunk = build.trunk();
        int classes = build.classes();
        int width = trunk.feature(Feature.Kind.VECTOR).channels();
        Linear head = build.part("head", new Linear(width, classes));
        return new Model() {
            @Override
            public Output predict(Batch batch, Pass pass) {
                return Output.logits(
                        head.run(pass, trunk.run(pass, batch.face(), Feature.Kind.VECTOR)));
            }

            @Override
            public List<Phase> phases(Build training) {
                Distributions known = training.part("known", new Distributions(classes));
                return List.of(
                        Phase.of(
                                        "head",
                                        (batch, pass) ->
                                                Loss.crossEntropy(
                                                        pass, predict(batch, pass).logits(), batch))
                                .moves(head)
                                .until(settings.alone()),
                        Phase.of("all", (batch, pass) -> loss(batch, pass, known))
                                .moves(trunk, head, known)
                                .from(settings.alone() + settings.later())
                                .afterEpoch(this::tally, (sums, pass) -> know(sums, pass, known)));
            }

            private Loss loss(Batch batch, Pass pass, Distributions known) {
                NDArray logits = predict(batch, pass).logits();
                NDArray rows = pass.read(known.rows);
                NDArray wanted = member(batch, rows.getDataType()).matMul(rows);
                return Loss.crossEntropy(pass, logits, batch)
                        .plus("known", 1, () -> logits.softmax(1).sub(wanted).square().mean());
            }

            private NDArray member(Batch batch, DataType type) {
                return batch.labels().oneHot(classes, type);
            }

            private Map<String, NDArray> tally(Batch batch, Pass pass) {
                NDArray said = predict(batch, pass).probabilities();
                NDArray member = member(batch, said.getDataType());
                Map<String, NDArray> sums = new LinkedHashMap<>();
                sums.put("said", member.transpose().matMul(said));
                sums.put("samples", member.sum(new int[] {0}));
                return sums;
            }

            private void know(Map<String, NDArray> sums, Pass pass, Distributions known) {
                NDArray samples = sums.get("samples").expandDims(1);
                NDArray mean = sums.get("said").div(samples.maximum(1f));
                NDArray own = pass.scope().eye(classes);
                NDArray share = mean.mul(own).sum(new int[] {1}, true);
                NDArray sure = pass.cast(share.gte((float) settings.sure()), DataType.FLOAT32);
                NDArray there = pass.cast(samples.gt(0f), DataType.FLOAT32);
                // A row that is not sure of its class is made so, in a form that sums to 1.
                float rest = (float) (0.4 / (classes - 1));
                NDArray made =
                        own.mul((float) settings.sure() - rest)
                                .add(rest)
                                .div((float) (settings.sure() + 0.4));
                NDArray row = mean.mul(sure).add(made.mul(sure.mul(-1f).add(1f)));
                NDArray before = pass.read(known.rows);
                pass.write(known.rows, before.add(row.sub(before).mul(there)));
            }
        };
    }
}
