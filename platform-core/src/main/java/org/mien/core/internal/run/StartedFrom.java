// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.run;

import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What a key gave, as {@code config.json} keeps it.
 *
 * @param key {@code backbone.weights}, {@code method.init}, or that of a role
 * @param from the file, or the run's checkpoint
 * @param sha256 of its bytes
 * @param format of the file
 * @param wrapper keys around its state dict
 * @param prefix what its names begin with
 * @param tensors in the file, without counters of batches
 * @param used of them
 * @param skipped those of another shape or for other classes, each with the reason
 * @param unused names in the file that nothing here needs
 * @param missing arrays that start by their rule
 * @param named what else is to be known: which of several networks, what was taken by the names of
 *     classes, fitted, or passed over
 */
public record StartedFrom(
        String key,
        String from,
        String sha256,
        String format,
        String wrapper,
        String prefix,
        int tensors,
        int used,
        List<String> skipped,
        List<String> unused,
        List<String> missing,
        List<String> named) {
    /** Names that a message lists. */
    private static final int SHOWN = 8;

    /** Older ones know nothing of names. */
    public StartedFrom {
        named = named == null ? List.of() : named;
    }

    /** All of it on one line. */
    public String words() {
        StringBuilder words = new StringBuilder();
        words.append(key).append(": ").append(used).append(" of ").append(tensors);
        words.append(" tensors of ").append(from).append(" (").append(format);
        words.append(wrapper.isEmpty() ? "" : ", under " + wrapper);
        words.append(prefix.isEmpty() ? "" : ", names begin with " + prefix).append(')');
        named.forEach(one -> words.append("; ").append(one));
        skipped.forEach(one -> words.append("; ").append(one));
        if (!unused.isEmpty()) {
            words.append("; ").append(unused.size()).append(" not needed: ");
            words.append(list(unused));
        }
        if (!missing.isEmpty()) {
            words.append("; ").append(missing.size()).append(" not in it, start by their rule: ");
            words.append(list(missing));
        }
        return words.toString();
    }

    /** The first few of them. */
    public static String list(Collection<String> names) {
        String some = names.stream().limit(SHOWN).collect(Collectors.joining(", "));
        return names.size() > SHOWN ? some + ", .." : some;
    }
}
