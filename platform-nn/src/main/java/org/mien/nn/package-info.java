/** Layers that methods and backbones are built with. Each is a {@link org.mien.api.net.Net}. */
@Export
@Version("2.1.0")
package org.mien.nn;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
