// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import java.util.Locale;
import java.util.regex.Pattern;
import org.mien.core.Runs;

/** Numbers as people read them, the same in every country. */
final class Text {
    /** The last word of a metric's name by which it is a share of something, 0 to 1. */
    private static final Pattern SHARE =
            Pattern.compile("(?i).*(accuracy|recall|precision|f1|auc|share)( \\S+=.*)?$");

    private Text() {}

    /** Whether a metric of this name is a share, as far as its name and value tell. */
    static boolean share(String name, double value) {
        return value >= 0 && value <= 1 && SHARE.matcher(name).matches();
    }

    /** A share from 0 to 1 as percent; a dash when there is none. */
    static String percent(double share) {
        return Double.isNaN(share) ? "-" : String.format(Locale.ROOT, "%.2f %%", share * 100);
    }

    /** A number to about four digits; a dash when there is none. */
    static String number(double value) {
        if (Double.isNaN(value)) {
            return "-";
        }
        double size = Math.abs(value);
        boolean plain = value == 0 || size >= 0.001 && size < 1e6;
        return String.format(Locale.ROOT, plain ? "%.4f" : "%.3e", value);
    }

    /** A metric: percent where its name says share, else a number. */
    static String metric(String name, double value) {
        return share(name, value) ? percent(value) : number(value);
    }

    /** What the epoch of a run was chosen by, with its value; a dash before there is one. */
    static String chosen(Runs.Run run) {
        return run.bestEpoch() == 0 || Double.isNaN(run.chosenValue())
                ? "-"
                : run.chosenBy() + " " + metric(run.chosenBy(), run.chosenValue());
    }

    /** A whole number with separators of thousands. */
    static String count(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    /** With one digit after the point. */
    static String tenths(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }

    /** With two digits after the point. */
    static String hundredths(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }

    /** A time that people wait for: 12 s, 3 min 05 s, 2 h 07 min, 1 d 04 h. */
    static String duration(double seconds) {
        long s = Math.round(seconds);
        if (s < 60) {
            return s + " s";
        }
        if (s < 3600) {
            return String.format(Locale.ROOT, "%d min %02d s", s / 60, s % 60);
        }
        long min = Math.round(seconds / 60);
        if (min < 24 * 60) {
            return String.format(Locale.ROOT, "%d h %02d min", min / 60, min % 60);
        }
        long h = Math.round(seconds / 3600);
        return String.format(Locale.ROOT, "%d d %02d h", h / 24, h % 24);
    }

    /** Filled up with spaces on the right. */
    static String left(String text, int width) {
        return text + " ".repeat(Math.max(0, width - width(text)));
    }

    /** Filled up with spaces on the left. */
    static String right(String text, int width) {
        return " ".repeat(Math.max(0, width - width(text))) + text;
    }

    /** Characters that a person counts. */
    static int width(String text) {
        return text.codePointCount(0, text.length());
    }
}
