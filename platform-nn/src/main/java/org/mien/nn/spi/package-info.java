/**
 * What runs and trains nets: weights, passes, optimisers, counter-based draws. For platform-core
 * and the contract tests; plugins do not import it.
 */
@Export
@Version("2.0.0")
package org.mien.nn.spi;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
