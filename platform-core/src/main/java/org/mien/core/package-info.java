/** The platform as the shell sees it: plugins, pipelines, runs. Plugins do not import it. */
@Export
@Version("1.0.0")
package org.mien.core;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
