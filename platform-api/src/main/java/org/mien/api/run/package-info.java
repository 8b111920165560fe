/** What happens in a run, for those who want to hear of it. */
@Export
@Version("1.1.0")
package org.mien.api.run;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
