// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.checks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Links of Markdown files. */
final class Links {
    /** {@code [text](target "title")}, {@code [text](<target>)} and {@code [name]: target}. */
    private static final Pattern LINK =
            Pattern.compile("\\]\\(\\s*(?:<([^>]+)>|([^\\s)]+))|^ {0,3}\\[[^\\]]+\\]:\\s*(\\S+)");

    private static final Pattern SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*:.*");

    private Links() {}

    /**
     * Finds relative links that lead nowhere.
     *
     * @param root folder of the repository; a link that leaves it leads nowhere
     * @return file, line and link of each
     */
    static List<String> dead(Path root) throws IOException {
        List<String> dead = new ArrayList<>();
        for (Path file : Repository.files(root, ".md")) {
            boolean code = false;
            List<String> lines = Files.readAllLines(file);
            for (int i = 0; i < lines.size(); i++) {
                if (lines.get(i).strip().startsWith("```")) {
                    code = !code;
                }
                if (code) {
                    continue;
                }
                Matcher link = LINK.matcher(lines.get(i).replaceAll("`[^`]*`", ""));
                while (link.find()) {
                    String target =
                            link.group(1) != null
                                    ? link.group(1)
                                    : link.group(2) != null ? link.group(2) : link.group(3);
                    if (!leads(root, file, target)) {
                        dead.add(
                                root.relativize(file)
                                        + ":"
                                        + (i + 1)
                                        + ": "
                                        + target
                                        + " is not there");
                    }
                }
            }
        }
        return dead;
    }

    private static boolean leads(Path root, Path file, String target) {
        String path = target.replaceFirst("#.*", "").replace("%20", " ");
        if (path.isEmpty() || SCHEME.matcher(target).matches()) {
            return true;
        }
        Path to = file.resolveSibling(path).normalize();
        return to.startsWith(root) && Files.exists(to);
    }
}
