// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import org.mien.api.run.RunEvent;

/**
 * Shows how far a run is. On a terminal one line is drawn over and over; each epoch leaves a line
 * behind, and where there is no terminal these lines are all.
 *
 * <pre>
 * epoch  3/10 [############--------]  812.0 images/s  ETA 1 min 20 s  loss 0.4321  accuracy 87.31 %
 * </pre>
 */
final class Progress {
    /** Numbers for the metrics rather than for people who wait. */
    private static final Pattern QUIET = Pattern.compile("(.*\\.)?(lr|gradient-norm)");

    private static final int BAR = 20;

    private final Consumer<String> out;
    private final int columns;
    private final LongSupplier nanos;
    private long begin;
    private long first;
    private boolean begun;
    private int drawn;

    /**
     * A run to come.
     *
     * @param out takes text with its own ends of line
     * @param columns width of the terminal, 0 when there is none
     * @param nanos the time
     */
    Progress(Consumer<String> out, int columns, LongSupplier nanos) {
        this.out = out;
        this.columns = columns;
        this.nanos = nanos;
        this.begin = nanos.getAsLong();
    }

    /** Shows an event. */
    void on(RunEvent event) {
        switch (event.kind()) {
            case STARTED -> {
                begun = true;
                begin = nanos.getAsLong();
                first = event.step();
                String from = first > 0 ? "; from step " + first + " on" : "";
                String[] said = event.text().split("\n", 2); // what follows has lines of its own
                finish(
                        String.format(
                                Locale.ROOT,
                                "run %s: %d epochs, %d steps%s%s%s",
                                event.run(),
                                event.epochs(),
                                event.steps(),
                                said[0].isEmpty() ? "" : "; validation: " + said[0],
                                from,
                                said.length > 1 ? "\n" + said[1] : ""));
            }
            case STEP -> {
                late(event);
                if (columns > 0) {
                    draw(bar(event));
                }
            }
            case EPOCH -> {
                late(event);
                finish(head(event) + "  " + String.join("  ", parts(event)));
            }
            case QUEUED, WAITING, PAUSED ->
                    finish(
                            "run "
                                    + event.run()
                                    + " is "
                                    + event.kind()
                                    + (event.text().isEmpty() ? "" : ": " + event.text()));
            default -> clear();
        }
    }

    /** Who comes in the middle of a run knows its speed from then on only. */
    private void late(RunEvent event) {
        if (!begun) {
            begun = true;
            begin = nanos.getAsLong();
            first = event.step();
        }
    }

    /** Removes the line that is drawn, so that something else can be written. */
    void clear() {
        if (drawn > 0) {
            out.accept("\r" + " ".repeat(drawn) + "\r");
            drawn = 0;
        }
    }

    private void draw(String line) {
        out.accept("\r" + Text.left(line, drawn));
        drawn = Text.width(line);
    }

    private void finish(String line) {
        out.accept((drawn > 0 ? "\r" + Text.left(line, drawn) : line) + "\n");
        drawn = 0;
    }

    private static String head(RunEvent event) {
        String epochs = Integer.toString(event.epochs());
        return "epoch "
                + Text.right(Integer.toString(event.epoch() + 1), epochs.length())
                + "/"
                + epochs;
    }

    /** Fits the terminal: one column stays free, since a full line would wrap. */
    private String bar(RunEvent event) {
        double perEpoch = event.epochs() > 0 ? (double) event.steps() / event.epochs() : 0;
        double share = perEpoch > 0 ? event.step() / perEpoch - event.epoch() : 0;
        String head = head(event);
        String rest = "  " + String.join("  ", parts(event));
        int room = columns - 1 - head.length() - rest.length() - 3;
        int bar = Math.min(BAR, room);
        String line = head;
        if (bar >= 5) {
            int full = (int) Math.floor(Math.min(1, Math.max(0, share)) * bar + 1e-9);
            line += " [" + "#".repeat(full) + "-".repeat(bar - full) + "]";
        }
        line += rest;
        return line.substring(0, Math.min(line.length(), Math.max(0, columns - 1)));
    }

    /** Speed, time to go, and each number of the event. */
    private List<String> parts(RunEvent event) {
        List<String> parts = new ArrayList<>();
        Double speed = event.values().get("images/s");
        if (speed != null) {
            parts.add(Text.tenths(speed) + " images/s");
        }
        double elapsed = (nanos.getAsLong() - begin) / 1e9;
        if (event.step() >= event.steps()) {
            parts.add("took " + Text.duration(elapsed));
        } else if (event.step() > first) {
            double left = elapsed / (event.step() - first) * (event.steps() - event.step());
            parts.add("ETA " + Text.duration(left));
        }
        for (Map.Entry<String, Double> value : event.values().entrySet()) {
            String name = value.getKey();
            // The learning rate is in metrics.jsonl; a line has room for what it leads to.
            if (!name.equals("images/s") && !QUIET.matcher(name).matches()) {
                boolean share = event.shares().contains(name);
                parts.add(name.replace('.', ' ') + " " + Text.metric(share, value.getValue()));
            }
        }
        return parts;
    }
}
