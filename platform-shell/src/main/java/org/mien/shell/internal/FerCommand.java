// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.karaf.shell.api.action.Action;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Option;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.console.Session;
import org.apache.karaf.shell.support.CommandException;
import org.mien.core.MienException;
import org.mien.core.Plugins;
import org.mien.core.Value;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the commands share. A command that fails throws Karaf's {@link CommandException}: the shell
 * prints its text once, without a stack trace, and the launcher puts it on standard error and ends
 * with a status that is not 0. It carries no cause, since sessions keep their last exception.
 */
public abstract class FerCommand implements Action {
    private static final Logger LOG = LoggerFactory.getLogger(FerCommand.class);

    @Reference Session session;

    @Option(name = "--json", description = "JSON for programs instead of text for people")
    boolean json;

    /** Where this command writes. */
    Screen screen;

    private boolean interrupted;

    /** Does the work; throws {@link MienException} for what a user can put right. */
    abstract void run();

    @Override
    public final Object execute() throws CommandException {
        screen = new Screen(session, () -> json);
        try {
            run();
            return null;
        } catch (MienException e) {
            throw failure(e.getMessage());
        } catch (RuntimeException | Error e) {
            String name = getClass().getAnnotation(Command.class).name();
            LOG.error("fer:{} failed", name, e);
            String message = e.getMessage() == null ? "" : " (" + e.getMessage() + ")";
            throw failure(
                    "internal error: "
                            + e.getClass().getSimpleName()
                            + message
                            + "; the log has more");
        } finally {
            screen.send();
        }
    }

    private CommandException failure(String why) {
        String message = screen.told(why);
        if (interrupted && screen.mark().isEmpty()) {
            // The shell no longer listens to a command that it has interrupted.
            screen.message(message + "\n");
        }
        return new CommandException(message, message);
    }

    /** To be called when the person at the shell has interrupted the command. */
    final void interrupted(String message) {
        interrupted = true;
        screen.message(message + "\n");
    }

    /** Says something beside the answer, on a line. */
    final void told(String words) {
        screen.message(words + "\n");
    }

    /**
     * Takes the options out of the arguments: Karaf reads options before the first argument only,
     * and people write them anywhere.
     *
     * @param arguments what came after the first argument, or null
     * @return the arguments that are no option
     */
    final List<String> plain(List<String> arguments) {
        List<String> plain = new ArrayList<>();
        Iterator<String> rest = (arguments == null ? List.<String>of() : arguments).iterator();
        while (rest.hasNext()) {
            String argument = rest.next();
            if (argument.startsWith("--")) {
                option(argument, rest);
            } else {
                plain.add(argument);
            }
        }
        return plain;
    }

    private void option(String argument, Iterator<String> rest) {
        int equals = argument.indexOf('=');
        String name = equals < 0 ? argument : argument.substring(0, equals);
        TreeMap<String, Field> options = new TreeMap<>();
        for (Class<?> type = getClass(); type != null; type = type.getSuperclass()) {
            for (Field field : type.getDeclaredFields()) {
                if (field.isAnnotationPresent(Option.class)) {
                    options.put(field.getAnnotation(Option.class).name(), field);
                }
            }
        }
        Field field = options.get(name);
        if (field == null) {
            throw new MienException(
                    "option '"
                            + name
                            + "' is unknown. Known: "
                            + String.join(", ", options.keySet())
                            + ", --help.");
        }
        boolean flag = field.getType() == boolean.class;
        String value =
                equals >= 0
                        ? argument.substring(equals + 1)
                        : flag ? "true" : rest.hasNext() ? rest.next() : "";
        if (value.isEmpty() || equals < 0 && value.startsWith("--")) {
            throw new MienException(
                    "option '" + name + "' needs a value: write " + name + " VALUE.");
        }
        try {
            if (flag) {
                field.setBoolean(this, Boolean.parseBoolean(value));
            } else if (field.getType() == List.class) {
                List<Object> values = new ArrayList<>();
                if (field.get(this) instanceof List<?> before) {
                    values.addAll(before);
                }
                values.add(value);
                field.set(this, values);
            } else {
                field.set(this, value);
            }
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Whether an argument sets a key; a file of such a name can be given as {@code ./a=b}. */
    final boolean isKey(String argument) {
        return argument.matches("(?s)[a-z][a-z0-9.-]*=.*") && !Files.exists(file(argument));
    }

    /** A path as it was typed, absolute. */
    final Path file(String typed) {
        return ImagePaths.path(screen.folder(), typed);
    }

    /** Keys for people. */
    final List<String> keys(List<Plugins.Key> keys) {
        if (keys.isEmpty()) {
            return List.of("no keys");
        }
        Table table = new Table().text("key", "type", "default", "bounds", "meaning");
        for (Plugins.Key key : keys) {
            table.row(
                    key.name(),
                    key.type(),
                    key.value() == null ? "(must be given)" : key.value(),
                    key.bounds(),
                    key.doc());
        }
        return table.lines();
    }

    /** Values with their origin, for people. */
    final List<String> values(Map<String, Value> values) {
        Table table = new Table().text("key", "value", "origin");
        values.forEach(
                (key, value) ->
                        table.row(key, value.value() == null ? "" : value.value(), value.origin()));
        return table.lines();
    }

    /** Names with a value each, one a line. */
    final void facts(String... namesAndValues) {
        int width = 0;
        for (int i = 0; i < namesAndValues.length; i += 2) {
            width = Math.max(width, Text.width(namesAndValues[i]));
        }
        for (int i = 0; i < namesAndValues.length; i += 2) {
            if (!namesAndValues[i + 1].isEmpty()) {
                screen.line(Text.left(namesAndValues[i], width) + "  " + namesAndValues[i + 1]);
            }
        }
    }
}
