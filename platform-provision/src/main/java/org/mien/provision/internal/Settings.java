// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.provision.internal;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.mien.core.MienException;
import org.mien.provision.Provisioning.Setting;

/**
 * Files that features bring to the folder {@code etc}. They are written here and not by the
 * features service, which writes anywhere and over anything: only new ones, only into {@code etc},
 * none by which the platform or Karaf is set up. They stay when their plugin goes, as a user may
 * have changed them.
 */
final class Settings {
    /** A file to be written; its content is null where it stays as it is. */
    record Planned(Setting setting, Path to, byte[] content) {}

    private static final int MOST_BYTES = 4 << 20;

    private static final Pattern PID =
            Pattern.compile("[A-Za-z0-9][A-Za-z0-9_]*([._][A-Za-z0-9_]+)*([~-][A-Za-z0-9._-]+)?");

    /** A new pipeline harms nobody. */
    private static final Pattern PIPELINE = Pattern.compile("org\\.mien\\.pipeline[~-].+");

    /** Beginnings of PIDs that are read by what is here, whether their files are there or not. */
    private static final List<String> RESERVED =
            List.of(
                    "org.mien.",
                    "org.apache.",
                    "org.ops4j.",
                    "org.osgi.",
                    "org.eclipse.",
                    "felix.",
                    "karaf",
                    "jmx.",
                    "java",
                    "system",
                    "config",
                    "custom",
                    "profile");

    private static final Set<String> OF_PIDS = Set.of("cfg", "config", "json");

    /** Endings of files in {@code etc} that Karaf reads when it starts, and of its keys. */
    private static final Set<String> READ =
            Set.of("properties", "script", "xml", "key", "pub", "policy", "info", "pem", "jks");

    private static final Pattern WORD = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*");

    private final Path etc;
    private final Store store;
    private final Predicate<String> configured;

    /**
     * For a folder.
     *
     * @param configured whether there is a configuration of a PID
     */
    Settings(Path etc, Store store, Predicate<String> configured) {
        this.etc = etc;
        this.store = store;
        this.configured = configured;
    }

    /**
     * What a feature would write.
     *
     * @param source for messages
     * @param open gives what an address has, which was judged before
     */
    List<Planned> plan(String source, Descriptor.Feature feature, Opener open) throws IOException {
        List<Planned> planned = new ArrayList<>();
        for (Descriptor.Written one : feature.written) {
            boolean pid = one.pid() != null;
            String who = pid ? "configuration '" + one.pid() + "'" : "file '" + one.name() + "'";
            String path = pid ? one.pid() + ".cfg" : within(source, feature, one.name(), who);
            String wrong = wrong(path);
            if (!wrong.isEmpty()) {
                throw refusal(source, feature, who, wrong);
            }
            Path to = etc.resolve(path);
            boolean mine = feature.name.equals(store.writer(path));
            if (mine && Files.exists(to, LinkOption.NOFOLLOW_LINKS)) {
                planned.add(new Planned(new Setting(path, feature.name, true), to, null));
                continue;
            }
            free(source, feature, who, path, to);
            byte[] content;
            if (one.text() != null) {
                content = properties(one.text());
            } else {
                try (InputStream in = open.open(one.address())) {
                    content = in.readNBytes(MOST_BYTES + 1);
                }
            }
            if (content.length > MOST_BYTES) {
                throw refusal(source, feature, who, "it has more than 4 MiB, the limit");
            }
            planned.add(new Planned(new Setting(path, feature.name, false), to, content));
        }
        return planned;
    }

    /** Gives what an address has. */
    interface Opener {
        InputStream open(String address);
    }

    /** A name as Karaf takes it, relative to {@code etc}. */
    private String within(String source, Descriptor.Feature feature, String name, String who) {
        for (String start :
                List.of("${karaf.etc}/", "${karaf.base}/etc/", "${karaf.home}/etc/", "etc/")) {
            String plain = start.startsWith("$") ? name : name.replaceFirst("^/+", "");
            if (plain.startsWith(start)) {
                return plain.substring(start.length()).replaceFirst("^/+", "");
            }
        }
        throw refusal(source, feature, who, "it lies outside of etc; expected ${karaf.etc}/NAME");
    }

    /** Why nobody may bring a file of this name; empty when somebody may. */
    static String wrong(String path) {
        String[] words = path.split("/", -1);
        for (int i = 0; i < words.length; i++) {
            if (!WORD.matcher(words[i]).matches() && !(i == 0 && words.length == 1 && pid(path))) {
                return "expected a name of letters, digits, '.', '_' and '-' within etc";
            }
            boolean folder = i < words.length - 1;
            if (folder && (words[i].contains(".") || words[i].equals("scripts"))) {
                return "the folder '" + words[i] + "' may be read as something else; name another";
            }
        }
        String last = words[words.length - 1];
        int dot = last.lastIndexOf('.');
        String ending = dot < 0 ? "" : last.substring(dot + 1).toLowerCase(Locale.ROOT);
        if (words.length > 1) {
            return ending.equals("script") ? "Karaf runs scripts; leave it away" : "";
        }
        if (READ.contains(ending)) {
            return "Karaf reads files of this kind when it starts; put it into a folder of its"
                    + " own, such as ${karaf.etc}/smile/"
                    + last;
        }
        if (!OF_PIDS.contains(ending)) {
            return "";
        }
        String pid = last.substring(0, dot);
        if (!PID.matcher(pid).matches()) {
            return "'" + pid + "' is no PID";
        }
        boolean reserved = RESERVED.stream().anyMatch(pid::startsWith);
        return reserved && !PIPELINE.matcher(pid).matches()
                ? "the PID '"
                        + pid
                        + "' is the platform's. A plugin brings configurations of its own, and"
                        + " pipelines (org.mien.pipeline-NAME)"
                : "";
    }

    private static boolean pid(String path) {
        return path.endsWith(".cfg") && PID.matcher(path.replaceFirst("\\.cfg$", "")).matches();
    }

    /** Refuses a name that is taken. */
    private void free(String source, Descriptor.Feature feature, String who, String path, Path to)
            throws IOException {
        String file = to.getFileName().toString();
        String stem = file.replaceFirst("\\.[^.]*$", "");
        List<Path> taken = new ArrayList<>(List.of(to));
        boolean pid = !path.contains("/") && OF_PIDS.contains(file.replaceFirst(".*\\.", ""));
        if (pid) {
            OF_PIDS.forEach(ending -> taken.add(etc.resolve(stem + "." + ending)));
            // A factory's configuration has two spellings.
            OF_PIDS.forEach(e -> taken.add(etc.resolve(stem.replace('~', '-') + "." + e)));
        }
        for (Path one : taken) {
            if (Files.exists(one, LinkOption.NOFOLLOW_LINKS)) {
                throw refusal(
                        source,
                        feature,
                        who,
                        "'"
                                + etc.relativize(one)
                                + "' is in etc already, and nothing is replaced."
                                + " Take it out, or move the one that is there away");
            }
        }
        if (pid && (configured.test(stem) || configured.test(stem.replaceFirst("-", "~")))) {
            throw refusal(source, feature, who, "there is a configuration of this PID already");
        }
        for (Path up = to.getParent(); !up.equals(etc); up = up.getParent()) {
            if (Files.exists(up, LinkOption.NOFOLLOW_LINKS)
                    && !Files.isDirectory(up, LinkOption.NOFOLLOW_LINKS)) {
                throw refusal(
                        source, feature, who, "'" + etc.relativize(up) + "' is no folder of etc");
            }
        }
    }

    /** Lines of a configuration, in characters that every reader takes for the same. */
    private static byte[] properties(String text) {
        StringBuilder lines = new StringBuilder();
        text.lines().map(String::strip).forEach(line -> lines.append(line).append('\n'));
        StringBuilder escaped = new StringBuilder();
        for (int i = 0; i < lines.length(); i++) {
            char c = lines.charAt(i);
            escaped.append(c < 0x7f ? String.valueOf(c) : String.format("\\u%04x", (int) c));
        }
        return escaped.toString().getBytes(StandardCharsets.US_ASCII);
    }

    /** Writes the files; gives those that were made. */
    List<Path> write(List<Planned> planned) throws IOException {
        List<Path> made = new ArrayList<>();
        try {
            for (Planned one : planned) {
                if (one.content() == null) {
                    continue;
                }
                List<Path> folders = new ArrayList<>();
                for (Path up = one.to().getParent(); !Files.exists(up); up = up.getParent()) {
                    folders.add(0, up);
                }
                for (Path folder : folders) {
                    Files.createDirectory(folder);
                    made.add(folder);
                }
                // Fails where something came here meanwhile, and follows no link.
                Files.createFile(one.to());
                made.add(one.to());
                Files.write(one.to(), one.content());
            }
            for (Planned one : planned) {
                store.written(one.setting().path(), one.setting().feature());
            }
            return made;
        } catch (IOException e) {
            undo(made);
            throw e;
        }
    }

    /** Takes files and folders back that were made. */
    static void undo(List<Path> made) {
        for (int i = made.size() - 1; i >= 0; i--) {
            try {
                Files.deleteIfExists(made.get(i));
            } catch (IOException e) {
                throw new MienException(
                        "'" + made.get(i) + "' cannot be deleted again: " + e.getMessage());
            }
        }
    }

    private static MienException refusal(
            String source, Descriptor.Feature feature, String who, String why) {
        return Verdict.refusal(
                source, "feature '" + feature.name + "' brings the " + who + ": " + why);
    }
}
