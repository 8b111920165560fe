// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
/**
 * What the platform and the tests of plugins share: how text becomes a settings record. Plugins do
 * not import it.
 */
@Export
@Version("1.1.0")
package org.mien.api.spi;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
