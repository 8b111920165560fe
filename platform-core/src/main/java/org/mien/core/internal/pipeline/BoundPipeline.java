// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.pipeline;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.mien.api.Feature;
import org.mien.api.InputSpec;
import org.mien.api.data.Preprocessor;
import org.mien.api.data.Preprocessor.Gives;
import org.mien.api.data.Target;
import org.mien.api.data.Targets;
import org.mien.api.method.Plan;
import org.mien.api.net.Trunk;
import org.mien.api.spi.Prefixes;
import org.mien.api.spi.Settings;
import org.mien.core.MienException;
import org.mien.core.Plugins;
import org.mien.core.Value;
import org.mien.core.internal.plugin.Border;
import org.mien.core.internal.plugin.Keys;
import org.mien.core.internal.plugin.Kind;
import org.mien.core.internal.plugin.Registry;
import org.mien.core.internal.plugin.Registry.Entry;
import org.mien.core.internal.plugin.Words;
import org.mien.nn.spi.Parts;

/**
 * A pipeline whose plugins are all there and whose keys are all bound. It holds objects of plugins:
 * nobody keeps one longer than a call or a run, but for {@code OpenRuns}, which hears of each that
 * goes.
 */
public final class BoundPipeline {
    /**
     * A step with its keys.
     *
     * @param group the entry of the key that names it
     */
    public record Step(Entry entry, Record settings, StepGroup group) {
        /** When it works. */
        public Preprocessor.When when() {
            return Border.call(entry, () -> entry.preprocessor().when());
        }

        /** Views that it cuts. */
        public List<String> views() {
            return Border.call(entry, () -> List.copyOf(entry.preprocessor().views()));
        }

        /** What it makes of one picture. */
        public Gives gives() {
            return Border.call(entry, () -> entry.preprocessor().gives(settings));
        }

        boolean mirrors() {
            return Border.call(entry, () -> entry.preprocessor().mirrors(settings));
        }
    }

    /**
     * A backbone that never moves.
     *
     * @param kind of feature that is read
     * @param weights file or earlier run that it starts from, or empty
     */
    public record Frozen(Entry entry, Record settings, Feature.Kind kind, String weights) {}

    /** A plugin that a pipeline names. */
    private record Name(Kind kind, String id) {}

    /** Beginning of the origin of what nobody chose. */
    private static final String DEFAULT = "default";

    /** The keys that name plugins. */
    private static final Map<Kind, String> KEYS = new LinkedHashMap<>();

    static {
        KEYS.put(Kind.DATASET, "dataset");
        KEYS.put(Kind.BACKBONE, "backbone");
        KEYS.put(Kind.METHOD, "method");
        KEYS.put(Kind.PREPROCESSOR, "preprocess");
        KEYS.put(Kind.EVALUATOR, "evaluators");
    }

    private final String name;
    private final Map<String, Value> values;
    private final PlatformKeys.Chosen parts;
    private final String backboneWeights;
    private final PlatformKeys.MethodStart methodStart;
    private final PlatformKeys.Data data;
    private final PlatformKeys.Image image;
    private final PlatformKeys.Loop loop;
    private final PlatformKeys.Report report;
    private final PlatformKeys.Predict predict;
    private final Entry dataset;
    private final Record datasetSettings;
    private final Entry backbone;
    private final Record backboneSettings;
    private final Entry method;
    private final Record methodSettings;
    private final List<Step> steps = new ArrayList<>();
    private final List<BoundEvaluator> judges = new ArrayList<>();
    private final Map<String, Frozen> frozen = new LinkedHashMap<>();
    private final Plan plan;
    private final Map<String, PlatformKeys.Rule> rules = new LinkedHashMap<>();
    private final Map<String, Map<String, PlatformKeys.Rates>> rates = new LinkedHashMap<>();
    private final PartRates partRates;
    private final PlatformKeys.Mode mode;

    /**
     * Resolves a pipeline.
     *
     * @param name of the pipeline
     * @param given its keys
     * @throws MienException for the first thing that is wrong
     */
    public static BoundPipeline of(Registry registry, String name, Map<String, Value> given) {
        Names.check("pipeline", name);
        List<String> missing = missing(registry, given);
        if (!missing.isEmpty()) {
            throw new MienException(
                    "pipeline " + name + " waits for " + String.join("; ", missing));
        }
        return new BoundPipeline(registry, "pipeline " + name, given, true);
    }

    /**
     * Resolves a pipeline to predict pictures: its dataset and its evaluators, which say nothing of
     * a picture, need not be there. While the dataset is missing neither counts.
     *
     * @param name of the pipeline
     * @param given its keys
     * @throws MienException for the first thing that is wrong
     */
    public static BoundPipeline predicting(
            Registry registry, String name, Map<String, Value> given) {
        Map<String, Value> needed = needed(registry, given);
        return needed.containsKey("dataset")
                ? of(registry, name, needed)
                : withoutData(registry, name, needed);
    }

    private static BoundPipeline withoutData(
            Registry registry, String name, Map<String, Value> needed) {
        List<String> missing = missing(registry, needed);
        if (!missing.isEmpty()) {
            throw new MienException(
                    "pipeline " + name + " waits for " + String.join("; ", missing));
        }
        return new BoundPipeline(registry, "pipeline " + name, needed, false);
    }

    /** Keys that count for a prediction: without those of a dataset or evaluators not there. */
    public static Map<String, Value> needed(Registry registry, Map<String, Value> given) {
        Map<String, Value> needed = new LinkedHashMap<>(given);
        Value dataset = given.get("dataset");
        boolean none =
                dataset == null || registry.find(Kind.DATASET, dataset.value().strip()).isEmpty();
        if (none) {
            needed.keySet().removeIf(key -> key.equals("dataset") || key.startsWith("dataset."));
        }
        Value evaluators = given.get("evaluators");
        if (evaluators != null) {
            List<String> left = new ArrayList<>();
            for (String id : ids(Kind.EVALUATOR, evaluators.value())) {
                if (none || registry.find(Kind.EVALUATOR, id).isEmpty()) {
                    needed.keySet().removeIf(key -> key.startsWith(id + "."));
                } else {
                    left.add(id);
                }
            }
            needed.put("evaluators", new Value(String.join(",", left), evaluators.origin()));
        }
        return needed;
    }

    /**
     * Checks what can be checked while plugins are missing: the platform's keys, and those of the
     * plugins that are there.
     *
     * @throws MienException for the first thing that is wrong
     */
    public static void check(Registry registry, String name, Map<String, Value> given) {
        Map<String, String> texts = texts(given);
        String who = "pipeline " + name;
        Keys.bind(who, "", PlatformKeys.Chosen.class, texts);
        Keys.bind(who, "select.", PlatformKeys.Select.class, texts);
        Keys.bind(who, "data.", PlatformKeys.Data.class, texts);
        Keys.bind(who, "image.", PlatformKeys.Image.class, texts);
        Keys.bind(who, "train.", PlatformKeys.Loop.class, texts);
        Keys.bind(who, "train.", PlatformKeys.Rule.class, texts);
        Keys.bind(who, "report.", PlatformKeys.Report.class, texts);
        Keys.bind(who, "predict.", PlatformKeys.Predict.class, texts);
        Set<String> known = new TreeSet<>();
        PlatformKeys.all().forEach(key -> known.add(key.name()));
        for (String key : texts.keySet()) {
            boolean ours =
                    key.matches("[^.]*|(data|image|predict|report|select|train)\\.[^.]*")
                            && !known.contains(key);
            if (ours) {
                throw new MienException(
                        who + ": unknown key '" + key + "'." + Words.hint(key, known));
            }
        }
        named(registry, given)
                .forEach(one -> registry.find(one.kind(), one.id()).ifPresent(e -> bind(e, texts)));
    }

    /**
     * A method on a backbone, without data: enough to build it dry.
     *
     * @param given the keys, {@code method} and {@code backbone} among them
     */
    public static BoundPipeline structure(Registry registry, Map<String, Value> given) {
        return new BoundPipeline(registry, "method-info", given, false);
    }

    private BoundPipeline(
            Registry registry, String name, Map<String, Value> given, boolean withData) {
        this.name = name;
        Map<String, String> texts = texts(given);
        if (!withData) {
            texts.put("dataset", "");
            texts.put("evaluators", "");
        }
        parts = Keys.bind(name, "", PlatformKeys.Chosen.class, texts);
        dataset = withData ? registry.get(Kind.DATASET, parts.dataset()) : null;
        method = registry.get(Kind.METHOD, parts.method());
        backbone =
                parts.backbone().isEmpty() ? null : registry.get(Kind.BACKBONE, parts.backbone());
        List<Entry> plugins = new ArrayList<>();
        plugins.add(method);
        if (dataset != null) {
            plugins.add(dataset);
        }
        if (backbone != null) {
            plugins.add(backbone);
        }
        List<StepGroup> groups = StepGroup.of(name, parts.preprocess());
        List<Entry> stepEntries =
                groups.stream()
                        .flatMap(group -> group.ids().stream())
                        .map(id -> registry.get(Kind.PREPROCESSOR, id))
                        .toList();
        List<Entry> judgeEntries =
                parts.evaluators().stream().map(id -> registry.get(Kind.EVALUATOR, id)).toList();
        plugins.addAll(stepEntries);
        plugins.addAll(judgeEntries);

        methodSettings = bind(method, texts);
        plan = plan(method, methodSettings);
        Map<String, Entry> roles = new LinkedHashMap<>();
        plan.frozen()
                .forEach(
                        (role, second) ->
                                roles.put(role, registry.get(Kind.BACKBONE, second.backbone())));
        checkRoles(name, roles.keySet(), plugins);
        Map<String, Value> all = defaults(plugins, roles);
        Map<String, Value> chosen = new LinkedHashMap<>(given);
        // A run goes on with its keys; a default of its day that no plugin knows any more is none.
        chosen.entrySet()
                .removeIf(
                        one ->
                                one.getValue().origin().startsWith(DEFAULT)
                                        && !all.containsKey(one.getKey()));
        refuseUnknown(name, chosen.keySet(), all.keySet(), plan.phases().keySet());
        all.putAll(chosen); // given, else the method's default for training, else the default
        all.values().removeIf(value -> value.value() == null);
        values = all;
        texts = texts(all);
        datasetSettings = dataset == null ? null : bind(dataset, texts);
        backboneSettings = backbone == null ? null : bind(backbone, texts);
        steps.addAll(steps(registry, groups, texts));
        for (Entry entry : judgeEntries) {
            judges.add(new BoundEvaluator(entry, bind(entry, texts)));
        }
        backboneWeights =
                Keys.bind(name, "backbone.", PlatformKeys.BackboneStart.class, texts).weights();
        methodStart = Keys.bind(name, "method.", PlatformKeys.MethodStart.class, texts);
        for (Map.Entry<String, Entry> role : roles.entrySet()) {
            String prefix = role.getKey() + ".";
            frozen.put(
                    role.getKey(),
                    new Frozen(
                            role.getValue(),
                            bind(role.getValue(), prefix, texts),
                            plan.frozen().get(role.getKey()).kind(),
                            Keys.bind(name, prefix, PlatformKeys.BackboneStart.class, texts)
                                    .weights()));
        }
        data = Keys.bind(name, "data.", PlatformKeys.Data.class, texts);
        image = Keys.bind(name, "image.", PlatformKeys.Image.class, texts);
        loop = Keys.bind(name, "train.", PlatformKeys.Loop.class, texts);
        report = Keys.bind(name, "report.", PlatformKeys.Report.class, texts);
        predict = Keys.bind(name, "predict.", PlatformKeys.Predict.class, texts);
        partRates = new PartRates(name, texts, plan.phases().keySet());
        for (String phase : plan.phases().keySet()) {
            Map<String, String> own = partRates.ofPhase(phase);
            rules.put(phase, Keys.bind(name, "train.", PlatformKeys.Rule.class, own));
            rates.put(phase, partRates.in(phase));
        }
        mode = Keys.bind(name, "select.", PlatformKeys.Select.class, texts).mode();
        checkKinds(registry); // first: no step helps a method that does not fit
        if (withData) {
            checkViews(registry);
            checkMirrors();
            checkSteps(name, steps, plan.views(), method.who());
        }
    }

    /** Keys of a backbone that never moves can be told from all others. */
    private void checkRoles(String name, Set<String> roles, List<Entry> plugins) {
        for (String role : roles) {
            String problem = Prefixes.of("its role", role);
            for (Entry other : plugins) {
                if (Registry.prefix(other).equals(role + ".")) {
                    problem =
                            "its role '"
                                    + role
                                    + "' begins the keys of "
                                    + other.who()
                                    + ". Take that out of the pipeline";
                }
            }
            if (!problem.isEmpty()) {
                throw new MienException(name + ": " + method.who() + " cannot be used: " + problem);
            }
        }
    }

    /** Steps with their keys, in the order named. */
    public static List<Step> steps(
            Registry registry, List<StepGroup> groups, Map<String, String> texts) {
        List<Step> steps = new ArrayList<>();
        for (StepGroup group : groups) {
            for (String id : group.ids()) {
                Entry entry = registry.get(Kind.PREPROCESSOR, id);
                steps.add(new Step(entry, bind(entry, texts), group));
            }
        }
        return steps;
    }

    /**
     * Refuses keys of parts that the built network does not have.
     *
     * @param paths of all weights and states
     * @param top names of the parts that hang on the build
     */
    private void checkParts(Set<String> paths, Set<String> top) {
        Set<String> frozenParts = new TreeSet<>();
        rules.values().forEach(rule -> frozenParts.addAll(rule.freeze()));
        partRates.check(frozenParts, paths, top);
    }

    /** What a pipeline waits for, each with the way to get it. */
    public static List<String> missing(Registry registry, Map<String, Value> given) {
        return named(registry, given).stream()
                .filter(name -> registry.find(name.kind(), name.id()).isEmpty())
                .map(name -> missing(registry, name))
                .toList();
    }

    private static String missing(Registry registry, Name name) {
        String unusable = registry.unusable(name.kind(), name.id());
        return unusable.isEmpty()
                ? name.kind().word()
                        + " '"
                        + name.id()
                        + "' ("
                        + registry.install(name.kind(), name.id())
                        + ")"
                : unusable;
    }

    /**
     * Whether values name one of some plugins: with a key, or because the method that they name
     * asks for it as a frozen backbone.
     */
    public static boolean names(
            Registry registry, Map<String, Value> given, Collection<Plugins.Plugin> some) {
        return named(registry, given).stream()
                .anyMatch(
                        name ->
                                some.stream()
                                        .anyMatch(
                                                one ->
                                                        one.kind().equals(name.kind().word())
                                                                && one.id().equals(name.id())));
    }

    /** The registrations that a pipeline would use now; another set is other code. */
    public static List<Long> registrations(Registry registry, Map<String, Value> given) {
        return named(registry, given).stream()
                .map(name -> registry.find(name.kind(), name.id()).map(Entry::order).orElse(null))
                .filter(Objects::nonNull)
                .toList();
    }

    private static List<Name> named(Registry registry, Map<String, Value> given) {
        List<Name> names = new ArrayList<>();
        KEYS.forEach(
                (kind, key) -> {
                    Value ids = given.get(key);
                    boolean none = ids == null || ids.value() == null;
                    for (String id : none ? List.<String>of() : ids(kind, ids.value())) {
                        names.add(new Name(kind, id));
                    }
                });
        for (Plan.Frozen second : frozen(registry, given)) {
            names.add(new Name(Kind.BACKBONE, second.backbone()));
        }
        return names;
    }

    private static List<String> ids(Kind kind, String value) {
        return kind == Kind.PREPROCESSOR ? StepGroup.ids(value) : Settings.list(value);
    }

    /** The frozen backbones that a method asks for; none while it is away or its keys are wrong. */
    private static Collection<Plan.Frozen> frozen(Registry registry, Map<String, Value> given) {
        Value id = given.get("method");
        Optional<Entry> method =
                id == null ? Optional.empty() : registry.find(Kind.METHOD, id.value().trim());
        if (method.isEmpty()) {
            return List.of();
        }
        try {
            return plan(method.get(), bind(method.get(), texts(given))).frozen().values();
        } catch (MienException e) {
            return List.of(); // said when the pipeline is resolved
        }
    }

    private static Map<String, String> texts(Map<String, Value> values) {
        Map<String, String> texts = new LinkedHashMap<>();
        values.forEach((key, value) -> texts.put(key, value.value()));
        return texts;
    }

    public static Record bind(Entry entry, Map<String, String> texts) {
        return bind(entry, Registry.prefix(entry), texts);
    }

    private static Record bind(Entry entry, String prefix, Map<String, String> texts) {
        return Keys.bind(entry.who(), prefix, Registry.settings(entry), texts);
    }

    static Plan plan(Entry method, Record settings) {
        return Border.call(method, () -> method.method().plan(settings));
    }

    /**
     * Every key of the platform and the plugins; the value is null where the user must give one.
     */
    private Map<String, Value> defaults(List<Entry> plugins, Map<String, Entry> roles) {
        Map<String, Value> all = new LinkedHashMap<>();
        for (Plugins.Key key : PlatformKeys.all()) {
            all.put(key.name(), new Value(key.value(), DEFAULT));
        }
        for (Entry entry : plugins) {
            defaults(entry, Registry.prefix(entry), all);
        }
        roles.forEach(
                (role, entry) -> {
                    Keys.describe(role + ".", PlatformKeys.BackboneStart.class)
                            .forEach(key -> all.put(key.name(), new Value(key.value(), DEFAULT)));
                    defaults(entry, role + ".", all);
                });
        for (String pair : plan.training()) {
            chosen("train.", pair, all);
        }
        plan.phases()
                .forEach(
                        (phase, defaults) -> {
                            for (String pair : defaults) {
                                chosen(
                                        phase.equals("train") ? "train." : "train." + phase + ".",
                                        pair,
                                        all);
                            }
                        });
        return all;
    }

    private static void defaults(Entry entry, String prefix, Map<String, Value> all) {
        Keys.describe(prefix, Registry.settings(entry))
                .forEach(
                        key ->
                                all.put(
                                        key.name(),
                                        new Value(key.value(), DEFAULT + " of " + entry.who())));
    }

    /** What the method chose for training. */
    private void chosen(String prefix, String pair, Map<String, Value> all) {
        int at = pair.indexOf('=');
        all.put(prefix + pair.substring(0, at), new Value(pair.substring(at + 1), method.who()));
    }

    private static void refuseUnknown(
            String name, Set<String> given, Set<String> all, Set<String> phases) {
        Set<String> known = new TreeSet<>(all);
        for (String phase : phases) {
            Keys.describe("train." + phase + ".", PlatformKeys.Rule.class)
                    .forEach(key -> known.add(key.name()));
        }
        Set<String> rated = PartRates.named(given).keySet(); // what is built knows its parts
        for (String key : given) {
            if (!known.contains(key) && !rated.contains(key)) {
                Set<String> near = new TreeSet<>(known);
                int dot = key.indexOf('.');
                if (dot > 0 && Words.nearest(key, known).isEmpty()) {
                    near.removeIf(other -> !other.startsWith(key.substring(0, dot + 1)));
                }
                throw new MienException(
                        name
                                + ": unknown key '"
                                + key
                                + "'."
                                + Words.hint(key, near.isEmpty() ? known : near));
            }
        }
    }

    private void checkViews(Registry registry) {
        Set<String> offered = new TreeSet<>(Set.of("face", "mirror"));
        for (Step step : steps) {
            offered.addAll(step.views());
        }
        for (String view : plan.views()) {
            if (!offered.contains(view)) {
                List<String> cutters =
                        registry.ids(Kind.PREPROCESSOR).stream()
                                .filter(id -> cuts(registry, id, view))
                                .toList();
                throw new MienException(
                        name
                                + ": "
                                + method.who()
                                + " reads the view '"
                                + view
                                + "'; the pipeline gives "
                                + String.join(", ", offered)
                                + ". "
                                + (cutters.isEmpty()
                                        ? "No installed preprocessor cuts it."
                                        : "Add to preprocess: " + String.join(" or ", cutters)));
            }
        }
    }

    /** A method that reads left and right apart learns nothing from pictures that exchange them. */
    private void checkMirrors() {
        for (Step step : steps) {
            if (plan.isOriented() && step.mirrors()) {
                throw new MienException(
                        name
                                + ": "
                                + method.who()
                                + " reads left and right apart, and "
                                + step.entry().who()
                                + " may exchange them with the keys it has. Take it out of"
                                + " preprocess");
            }
        }
    }

    /**
     * Where steps may stand: faces are looked for before they are cropped, what varies has a coin,
     * and a view is one picture.
     *
     * @param views that are read
     * @param reader who reads them
     */
    public static void checkSteps(
            String name, List<Step> steps, List<String> views, String reader) {
        Step cropper = null;
        for (Preprocessor.When when : Preprocessor.When.values()) {
            for (Step step : steps) {
                if (step.when() == when && !step.group().isOnView()) {
                    String finder =
                            cropper == null || step.gives() != Gives.FACES
                                    ? ""
                                    : "looks for faces in what "
                                            + cropper.entry().who()
                                            + " has cropped. Name it first";
                    refuse(name, step, finder);
                    cropper = step.gives() == Gives.CROPS ? step : cropper;
                }
            }
        }
        for (Step step : steps) {
            refuse(name, step, fault(step, views, reader));
        }
    }

    private static void refuse(String name, Step step, String fault) {
        if (!fault.isEmpty()) {
            throw new MienException(
                    name
                            + ": preprocess names '"
                            + step.group()
                            + "', and "
                            + step.entry().who()
                            + " "
                            + fault);
        }
    }

    private static String fault(Step step, List<String> views, String reader) {
        StepGroup group = step.group();
        Preprocessor.When when = step.when();
        boolean coin = group.share() < 1 || group.ids().size() > 1;
        if (coin && when != Preprocessor.When.EACH_USE) {
            return "does not vary, so no coin decides about it. Name it by itself";
        }
        if (!group.isOnView()) {
            return step.gives() == Gives.FACES && when != Preprocessor.When.ONCE
                    ? "gives faces at each use; faces are looked for once. This is a fault of the"
                            + " plugin"
                    : "";
        }
        if (when == Preprocessor.When.VIEW) {
            return "cuts views itself. Name it by itself";
        }
        if (step.gives() != Gives.ONE) {
            return "may give several pictures, and a view is one. Name it without the view";
        }
        boolean read = group.view().equals(StepGroup.EVERY_VIEW) || views.contains(group.view());
        return read
                ? ""
                : "would work on a view that is not read; "
                        + reader
                        + " reads "
                        + String.join(", ", views)
                        + " ("
                        + StepGroup.EVERY_VIEW
                        + " for each)";
    }

    private static boolean cuts(Registry registry, String id, String view) {
        return registry.find(Kind.PREPROCESSOR, id)
                .map(entry -> Border.call(entry, () -> entry.preprocessor().views().contains(view)))
                .orElse(false);
    }

    private void checkKinds(Registry registry) {
        if (plan.kinds().isEmpty()) {
            return;
        }
        if (backbone == null) {
            throw new MienException(
                    name
                            + ": "
                            + method.who()
                            + " needs a backbone that gives "
                            + words(plan.kinds())
                            + ". Set the key backbone to one of: "
                            + String.join(", ", registry.ids(Kind.BACKBONE)));
        }
        Trunk trunk = wholeTrunk();
        List<Feature.Kind> lacking =
                plan.kinds().stream().filter(kind -> !gives(trunk, kind)).toList();
        if (!lacking.isEmpty()) {
            List<String> fitting =
                    registry.ids(Kind.BACKBONE).stream()
                            .filter(id -> fits(registry.get(Kind.BACKBONE, id)))
                            .toList();
            throw new MienException(
                    name
                            + ": "
                            + backbone.who()
                            + " gives "
                            + trunk.features().get(trunk.features().size() - 1).words()
                            + "; "
                            + method.who()
                            + " needs "
                            + words(lacking)
                            + ". "
                            + (fitting.isEmpty()
                                    ? "No installed backbone gives it."
                                    : "Try " + String.join(" or ", fitting) + "."));
        }
    }

    private boolean fits(Entry other) {
        try {
            Trunk trunk = trunk(other, bind(other, Map.of()));
            return plan.kinds().stream().allMatch(kind -> gives(trunk, kind));
        } catch (MienException e) {
            return false;
        }
    }

    private static boolean gives(Trunk trunk, Feature.Kind kind) {
        return trunk.features().stream().anyMatch(feature -> feature.kind() == kind);
    }

    private static String words(Iterable<Feature.Kind> kinds) {
        List<String> words = new ArrayList<>();
        for (Feature.Kind kind : kinds) {
            words.add(
                    switch (kind) {
                        case VECTOR -> "a vector";
                        case MAP -> "a feature map";
                        case TOKENS -> "tokens";
                    });
        }
        return String.join(" and ", words);
    }

    private static Trunk trunk(Entry entry, Record settings) {
        return Border.call(
                entry, () -> entry.backbone().trunk(settings, entry.backbone().input(settings)));
    }

    private Trunk wholeTrunk() {
        return trunk(backbone, backboneSettings);
    }

    /** A fresh trunk, cut after the last feature the plan asks for; null without a backbone. */
    public Trunk trunk() {
        if (backbone == null || plan.kinds().isEmpty()) {
            return null;
        }
        Trunk whole = wholeTrunk();
        try {
            return Parts.cut(whole, plan);
        } catch (IllegalArgumentException e) {
            throw new MienException(
                    name
                            + ": "
                            + method.who()
                            + " reads "
                            + (plan.stage().isEmpty()
                                    ? words(plan.kinds())
                                    : words(plan.kinds())
                                            + " up to the stage '"
                                            + plan.stage()
                                            + "'")
                            + " of "
                            + backbone.who()
                            + ": "
                            + e.getMessage());
        }
    }

    /** Backbones that never move, by role. */
    public Map<String, Frozen> frozen() {
        return frozen;
    }

    /** Fresh trunks of the backbones that never move, cut after what is read. */
    Map<String, Trunk> frozenTrunks() {
        Map<String, Trunk> trunks = new LinkedHashMap<>();
        frozen.forEach(
                (role, second) -> {
                    Trunk whole = trunk(second.entry(), second.settings());
                    if (!gives(whole, second.kind())) {
                        throw new MienException(
                                name
                                        + ": "
                                        + method.who()
                                        + " reads "
                                        + words(List.of(second.kind()))
                                        + " of its "
                                        + role
                                        + ", which "
                                        + second.entry().who()
                                        + " does not give");
                    }
                    trunks.put(role, whole.upTo(whole.feature(second.kind())));
                });
        return trunks;
    }

    /** Parameters of the stages after the last one that the method reads. */
    public long unread() {
        Trunk trunk = trunk();
        return trunk == null ? 0 : wholeTrunk().parameters() - trunk.parameters();
    }

    /** What every view is scaled and sized to. */
    InputSpec input() {
        Optional<Trunk> trunk = Optional.ofNullable(trunk());
        return trunk.map(Trunk::input)
                .orElseThrow(
                        () ->
                                new MienException(
                                        name
                                                + ": without a backbone nothing says the size of"
                                                + " the input. Set the key backbone."));
    }

    /**
     * What is learnt before anybody has opened the dataset: as many classes as said, and some of
     * whatever else the method learns.
     *
     * @throws MienException when the dataset does not offer what the method learns
     */
    public Targets assumed(int classes) {
        Targets some =
                Targets.classes(names("class ", classes))
                        .withVotes()
                        .withMultiLabel(names("label ", 12))
                        .withValues(
                                new Targets.Value("value 1", -1, 1),
                                new Targets.Value("value 2", -1, 1));
        return some.only(offered());
    }

    private static List<String> names(String of, int count) {
        return IntStream.rangeClosed(1, count).mapToObj(i -> of + i).toList();
    }

    /** Kinds of target that the method reads and the dataset offers. */
    private Set<Target> offered() {
        Set<Target> read = plan.read();
        if (dataset == null) {
            return read;
        }
        Set<Target> offers = Border.call(dataset, () -> dataset.dataset().offers(datasetSettings));
        if (!offers.containsAll(plan.learned())) {
            throw new MienException(
                    name
                            + ": "
                            + method.who()
                            + " learns "
                            + words(plan.learned())
                            + "; "
                            + dataset.who()
                            + " offers "
                            + (offers.isEmpty() ? "no labels" : words(offers))
                            + ". Take a dataset that offers it, or a method, or keys of this one,"
                            + " that learn what there is");
        }
        read.retainAll(offers);
        return read;
    }

    private static String words(Set<Target> targets) {
        return targets.stream().map(Target::words).collect(Collectors.joining(", "));
    }

    /** The model over fresh nets. */
    public Built build(Targets targets) {
        Built built =
                new Built(
                        name,
                        method,
                        plan().phases().keySet(),
                        parts.freeze(),
                        this::checkParts,
                        new Parts(trunk(), input(), targets, frozenTrunks()));
        built.model(code(() -> method.method().build(built.parts(), methodSettings)));
        built.freeze();
        return built;
    }

    /** Name of the pipeline. */
    public String pipeline() {
        return name.replaceFirst("^pipeline ", "");
    }

    /** The backbone, or null. */
    public Entry backbone() {
        return backbone;
    }

    public Map<String, Value> values() {
        return values;
    }

    public PlatformKeys.Chosen parts() {
        return parts;
    }

    /** File of weights that the backbone starts from, or empty. */
    public String backboneWeights() {
        return backboneWeights;
    }

    /** Earlier run or file that all parts start from, or empty. */
    public String init() {
        return methodStart.init();
    }

    /** Names of the classes of that, where it does not say them itself; or none. */
    public List<String> initClasses() {
        return methodStart.initClasses();
    }

    public PlatformKeys.Data data() {
        return data;
    }

    public PlatformKeys.Image image() {
        return image;
    }

    public PlatformKeys.Loop loop() {
        return loop;
    }

    public PlatformKeys.Report report() {
        return report;
    }

    public PlatformKeys.Predict predict() {
        return predict;
    }

    public PlatformKeys.Rule rule(String phase) {
        return rules.get(phase);
    }

    /** Rates of parts that have their own in a phase, by their paths. */
    public Map<String, PlatformKeys.Rates> partRates(String phase) {
        return rates.get(phase);
    }

    /**
     * What an epoch is chosen by.
     *
     * @throws MienException for what is no metric; only who trains is to know
     */
    public Selection selection() {
        return Selection.of(name, parts.select(), mode, plan.learned(), method.who(), judges);
    }

    /** The evaluator that epochs are chosen by. */
    private Optional<BoundEvaluator> chooses() {
        return judges.stream()
                .filter(judge -> parts.select().startsWith(judge.entry().id() + "."))
                .findFirst();
    }

    public Plan plan() {
        return plan;
    }

    public Entry dataset() {
        return dataset;
    }

    public Record datasetSettings() {
        return datasetSettings;
    }

    public Entry method() {
        return method;
    }

    public List<Step> steps() {
        return steps;
    }

    public List<BoundEvaluator> judges() {
        return judges;
    }

    /** Calls code of the method, which may call the other plugins. */
    public <T> T code(Border.Call<T> code) {
        return Border.call(method, plugins(), code);
    }

    /** Every plugin that trains. */
    public List<Entry> trainers() {
        List<Entry> all = new ArrayList<>(List.of(method));
        if (dataset != null) {
            all.add(0, dataset);
        }
        if (backbone != null) {
            all.add(backbone);
        }
        frozen.values().forEach(second -> all.add(second.entry()));
        steps.forEach(step -> all.add(step.entry()));
        chooses().ifPresent(judge -> all.add(judge.entry()));
        return all;
    }

    /** Every plugin, for the record of a run. */
    public List<Entry> plugins() {
        List<Entry> all = trainers();
        for (BoundEvaluator judge : judges) {
            if (!all.contains(judge.entry())) {
                all.add(judge.entry());
            }
        }
        return all;
    }
}
