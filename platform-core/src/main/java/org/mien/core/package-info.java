/**
 * The platform as the shell and other programs see it: a service for each noun, {@link Plugins},
 * {@link Pipelines}, {@link Jobs}, {@link Runs}, {@link Sweeps}, {@link Evaluations}, {@link
 * Predictions}, {@link Datasets}, {@link Features}, {@link WeightFiles} and {@link Doctor}. They
 * are there together or not at all. {@link Offers} is asked of others. Plugins do not import it.
 */
@Export
@Version("2.1.0")
package org.mien.core;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
