// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.pipeline;

import org.mien.core.internal.plugin.Registry.Entry;

/** An evaluator with its keys. */
public record BoundEvaluator(Entry entry, Record settings) {}
