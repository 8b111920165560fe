// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.mien.core.WeightFiles;

/** {@code fer:weights-show}. */
@Service
@Command(
        scope = "fer",
        name = "weights-show",
        description = "Shows what is in a file of weights, and which backbones it is for")
public final class WeightsShow extends FerCommand {
    private static final int SHOWN = 12;

    @Reference WeightFiles weightFiles;

    @Argument(
            index = 0,
            name = "FILE",
            description =
                    "Files: .safetensors, .npz, .npy, what PyTorch saves, folders; FILE#PREFIX",
            required = true,
            multiValued = true)
    @Completion(ImageFiles.class)
    List<String> files;

    @Override
    void run() {
        for (String file : plain(files)) {
            WeightFiles.Contents info = weightFiles.read(screen.folder().resolve(file).normalize());
            if (json) {
                screen.line(Json.line(json(info)));
            } else {
                show(info);
            }
        }
    }

    private void show(WeightFiles.Contents info) {
        facts(
                "file", info.file().toString(),
                "format", info.format(),
                "wrapper", info.wrapper(),
                "bytes", Text.count(info.bytes()),
                "sha256", info.sha256(),
                "networks", info.networks().size() < 2 ? "" : networks(info.networks()),
                "passed over", String.join(", ", info.passed()),
                "tensors", Text.count(info.tensors().size()),
                "elements", Text.count(info.tensors().stream().mapToLong(WeightsShow::size).sum()));
        if (!info.metadata().isEmpty()) {
            screen.line("");
            Table metadata = new Table().text("it says of itself", "");
            info.metadata().forEach(metadata::row);
            screen.lines(metadata.lines());
        }
        screen.line("");
        if (info.fits().isEmpty()) {
            screen.line("No installed backbone finds its arrays in it.");
        } else {
            Table fits =
                    new Table().text("backbone").numbers("arrays", "of").text("names begin with");
            fits.text("otherwise");
            for (WeightFiles.Fit fit : info.fits()) {
                fits.row(
                        fit.backbone(),
                        Integer.toString(fit.fitting()),
                        Integer.toString(fit.arrays()),
                        fit.prefix(),
                        fit.otherwise());
            }
            screen.lines(fits.lines());
            for (WeightFiles.Fit fit : info.fits()) {
                fit.notes().forEach(note -> screen.line(fit.backbone() + ": " + note));
            }
        }
        screen.line("");
        Table tensors = new Table().text("tensor", "type", "shape").numbers("elements");
        for (WeightFiles.TensorInfo tensor : info.tensors()) {
            tensors.row(
                    tensor.name(),
                    tensor.type(),
                    tensor.shape().toString(),
                    Text.count(size(tensor)));
        }
        screen.lines(tensors.lines());
    }

    private static String networks(List<WeightFiles.NetworkInfo> networks) {
        return networks.stream()
                .limit(SHOWN)
                .map(one -> (one.path().isEmpty() ? "(top)" : one.path()) + " " + one.tensors())
                .collect(Collectors.joining(", ", "", networks.size() > SHOWN ? ", .." : ""));
    }

    private static long size(WeightFiles.TensorInfo tensor) {
        return tensor.shape().stream().reduce(1L, (a, b) -> a * b);
    }

    private static JsonObject json(WeightFiles.Contents info) {
        List<Object> fits = new ArrayList<>();
        for (WeightFiles.Fit fit : info.fits()) {
            fits.add(
                    Json.object(
                            "backbone", fit.backbone(),
                            "fitting", fit.fitting(),
                            "arrays", fit.arrays(),
                            "prefix", fit.prefix(),
                            "otherwise", fit.otherwise(),
                            "notes", fit.notes()));
        }
        List<Object> networks = new ArrayList<>();
        for (WeightFiles.NetworkInfo network : info.networks()) {
            networks.add(Json.object("path", network.path(), "tensors", network.tensors()));
        }
        List<Object> tensors = new ArrayList<>();
        for (WeightFiles.TensorInfo tensor : info.tensors()) {
            tensors.add(
                    Json.object(
                            "name", tensor.name(), "type", tensor.type(), "shape", tensor.shape()));
        }
        return Json.object(
                "file", info.file().toString(),
                "format", info.format(),
                "wrapper", info.wrapper(),
                "bytes", info.bytes(),
                "sha256", info.sha256(),
                "metadata", info.metadata(),
                "networks", networks,
                "passed", info.passed(),
                "fits", fits,
                "tensors", tensors);
    }
}
