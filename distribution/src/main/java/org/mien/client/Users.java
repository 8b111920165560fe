// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.client;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Who may log in to the shell: the commands {@code user-add}, {@code user-remove} and {@code
 * user-list}. A user has a password, in {@code users.properties}, or a key, in {@code
 * keys.properties}; both are files of Karaf's, read at each login.
 */
final class Users {
    /** The launcher's own. */
    static final String LAUNCHER = "mien";

    private static final String WITH_PASSWORD = "users.properties";
    private static final String WITH_KEY = "keys.properties";
    private static final Pattern ENTRY = Pattern.compile("([a-z][a-z0-9._-]*) *= *([^,]*),*(.*)");
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9._-]{0,31}");

    /** Groups stand in the other file only, so a key's line names each role. */
    private static final Map<String, String> ROLES =
            Map.of(
                    "viewer", "viewer,ssh",
                    "manager", "manager,viewer,ssh",
                    "admin", "admin,manager,viewer,systembundles,ssh");

    private final Path etc;
    private final String port;
    private final Path folder;

    private record User(String role, String login) {}

    /** What a user cannot have as he wants it; the message is for him. */
    static final class Refusal extends Exception {
        private static final long serialVersionUID = 1L;

        Refusal(String message) {
            super(message);
        }
    }

    /**
     * The users of a platform.
     *
     * @param etc its folder of settings
     * @param port of its shell, for the line that logs in
     * @param folder from which relative paths start
     */
    Users(Path etc, String port, Path folder) {
        this.etc = etc;
        this.port = port;
        this.folder = folder;
    }

    /**
     * Runs a command.
     *
     * @return what it prints
     */
    String run(String command, List<String> arguments) throws IOException, Refusal {
        if (!Files.exists(etc.resolve(WITH_PASSWORD))) {
            throw new Refusal("there are no users before the first start: ./mien start");
        }
        return switch (command) {
            case "user-add" -> add(arguments);
            case "user-remove" -> remove(arguments);
            default -> list();
        };
    }

    private String add(List<String> arguments) throws IOException, Refusal {
        String name = null;
        Map<String, String> options = new TreeMap<>(Map.of("--role", "viewer"));
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            String option = argument.replaceFirst("(?s)=.*", "");
            if (argument.startsWith("-") && !option.matches("--role|--key")) {
                throw new Refusal(
                        "option '" + argument + "' is unknown; user-add knows --role, --key");
            } else if (argument.startsWith("-") && argument.contains("=")) {
                options.put(option, argument.substring(option.length() + 1));
            } else if (argument.startsWith("-") && i + 1 < arguments.size()) {
                options.put(option, arguments.get(++i));
            } else if (argument.startsWith("-")) {
                throw new Refusal(option + " needs a value: write " + option + " VALUE");
            } else if (name != null) {
                throw new Refusal(
                        "user-add takes one name; got '" + name + "' and '" + argument + "'");
            } else {
                name = argument;
            }
        }
        check("user-add", name);
        String role = options.get("--role");
        if (!ROLES.containsKey(role)) {
            throw new Refusal("role '" + role + "' is unknown; expected viewer, manager or admin");
        }
        if (all().containsKey(name)) {
            throw new Refusal(
                    "user '"
                            + name
                            + "' exists already; './mien user-remove "
                            + name
                            + "' removes him");
        }
        String key = options.get("--key");
        String login = "ssh -p " + port + " " + name + "@127.0.0.1 run-list";
        if (key != null) {
            SshKey given = SshKey.read(folder.resolve(key), key);
            append(WITH_KEY, name + " = " + given.base64() + "," + ROLES.get(role));
            return table("user", name, "role", role, "key", given.words(), "login", login);
        }
        byte[] random = new byte[24];
        new SecureRandom().nextBytes(random);
        String password = HexFormat.of().formatHex(random);
        append(WITH_PASSWORD, name + " = " + password + "," + ROLES.get(role));
        return table("user", name, "role", role, "password", password, "login", login);
    }

    private static String table(String... namesAndValues) {
        StringBuilder table = new StringBuilder();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            table.append(String.format("%-8s  %s%n", namesAndValues[i], namesAndValues[i + 1]));
        }
        return table.toString();
    }

    private static void check(String command, String name) throws Refusal {
        if (name == null || name.isEmpty() || name.startsWith("-")) {
            throw new Refusal(command + " needs a name: ./mien " + command + " NAME");
        } else if (name.equals(LAUNCHER)) {
            throw new Refusal(
                    "'"
                            + LAUNCHER
                            + "' is the launcher's own user; its password is in "
                            + WITH_PASSWORD);
        } else if (!NAME.matcher(name).matches()) {
            throw new Refusal(
                    "user '"
                            + name
                            + "': expected up to 32 of a-z, 0-9, '.', '_' and '-', a letter first");
        }
    }

    private String remove(List<String> arguments) throws IOException, Refusal {
        String name = arguments.isEmpty() ? null : arguments.get(0);
        check("user-remove", name);
        if (!all().containsKey(name)) {
            throw new Refusal("user '" + name + "' does not exist; './mien user-list' lists them");
        }
        for (String file : List.of(WITH_PASSWORD, WITH_KEY)) {
            List<String> lines = lines(file);
            List<String> left =
                    lines.stream()
                            .filter(line -> !line.replaceFirst(" *=.*", "").equals(name))
                            .toList();
            if (left.size() < lines.size()) {
                write(file, left);
            }
        }
        System.err.println(
                "mien: user '"
                        + name
                        + "' is removed; a connection that is open stays until it ends");
        return "";
    }

    private String list() throws IOException {
        StringBuilder list = new StringBuilder(String.format("%-32s  role%n", "user"));
        all().forEach(
                        (name, user) ->
                                list.append(
                                        String.format(
                                                "%-32s  %s%s%n", name, user.role(), user.login())));
        return list.toString();
    }

    private Map<String, User> all() throws IOException {
        Map<String, User> all = new TreeMap<>();
        for (String file : List.of(WITH_PASSWORD, WITH_KEY)) {
            for (String line : lines(file)) {
                Matcher entry = ENTRY.matcher(line);
                if (entry.matches()) {
                    String login = file.equals(WITH_KEY) ? "  " + SshKey.words(entry.group(2)) : "";
                    all.put(entry.group(1), new User(role(entry.group(3)), login));
                }
            }
        }
        return all;
    }

    private static String role(String roles) {
        List<String> all = List.of(roles.split(","));
        if (all.contains("_g_:admingroup")) {
            return "admin";
        }
        return List.of("admin", "manager", "viewer").stream()
                .filter(all::contains)
                .findFirst()
                .orElse("none");
    }

    private List<String> lines(String file) throws IOException {
        Path path = etc.resolve(file);
        return Files.exists(path) ? Files.readAllLines(path) : List.of();
    }

    private void append(String file, String line) throws IOException {
        List<String> lines = new ArrayList<>(lines(file));
        lines.add(line);
        write(file, lines);
    }

    /** Whole or not at all, and for this account only. */
    private void write(String file, List<String> lines) throws IOException {
        Path half =
                Files.createTempFile(
                        etc,
                        "users",
                        "",
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rw-------")));
        Files.write(half, lines, StandardCharsets.UTF_8);
        Files.move(half, etc.resolve(file), StandardCopyOption.ATOMIC_MOVE);
    }
}
