// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.plugin;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.mien.core.MienException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Texts for people. */
public final class Words {
    private static final Pattern ID = Pattern.compile("'([^']+)'");
    private static final int MOST_LINES = 100;
    private static final Logger LOG = LoggerFactory.getLogger(Words.class);
    private static final AtomicReference<String> LAST = new AtomicReference<>("");

    private Words() {}

    /** The known name that a wrong one was most likely meant to be. */
    public static Optional<String> nearest(String wrong, Collection<String> known) {
        int most = Math.max(2, wrong.length() / 3);
        return known.stream()
                .filter(name -> distance(wrong, name) <= most)
                .min(
                        Comparator.<String>comparingInt(name -> distance(wrong, name))
                                .thenComparing(Comparator.naturalOrder()));
    }

    /** " Did you mean x?", or a list of what there is. */
    public static String hint(String wrong, Collection<String> known) {
        if (known.isEmpty()) {
            return " There are none.";
        }
        return nearest(wrong, known)
                .map(name -> " Did you mean '" + name + "'?")
                .orElse(" Known: " + String.join(", ", known) + ".");
    }

    /** Edits from one text to another (Levenshtein). */
    private static int distance(String a, String b) {
        String from = a.toLowerCase(Locale.ROOT);
        String to = b.toLowerCase(Locale.ROOT);
        int[] row = new int[to.length() + 1];
        for (int j = 0; j <= to.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= from.length(); i++) {
            int corner = row[0];
            row[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                int change = corner + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                corner = row[j];
                row[j] = Math.min(change, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[to.length()];
    }

    /** A recursion without an end leaves a thousand lines that say the same. */
    private static String cut(String trace) {
        List<String> lines = trace.lines().toList();
        return lines.size() <= MOST_LINES
                ? trace
                : String.join("\n", lines.subList(0, MOST_LINES)) + "\n\t..";
    }

    private static String id(String who) {
        Matcher matcher = ID.matcher(who);
        return matcher.find() ? matcher.group(1) : who;
    }

    /**
     * What a plugin threw, as text: the exception itself would hold the plugin's class loader.
     *
     * @param who for example {@code method 'linear'}
     */
    public static MienException plugin(String who, Throwable thrown) {
        if (thrown instanceof MienException known) {
            return known;
        }
        String message = thrown.getMessage();
        boolean worded =
                message != null
                        && !message.isBlank()
                        && (thrown instanceof IllegalArgumentException
                                || thrown instanceof IllegalStateException
                                || thrown instanceof IOException);
        if (worded) {
            // Plugins like to begin with their own id, which who already names.
            String said = message.replaceFirst("^" + Pattern.quote(id(who)) + ": ", "");
            return new MienException(said.startsWith(who) ? said : who + ": " + said);
        }
        if (thrown instanceof OutOfMemoryError) {
            return new MienException(
                    who
                            + ": the JVM's "
                            + (Runtime.getRuntime().maxMemory() >> 20)
                            + " MiB are used up ("
                            + message
                            + "). Start the platform with more, for example MIEN_HEAP=4g ./mien"
                            + " start, or train something smaller");
        }
        StringWriter text = new StringWriter();
        thrown.printStackTrace(new PrintWriter(text));
        // As text: the log's memory would hold the exception. The same again says nothing new, and
        // states are asked for often.
        String fault = who + thrown.getClass().getName() + message;
        if (!fault.equals(LAST.getAndSet(fault))) {
            LOG.warn("{} failed: {}", who, cut(text.toString()));
        }
        StackTraceElement[] trace = thrown.getStackTrace();
        String where = trace.length == 0 ? "" : " at " + trace[0];
        return new MienException(
                who
                        + " failed: "
                        + thrown.getClass().getSimpleName()
                        + (message == null ? "" : " (" + message + ")")
                        + where
                        + ". This is a fault of the plugin; the log has more.");
    }
}
