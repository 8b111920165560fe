// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.api.data;

import java.text.Normalizer;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What the name of a file or folder says: whether a file system, a system or a tool has left it
 * there, whether it is a picture's, in which order people expect it, and whether two look the same.
 * Whoever reads a folder, a zip or a tar asks here, so that all of them see the same files.
 *
 * <p>Pure functions, for any number of threads.
 */
public final class FileNames {
    /**
     * Endings of the picture files that the platform decodes, in lower case, without the dot and in
     * the order of messages.
     */
    public static final List<String> PICTURES =
            List.of(
                    "jpg", "jpeg", "jpe", "jfif", "png", "webp", "bmp", "dib", "tif", "tiff",
                    "gif");

    /**
     * Names in their natural order: numbers within them count by their value ({@code 2} before
     * {@code 10}, {@code S9_1} before {@code S10_1}), all else by its characters.
     */
    public static final Comparator<String> NATURAL = FileNames::natural;

    // In lower case. Names that begin with a dot are passed over in any case.
    private static final Set<String> LITTER =
            Set.of(
                    "__macosx", // zips made on a Mac: a shadow of each file
                    "icon\r", // the picture of a folder on a Mac
                    "network trash folder",
                    "temporary items",
                    "thumbs.db",
                    "ehthumbs.db",
                    "ehthumbs_vista.db",
                    "desktop.ini",
                    "$recycle.bin",
                    "recycler",
                    "recycled",
                    "system volume information",
                    "found.000",
                    "lost+found",
                    "@eadir", // Synology: thumbnails of each picture
                    "@tmp",
                    "#recycle",
                    "#snapshot",
                    "@recycle", // QNAP
                    "@recently-snapshot",
                    "__pycache__");

    private FileNames() {}

    /**
     * Whether a file or folder is litter: hidden ({@code .DS_Store}, {@code ._a.jpg}, {@code .git},
     * {@code .ipynb_checkpoints}), or left there by a file system, a desktop or a network drive
     * ({@code @eaDir}, {@code #recycle}, {@code __MACOSX}, {@code Thumbs.db}, {@code lost+found}).
     * Pictures in such a folder are thumbnails or what somebody threw away.
     *
     * @param name of one file or folder, without those above it
     * @return true when no dataset means it
     */
    public static boolean isLitter(String name) {
        // ~$ is the lock of an office program that has the file open.
        return name.startsWith(".")
                || name.startsWith("~$")
                || LITTER.contains(name.toLowerCase(Locale.ROOT));
    }

    /**
     * Whether a file is litter or lies in a folder that is, as {@link #isLitter} for each part.
     *
     * @param path with {@code /}, as archives have it
     * @return true when no dataset means it
     */
    public static boolean isLitterPath(String path) {
        for (String part : path.split("/")) {
            if (!part.equals(".") && !part.equals("..") && isLitter(part)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Whether a name is that of a picture which the platform can decode.
     *
     * @param name of a file
     * @return true when it ends in one of {@link #PICTURES}, in upper or lower case
     */
    public static boolean isPicture(String name) {
        return PICTURES.contains(ending(name));
    }

    /**
     * The ending of a name.
     *
     * @param name of a file
     * @return what follows its last dot, in lower case; empty where there is none
     */
    public static String ending(String name) {
        int dot = name.lastIndexOf('.');
        return dot < 0 ? "" : name.substring(dot + 1).toLowerCase(Locale.ROOT);
    }

    /**
     * {@link #PICTURES} as a message lists them.
     *
     * @return for example {@code jpg, png or gif}
     */
    public static String pictures() {
        int last = PICTURES.size() - 1;
        return String.join(", ", PICTURES.subList(0, last)) + " or " + PICTURES.get(last);
    }

    /**
     * A name as it is compared and shown: in Unicode's composed form (NFC). A Mac writes {@code é}
     * as two characters, other systems as one.
     *
     * @param name any text
     * @return the same text in NFC
     */
    public static String composed(String name) {
        return Normalizer.normalize(name, Normalizer.Form.NFC);
    }

    /**
     * What remains of a name for the eye: two names that give the same cannot be told apart on a
     * screen. Composed; every kind of blank is one blank, several are one, those at the ends and
     * characters without a width are gone.
     *
     * @param name any text
     * @return what it looks like
     */
    public static String looks(String name) {
        StringBuilder seen = new StringBuilder();
        composed(name)
                .codePoints()
                .forEach(
                        c -> {
                            boolean blank = Character.isSpaceChar(c) || Character.isWhitespace(c);
                            boolean end =
                                    seen.length() == 0 || seen.charAt(seen.length() - 1) == ' ';
                            if (blank && !end) {
                                seen.append(' ');
                            } else if (!blank
                                    && Character.getType(c) != Character.FORMAT
                                    && Character.getType(c) != Character.CONTROL) {
                                seen.appendCodePoint(c);
                            }
                        });
        return seen.toString().stripTrailing();
    }

    /**
     * A name with all that the eye cannot tell written out, for a message about two that look the
     * same: a blank at an end, a blank that is none of the space bar, a character without a width,
     * a mark that is joined to the letter before it.
     *
     * @param name any text
     * @return for example <code>happy[U+00A0]</code> or <code>cole[U+0300]re</code>
     */
    public static String spelled(String name) {
        StringBuilder text = new StringBuilder();
        int[] all = name.codePoints().toArray();
        for (int i = 0; i < all.length; i++) {
            int c = all[i];
            boolean atEnd = i == 0 || i == all.length - 1 || all[i - 1] == ' ';
            int type = Character.getType(c);
            boolean odd =
                    c == ' '
                            ? atEnd
                            : Character.isSpaceChar(c)
                                    || Character.isWhitespace(c)
                                    || type == Character.FORMAT
                                    || type == Character.CONTROL
                                    || type == Character.NON_SPACING_MARK;
            if (odd) {
                text.append(String.format("[U+%04X]", c));
            } else {
                text.appendCodePoint(c);
            }
        }
        return text.toString();
    }

    private static int natural(String a, String b) {
        int i = 0;
        int j = 0;
        while (i < a.length() && j < b.length()) {
            int compared;
            if (isDigit(a.charAt(i)) && isDigit(b.charAt(j))) {
                int endA = digits(a, i);
                int endB = digits(b, j);
                compared = number(a.substring(i, endA), b.substring(j, endB));
                i = endA;
                j = endB;
            } else {
                compared = Character.compare(a.charAt(i++), b.charAt(j++));
            }
            if (compared != 0) {
                return compared;
            }
        }
        int rest = Integer.compare(a.length() - i, b.length() - j);
        return rest != 0 ? rest : a.compareTo(b); // 01 and 1 are two names
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static int digits(String text, int from) {
        int at = from;
        while (at < text.length() && isDigit(text.charAt(at))) {
            at++;
        }
        return at;
    }

    /** Compares two numbers of any length. */
    private static int number(String a, String b) {
        String x = a.replaceFirst("^0+(?=.)", "");
        String y = b.replaceFirst("^0+(?=.)", "");
        return x.length() != y.length() ? x.length() - y.length() : x.compareTo(y);
    }
}
