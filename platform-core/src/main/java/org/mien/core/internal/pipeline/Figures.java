// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.pipeline;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.mien.core.Figure;

/** Figures of papers, as {@code RAF-DB accuracy 89.47 %, MMI accuracy 85.23 %}. */
public final class Figures {
    private static final Pattern ONE =
            Pattern.compile("(\\S.*?)\\s+(\\S+)\\s+(-?\\d{1,9}(?:\\.\\d{1,9})?)\\s*(%?)");

    private Figures() {}

    /**
     * Reads them.
     *
     * @param text with commas; may be null
     * @throws IllegalArgumentException for what is none
     */
    public static List<Figure> parse(String text) {
        List<Figure> figures = new ArrayList<>();
        for (String one : text == null ? new String[0] : text.split(",")) {
            if (one.isBlank()) {
                continue;
            }
            Matcher matcher = ONE.matcher(one.strip());
            if (!matcher.matches()) {
                throw new IllegalArgumentException(
                        "figure '"
                                + one.strip()
                                + "'; expected data, metric and number, as 'RAF-DB accuracy 0.9'"
                                + " or 'RAF-DB accuracy 90.00 %'");
            }
            BigDecimal number = new BigDecimal(matcher.group(3));
            boolean percent = !matcher.group(4).isEmpty();
            figures.add(
                    new Figure(
                            matcher.group(1),
                            matcher.group(2),
                            (percent ? number.movePointLeft(2) : number).doubleValue(),
                            percent));
        }
        return figures;
    }
}
