// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.report;

import java.util.ArrayList;
import java.util.List;

/** A chart of lines over epochs, as SVG; colours come from the page's style. */
final class Chart {
    /** A line of it. */
    private record Line(String name, Curve curve, boolean faint, int colour) {}

    private static final double WIDTH = 460;
    private static final double HEIGHT = 280;
    private static final double LEFT = 58;
    private static final double RIGHT = WIDTH - 14;
    private static final double TOP = 20;
    private static final double BOTTOM = HEIGHT - 44;

    /** Colours that there are; lines beyond them begin again, with dashes. */
    private static final int COLOURS = 6;

    private static final int DASHES = 4;

    private final String id;
    private final String title;
    private final String xName;
    private final boolean percent;
    private final List<Line> lines = new ArrayList<>();
    private double markAt = Double.NaN;
    private String markName = "";

    /**
     * An empty chart.
     *
     * @param id unique in the page
     * @param title what it shows
     * @param xName what x counts
     * @param percent whether the values are shares
     */
    Chart(String id, String title, String xName, boolean percent) {
        this.id = id;
        this.title = title;
        this.xName = xName;
        this.percent = percent;
    }

    /** Adds a line, unless there is no curve. */
    Chart line(String name, Curve curve) {
        return add(name, curve, false);
    }

    /** Adds a thin line with the range of its values behind it, unless there is no curve. */
    Chart faint(String name, Curve curve) {
        return add(name, curve, true);
    }

    private Chart add(String name, Curve curve, boolean faint) {
        if (curve != null && curve.points().length > 0) {
            int before = (int) lines.stream().filter(line -> !line.faint()).count();
            lines.add(new Line(name, curve, faint, before));
        }
        return this;
    }

    /** Marks a place on the x axis. */
    Chart mark(double x, String name) {
        markAt = x;
        markName = name;
        return this;
    }

    boolean isEmpty() {
        return lines.isEmpty();
    }

    /** Draws it as a figure with its legend. */
    void into(Html html) {
        Scale x = xScale();
        Scale y = yScale();
        html.open("figure", "class", "chart").leaf("figcaption", title);
        html.open(
                "svg",
                "viewBox",
                "0 0 " + Numbers.place(WIDTH) + " " + Numbers.place(HEIGHT),
                "role",
                "img",
                "aria-labelledby",
                id + "-title " + id + "-text");
        html.leaf("title", title, "id", id + "-title");
        html.leaf("desc", words(), "id", id + "-text");
        axes(html, x, y);
        html.open("clipPath", "id", id + "-area");
        html.shape(
                "rect",
                "x",
                Numbers.place(LEFT),
                "y",
                Numbers.place(TOP - 3),
                "width",
                Numbers.place(RIGHT - LEFT + 3),
                "height",
                Numbers.place(BOTTOM - TOP + 6));
        html.close();
        html.open("g", "clip-path", "url(#" + id + "-area)");
        for (Line line : lines) {
            draw(html, line, x, y);
        }
        html.close();
        mark(html, x);
        html.close();
        legend(html);
        html.close();
    }

    /** From 0 in every chart of a run, so that one stands over the other. */
    private Scale xScale() {
        double most = 0;
        for (Line line : lines) {
            for (int i : line.curve().points()) {
                most = Math.max(most, line.curve().x(i));
            }
        }
        return new Scale(0, Math.ceil(most), LEFT, RIGHT, 8, false);
    }

    private Scale yScale() {
        double least = Double.POSITIVE_INFINITY;
        double most = Double.NEGATIVE_INFINITY;
        for (Line line : lines) {
            for (int i : line.curve().points()) {
                least = Math.min(least, line.curve().y(i));
                most = Math.max(most, line.curve().y(i));
            }
        }
        // What lies near zero is better seen with it.
        return new Scale(least >= 0 && least < most / 3 ? 0 : least, most, BOTTOM, TOP, 5, true);
    }

    private void axes(Html html, Scale x, Scale y) {
        html.open("g", "class", "grid");
        for (double tick : y.ticks()) {
            line(html, LEFT, y.at(tick), RIGHT, y.at(tick));
        }
        html.close();
        html.open("g", "class", "axis");
        line(html, LEFT, BOTTOM, RIGHT, BOTTOM);
        for (double tick : x.ticks()) {
            if (tick == Math.rint(tick)) {
                line(html, x.at(tick), BOTTOM, x.at(tick), BOTTOM + 4);
            }
        }
        html.close();
        html.open("g", "class", "ticks");
        for (double tick : y.ticks()) {
            String text =
                    percent
                            ? Numbers.tick(tick * 100, y.step() * 100) + "\u2009%"
                            : Numbers.tick(tick, y.step());
            label(html, LEFT - 7, y.at(tick) + 4, "end", text);
        }
        for (double tick : x.ticks()) {
            if (tick == Math.rint(tick)) {
                label(html, x.at(tick), BOTTOM + 17, "middle", Numbers.tick(tick, 1));
            }
        }
        html.close();
        html.open("g", "class", "names");
        label(html, (LEFT + RIGHT) / 2, HEIGHT - 6, "middle", xName);
        html.close();
    }

    private static void line(Html html, double x1, double y1, double x2, double y2) {
        html.shape(
                "line",
                "x1",
                Numbers.place(x1),
                "y1",
                Numbers.place(y1),
                "x2",
                Numbers.place(x2),
                "y2",
                Numbers.place(y2));
    }

    private static void label(Html html, double x, double y, String anchor, String text) {
        html.leaf(
                "text", text, "x", Numbers.place(x), "y", Numbers.place(y), "text-anchor", anchor);
    }

    private void draw(Html html, Line line, Scale x, Scale y) {
        Curve curve = line.curve();
        int[] points = curve.points();
        String classes = style(line);
        if (line.faint() && curve.thinned()) {
            StringBuilder band = new StringBuilder();
            for (int i : points) {
                append(band, x.at(curve.x(i)), y.at(curve.most(i)));
            }
            for (int j = points.length - 1; j >= 0; j--) {
                append(band, x.at(curve.x(points[j])), y.at(curve.least(points[j])));
            }
            html.shape("polygon", "class", "band " + classes, "points", band.toString());
        }
        StringBuilder path = new StringBuilder();
        for (int i : points) {
            append(path, x.at(curve.x(i)), y.at(curve.y(i)));
        }
        html.shape("polyline", "class", "line " + classes, "points", path.toString());
        if (!line.faint() && points.length <= 40) {
            for (int i : points) {
                html.shape(
                        "circle",
                        "class",
                        "dot " + classes,
                        "cx",
                        Numbers.place(x.at(curve.x(i))),
                        "cy",
                        Numbers.place(y.at(curve.y(i))),
                        "r",
                        "2.4");
            }
        }
    }

    private static void append(StringBuilder points, double x, double y) {
        points.append(points.length() == 0 ? "" : " ")
                .append(Numbers.place(x))
                .append(',')
                .append(Numbers.place(Math.max(-1e4, Math.min(1e4, y))));
    }

    private static String style(Line line) {
        return "c"
                + line.colour() % COLOURS
                + " d"
                + Math.min(DASHES - 1, line.colour() / COLOURS)
                + (line.faint() ? " faint" : "");
    }

    private void mark(Html html, Scale x) {
        if (Double.isNaN(markAt)) {
            return;
        }
        double at = x.at(markAt);
        html.open("g", "class", "mark");
        line(html, at, TOP, at, BOTTOM);
        String anchor = at > (LEFT + RIGHT) / 2 ? "end" : "start";
        label(html, at, TOP - 7, anchor, markName);
        html.close();
    }

    private void legend(Html html) {
        if (lines.size() < 2) {
            return;
        }
        html.open("ul", "class", "legend");
        for (Line line : lines) {
            html.open("li");
            html.open("svg", "viewBox", "0 0 26 10", "aria-hidden", "true");
            html.shape(
                    "line",
                    "class",
                    "line " + style(line),
                    "x1",
                    "1",
                    "y1",
                    "5",
                    "x2",
                    "25",
                    "y2",
                    "5");
            html.close();
            html.leaf("span", line.name()).close();
        }
        html.close();
    }

    /** The chart in words, for who cannot see it. */
    private String words() {
        StringBuilder words = new StringBuilder();
        for (Line line : lines) {
            int[] points = line.curve().points();
            int first = points[0];
            int last = points[points.length - 1];
            words.append(line.name())
                    .append(": from ")
                    .append(value(line.curve().y(first)))
                    .append(" to ")
                    .append(value(line.curve().y(last)))
                    .append(". ");
        }
        return words.append("The horizontal axis is the ").append(xName).append('.').toString();
    }

    private String value(double value) {
        return percent ? Numbers.percent(value, 1) : Numbers.number(value);
    }
}
