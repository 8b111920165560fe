/** Networks as trees of parts, and the pass through which they compute. */
@Export
@Version("2.1.0")
package org.mien.api.net;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
