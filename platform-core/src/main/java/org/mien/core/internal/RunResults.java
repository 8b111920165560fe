// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.mien.api.Output;
import org.mien.api.data.Sample;
import org.mien.api.evaluate.Results;

/** What a run predicts over a split, computed when asked for and then kept. */
final class RunResults implements Results {
    private final String run;
    private final List<String> labels;
    private final List<Sample> samples;
    private final Loader loader;
    private final Predictor predictor;
    private final int batch;
    private final Map<Output.Role, Map<String, float[][]>> extras =
            new EnumMap<>(Output.Role.class);
    private float[][] probabilities;

    RunResults(
            String run,
            List<String> labels,
            List<Sample> samples,
            Loader loader,
            Predictor predictor,
            int batch) {
        this.run = run;
        this.labels = labels;
        this.samples = List.copyOf(samples);
        this.loader = loader;
        this.predictor = predictor;
        this.batch = batch;
    }

    @Override
    public String run() {
        return run;
    }

    @Override
    public List<String> labels() {
        return labels;
    }

    @Override
    public List<Sample> samples() {
        return samples;
    }

    @Override
    public float[][] probabilities() {
        if (probabilities == null) {
            List<float[]> rows = new ArrayList<>();
            loader.each(
                    samples,
                    Predictor.inOrder(samples.size()),
                    batch,
                    -1,
                    loaded -> rows.addAll(List.of(predictor.probabilities(loaded))));
            probabilities = rows.toArray(new float[0][]);
        }
        return probabilities;
    }

    @Override
    public Map<String, float[][]> extras(Output.Role role) {
        return extras.computeIfAbsent(role, this::compute);
    }

    @Override
    public List<String> columns(Output.Role role, String name) {
        return extras(role).containsKey(name) ? predictor.columns(name) : List.of();
    }

    private Map<String, float[][]> compute(Output.Role role) {
        Map<String, List<float[]>> rows = new LinkedHashMap<>();
        loader.each(
                samples,
                Predictor.inOrder(samples.size()),
                batch,
                -1,
                loaded -> {
                    predictor
                            .extras(loaded, role)
                            .forEach(
                                    (name, values) ->
                                            rows.computeIfAbsent(name, key -> new ArrayList<>())
                                                    .addAll(List.of(values)));
                    return true;
                });
        Map<String, float[][]> all = new LinkedHashMap<>();
        rows.forEach((name, list) -> all.put(name, list.toArray(new float[0][])));
        return all;
    }
}
