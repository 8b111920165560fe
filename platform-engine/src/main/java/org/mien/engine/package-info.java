/**
 * A thin layer over DJL's PyTorch engine that makes its traps impossible: gradient mode belongs to
 * a scope, arrays belong to a scope, weights never own what is computed from them. For platform-nn
 * and platform-core; plugins do not import it.
 */
@Export
@Version("1.1.0")
package org.mien.engine;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
