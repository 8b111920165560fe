// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.report;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Locale;
import java.util.regex.Pattern;

/** Numbers as a reader wants them, the same in every country. */
final class Numbers {
    /** The last word of a metric's name by which it is a share of something, 0 to 1. */
    private static final Pattern SHARE =
            Pattern.compile("(?i).*(accuracy|recall|precision|f1|auc|share)( \\S+=.*)?$");

    private Numbers() {}

    /** Whether a metric of this name is a share, as far as its name and value tell. */
    static boolean share(String name, double value) {
        return value >= 0 && value <= 1 && SHARE.matcher(name).matches();
    }

    /** A share as percent; a dash when there is none. */
    static String percent(double share, int digits) {
        return Double.isNaN(share)
                ? "\u2013"
                : String.format(Locale.ROOT, "%." + digits + "f\u00a0%%", share * 100);
    }

    /** A number to about four digits; a dash when there is none. */
    static String number(double value) {
        if (!Double.isFinite(value)) {
            return "\u2013";
        }
        double size = Math.abs(value);
        boolean plain = value == 0 || size >= 0.001 && size < 1e6;
        return String.format(Locale.ROOT, plain ? "%.4f" : "%.3e", value);
    }

    /** A metric: percent where its name says share, else a number. */
    static String metric(String name, double value) {
        return share(name, value) ? percent(value, 2) : number(value);
    }

    /** A metric: percent where it is a share, else a number. */
    static String metric(double value, boolean share) {
        return share ? percent(value, 2) : number(value);
    }

    /** A whole number with thin spaces between thousands. */
    static String count(long value) {
        return String.format(Locale.ROOT, "%,d", value).replace(',', '\u202f');
    }

    /** A tick: as many digits as its step needs. */
    static String tick(double value, double step) {
        if (step < 1e-4 || Math.abs(value) >= 1e6) {
            if (value == 0) {
                return "0";
            }
            BigDecimal rounded =
                    new BigDecimal(value)
                            .setScale(scale(step), RoundingMode.HALF_UP)
                            .stripTrailingZeros();
            int power = rounded.precision() - rounded.scale() - 1;
            return rounded.scaleByPowerOfTen(-power).toPlainString() + "e" + power;
        }
        return new BigDecimal(value)
                .setScale(Math.max(0, scale(step)), RoundingMode.HALF_UP)
                .toPlainString();
    }

    /** Digits after the point that a round step has. */
    private static int scale(double step) {
        return (int) Math.max(-12, -Math.floor(Math.log10(step) + 1e-9));
    }

    /** A place in a drawing, to a tenth. */
    static String place(double value) {
        long tenths = Math.round(value * 10);
        return tenths % 10 == 0
                ? Long.toString(tenths / 10)
                : String.format(Locale.ROOT, "%.1f", tenths / 10.0);
    }

    /** A time that people wait for: 12 s, 3 min 05 s, 2 h 07 min. */
    static String duration(double seconds) {
        long s = Math.round(seconds);
        if (s < 60) {
            return s + "\u00a0s";
        }
        if (s < 3600) {
            return String.format(Locale.ROOT, "%d\u00a0min %02d\u00a0s", s / 60, s % 60);
        }
        long min = Math.round(seconds / 60);
        return String.format(Locale.ROOT, "%d\u00a0h %02d\u00a0min", min / 60, min % 60);
    }
}
