// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.plugin;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.mien.core.MienException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The border to the code of plugins: the one place where it is called, and where what it throws
 * becomes an error for people. The exception itself would hold the plugin's class loader, so it
 * goes no further; its stack is in the log, once, as text.
 *
 * <p>A plugin that goes while it is called may throw anything, most often that a class of it cannot
 * be found any more. It is not blamed: the error says that it was taken away.
 */
public final class Border {
    private static final Logger LOG = LoggerFactory.getLogger(Border.class);
    private static final AtomicReference<String> LAST = new AtomicReference<>("");
    private static final Pattern ID = Pattern.compile("'([^']+)'");
    private static final int MOST_LINES = 100;

    private Border() {}

    /** Somebody whose code is called. */
    public interface Callee {
        /** For messages, for example {@code method 'linear'}. */
        String who();

        /** Whether it was taken away, or is about to go. */
        boolean isGone();
    }

    /**
     * Code of a plugin.
     *
     * @param <T> what it gives
     */
    @FunctionalInterface
    public interface Call<T> {
        T call() throws Exception;
    }

    /** Code of a plugin that gives nothing. */
    @FunctionalInterface
    public interface Act {
        void act() throws Exception;
    }

    /**
     * Calls a plugin.
     *
     * @param plugin whose code it is
     * @param code calls it
     * @return what it gives
     * @throws MienException with the plugin's name for whatever it throws
     */
    public static <T> T call(Callee plugin, Call<T> code) {
        return call(plugin, List.of(plugin), code);
    }

    /**
     * Calls a plugin that calls others.
     *
     * @param plugin who is named
     * @param all whose going counts, the plugin too
     * @param code calls it
     * @return what it gives
     * @throws MienException with the plugin's name for whatever it throws
     */
    public static <T> T call(Callee plugin, Collection<? extends Callee> all, Call<T> code) {
        return call(plugin.who(), all, code);
    }

    /**
     * Calls a plugin that gives nothing.
     *
     * @throws MienException with the plugin's name for whatever it throws
     */
    public static void act(Callee plugin, Act code) {
        act(plugin.who(), List.of(plugin), code);
    }

    /**
     * Calls plugins, whichever, that give nothing.
     *
     * @param who for messages
     * @param all whose going counts
     * @throws MienException with that name for whatever they throw
     */
    public static void act(String who, Collection<? extends Callee> all, Act code) {
        call(
                who,
                all,
                () -> {
                    code.act();
                    return null;
                });
    }

    /**
     * Calls plugins, whichever.
     *
     * @param who for messages
     * @param all whose going counts
     * @throws MienException with that name for whatever they throw
     */
    public static <T> T call(String who, Collection<? extends Callee> all, Call<T> code) {
        try {
            return code.call();
        } catch (Throwable thrown) {
            // Whatever it is: the plugin's class loader may be behind any class.
            throw words(who, all, thrown);
        }
    }

    /**
     * What was thrown behind the border on another thread, as text.
     *
     * @param who for messages
     * @param all whose going counts
     */
    public static MienException words(
            String who, Collection<? extends Callee> all, Throwable thrown) {
        Throwable cause =
                thrown instanceof ExecutionException && thrown.getCause() != null
                        ? thrown.getCause()
                        : thrown;
        if (cause instanceof MienException known) {
            return known;
        }
        if (cause instanceof InterruptedException) {
            Thread.currentThread().interrupt();
        }
        for (Callee one : all) {
            if (one.isGone()) {
                return gone(one);
            }
        }
        if (cause instanceof InterruptedException || cause instanceof CancellationException) {
            return new MienException(who + ": was interrupted");
        }
        if (worded(cause)) {
            // Plugins like to begin with their own id, which who already names.
            String said = cause.getMessage().replaceFirst("^" + Pattern.quote(id(who)) + ": ", "");
            return new MienException(said.startsWith(who) ? said : who + ": " + said);
        }
        String message = cause.getMessage();
        if (cause instanceof OutOfMemoryError) {
            return new MienException(
                    who
                            + ": the JVM's "
                            + (Runtime.getRuntime().maxMemory() >> 20)
                            + " MiB are used up ("
                            + message
                            + "). Start the platform with more, for example MIEN_HEAP=4g ./mien"
                            + " start, or train something smaller");
        }
        log(who, cause);
        StackTraceElement[] trace = cause.getStackTrace();
        return new MienException(
                who
                        + " failed: "
                        + cause.getClass().getSimpleName()
                        + (message == null ? "" : " (" + message + ")")
                        + (trace.length == 0 ? "" : " at " + trace[0])
                        + ". This is a fault of the plugin; the log has more.");
    }

    /** That a plugin is not there any more. */
    public static MienException gone(Callee plugin) {
        return new MienException(
                plugin.who()
                        + " was taken away or replaced while it was at work. Ask again when it is"
                        + " there");
    }

    /** Whether it says by itself what is wrong. */
    private static boolean worded(Throwable thrown) {
        String message = thrown.getMessage();
        return message != null
                && !message.isBlank()
                && (thrown instanceof IllegalArgumentException
                        || thrown instanceof IllegalStateException
                        || thrown instanceof IOException);
    }

    private static void log(String who, Throwable thrown) {
        StringWriter text = new StringWriter();
        thrown.printStackTrace(new PrintWriter(text));
        // As text: the log's memory would hold the exception. The same again says nothing new, and
        // states are asked for often.
        String fault = who + thrown.getClass().getName() + thrown.getMessage();
        if (!fault.equals(LAST.getAndSet(fault))) {
            LOG.warn("{} failed: {}", who, cut(text.toString()));
        }
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
}
