/**
 * What every plugin and the platform speak: batches, features, keys, outputs.
 *
 * <p>Plugins come and go while the platform runs, so what crosses the border between bundles is
 * held for as long as its kind allows, and a type says which kind it is:
 *
 * <ul>
 *   <li>data, that is text, numbers, collections of the JDK, arrays of Java and the records of this
 *       API: may be held by anyone for ever;
 *   <li>what belongs to a call, that is a batch, a pass, an output, a loss and every array made in
 *       between: until the call returns;
 *   <li>what a plugin makes, that is its settings, models, nets, phases, opened datasets and steps:
 *       by the platform while one attempt at a run lasts, by no other plugin and in no static
 *       field;
 *   <li>services: while they are registered, by the platform; a plugin has none of another plugin;
 *   <li>a plugin's exceptions, classes and enum constants: by nobody; the platform turns exceptions
 *       into text where they reach it.
 * </ul>
 *
 * <p>A plugin holds no thread, no static state and nothing that has to be closed beyond the call it
 * was made in, but for what it hands over to be closed ({@link
 * org.mien.api.data.Dataset.Open#close}).
 */
@Export
@Version("2.1.0")
package org.mien.api;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
