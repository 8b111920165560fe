// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.linear;

import ai.djl.ndarray.NDArray;
import java.util.List;
import org.mien.api.Batch;
import org.mien.api.Feature;
import org.mien.api.Output;
import org.mien.api.data.Target;
import org.mien.api.data.Targets;
import org.mien.api.method.Build;
import org.mien.api.method.Loss;
import org.mien.api.method.Model;
import org.mien.api.method.Phase;
import org.mien.api.net.Pass;
import org.mien.api.net.Trunk;
import org.mien.nn.Linear;

/** A linear layer for each kind of target. */
final class Linears implements Model {
    private final Settings settings;
    private final Trunk backbone;
    private final Linear head;
    private final Linear multiLabel;
    private final Linear values;

    Linears(Build build, Settings settings) {
        this.settings = settings;
        Targets targets = build.targets();
        backbone = build.trunk();
        int width = backbone.feature(Feature.Kind.VECTOR).channels();
        head = layer(build, "head", width, targets.classes().size());
        multiLabel = layer(build, "multi-label", width, targets.multiLabel().size());
        values = layer(build, "values", width, targets.values().size());
    }

    private static Linear layer(Build build, String name, int width, int answers) {
        return answers == 0 ? null : build.part(name, new Linear(width, answers));
    }

    @Override
    public Output predict(Batch batch, Pass pass) {
        NDArray x = backbone.run(pass, batch.view(settings.view()), Feature.Kind.VECTOR);
        NDArray read = pass.dropout(x, settings.dropout());
        Output output = head == null ? Output.none() : Output.logits(head.run(pass, read));
        if (multiLabel != null) {
            output.withMultiLabel(multiLabel.run(pass, read));
        }
        if (values != null) {
            output.withValues(values.run(pass, read));
        }
        return output.also("embedding", Output.Role.EMBEDDING, x);
    }

    @Override
    public List<Phase> phases(Build build) {
        return List.of(Phase.of("train", this::loss));
    }

    private Loss loss(Batch batch, Pass pass) {
        Output output = predict(batch, pass);
        Loss loss = Loss.none();
        if (head != null) {
            loss.plus("cross-entropy", 1, () -> pass.crossEntropy(output.logits(), batch))
                    .scores(output.logits());
        }
        if (multiLabel != null) {
            loss.plus(
                    "binary-cross-entropy",
                    settings.multiLabelWeight(),
                    () ->
                            pass.binaryCrossEntropy(
                                    output.multiLabel(),
                                    batch.multiLabel(),
                                    batch.known(Target.MULTI_LABEL)));
        }
        if (values != null) {
            boolean ccc = settings.valuesLoss() == Settings.ValuesLoss.CCC;
            loss.plus(
                    ccc ? "1-ccc" : "smooth-l1",
                    settings.valuesWeight(),
                    () -> ccc ? apart(output, batch, pass) : away(output, batch, pass));
        }
        return loss;
    }

    private static NDArray apart(Output output, Batch batch, Pass pass) {
        NDArray ccc = pass.concordance(output.values(), batch.values(), batch.known(Target.VALUES));
        return ccc.mean().neg().add(1);
    }

    private static NDArray away(Output output, Batch batch, Pass pass) {
        return pass.smoothL1(output.values(), batch.values(), batch.known(Target.VALUES));
    }
}
