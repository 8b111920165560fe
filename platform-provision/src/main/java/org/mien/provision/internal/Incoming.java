// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.provision.internal;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.felix.utils.manifest.Parser;
import org.apache.felix.utils.resource.ResourceBuilder;
import org.mien.core.MienException;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.Version;
import org.osgi.framework.namespace.HostNamespace;
import org.osgi.framework.namespace.IdentityNamespace;
import org.osgi.framework.namespace.PackageNamespace;
import org.osgi.resource.Capability;
import org.osgi.resource.Resource;

/**
 * A bundle that is brought, as its manifest says.
 *
 * @param name its symbolic name
 * @param file where it lies
 * @param before the bundle that it replaces, or null
 * @param same whether that has this very content
 * @param modified when that was installed or updated, as the framework counts
 */
record Incoming(
        String name,
        Version version,
        Path file,
        Bundle before,
        boolean same,
        long modified,
        Map<String, String> headers,
        Resource resource) {

    /** Reads what a bundle needs and gives; what it replaces is not known yet. */
    static Incoming read(String from, Path file, Map<String, String> headers) {
        Resource resource;
        try {
            resource = ResourceBuilder.build(from, headers);
        } catch (BundleException | IllegalArgumentException e) {
            throw new MienException("'" + from + "': its manifest is wrong: " + e.getMessage());
        }
        List<Capability> identities =
                resource.getCapabilities(IdentityNamespace.IDENTITY_NAMESPACE);
        if (identities.isEmpty()) {
            throw new MienException("'" + from + "' is no bundle: no Bundle-SymbolicName");
        }
        Map<String, Object> identity = identities.get(0).getAttributes();
        return new Incoming(
                (String) identity.get(IdentityNamespace.IDENTITY_NAMESPACE),
                (Version) identity.get(Constants.VERSION_ATTRIBUTE),
                file,
                null,
                false,
                0,
                headers,
                resource);
    }

    Incoming over(Bundle there, boolean same) {
        long modified = there == null ? 0 : there.getLastModified();
        return new Incoming(name, version, file, there, same, modified, headers, resource);
    }

    Incoming at(Path other) {
        return new Incoming(name, version, other, before, same, modified, headers, resource);
    }

    boolean fragment() {
        return headers.containsKey(Constants.FRAGMENT_HOST)
                || !resource.getRequirements(HostNamespace.HOST_NAMESPACE).isEmpty();
    }

    /** Symbolic name of the bundle whose part it is; empty for none. */
    String host() {
        String header = headers.get(Constants.FRAGMENT_HOST);
        return header == null ? "" : Parser.parseHeader(header)[0].getName();
    }

    boolean exports(String name) {
        return resource.getCapabilities(PackageNamespace.PACKAGE_NAMESPACE).stream()
                .anyMatch(
                        one ->
                                name.equals(
                                        one.getAttributes()
                                                .get(PackageNamespace.PACKAGE_NAMESPACE)));
    }
}
