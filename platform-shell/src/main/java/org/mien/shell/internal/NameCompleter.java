// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.console.Candidate;
import org.apache.karaf.shell.api.console.CommandLine;
import org.apache.karaf.shell.api.console.Completer;
import org.apache.karaf.shell.api.console.Session;
import org.mien.core.Plugins;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Completes a name that the platform knows. The shell keeps the candidates that fit the word. */
public abstract class NameCompleter implements Completer {
    private static final Logger LOG = LoggerFactory.getLogger(NameCompleter.class);

    /** Options that have a value, which is no argument. */
    private static final List<String> VALUED =
            List.of(
                    "--split",
                    "--as",
                    "--sample",
                    "--format",
                    "--csv",
                    "--base",
                    "--name",
                    "--seeds",
                    "--output",
                    "--backbone",
                    "--weights",
                    "--kind",
                    "--stage",
                    "--tap",
                    "--input",
                    "--batch");

    @Reference Plugins plugins;

    /**
     * What may stand where the cursor is.
     *
     * @param arguments the arguments before the cursor, without the command and its options
     * @param word the word up to the cursor
     */
    abstract Stream<Candidate> candidates(List<String> arguments, String word);

    @Override
    public final int complete(Session session, CommandLine line, List<String> candidates) {
        List<Candidate> all = new ArrayList<>();
        completeCandidates(session, line, all);
        all.forEach(candidate -> candidates.add(candidate.value()));
        return line.getBufferPosition() - line.getArgumentPosition();
    }

    @Override
    public final void completeCandidates(
            Session session, CommandLine line, List<Candidate> candidates) {
        String word = line.getCursorArgument() == null ? "" : line.getCursorArgument();
        word = word.substring(0, Math.min(word.length(), line.getArgumentPosition()));
        try {
            if (word.startsWith("-")) {
                // Karaf offers the other options where it takes them, before the arguments.
                candidates.add(new Candidate("--json"));
            } else {
                candidates(arguments(line), word).forEach(candidates::add);
            }
        } catch (RuntimeException e) {
            // A line must stay editable whatever state the platform is in.
            LOG.debug("no completion", e);
        }
    }

    private static List<String> arguments(CommandLine line) {
        String[] words = line.getArguments();
        List<String> arguments = new ArrayList<>();
        int end = Math.min(line.getCursorArgumentIndex(), words.length);
        for (String word : Arrays.asList(words).subList(Math.min(1, end), end)) {
            arguments.add(word);
            int last = arguments.size() - 1;
            if (word.startsWith("-")) {
                if (!VALUED.contains(word)) {
                    arguments.remove(last);
                }
            } else if (last > 0 && VALUED.contains(arguments.get(last - 1))) {
                arguments.remove(last);
                arguments.remove(last - 1);
            }
        }
        return arguments;
    }

    /** A whole word. */
    static Candidate name(String name, String description) {
        return candidate(name, description, true);
    }

    private static Candidate candidate(String text, String description, boolean complete) {
        return new Candidate(
                text, text, null, description.isEmpty() ? null : description, null, null, complete);
    }

    /** Keys, or the values that a key may have once it stands in the word. */
    final Stream<Candidate> keys(List<Plugins.Key> keys, String word) {
        int equals = word.indexOf('=');
        if (equals < 0) {
            return keys.stream().map(key -> candidate(key.name() + "=", words(key), false));
        }
        String name = word.substring(0, equals);
        String kind = kind(name);
        List<String> ids =
                plugins.all().stream()
                        .filter(plugin -> plugin.kind().equals(kind))
                        .map(Plugins.Plugin::id)
                        .distinct()
                        .toList();
        if (!kind.equals(name)) {
            // Lists: what is there up to the last comma, or plus of a group, stays.
            int last = Math.max(word.lastIndexOf(','), word.lastIndexOf('+'));
            String start = word.substring(0, Math.max(equals, last) + 1);
            return Stream.concat(
                    ids.stream().map(id -> candidate(start + id, "", false)),
                    Stream.of(name(word, "")));
        }
        Stream<String> choices =
                keys.stream()
                        .filter(key -> key.name().equals(name))
                        .flatMap(
                                key ->
                                        switch (key.type()) {
                                            case "true or false" -> Stream.of("true", "false");
                                            case "one of" -> Stream.of(key.bounds().split(", *"));
                                            default -> Stream.empty();
                                        });
        List<Candidate> values =
                Stream.concat(ids.stream(), choices)
                        .map(value -> name(name + "=" + value, ""))
                        .toList();
        // Karaf completes no further after a word for which there is no candidate at all.
        return values.isEmpty() ? Stream.of(name(word, "")) : values.stream();
    }

    /** The kind of plugin whose ids are the value of a key. */
    static String kind(String key) {
        return switch (key) {
            case "preprocess" -> "preprocessor";
            case "evaluators" -> "evaluator";
            default -> key;
        };
    }

    private static String words(Plugins.Key key) {
        StringBuilder words = new StringBuilder(key.doc()).append(" (").append(key.type());
        if (!key.bounds().isEmpty()) {
            words.append(' ').append(key.bounds());
        }
        if (key.value() != null && !key.value().isEmpty()) {
            words.append(", default ").append(key.value());
        }
        return words.append(')').toString();
    }
}
