// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core;

/**
 * A value with where it came from.
 *
 * @param value as typed
 * @param origin for example {@code default}, {@code command line}, a file's name
 */
public record Value(String value, String origin) {}
