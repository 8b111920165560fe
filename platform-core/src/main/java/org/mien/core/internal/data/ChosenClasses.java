// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.data;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.mien.api.data.Dataset;
import org.mien.api.data.FileNames;
import org.mien.api.data.Picture;
import org.mien.api.data.Sample;
import org.mien.api.data.Targets;
import org.mien.core.MienException;
import org.mien.core.internal.pipeline.PlatformKeys;
import org.mien.core.internal.plugin.Words;

/**
 * A dataset with some of its classes under other names ({@code data.map}), and only those that were
 * chosen ({@code data.classes}), in the order chosen. Samples of the others are none.
 */
final class ChosenClasses implements Dataset.Open {
    private final Dataset.Open dataset;
    private final Targets targets;
    // For each class of the dataset its new place; -1 where it was not chosen.
    private final int[] places;
    private final List<String> notes = new ArrayList<>();

    private ChosenClasses(Dataset.Open dataset, List<String> names, List<String> chosen) {
        this.dataset = dataset;
        targets = dataset.targets().withClasses(chosen);
        places = names.stream().mapToInt(chosen::indexOf).toArray();
        List<String> before = dataset.targets().classes();
        Map<String, List<String>> from = new LinkedHashMap<>();
        for (int i = 0; i < places.length; i++) {
            if (places[i] >= 0) {
                from.computeIfAbsent(names.get(i), key -> new ArrayList<>()).add(before.get(i));
            }
        }
        from.forEach(
                (name, those) -> {
                    if (!those.equals(List.of(name))) {
                        notes.add("class " + name + " is " + String.join(" and ", those));
                    }
                });
        List<String> left = new ArrayList<>();
        for (int i = 0; i < places.length; i++) {
            if (places[i] < 0) {
                left.add(before.get(i));
            }
        }
        if (!left.isEmpty()) {
            notes.add("classes left out by data.classes: " + String.join(", ", left));
        }
    }

    /** The dataset as the keys want it; itself where they want nothing. */
    static Dataset.Open of(Dataset.Open dataset, PlatformKeys.Data keys) {
        if (keys.classes().isEmpty() && keys.map().isEmpty()) {
            return dataset;
        }
        List<String> names = new ArrayList<>(dataset.targets().classes());
        Map<String, String> map = new HashMap<>();
        for (String pair : keys.map()) {
            int colon = pair.lastIndexOf(':');
            String name = known("data.map", pair.substring(0, colon), names);
            if (map.put(name, FileNames.composed(pair.substring(colon + 1).strip())) != null) {
                throw new MienException(
                        "data.map names class '" + name + "' twice; expected each class once");
            }
        }
        names.replaceAll(name -> map.getOrDefault(name, name));
        Set<String> all = new LinkedHashSet<>(names);
        List<String> chosen =
                keys.classes().isEmpty()
                        ? List.copyOf(all)
                        : keys.classes().stream()
                                .map(name -> known("data.classes", name, List.copyOf(all)))
                                .toList();
        return new ChosenClasses(dataset, names, chosen);
    }

    private static String known(String key, String typed, List<String> names) {
        String name = FileNames.composed(typed.strip());
        for (String one : names) {
            if (FileNames.composed(one).equals(name)) {
                return one;
            }
        }
        throw new MienException(
                key
                        + " names class '"
                        + name
                        + "'; expected "
                        + (names.isEmpty()
                                ? "none, since the dataset has no classes"
                                : "some of " + String.join(", ", names))
                        + "."
                        + Words.hint(name, names));
    }

    @Override
    public Targets targets() {
        return targets;
    }

    @Override
    public Stream<Sample> samples() throws IOException {
        return dataset.samples().filter(this::isChosen).map(this::changed);
    }

    private boolean isChosen(Sample sample) {
        int label = sample.label();
        return label < 0 || label >= places.length || places[label] >= 0;
    }

    private Sample changed(Sample sample) {
        int label = sample.label();
        return Sample.of(sample.id(), sample.where())
                .split(sample.split())
                .label(label < 0 || label >= places.length ? label : places[label])
                .votes(votes(sample.votes()))
                .multiLabel(sample.multiLabel())
                .values(sample.values())
                .subject(sample.subject())
                .attributes(sample.attributes())
                .build();
    }

    /**
     * Votes of classes that became one are added; those for classes that were left out are none.
     */
    private float[] votes(float[] before) {
        if (before == null || before.length != places.length) {
            return before;
        }
        float[] votes = new float[targets.classes().size()];
        float sum = 0;
        for (int i = 0; i < before.length; i++) {
            if (places[i] >= 0) {
                votes[places[i]] += before[i];
                sum += before[i];
            }
        }
        return sum > 0 ? votes : null;
    }

    @Override
    public Picture read(Sample sample) throws IOException {
        return dataset.read(sample);
    }

    @Override
    public Optional<Picture> atRest(Sample sample) throws IOException {
        return dataset.atRest(sample);
    }

    @Override
    public boolean publishable() {
        return dataset.publishable();
    }

    @Override
    public List<String> notes() {
        List<String> all = new ArrayList<>(dataset.notes());
        all.addAll(notes);
        return all;
    }

    @Override
    public void close() throws IOException {
        dataset.close();
    }
}
