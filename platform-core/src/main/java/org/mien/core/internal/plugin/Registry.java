// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.plugin;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.mien.api.data.Dataset;
import org.mien.api.data.Preprocessor;
import org.mien.api.evaluate.Evaluator;
import org.mien.api.method.Backbone;
import org.mien.api.method.Method;
import org.mien.api.method.Plan;
import org.mien.api.spi.Prefixes;
import org.mien.core.MienException;
import org.mien.core.Offers;
import org.mien.core.Plugins;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/** The plugins that are there now. */
@Component(service = Registry.class, immediate = true)
public final class Registry {
    /**
     * A plugin.
     *
     * @param kind its kind
     * @param id its id
     * @param service the object; of another class loader, held while it is registered or in use
     * @param order of those with one id, the least counts
     * @param bundle symbolic name
     * @param version of the bundle
     * @param gone whether it was taken away
     */
    public record Entry(
            Kind kind,
            String id,
            Object service,
            long order,
            String bundle,
            String version,
            AtomicBoolean gone)
            implements Border.Callee {
        /** One that is there. */
        public Entry(
                Kind kind, String id, Object service, long order, String bundle, String version) {
            this(kind, id, service, order, bundle, version, new AtomicBoolean());
        }

        @Override
        public String who() {
            return kind.word() + " '" + id + "'";
        }

        @Override
        public boolean isGone() {
            return gone.get();
        }

        /** It as a backbone. To be called by way of {@link Border} only, as the others. */
        public Backbone<Record> backbone() {
            return as(Backbone.class);
        }

        /** It as a method. */
        public Method<Record> method() {
            return as(Method.class);
        }

        /** It as a dataset. */
        public Dataset<Record> dataset() {
            return as(Dataset.class);
        }

        /** It as a preprocessor. */
        public Preprocessor<Record> preprocessor() {
            return as(Preprocessor.class);
        }

        /** It as an evaluator. */
        public Evaluator<Record> evaluator() {
            return as(Evaluator.class);
        }

        /** Its keys are those that it was asked for, so any record will do. */
        @SuppressWarnings("unchecked")
        private <P> P as(Class<? super P> type) {
            return (P) type.cast(service);
        }
    }

    /** Hears of plugins that come and go, on the thread that brings or takes them. */
    public interface Watcher {
        /** A plugin came. */
        void came();

        /** A plugin went; it goes on going when this returns. */
        void going(Entry entry);
    }

    private final List<Entry> entries = new CopyOnWriteArrayList<>();
    private final List<Watcher> watchers = new CopyOnWriteArrayList<>();

    /** Told each plugin that somebody on this thread finds. */
    private final ThreadLocal<Consumer<Entry>> finder = new ThreadLocal<>();

    private final BundleContext context;
    private volatile Offers offers;

    /**
     * Made by Declarative Services.
     *
     * @param context to name bundles
     */
    @Activate
    public Registry(BundleContext context) {
        this.context = context;
    }

    @Reference(
            service = Backbone.class,
            cardinality = ReferenceCardinality.MULTIPLE,
            policy = ReferencePolicy.DYNAMIC,
            unbind = "unbind")
    void bindBackbone(Backbone<?> service, Map<String, Object> properties) {
        bind(Kind.BACKBONE, service, properties);
    }

    @Reference(
            service = Method.class,
            cardinality = ReferenceCardinality.MULTIPLE,
            policy = ReferencePolicy.DYNAMIC,
            unbind = "unbind")
    void bindMethod(Method<?> service, Map<String, Object> properties) {
        bind(Kind.METHOD, service, properties);
    }

    @Reference(
            service = Dataset.class,
            cardinality = ReferenceCardinality.MULTIPLE,
            policy = ReferencePolicy.DYNAMIC,
            unbind = "unbind")
    void bindDataset(Dataset<?> service, Map<String, Object> properties) {
        bind(Kind.DATASET, service, properties);
    }

    @Reference(
            service = Preprocessor.class,
            cardinality = ReferenceCardinality.MULTIPLE,
            policy = ReferencePolicy.DYNAMIC,
            unbind = "unbind")
    void bindPreprocessor(Preprocessor<?> service, Map<String, Object> properties) {
        bind(Kind.PREPROCESSOR, service, properties);
    }

    @Reference(
            service = Evaluator.class,
            cardinality = ReferenceCardinality.MULTIPLE,
            policy = ReferencePolicy.DYNAMIC,
            unbind = "unbind")
    void bindEvaluator(Evaluator<?> service, Map<String, Object> properties) {
        bind(Kind.EVALUATOR, service, properties);
    }

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY,
            unbind = "unbindOffers")
    public void bindOffers(Offers service) {
        offers = service;
    }

    void unbindOffers(Offers service) {
        if (offers == service) {
            offers = null;
        }
    }

    public void bind(Kind kind, Object service, Map<String, Object> properties) {
        Object id = properties.get("mien.id");
        long number = properties.get("service.id") instanceof Long n ? n : 0;
        long ranking = properties.get("service.ranking") instanceof Integer r ? r : 0;
        Bundle bundle =
                context != null && properties.get("service.bundleid") instanceof Long b
                        ? context.getBundle(b)
                        : null;
        entries.add(
                new Entry(
                        kind,
                        id instanceof String text ? text : "",
                        service,
                        number - (ranking << 40),
                        bundle == null ? "" : bundle.getSymbolicName(),
                        bundle == null ? "" : bundle.getVersion().toString()));
        watchers.forEach(Watcher::came);
    }

    public void unbind(Object service) {
        List<Entry> gone = entries.stream().filter(entry -> entry.service() == service).toList();
        gone.forEach(entry -> entry.gone().set(true));
        entries.removeAll(gone);
        gone.forEach(entry -> watchers.forEach(watcher -> watcher.going(entry)));
    }

    public void watch(Watcher watcher) {
        watchers.add(watcher);
    }

    public void unwatch(Watcher watcher) {
        watchers.remove(watcher);
    }

    /** Whether a plugin is still there: this very one, not another with its id. */
    public boolean holds(Entry entry) {
        return entries.stream().anyMatch(one -> one == entry);
    }

    /**
     * Does a job whose plugins are to be known before any of their code is called.
     *
     * @param found told each plugin that the job finds on this thread, before it has it
     * @param job finds plugins
     */
    <T> T watched(Consumer<Entry> found, Callable<T> job) throws Exception {
        Consumer<Entry> before = finder.get();
        finder.set(found);
        try {
            return job.call();
        } finally {
            finder.set(before);
        }
    }

    /** The plugin that counts for an id; none while there is something wrong with each. */
    public Optional<Entry> find(Kind kind, String id) {
        Optional<Entry> found =
                first(entry -> entry.kind() == kind && entry.id().equals(id))
                        .filter(entry -> problem(entry).isEmpty());
        found.ifPresent(this::tell);
        return found;
    }

    private void tell(Entry found) {
        Consumer<Entry> told = finder.get();
        if (told != null) {
            told.accept(found);
        }
    }

    private Optional<Entry> first(Predicate<Entry> which) {
        return entries.stream().filter(which).min(Comparator.comparingLong(Entry::order));
    }

    /**
     * Why a plugin cannot be used, whatever its pipeline: its keys could not be told from those of
     * the platform or of another plugin. Empty when it can.
     */
    private String problem(Entry entry) {
        String wrong = Prefixes.ofId(entry.id());
        boolean keyed = isKeyedById(entry);
        if (wrong.isEmpty() && keyed) {
            wrong = Prefixes.of("its id", entry.id());
        }
        if (!wrong.isEmpty()) {
            return wrong;
        }
        Entry same =
                first(e -> e.kind() == entry.kind() && e.id().equals(entry.id())).orElse(entry);
        if (same != entry) {
            return "another bundle has this id and came first";
        }
        Entry other =
                first(e -> keyed && isKeyedById(e) && e.id().equals(entry.id())).orElse(entry);
        return other == entry
                ? ""
                : "its keys "
                        + prefix(entry)
                        + "* could not be told from those of "
                        + other.who()
                        + ", which came first. Give it another mien.id";
    }

    private static boolean isKeyedById(Entry entry) {
        return entry.kind() == Kind.PREPROCESSOR || entry.kind() == Kind.EVALUATOR;
    }

    /** The plugin that counts for an id, or an error that names those there are. */
    public Entry get(Kind kind, String id) {
        // Looked at once: it may come and go meanwhile.
        Optional<Entry> there = first(e -> e.kind() == kind && e.id().equals(id));
        if (there.isEmpty()) {
            throw new MienException(
                    kind.word()
                            + " '"
                            + id
                            + "' is not installed ("
                            + install(kind, id)
                            + ")."
                            + Words.hint(id, ids(kind)));
        }
        String problem = problem(there.get());
        if (!problem.isEmpty()) {
            throw new MienException(unusable(there.get(), problem));
        }
        tell(there.get());
        return there.get();
    }

    /** How to get a plugin that is not there, as a next step for people. */
    public String install(Kind kind, String id) {
        Offers known = offers;
        if (known == null) {
            return "install the bundle that gives it";
        }
        return known.feature(kind.word(), id)
                .map(feature -> "feature:install " + feature)
                .orElse("no feature that is known here has it; add its file: fer:plugin-add FILE");
    }

    private static String unusable(Entry entry, String problem) {
        return entry.who() + " cannot be used: " + problem;
    }

    /** Why a plugin that is there counts for no pipeline; empty where that is not so. */
    public String unusable(Kind kind, String id) {
        return first(e -> e.kind() == kind && e.id().equals(id))
                .filter(entry -> !problem(entry).isEmpty())
                .map(entry -> unusable(entry, problem(entry)))
                .orElse("");
    }

    public List<String> ids(Kind kind) {
        return entries.stream()
                .filter(entry -> entry.kind() == kind && problem(entry).isEmpty())
                .map(Entry::id)
                .distinct()
                .sorted()
                .toList();
    }

    /** Every plugin, for people, and what looks like one and gives none. */
    public List<Plugins.Plugin> plugins() {
        List<Plugins.Plugin> plugins =
                new ArrayList<>(
                        context == null
                                ? List.of()
                                : Absent.of(
                                        context,
                                        entries.stream()
                                                .map(e -> e.bundle() + " " + e.id())
                                                .collect(Collectors.toSet())));
        for (Entry entry : entries) {
            tell(entry);
            String problem = problem(entry);
            List<Plugins.Key> keys = List.of();
            try {
                keys = Border.call(entry, () -> Keys.describe(prefix(entry), settings(entry)));
                problem =
                        problem.isEmpty()
                                ? Border.call(entry, () -> problemOfRoles(entry))
                                : problem;
            } catch (MienException e) {
                if (entry.isGone()) {
                    continue;
                }
                problem = e.getMessage();
            }
            plugins.add(
                    new Plugins.Plugin(
                            entry.kind().word(),
                            entry.id(),
                            entry.bundle(),
                            entry.version(),
                            problem,
                            keys));
        }
        plugins.sort(
                Comparator.comparing(Plugins.Plugin::kind)
                        .thenComparing(Plugins.Plugin::id)
                        .thenComparing(Plugins.Plugin::bundle));
        return plugins;
    }

    /** What is wrong with the roles that a method gives backbones by its defaults. */
    private static String problemOfRoles(Entry entry) {
        if (entry.kind() != Kind.METHOD
                || Keys.describe("", settings(entry)).stream().anyMatch(k -> k.value() == null)) {
            return ""; // what has no default is seen when a pipeline gives it
        }
        return planOf(entry).frozen().keySet().stream()
                .map(role -> Prefixes.of("its role", role))
                .filter(wrong -> !wrong.isEmpty())
                .findFirst()
                .orElse("");
    }

    private static Plan planOf(Entry entry) {
        Record defaults = Keys.bind(entry.who(), prefix(entry), settings(entry), Map.of());
        return Border.call(entry, () -> entry.method().plan(defaults));
    }

    /** Prefix of a plugin's keys. */
    public static String prefix(Entry entry) {
        return switch (entry.kind()) {
            case BACKBONE -> "backbone.";
            case METHOD -> "method.";
            case DATASET -> "dataset.";
            case PREPROCESSOR, EVALUATOR -> entry.id() + ".";
        };
    }

    /** Type of a plugin's keys. */
    public static Class<? extends Record> settings(Entry entry) {
        return Border.call(
                entry,
                () ->
                        switch (entry.kind()) {
                            case BACKBONE -> entry.backbone().settings();
                            case METHOD -> entry.method().settings();
                            case DATASET -> entry.dataset().settings();
                            case PREPROCESSOR -> entry.preprocessor().settings();
                            case EVALUATOR -> entry.evaluator().settings();
                        });
    }
}
