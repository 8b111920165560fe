// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
/**
 * Plugins are added and removed while the platform runs: {@link Provisioning}, for the shell and
 * other programs. Plugins do not import it.
 */
@Export
@Version("1.0.0")
package org.mien.provision;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
