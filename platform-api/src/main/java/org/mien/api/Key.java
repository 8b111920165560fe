// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.api;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * One key of a plugin's settings record: {@code int latents} is {@code method.latents} in a
 * pipeline's configuration, {@code relabelFrom} is {@code method.relabel-from}. The platform
 * converts, checks and names wrong values; the record's compact constructor checks what one key
 * cannot see alone and throws {@link IllegalArgumentException} in words.
 *
 * <p>A component may be boolean, int, long, double, String, an enum, {@link java.nio.file.Path}, or
 * a {@link java.util.List} of String. One without this annotation whose type is a settings record
 * itself, of keys alone, stands for the keys of that: methods that have some keys in common write
 * them once.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.RECORD_COMPONENT, ElementType.METHOD})
public @interface Key {
    /**
     * The default as it would be typed; none means that the user must give a value.
     *
     * @return at most one value
     */
    String[] value() default {};

    /**
     * Smallest value accepted; for int, long and double only, elsewhere it is a fault of the
     * plugin.
     *
     * @return the bound, included
     */
    double min() default Double.NEGATIVE_INFINITY;

    /**
     * Largest value accepted; for int, long and double only, elsewhere it is a fault of the plugin.
     *
     * @return the bound, included
     */
    double max() default Double.POSITIVE_INFINITY;

    /**
     * Whether a text may name a file: a value with a slash, {@code ~} or a variable in it is read
     * as one of the type {@link java.nio.file.Path}, and given as its absolute path; the name of
     * something else, an earlier run say, is left as it is. For String only.
     *
     * @return false for a text that is none
     */
    boolean path() default false;

    /**
     * What it is, its unit, its place in the paper.
     *
     * @return one sentence
     */
    String doc();
}
