// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.provision;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.mien.core.MienException;
import org.mien.core.Plugins;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Adds plugins and removes them, as a service. What is added is looked at as a whole before
 * anything is changed, and what fails half way is taken back. One call at a time works, the next
 * waits. Every call throws {@link MienException} for what a user can put right.
 */
@ProviderType
public interface Provisioning {
    /**
     * A bundle that is brought.
     *
     * @param name its symbolic name
     * @param version its version
     * @param replaces version of the bundle that it replaces, or null where none is there
     * @param same whether the bundle that is there has this very content, and stays
     */
    record Piece(String name, String version, String replaces, boolean same) {}

    /**
     * A package of the platform that a bundle needs.
     *
     * @param name of the package
     * @param range versions that it takes
     * @param here versions that are there, may be empty
     */
    record Need(String name, String range, String here) {}

    /**
     * A file that a feature brings besides bundles.
     *
     * @param path where it lies, relative to the folder {@code etc}
     * @param feature that brings it
     * @param there whether it came with an earlier version, and stays as it is
     */
    record Setting(String path, String feature, boolean there) {}

    /**
     * What is added.
     *
     * @param bundles in the order in which they are named
     * @param features names and versions, {@code name/version}; none where a bundle is added alone
     * @param settings files in {@code etc}
     * @param needs packages of the platform that the bundles import
     * @param refreshed symbolic names of other bundles that are wired anew
     * @param unchanged whether all of it is there already, with this very content
     * @param done whether it is in force; false in what is told before, and of a trial
     * @param plugins that the bundles give; empty where it is not done
     * @param ready pipelines that are READY with it and were not before
     */
    record Addition(
            List<Piece> bundles,
            List<String> features,
            List<Setting> settings,
            List<Need> needs,
            List<String> refreshed,
            boolean unchanged,
            boolean done,
            List<Plugins.Plugin> plugins,
            List<String> ready) {}

    /**
     * What is removed.
     *
     * @param bundle symbolic name of the bundle that was asked for
     * @param version its version
     * @param features that go with it, {@code name/version}
     * @param plugins that go with it
     * @param waiting pipelines that will wait for them
     * @param stopping runs that will stop
     * @param done whether it is removed
     */
    record Removal(
            String bundle,
            String version,
            List<String> features,
            List<Plugins.Plugin> plugins,
            List<String> waiting,
            List<String> stopping,
            boolean done) {}

    /**
     * Adds a plugin, or replaces it.
     *
     * @param source a path of a bundle, a features.xml or a .kar, or {@code
     *     mvn:GROUP/ARTIFACT/VERSION} of what lies in the local repository
     * @param folder where a relative path starts
     * @param trial whether only to say what would be done
     * @param before hears what will be done, before it is done or refused
     * @return what was done
     */
    Addition add(String source, Path folder, boolean trial, Consumer<Addition> before);

    /**
     * Removes a plugin with its bundle and the features that bring it.
     *
     * @param id id of a plugin, or symbolic name of its bundle
     * @param trial whether only to say what would be done
     * @param before hears what will be done
     * @return what was done
     */
    Removal remove(String id, boolean trial, Consumer<Removal> before);
}
