/** Datasets, pictures and the steps from a picture to the views a method reads. */
@Export
@Version("2.1.0")
package org.mien.api.data;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
