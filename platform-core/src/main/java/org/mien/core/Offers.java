// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core;

import java.util.Optional;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * What could be installed and is not: asked for when a plugin is missed, so that nobody is told to
 * install what nobody has. A service of whoever installs plugins; the platform works without one.
 */
@ConsumerType
public interface Offers {
    /**
     * The feature that gives a plugin, of all that are known here, installed or not.
     *
     * @param kind backbone, method, dataset, preprocessor or evaluator
     * @param id id of the plugin
     * @return name of the feature; empty when none gives it
     */
    Optional<String> feature(String kind, String id);
}
