// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.karaf.shell.api.console.Session;
import org.apache.karaf.shell.api.console.Terminal;

/**
 * Where a command writes: output for pipes and programs, messages for the person who waits.
 *
 * <p>Messages go to the session's console, past any pipe. The launcher hears one stream only (Karaf
 * does not deliver standard error of a command that comes over SSH), so it gives a mark in the
 * variable {@code MIEN_MARK}, and messages stand between {@code MARK<} and {@code MARK>}. Its other
 * variables are {@code MIEN_COLUMNS}, the width of the terminal on which messages appear, missing
 * when they appear on none, and {@code MIEN_CWD}, the folder it was called from.
 *
 * <p>To be used on the command's own thread.
 */
final class Screen {
    private static final String LAUNCHER = "./mien ";
    private static final String SCOPE = "fer:";

    /** Not the end of a longer word or a path. */
    private static final String ALONE = "(?<![\\w:/.-])";

    private static final Pattern OF_THE_SHELL =
            Pattern.compile(
                    ALONE + "(?:(fer:)(?=[a-z])|(?<!shell )feature:(?=install |uninstall ))");
    private static final Pattern OF_THE_LAUNCHER =
            Pattern.compile(ALONE + "\\./mien ([a-z][a-z-]*)");

    private final Session session;
    private final PrintStream console;
    private final String mark;
    private final BooleanSupplier data;
    private final StringBuilder held = new StringBuilder();

    /**
     * A screen.
     *
     * @param data asked for each line of output; true when it is for programs and stays as it is
     */
    Screen(Session session, BooleanSupplier data) {
        this.session = session;
        this.data = data;
        this.console = session.getConsole() == null ? System.err : session.getConsole();
        this.mark = variable("MIEN_MARK");
    }

    /** A variable of the session as text, empty when it is not set. */
    private String variable(String name) {
        Object value = session.get(name);
        return value == null ? "" : value.toString();
    }

    /** A line of output, sent at once. */
    void line(String text) {
        hold(text);
        send();
    }

    /** A line of output, sent with the next one that is sent. */
    void hold(String text) {
        held.append(data.getAsBoolean() ? text : told(text)).append('\n');
    }

    /** Sends the lines that are held. */
    void send() {
        if (held.length() > 0) {
            System.out.print(held);
            held.setLength(0);
            System.out.flush();
            console.flush();
        }
    }

    /** Lines of output. */
    void lines(Iterable<String> lines) {
        lines.forEach(this::line);
    }

    /** A message as it is, with its own ends of line, sent at once. */
    void message(String text) {
        send();
        String told = told(text);
        console.print(launched() ? mark + "<" + told + mark + ">" : told);
        console.flush();
    }

    /** The mark of the launcher's call; empty when someone in the shell called. */
    String mark() {
        return mark;
    }

    /** Whether the launcher called, rather than someone in the shell. */
    private boolean launched() {
        return !mark.isEmpty();
    }

    /**
     * Whether nobody listens any more: the launcher was stopped. Asked by sending an empty message.
     * Whoever closes a shell has its commands interrupted instead.
     */
    boolean gone() {
        if (!launched()) {
            return false;
        }
        message("");
        return console.checkError();
    }

    /** Width of the terminal on which messages appear; 0 when it is no terminal. */
    int columns() {
        if (launched()) {
            String columns = variable("MIEN_COLUMNS");
            return columns.matches("[1-9]\\d{0,4}") ? Integer.parseInt(columns) : 0;
        }
        Terminal terminal = session.getTerminal();
        if (terminal == null || terminal.getType().toLowerCase(Locale.ROOT).startsWith("dumb")) {
            return 0;
        }
        return terminal.getWidth() > 0 ? terminal.getWidth() : 80;
    }

    /** The folder that a relative path starts from. */
    Path folder() {
        String folder = variable("MIEN_CWD");
        return folder.isEmpty() ? session.currentDir() : Path.of(folder);
    }

    /** How a command is typed where this one was, for example {@code fer:evaluate demo-1}. */
    String typed(String command) {
        return (launched() ? LAUNCHER : SCOPE) + command;
    }

    /**
     * A text in which each command stands as it is typed where this one was: the platform names
     * them as its shell does, and recipes as the launcher.
     */
    String told(String text) {
        if (launched()) {
            return OF_THE_SHELL
                    .matcher(text)
                    .replaceAll(
                            found ->
                                    found.group(1) != null
                                            ? LAUNCHER
                                            : LAUNCHER + "shell feature:");
        }
        return OF_THE_LAUNCHER
                .matcher(text)
                .replaceAll(
                        found ->
                                Matcher.quoteReplacement(
                                        known(found.group(1))
                                                ? SCOPE + found.group(1)
                                                : found.group()));
    }

    private boolean known(String verb) {
        return session.getRegistry() != null
                && session.getRegistry().getCommand("fer", verb) != null;
    }
}
