// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
/**
 * What every plugin of a kind must hold, as tests. A plugin's author extends one class for each
 * plugin and says which it is; JUnit does the rest.
 */
package org.mien.testkit;
