// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
/**
 * Files of weights: safetensors, PyTorch's archives, npy and npz, read within bounds and without
 * running what is in them, and written so that others read them. It knows no network and no array
 * of an engine.
 *
 * <p>It is exported for platform-core, which starts networks from such files and writes runs as
 * such; what measures the platform and what tests it read the same files by the same code, on a
 * class path. Plugins do not see it: a plugin says what its arrays are called in a file, and the
 * platform reads it. How a format is read is hidden: public is what opens a file, what lies in it,
 * and what writes one.
 */
@Export
@Version("2.0.0")
package org.mien.weights;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
