// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.train;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.mien.api.data.Sample;
import org.mien.api.data.Sample.Split;
import org.mien.api.data.Target;
import org.mien.api.method.Phase;
import org.mien.core.Value;
import org.mien.core.internal.data.Splits;
import org.mien.core.internal.pipeline.BoundPipeline;
import org.mien.core.internal.pipeline.IdleKeys;
import org.mien.core.internal.pipeline.PlatformKeys;
import org.mien.core.internal.pipeline.PlatformKeys.Schedule;

/**
 * What cannot take effect in a run that is about to begin: keys that nothing reads or that lie
 * beyond its end, steps that never act, classes without samples. Nobody sees that in a number.
 */
final class WithoutEffect {
    /** Classes that are named. */
    private static final int SHOWN = 10;

    private final BoundPipeline bound;
    private final int epochs;
    private final Set<String> said = new LinkedHashSet<>();

    private WithoutEffect(BoundPipeline bound) {
        this.bound = bound;
        epochs = bound.loop().epochs();
    }

    /**
     * Looks for it.
     *
     * @param perEpoch steps of an epoch
     * @param updates the phases
     * @param draws whether the method draws while it trains
     * @return a sentence for each thing, without a full stop
     */
    static List<String> in(
            BoundPipeline bound,
            Splits splits,
            long perEpoch,
            Collection<PhaseUpdate> updates,
            boolean draws) {
        WithoutEffect found = new WithoutEffect(bound);
        found.classes(splits);
        found.loop(perEpoch, updates);
        updates.forEach(found::phase);
        found.parts(updates);
        found.data(splits);
        found.said.addAll(IdleKeys.idleSteps(bound));
        if (!draws) {
            for (String key : List.of("report.gallery", "report.gallery-every")) {
                found.unread(key, bound.method().who() + " draws nothing while it trains");
            }
        }
        return List.copyOf(found.said);
    }

    private void classes(Splits splits) {
        if (!bound.plan().learned().contains(Target.CLASS)) {
            return;
        }
        List<String> names = splits.targets().classes();
        for (Split split : List.of(Split.TRAIN, Split.VALIDATION)) {
            long[] counts = new long[names.size()];
            List<Sample> samples = splits.of(split);
            for (Sample sample : samples) {
                if (sample.label() >= 0) {
                    counts[sample.label()]++;
                }
            }
            List<String> none = new ArrayList<>();
            for (int k = 0; k < counts.length; k++) {
                if (counts[k] == 0) {
                    none.add("'" + names.get(k) + "'");
                }
            }
            if (!none.isEmpty() && !samples.isEmpty()) {
                String listed = String.join(", ", none.subList(0, Math.min(SHOWN, none.size())));
                listed += none.size() > SHOWN ? " and " + (none.size() - SHOWN) + " more" : "";
                said.add(
                        split == Split.TRAIN
                                ? "no training sample of " + listed + ": it cannot be learnt"
                                : "no validation sample of "
                                        + listed
                                        + ": epochs are chosen without it");
            }
        }
    }

    private void loop(long perEpoch, Collection<PhaseUpdate> updates) {
        PlatformKeys.Loop loop = bound.loop();
        if (loop.accumulate() > perEpoch) {
            said.add(
                    "train.accumulate = "
                            + loop.accumulate()
                            + ", and an epoch has "
                            + perEpoch
                            + " steps: weights move once an epoch, at its end");
        }
        if (loop.patience() > 0 && loop.patience() > epochs - 2) {
            said.add(
                    "train.patience = "
                            + loop.patience()
                            + " can never end a run of "
                            + epochs
                            + " epochs early; the largest that can is "
                            + Math.max(0, epochs - 2));
        }
        boolean plateau = updates.stream().anyMatch(PhaseUpdate::watches);
        if (!plateau) {
            unread("train.plateau", "no schedule is plateau");
        } else if (loop.plateau() > epochs - 2) {
            said.add(
                    "train.plateau = "
                            + loop.plateau()
                            + " can never lower a rate in a run of "
                            + epochs
                            + " epochs");
        }
        if (!bound.plan().learned().contains(Target.CLASS)) {
            unread("train.smoothing", bound.method().who() + " learns no classes");
            unread("train.class-weights", bound.method().who() + " learns no classes");
        }
    }

    private void data(Splits splits) {
        if (splits.hasOwnValidation()) {
            unread("data.validation", "the dataset has a validation split of its own");
        }
        if (bound.data().sampler() != PlatformKeys.Sampling.REPEAT_SQRT) {
            unread("data.repeat-below", "data.sampler is not repeat-sqrt");
        }
    }

    /** A key that a user gave, and nothing reads. */
    private void unread(String key, String why) {
        Value value = bound.values().get(key);
        if (value != null && given(value)) {
            said.add(key + " = " + value.value() + " does nothing: " + why);
        }
    }

    private static boolean given(Value value) {
        return !value.origin().startsWith("default") && !value.origin().startsWith("method '");
    }

    private void phase(PhaseUpdate update) {
        Phase phase = update.phase();
        int of = Math.min(phase.until(), epochs) - phase.from();
        if (of <= 0) {
            said.add("phase '" + phase.name() + "' begins after the last epoch");
            return;
        }
        update.rates().forEach((part, rates) -> rates(phase, part, rates, of));
        boolean moves =
                update.rates().values().stream()
                        .anyMatch(one -> one.lr() > 0 || one.schedule() == Schedule.TABLE);
        if (!moves) {
            said.add(
                    key(phase, "", "lr") + " = 0: no weight of phase '" + phase.name() + "' moves");
        }
        PlatformKeys.Rule rule = bound.rule(phase.name());
        boolean sgd = rule.optimizer() == PlatformKeys.Optimizer.SGD;
        for (String name :
                sgd ? List.of("beta1", "beta2", "eps") : List.of("momentum", "nesterov")) {
            unread(key(phase, "", name), "the optimizer is " + word(rule.optimizer()));
        }
    }

    private static String word(Enum<?> one) {
        return one.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private void rates(Phase phase, String part, PlatformKeys.Rates rates, int of) {
        Schedule schedule = rates.schedule();
        if (rates.warmup() >= of) {
            said.add(
                    key(phase, part, "warmup")
                            + " = "
                            + rates.warmup()
                            + ", and there are "
                            + of
                            + " epochs: the rate never reaches "
                            + key(phase, part, "lr"));
        }
        if (schedule == Schedule.MULTI_STEP) {
            beyond(key(phase, part, "milestones"), rates.milestones(), of);
            if (rates.milestones().isEmpty()) {
                said.add(
                        key(phase, part, "schedule")
                                + " = multi-step has no milestones: the rate stays");
            }
        }
        if (schedule == Schedule.TABLE) {
            List<String> from =
                    rates.table().stream().map(row -> row.replaceFirst("\\s*:.*", "")).toList();
            beyond(key(phase, part, "table"), from, of);
        }
        String other = "the schedule is " + word(schedule);
        if (schedule != Schedule.MULTI_STEP) {
            unread(key(phase, part, "milestones"), other);
        }
        if (schedule != Schedule.TABLE) {
            unread(key(phase, part, "table"), other);
        }
        if (!Set.of(Schedule.EXPONENTIAL, Schedule.MULTI_STEP, Schedule.PLATEAU)
                .contains(schedule)) {
            unread(key(phase, part, "gamma"), other);
        } else if (rates.gamma() == 1) {
            said.add(key(phase, part, "gamma") + " = 1: the schedule changes nothing");
        }
    }

    private void beyond(String key, List<String> epochsOf, int of) {
        List<String> late = epochsOf.stream().filter(one -> Long.parseLong(one) >= of).toList();
        if (!late.isEmpty()) {
            said.add(
                    key
                            + ": epoch "
                            + String.join(", ", late)
                            + " is never reached, there are "
                            + of
                            + " epochs");
        }
    }

    /** The key that counts for a phase and a part: the nearest that is set. */
    private String key(Phase phase, String part, String name) {
        List<String> befores = new ArrayList<>();
        for (String at : part.isEmpty() ? List.of("") : List.of(part + ".", "")) {
            befores.add("train." + phase.name() + "." + at);
            befores.add("train." + at);
        }
        return befores.stream()
                .map(before -> before + name)
                .filter(bound.values()::containsKey)
                .findFirst()
                .orElse("train." + name);
    }

    /** Rates of parts of which nothing moves. */
    private void parts(Collection<PhaseUpdate> updates) {
        Map<String, Set<String>> moved = new LinkedHashMap<>();
        Map<String, Set<String>> named = new LinkedHashMap<>();
        for (PhaseUpdate update : updates) {
            for (String part : bound.partRates(update.phase().name()).keySet()) {
                named.computeIfAbsent(part, none -> new LinkedHashSet<>())
                        .add(update.phase().name());
                if (update.moved().stream().anyMatch(path -> (path + ".").startsWith(part + "."))) {
                    moved.computeIfAbsent(part, none -> new LinkedHashSet<>())
                            .add(update.phase().name());
                }
            }
        }
        named.keySet().removeAll(moved.keySet());
        if (!named.isEmpty()) {
            said.add(
                    named.keySet().stream()
                                    .map(part -> "train." + part + ".*")
                                    .collect(Collectors.joining(", "))
                            + " does nothing: no phase moves a weight of it");
        }
    }
}
