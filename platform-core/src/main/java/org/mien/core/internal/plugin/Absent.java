// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.plugin;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Dictionary;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.mien.api.data.Dataset;
import org.mien.api.data.Preprocessor;
import org.mien.api.evaluate.Evaluator;
import org.mien.api.method.Backbone;
import org.mien.api.method.Method;
import org.mien.core.Plugins;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.namespace.PackageNamespace;
import org.osgi.framework.wiring.BundleRevision;
import org.osgi.framework.wiring.FrameworkWiring;
import org.osgi.resource.Namespace;
import org.osgi.resource.Requirement;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;

/** Bundles that look like plugins and give none, each with the reason in words. */
final class Absent {
    private static final Map<String, Kind> KINDS =
            Map.of(
                    Backbone.class.getName(), Kind.BACKBONE,
                    Method.class.getName(), Kind.METHOD,
                    Dataset.class.getName(), Kind.DATASET,
                    Preprocessor.class.getName(), Kind.PREPROCESSOR,
                    Evaluator.class.getName(), Kind.EVALUATOR);

    private static final Pattern PLATFORM = Pattern.compile("org\\.mien\\.[^.]+");

    private static final Pattern PACKAGE = Pattern.compile("osgi\\.wiring\\.package=([^)]*)");
    private static final Pattern FROM = Pattern.compile("(?<!!\\()\\(?version>=([^)]*)");
    private static final Pattern BELOW = Pattern.compile("!\\(version>=([^)]*)");

    private Absent() {}

    /**
     * Looks for them.
     *
     * @param given bundle and id, with a space between them, of the plugins that are there
     */
    static List<Plugins.Plugin> of(BundleContext context, Set<String> given) {
        List<Plugins.Plugin> absent = new ArrayList<>();
        for (Bundle bundle : context.getBundles()) {
            if (bundle.getBundleId() != 0 && looksLikeOne(bundle)) {
                if (bundle.getState() == Bundle.INSTALLED) {
                    absent.add(plugin(bundle, kind(bundle), "", unresolved(context, bundle)));
                } else if (bundle.getState() == Bundle.RESOLVED) {
                    absent.add(
                            plugin(
                                    bundle,
                                    kind(bundle),
                                    "",
                                    "it is not started; bundle:start "
                                            + bundle.getSymbolicName()
                                            + " says why"));
                }
            }
        }
        ServiceReference<ServiceComponentRuntime> reference =
                context.getServiceReference(ServiceComponentRuntime.class);
        if (reference != null) {
            try {
                components(context, context.getService(reference), given, absent);
            } finally {
                context.ungetService(reference);
            }
        }
        return absent;
    }

    private static boolean looksLikeOne(Bundle bundle) {
        Map<String, String> headers = headers(bundle);
        String text =
                headers.getOrDefault(Constants.IMPORT_PACKAGE, "")
                        + headers.getOrDefault(Constants.PROVIDE_CAPABILITY, "");
        boolean runs =
                headers.containsKey("Service-Component")
                        || headers.containsKey(Constants.BUNDLE_ACTIVATOR);
        return runs
                && text.contains("org.mien.api.")
                && bundle.getSymbolicName() != null
                && !PLATFORM.matcher(bundle.getSymbolicName()).matches();
    }

    private static Map<String, String> headers(Bundle bundle) {
        Dictionary<String, String> all = bundle.getHeaders("");
        Map<String, String> headers = new HashMap<>();
        for (String name :
                List.of(
                        Constants.IMPORT_PACKAGE,
                        Constants.PROVIDE_CAPABILITY,
                        Constants.BUNDLE_ACTIVATOR,
                        "Service-Component")) {
            if (all.get(name) != null) {
                headers.put(name, all.get(name));
            }
        }
        return headers;
    }

    private static String kind(Bundle bundle) {
        String gives = headers(bundle).getOrDefault(Constants.PROVIDE_CAPABILITY, "");
        return KINDS.entrySet().stream()
                .filter(one -> gives.contains('"' + one.getKey() + '"'))
                .map(one -> one.getValue().word())
                .sorted()
                .findFirst()
                .orElse("?");
    }

    private static Plugins.Plugin plugin(Bundle bundle, String kind, String id, String problem) {
        return new Plugins.Plugin(
                kind,
                id,
                bundle.getSymbolicName(),
                bundle.getVersion().toString(),
                problem,
                List.of());
    }

    private static String unresolved(BundleContext context, Bundle bundle) {
        FrameworkWiring wiring =
                context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION).adapt(FrameworkWiring.class);
        List<String> missing = new ArrayList<>();
        for (Requirement need :
                bundle.adapt(BundleRevision.class)
                        .getDeclaredRequirements(PackageNamespace.PACKAGE_NAMESPACE)) {
            boolean optional =
                    !Namespace.RESOLUTION_MANDATORY.equals(
                            need.getDirectives()
                                    .getOrDefault(
                                            Namespace.REQUIREMENT_RESOLUTION_DIRECTIVE,
                                            Namespace.RESOLUTION_MANDATORY));
            if (!optional && wiring.findProviders(need).isEmpty()) {
                missing.add(words(need));
            }
        }
        return missing.isEmpty()
                ? "it does not resolve; bundle:diag " + bundle.getSymbolicName() + " says why"
                : "it does not resolve, nothing here exports " + String.join(", ", missing);
    }

    /** A package with the versions that are wanted. */
    static String words(Requirement need) {
        String filter =
                need.getDirectives().getOrDefault(Namespace.REQUIREMENT_FILTER_DIRECTIVE, "");
        String name = first(PACKAGE, filter);
        String below = first(BELOW, filter);
        String from = first(FROM, below.isEmpty() ? filter : filter.replace("!(version>=", "!("));
        return "the package "
                + (name.isEmpty() ? filter : name)
                + (from.isEmpty() ? "" : " from version " + from)
                + (below.isEmpty() ? "" : " to below " + below);
    }

    private static String first(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        return matcher.find() ? matcher.group(1) : "";
    }

    /** Components whose object could not be made. */
    private static void components(
            BundleContext context,
            ServiceComponentRuntime runtime,
            Set<String> given,
            List<Plugins.Plugin> absent) {
        if (runtime == null) {
            return;
        }
        Collection<ComponentDescriptionDTO> all = runtime.getComponentDescriptionDTOs();
        for (ComponentDescriptionDTO one : all) {
            Kind kind =
                    Arrays.stream(one.serviceInterfaces)
                            .map(KINDS::get)
                            .filter(found -> found != null)
                            .findFirst()
                            .orElse(null);
            Bundle bundle = kind == null ? null : context.getBundle(one.bundle.id);
            String id = String.valueOf(one.properties.get("mien.id"));
            if (bundle != null && !given.contains(bundle.getSymbolicName() + " " + id)) {
                Collection<ComponentConfigurationDTO> made =
                        runtime.getComponentConfigurationDTOs(one);
                String failure =
                        made.stream()
                                .map(configuration -> configuration.failure)
                                .filter(text -> text != null && !text.isBlank())
                                .findFirst()
                                .map(Absent::reason)
                                .orElse("the log has more");
                boolean waits =
                        made.stream()
                                .anyMatch(
                                        configuration ->
                                                configuration.state
                                                                < ComponentConfigurationDTO
                                                                        .SATISFIED
                                                        && configuration.state > 0);
                absent.add(
                        plugin(
                                bundle,
                                kind.word(),
                                id,
                                waits
                                        ? "its component waits for another service; scr:info "
                                                + one.name
                                                + " says for which"
                                        : "its object could not be made: " + failure));
            }
        }
    }

    /** Of a stack trace the line that says what was wrong at bottom. */
    private static String reason(String trace) {
        String[] lines = trace.strip().split("\\R");
        String reason = lines[0];
        for (String line : lines) {
            if (line.startsWith("Caused by: ")) {
                reason = line.substring("Caused by: ".length());
            }
        }
        return reason.strip();
    }
}
