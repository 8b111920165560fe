// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.provision.internal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.felix.utils.resource.CapabilitySet;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.wiring.BundleRevision;
import org.osgi.framework.wiring.BundleWiring;
import org.osgi.framework.wiring.FrameworkWiring;
import org.osgi.resource.Capability;
import org.osgi.resource.Namespace;
import org.osgi.resource.Requirement;
import org.osgi.resource.Resource;
import org.osgi.resource.Wiring;
import org.osgi.service.resolver.HostedCapability;
import org.osgi.service.resolver.ResolveContext;

/**
 * The bundles that stay, wired as they are, and those that come, for OSGi's resolver: the
 * framework's own answers who gives what, so that the trial is what will be.
 */
final class Wirings extends ResolveContext {
    private final Collection<Incoming> come;
    private final Set<Bundle> go;
    private final FrameworkWiring framework;
    private final Map<Resource, Wiring> stay = new HashMap<>();

    Wirings(BundleContext context, Collection<Incoming> come) {
        this.come = come;
        go =
                come.stream()
                        .map(Incoming::before)
                        .filter(bundle -> bundle != null)
                        .collect(Collectors.toSet());
        framework =
                context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION).adapt(FrameworkWiring.class);
        Arrays.stream(context.getBundles())
                .filter(bundle -> !go.contains(bundle))
                .map(bundle -> bundle.adapt(BundleWiring.class))
                .filter(wiring -> wiring != null)
                .forEach(wiring -> stay.put(wiring.getRevision(), wiring));
    }

    @Override
    public Collection<Resource> getMandatoryResources() {
        return come.stream().map(Incoming::resource).toList();
    }

    @Override
    public List<Capability> findProviders(Requirement need) {
        List<Capability> found = new ArrayList<>();
        for (Capability one : framework.findProviders(need)) {
            if (one.getResource() instanceof BundleRevision revision
                    && !go.contains(revision.getBundle())) {
                found.add(one);
            }
        }
        for (Incoming piece : come) {
            for (Capability one : piece.resource().getCapabilities(need.getNamespace())) {
                if (CapabilitySet.matches(one, need)) {
                    found.add(one);
                }
            }
        }
        return found;
    }

    @Override
    public int insertHostedCapability(List<Capability> all, HostedCapability one) {
        all.add(one);
        return all.size() - 1;
    }

    @Override
    public boolean isEffective(Requirement need) {
        String effective = need.getDirectives().get(Namespace.REQUIREMENT_EFFECTIVE_DIRECTIVE);
        return effective == null || effective.equals(Namespace.EFFECTIVE_RESOLVE);
    }

    @Override
    public Map<Resource, Wiring> getWirings() {
        return stay;
    }
}
