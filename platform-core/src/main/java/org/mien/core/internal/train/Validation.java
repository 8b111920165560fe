// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.train;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import org.mien.api.data.Sample;
import org.mien.api.data.Sample.Split;
import org.mien.api.data.Target;
import org.mien.api.evaluate.Answer;
import org.mien.api.method.Phase;
import org.mien.core.internal.data.Loader;
import org.mien.core.internal.data.Splits;
import org.mien.core.internal.evaluate.Evaluating;
import org.mien.core.internal.model.Answering;
import org.mien.core.internal.model.Predictor;
import org.mien.core.internal.pipeline.BoundPipeline;
import org.mien.core.internal.pipeline.Built;
import org.mien.core.internal.pipeline.Selection;

/** Says how good a network is on the validation split, by what epochs are chosen by. */
final class Validation {
    private final BoundPipeline bound;
    private final Splits splits;
    private final List<Sample> samples;
    private final Answering network;
    private final Loader loader;
    private final List<Phase> phases;
    private final Set<String> shares = ConcurrentHashMap.newKeySet();

    /**
     * Of a run.
     *
     * @param id of the run
     * @param predictor the network with the weights that are chosen from
     * @param phases whose loss it may be chosen by
     */
    Validation(
            BoundPipeline bound,
            Splits splits,
            String id,
            Built built,
            Predictor predictor,
            Loader loader,
            List<Phase> phases) {
        this.bound = bound;
        this.splits = splits;
        this.loader = loader;
        this.phases = phases;
        samples = splits.of(Split.VALIDATION);
        network = new UnderWay(id, bound, built, predictor);
    }

    /** A network that is being trained. */
    private record UnderWay(String id, BoundPipeline bound, Built built, Predictor predictor)
            implements Answering {
        @Override
        public void close() {
            // All it has belongs to the training.
        }
    }

    /**
     * Lets an evaluator judge the untrained network, so that a metric that it does not give is said
     * before anything is trained.
     *
     * @param stop asked at each batch; true ends it
     */
    void rehearse(BooleanSupplier stop) {
        if (bound.selection().judge() != null) {
            value(new LinkedHashMap<>(), stop);
        }
    }

    /**
     * What the epoch is chosen by.
     *
     * @param into told it, and the accuracy of a method that names classes, by their names in the
     *     metrics
     * @param stop asked at each batch; after true what is given is of no use
     * @return NaN without a validation split
     */
    double value(Map<String, Double> into, BooleanSupplier stop) {
        if (samples.isEmpty()) {
            return Double.NaN;
        }
        boolean[] stopped = {false};
        BooleanSupplier asked = () -> stopped[0] = stop.getAsBoolean();
        Selection selection = bound.selection();
        List<Answer> answers = List.of();
        if (!bound.plan().learned().isEmpty()) {
            answers = network.predictor().answers(loader, samples, asked);
        }
        if (bound.plan().learned().contains(Target.CLASS)) {
            into.put("validation.accuracy", classes(answers).accuracy());
            shares.add("validation.accuracy");
        }
        double value = Double.NaN;
        if (!stopped[0]) {
            value = selection.metric() == null ? judged(selection, asked) : known(answers, asked);
        }
        network.predictor().rest();
        into.put("validation." + selection.name(), value);
        return value;
    }

    /** Names of what {@link #value} has given that is a share. */
    Set<String> shares() {
        return shares;
    }

    private ClassScores classes(List<Answer> answers) {
        ClassScores scores = new ClassScores(splits.targets().classes().size());
        for (Answer answer : answers) {
            if (answer.sample().label() >= 0) {
                scores.add(answer.sample().label(), Predictor.likeliest(answer.probabilities()));
            }
        }
        return scores;
    }

    private double known(List<Answer> answers, BooleanSupplier stop) {
        if (bound.selection().metric().isShare()) {
            shares.add("validation." + bound.selection().name());
        }
        return switch (bound.selection().metric()) {
            case ACCURACY -> classes(answers).accuracy();
            case MEAN_CLASS_ACCURACY -> classes(answers).meanClassAccuracy();
            case MACRO_F1 -> classes(answers).macroF1();
            case CCC -> Concordance.mean(answers, splits.targets().values().size());
            case LOSS -> network.predictor().loss(loader, samples, phases, stop);
        };
    }

    private double judged(Selection selection, BooleanSupplier stop) {
        Evaluating.Measured found =
                Evaluating.metric(
                        network, splits, samples, loader, selection.judge(), selection.of(), stop);
        if (found.share()) {
            shares.add("validation." + selection.name());
        }
        return found.value();
    }
}
