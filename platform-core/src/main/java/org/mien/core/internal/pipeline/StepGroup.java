// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.pipeline;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.mien.api.spi.Settings;
import org.mien.core.MienException;

/**
 * An entry of the key {@code preprocess}: {@code ID}, a step; {@code ID+ID:SHARE}, steps that vary
 * under one coin; {@code ID@VIEW}, a step on a view after it was cut. A coin and a view go
 * together: {@code ID:SHARE@VIEW}.
 *
 * @param ids of the steps, in order
 * @param share of the uses at which they vary; 1 without a coin
 * @param view whose pixels they are given; empty for the face, before views are cut
 */
public record StepGroup(List<String> ids, double share, String view) {
    /** The word for each view that the method reads. */
    public static final String EVERY_VIEW = "view";

    private static final Pattern ENTRY =
            Pattern.compile("([^+:@]+(?:\\+[^+:@]+)*)(?::([^+:@]+))?(?:@([^+:@]+))?");

    /**
     * Reads the entries.
     *
     * @param who for messages
     * @throws MienException for the first that cannot be read
     */
    public static List<StepGroup> of(String who, List<String> entries) {
        return entries.stream().map(entry -> of(who, entry.strip())).toList();
    }

    private static StepGroup of(String who, String entry) {
        Matcher matcher = ENTRY.matcher(entry);
        double share = 1;
        if (matcher.matches()) {
            share = matcher.group(2) == null ? 1 : share(matcher.group(2).strip());
            List<String> ids = Stream.of(matcher.group(1).split("\\+")).map(String::strip).toList();
            boolean coin = matcher.group(2) != null || ids.size() == 1;
            if (share >= 0 && share <= 1 && coin && !ids.contains("")) {
                String view = matcher.group(3) == null ? "" : matcher.group(3).strip();
                return new StepGroup(ids, share, view);
            }
        }
        throw new MienException(
                who
                        + ": preprocess names '"
                        + entry
                        + "'; expected a step (rotate), steps under one coin with its share of 0 to"
                        + " 1 (rotate+crop:0.2), or a step on a view (rotate@left, or rotate@view"
                        + " for each)");
    }

    private static double share(String text) {
        return Settings.isNumber(text) ? Double.parseDouble(text) : Double.NaN;
    }

    /** Ids in a value of the key, as far as it can be read; for who asks before it is checked. */
    public static List<String> ids(String value) {
        List<String> ids = new ArrayList<>();
        for (String entry : Settings.list(value)) {
            for (String id : entry.replaceFirst("[:@].*", "").split("\\+")) {
                if (!id.isBlank()) {
                    ids.add(id.strip());
                }
            }
        }
        return ids;
    }

    /** Whether it runs on a view. */
    public boolean isOnView() {
        return !view.isEmpty();
    }

    /** Whether it runs on this view. */
    public boolean isOn(String other) {
        return view.equals(EVERY_VIEW) || view.equals(other);
    }

    /** As it is written. */
    @Override
    public String toString() {
        return String.join("+", ids)
                + (share < 1 || ids.size() > 1 ? ":" + share : "")
                + (isOnView() ? "@" + view : "");
    }
}
