// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.provision.internal;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.mien.core.MienException;

/**
 * Where something lies that a features.xml names: a file of this machine, or a {@code mvn:} address
 * of what lies in the local repository. It is judged by its text alone, before anything is opened:
 * to open an address of the network is to ask it.
 *
 * @param text as it is written, without blanks around it
 * @param file the file, or null for a {@code mvn:} address
 */
record Address(String text, Path file) {
    /** No repository before it ({@code mvn:http://..!}), no range, nothing after it. */
    private static final Pattern MVN =
            Pattern.compile(
                    "mvn:\\w[\\w.-]*/\\w[\\w.-]*/(?!LATEST|RELEASE)\\w[\\w.+-]*(/\\w+(/\\w[\\w.-]*)?)?");

    private static final Pattern SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*(?=:)");

    /**
     * Judges an address.
     *
     * @param who what names it, for messages
     */
    static Address of(String who, String given) {
        String text = given.strip();
        if (MVN.matcher(text).matches()) {
            return new Address(text, null);
        }
        Matcher scheme = SCHEME.matcher(text);
        String name = scheme.lookingAt() ? scheme.group().toLowerCase(Locale.ROOT) : "";
        if (name.equals("mvn")) {
            throw refusal(
                    who,
                    text,
                    "expected mvn:GROUP/ARTIFACT/VERSION, maybe with /TYPE/CLASSIFIER, and no other"
                            + " repository before it");
        }
        if (!name.equals("file")) {
            throw refusal(
                    who,
                    text,
                    name.isEmpty()
                            ? "expected file: with a whole path, or mvn:GROUP/ARTIFACT/VERSION"
                            : "nothing is downloaded, and nothing here makes a bundle of something"
                                    + " else ("
                                    + name
                                    + ":). Expected file: or mvn:GROUP/ARTIFACT/VERSION");
        }
        try {
            URI uri = URI.create(text);
            // file://host/.. is fetched by FTP.
            boolean here = uri.getAuthority() == null || uri.getAuthority().isEmpty();
            if (uri.isOpaque() || !here || uri.getQuery() != null || uri.getFragment() != null) {
                throw refusal(who, text, "expected file:/PATH, a whole path of this machine");
            }
            return new Address(text, Path.of(uri.getPath()).normalize());
        } catch (IllegalArgumentException e) {
            throw refusal(who, text, "it is not a path: " + e.getMessage());
        }
    }

    private static MienException refusal(String who, String text, String why) {
        String shown = text.length() > 200 ? text.substring(0, 200) + ".." : text;
        return new MienException(who + " has the address '" + shown + "': " + why);
    }

    /** Opens it. */
    InputStream open(String who) {
        try {
            if (file == null) {
                return url().openStream();
            }
            if (Files.isRegularFile(file)) {
                return Files.newInputStream(file);
            }
            throw new MienException(
                    who
                            + ": there is no file '"
                            + file
                            + "'. Build it first, or put right what names it");
        } catch (IOException e) {
            throw new MienException(
                    who
                            + ": '"
                            + text
                            + "' "
                            + (file == null
                                    ? "is neither in the distribution's system folder nor in the"
                                            + " local repository (~/.m2/repository), and nothing is"
                                            + " downloaded. Put it there (mvn install), or give its"
                                            + " file"
                                    : "cannot be read: " + e.getMessage()));
        }
    }

    @SuppressWarnings("deprecation")
    private URL url() throws IOException {
        return new URL(text);
    }
}
