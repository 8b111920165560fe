// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.provision.internal;

import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.karaf.features.Feature;
import org.apache.karaf.features.FeaturesService;
import org.apache.karaf.features.Repository;
import org.mien.core.MienException;

/** What the features service knows at one moment. */
final class Known {
    private final FeaturesService service;
    private final Set<String> repositories = new HashSet<>();

    /** Features that came with Mien or Karaf, by name, with the address of their file. */
    private final Map<String, String> others = new HashMap<>();

    /** Features that plugin-add brought, by name, with the address of their file. */
    private final Map<String, URI> added = new HashMap<>();

    /** Name and version of those that are installed, by name. */
    private final Map<String, String> installed = new HashMap<>();

    Known(FeaturesService service, Store store) {
        this.service = service;
        try {
            String mine = store.root().toUri().toString();
            for (Repository repository : service.listRepositories()) {
                String uri = repository.getURI().toString();
                repositories.add(uri);
                for (Feature feature : repository.getFeatures()) {
                    if (uri.startsWith(mine)) {
                        added.put(feature.getName(), repository.getURI());
                        if (service.isInstalled(feature)) {
                            installed.put(feature.getName(), feature.getId());
                        }
                    } else {
                        others.put(feature.getName(), uri);
                    }
                }
            }
        } catch (Exception e) {
            throw new MienException("the features cannot be listed: " + Words.reason(e));
        }
    }

    /** Whether a file of features is known, by its address. */
    boolean repository(String address) {
        return repositories.contains(address);
    }

    /** The file that brings a feature and was not added by us; null for none. */
    String other(String feature) {
        return others.get(feature);
    }

    /** The file, which plugin-add brought, of a feature; null for none. */
    URI added(String feature) {
        return added.get(feature);
    }

    /** A feature that is known; null for none. */
    Feature feature(String name, String version) {
        try {
            return service.getFeature(name, version.isEmpty() ? null : version);
        } catch (Exception e) {
            throw new MienException("feature '" + name + "': " + Words.reason(e));
        }
    }

    boolean installed(Feature feature) {
        return service.isInstalled(feature);
    }

    /** Whether the version of a feature that was added is installed. */
    boolean installed(Descriptor.Feature feature) {
        return installedNow(feature.name).equals(feature.id());
    }

    /** Name and version of a feature that was added, as it is installed; empty for none. */
    String installedNow(String name) {
        return installed.getOrDefault(name, "");
    }

    /** Names of the features of a file that are installed. */
    List<String> installedOf(URI file) {
        return added.entrySet().stream()
                .filter(one -> one.getValue().equals(file) && installed.containsKey(one.getKey()))
                .map(Map.Entry::getKey)
                .collect(Collectors.toCollection(ArrayList::new));
    }
}
