/** What every plugin and the platform speak: batches, features, keys, outputs. */
@Export
@Version("1.0.0")
package org.mien.api;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
