// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.data;

import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.mien.api.data.Dataset;
import org.mien.api.data.Picture;
import org.mien.api.data.Sample;
import org.mien.api.data.Target;
import org.mien.api.data.Targets;
import org.mien.core.MienException;

/**
 * A dataset as a run knows it that learnt the same classes, labels or values in another order: its
 * samples are labelled with the run's places, found by name. It may lack some of the run's names;
 * it may have none that the run did not learn.
 */
final class AsLearnt implements Dataset.Open {
    private final Dataset.Open dataset;
    private final Targets targets;
    private final ClassNames classes;
    private final ClassNames labels;
    private final ClassNames values;
    private final Map<String, Sample> originals = new HashMap<>();

    private AsLearnt(Dataset.Open dataset, Targets learnt, Targets there) {
        this.dataset = dataset;
        classes = names(Target.CLASS, learnt, there);
        labels = names(Target.MULTI_LABEL, learnt, there);
        values = names(Target.VALUES, learnt, there);
        Targets as = there;
        if (classes != null) {
            as = as.withClasses(learnt.classes());
        }
        if (labels != null) {
            as = as.withMultiLabel(learnt.multiLabel());
        }
        if (values != null) {
            as = as.withValues(learnt.values().toArray(Targets.Value[]::new));
        }
        targets = as;
    }

    /** Null where either knows none of the kind. */
    private static ClassNames names(Target kind, Targets learnt, Targets there) {
        List<String> here = ClassNames.of(learnt, kind);
        List<String> theirs = ClassNames.of(there, kind);
        return here.isEmpty() || theirs.isEmpty() ? null : ClassNames.of(here, theirs);
    }

    /**
     * A dataset for a run.
     *
     * @param dataset opened
     * @param learnt what the run learnt
     * @param notes told what of that the dataset lacks
     * @return the dataset itself where nothing is in another order
     * @throws MienException when it is labelled with what the run did not learn
     */
    static Dataset.Open of(Dataset.Open dataset, Targets learnt, List<String> notes)
            throws IOException {
        Targets there = dataset.targets();
        boolean same = true;
        for (Target kind : List.of(Target.CLASS, Target.MULTI_LABEL, Target.VALUES)) {
            ClassNames names = names(kind, learnt, there);
            if (names == null) {
                continue;
            }
            if (!names.gone().isEmpty()) {
                throw new MienException(
                        "the dataset has the "
                                + ClassNames.word(kind)
                                + " "
                                + ClassNames.list(ClassNames.of(there, kind))
                                + ", the run was trained on "
                                + ClassNames.list(ClassNames.of(learnt, kind))
                                + ": it has not learnt "
                                + ClassNames.list(names.gone())
                                + ". Take a dataset of the same names, in any order, or a run that"
                                + " learnt them");
            }
            if (!names.added().isEmpty()) {
                notes.add(
                        "The dataset has no samples of "
                                + names.added().size()
                                + " of the "
                                + ClassNames.of(learnt, kind).size()
                                + " "
                                + ClassNames.word(kind)
                                + " that the run has learnt and may answer: "
                                + ClassNames.list(names.added())
                                + ".");
            }
            same &= names.areSame();
        }
        return same ? dataset : new AsLearnt(dataset, learnt, there);
    }

    @Override
    public Targets targets() {
        return targets;
    }

    @Override
    public Stream<Sample> samples() throws IOException {
        return dataset.samples().map(this::named);
    }

    private Sample named(Sample sample) {
        originals.put(sample.id(), sample);
        Sample.Builder named =
                Sample.of(sample.id(), sample.where())
                        .split(sample.split())
                        .label(sample.label())
                        .votes(sample.votes())
                        .multiLabel(sample.multiLabel())
                        .values(sample.values())
                        .subject(sample.subject())
                        .attributes(sample.attributes());
        if (classes != null) {
            if (sample.label() >= 0 && sample.label() < classes.to().length) {
                named.label(classes.to()[sample.label()]);
            }
            if (sample.votes() != null) {
                named.votes(gathered(classes, sample.votes(), 0));
            }
        }
        if (labels != null) {
            named.multiLabel(gathered(labels, sample.multiLabel(), Float.NaN));
        }
        if (values != null) {
            named.values(gathered(values, sample.values(), Float.NaN));
        }
        return named.build();
    }

    /** Numbers in the order of here; of one that is not there the other. */
    private static float[] gathered(ClassNames names, float[] there, float other) {
        if (there.length == 0) {
            return there;
        }
        float[] here = new float[names.size()];
        Arrays.fill(here, other);
        for (int i = 0; i < here.length; i++) {
            if (names.from(i) >= 0 && names.from(i) < there.length) {
                here[i] = there[names.from(i)];
            }
        }
        return here;
    }

    @Override
    public Picture read(Sample sample) throws IOException {
        return dataset.read(original(sample));
    }

    @Override
    public Optional<Picture> atRest(Sample sample) throws IOException {
        return dataset.atRest(original(sample));
    }

    private Sample original(Sample sample) {
        return originals.getOrDefault(sample.id(), sample);
    }

    @Override
    public boolean publishable() {
        return dataset.publishable();
    }

    @Override
    public List<String> notes() {
        return dataset.notes();
    }

    @Override
    public void close() throws IOException {
        dataset.close();
    }
}
