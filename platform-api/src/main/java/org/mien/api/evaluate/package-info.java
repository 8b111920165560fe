/** Evaluators: judgements of trained runs. */
@Export
@Version("2.1.0")
package org.mien.api.evaluate;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
