// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import com.google.gson.JsonObject;
import java.util.List;
import java.util.function.ToLongFunction;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.mien.core.Plugins;
import org.mien.core.Plugins.BackboneStage;

/** {@code fer:backbone-info}. */
@Service
@Command(
        scope = "fer",
        name = "backbone-info",
        description = "Shows the stages of a backbone, its parameters, and what it costs to run")
public final class BackboneInfo extends FerCommand {
    @Reference Plugins plugins;

    @Argument(index = 0, name = "ID", description = "Id of a backbone", required = true)
    @Completion(BackboneIds.class)
    String backbone;

    @Argument(
            index = 1,
            name = "key=value",
            description = "Keys of the backbone, for example size=112",
            multiValued = true)
    @Completion(BackboneKeys.class)
    List<String> rest;

    @Override
    void run() {
        Plugins.BackboneInfo info =
                plugins.backbone(backbone, TypedKeys.of(plain(rest), plugins, screen.folder()));
        if (json) {
            screen.line(Json.line(json(info)));
            return;
        }
        long fixed = sum(info, BackboneStage::fixed);
        long forward = sum(info, BackboneStage::forwardBytes);
        long training = sum(info, BackboneStage::trainingBytes);
        facts(
                "backbone", info.backbone(),
                "input", info.input(),
                "mean", info.mean().toString(),
                "deviation", info.deviation().toString(),
                "parameters", Text.count(sum(info, BackboneStage::parameters)),
                "fixed", fixed == 0 ? "" : Text.count(fixed) + ", not counted as parameters",
                "multiply-adds", Text.count(sum(info, BackboneStage::multiplyAdds)) + " an image",
                "forward", memory(info.forwardBytes(), forward),
                "training step", memory(info.trainingBytes(), training));
        screen.line("");
        Table stages = new Table().text("stage", "gives").numbers("parameters", "fixed");
        stages.numbers("multiply-adds", "forward KiB", "training KiB");
        for (BackboneStage stage : info.stages()) {
            stages.row(
                    stage.name(),
                    stage.gives(),
                    Text.count(stage.parameters()),
                    stage.fixed() == 0 ? "" : Text.count(stage.fixed()),
                    Text.count(stage.multiplyAdds()),
                    Text.count(kib(stage.forwardBytes())),
                    Text.count(kib(stage.trainingBytes())));
        }
        screen.lines(stages.lines());
        screen.line("");
        screen.lines(keys(info.keys()));
    }

    private static String memory(long weights, long image) {
        return Text.tenths((weights + image) / 1048576.0)
                + " MiB with one image: "
                + Text.tenths(weights / 1048576.0)
                + " and "
                + Text.tenths(image / 1048576.0)
                + " an image";
    }

    private static long kib(long bytes) {
        return (bytes + 1023) / 1024;
    }

    private static long sum(Plugins.BackboneInfo info, ToLongFunction<BackboneStage> what) {
        return info.stages().stream().mapToLong(what).sum();
    }

    private static JsonObject json(Plugins.BackboneInfo info) {
        return Json.object(
                "backbone",
                info.backbone(),
                "input",
                info.input(),
                "mean",
                info.mean(),
                "deviation",
                info.deviation(),
                "parameters",
                sum(info, BackboneStage::parameters),
                "fixed",
                sum(info, BackboneStage::fixed),
                "multiplyAdds",
                sum(info, BackboneStage::multiplyAdds),
                "weightBytes",
                info.weightBytes(),
                "forward",
                Json.object(
                        "weights", info.forwardBytes(),
                        "image", sum(info, BackboneStage::forwardBytes)),
                "training",
                Json.object(
                        "weights", info.trainingBytes(),
                        "image", sum(info, BackboneStage::trainingBytes)),
                "stages",
                info.stages().stream()
                        .map(
                                stage ->
                                        Json.object(
                                                "name", stage.name(),
                                                "gives", stage.gives(),
                                                "parameters", stage.parameters(),
                                                "fixed", stage.fixed(),
                                                "multiplyAdds", stage.multiplyAdds(),
                                                "forwardBytes", stage.forwardBytes(),
                                                "trainingBytes", stage.trainingBytes()))
                        .toList(),
                "keys",
                Json.keys(info.keys()));
    }
}
