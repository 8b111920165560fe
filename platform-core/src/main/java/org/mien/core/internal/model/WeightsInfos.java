// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.model;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.mien.api.method.Backbone;
import org.mien.api.net.Trunk;
import org.mien.api.net.Var;
import org.mien.core.MienException;
import org.mien.core.WeightFiles;
import org.mien.core.internal.plugin.Border;
import org.mien.core.internal.plugin.Keys;
import org.mien.core.internal.plugin.Kind;
import org.mien.core.internal.plugin.Registry;
import org.mien.core.internal.plugin.Registry.Entry;
import org.mien.weights.BadWeights;
import org.mien.weights.Match;
import org.mien.weights.Place;
import org.mien.weights.Tensor;
import org.mien.weights.WeightsFile;

/** What is in a file of weights, and which installed backbones it is for. */
public final class WeightsInfos {
    private WeightsInfos() {}

    public static WeightFiles.Contents of(Registry registry, Path path) {
        try (WeightsFile file = WeightsFile.open(Place.of(path.toString()))) {
            List<WeightFiles.TensorInfo> tensors = new ArrayList<>();
            for (Map.Entry<String, Tensor> entry : file.tensors().entrySet()) {
                Tensor tensor = entry.getValue();
                List<Long> shape = Arrays.stream(tensor.shape()).boxed().toList();
                tensors.add(new WeightFiles.TensorInfo(tensor.name(), tensor.type().word(), shape));
            }
            List<WeightFiles.Fit> fits = new ArrayList<>();
            for (String id : registry.ids(Kind.BACKBONE)) {
                WeightFiles.Fit fit = fit(registry.get(Kind.BACKBONE, id), file);
                if (fit.fitting() > 0 || !fit.otherwise().isEmpty()) {
                    fits.add(fit);
                }
            }
            fits.sort(
                    Comparator.comparingDouble(
                                    (WeightFiles.Fit fit) -> (double) fit.fitting() / fit.arrays())
                            .reversed()
                            .thenComparing(WeightFiles.Fit::backbone));
            return new WeightFiles.Contents(
                    file.file(),
                    file.format(),
                    file.wrapper(),
                    file.sha256(),
                    file.size(),
                    new LinkedHashMap<>(file.metadata()),
                    tensors,
                    file.networks().stream()
                            .map(
                                    network ->
                                            new WeightFiles.NetworkInfo(
                                                    network.path(), network.tensors().size()))
                            .toList(),
                    file.passed(),
                    fits);
        } catch (BadWeights e) {
            throw new MienException(e.getMessage());
        }
    }

    private static WeightFiles.Fit fit(Entry entry, WeightsFile file) {
        Map<String, Var> vars = new LinkedHashMap<>();
        Map<String, String> published = new LinkedHashMap<>();
        Map<String, String> own = new LinkedHashMap<>();
        Record keys =
                Keys.bind(entry.who(), Registry.prefix(entry), Registry.settings(entry), Map.of());
        Border.act(
                entry,
                () -> {
                    Backbone<Record> backbone = entry.backbone();
                    Trunk trunk = backbone.trunk(keys, backbone.input(keys));
                    trunk.each(
                            "",
                            (path, var) -> {
                                if (var.init() != Var.Init.FIXED) {
                                    vars.put(path, var);
                                    published.put(path, backbone.published(path));
                                    own.put(path, path);
                                }
                            });
                });
        Map<String, long[]> shapes = new LinkedHashMap<>();
        vars.forEach((path, var) -> shapes.put(path, var.shape()));
        Match match = Match.of(file, List.of(published, own), shapes);
        int fitting = 0;
        String otherwise = "";
        for (Map.Entry<String, String> found : match.found().entrySet()) {
            long[] shape = vars.get(found.getKey()).shape();
            Tensor tensor = match.network().tensors().get(found.getValue());
            if (Arrays.equals(shape, tensor.shape())) {
                fitting++;
            } else if (otherwise.isEmpty()) {
                otherwise = tensor + ", here " + Arrays.toString(shape);
            }
        }
        boolean isUsual = match.network().path().equals(file.wrapper());
        String around = isUsual ? "" : match.network().path() + ": ";
        List<String> notes = new ArrayList<>(match.notes(file.place()));
        if (!match.certain()) {
            notes.add("which is meant is not known: a training asks for one of them");
        }
        return new WeightFiles.Fit(
                entry.id(), fitting, vars.size(), around + match.prefix(), otherwise, notes);
    }
}
