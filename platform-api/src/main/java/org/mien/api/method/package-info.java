/** Backbones and methods: a method is phases over parts, not a loop. */
@Export
@Version("2.0.0")
package org.mien.api.method;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
