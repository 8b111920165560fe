// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.mien.core.Evaluations;
import org.mien.core.Runs;
import org.mien.core.internal.data.DataFacts;
import org.mien.core.internal.evaluate.Answers;

/**
 * The report of a run as one page that needs nothing else: no script, no font, no picture from
 * elsewhere, and a policy that would stop them. The same facts give the same bytes.
 */
public final class Page {
    private static final String POLICY =
            "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

    /** Beginning of the names of what is found on the validation split. */
    private static final String VALIDATION = "validation.";

    private static final String VALIDATION_LOSS = VALIDATION + "loss";

    /** The most rows of a table of an evaluator. */
    private static final int ROWS = 200;

    /** The most columns of it; a wider one is left to who reads the file. */
    private static final int COLUMNS = 60;

    /** The most epochs that are told in numbers. */
    private static final int EPOCHS = 200;

    private final Facts facts;
    private final Html html = new Html();

    private Page(Facts facts) {
        this.facts = facts;
    }

    /**
     * Writes the page.
     *
     * @param facts what it tells
     * @return HTML
     */
    public static String of(Facts facts) {
        return new Page(facts).whole();
    }

    private String whole() {
        Runs.Run run = facts.run();
        html.open("html", "lang", "en").open("head");
        html.empty("meta", "charset", "utf-8");
        html.empty("meta", "http-equiv", "Content-Security-Policy", "content", POLICY);
        html.empty("meta", "name", "viewport", "content", "width=device-width, initial-scale=1");
        html.empty("meta", "name", "color-scheme", "content", "light dark");
        html.leaf("title", run.id() + " \u2013 Mien");
        html.style(css());
        html.close().open("body").open("main");
        header(run);
        cards();
        remarks();
        curves();
        gallery();
        facts.judged().forEach(this::evaluation);
        data();
        repeat();
        use();
        html.close();
        return html.end();
    }

    private static String css() {
        try (InputStream in = Page.class.getResourceAsStream("report.css")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void header(Runs.Run run) {
        html.open("header");
        html.leaf("p", "Report of a run", "class", "kind");
        html.leaf("h1", run.id());
        html.open("p", "class", "made").text("Method ").leaf("strong", facts.value("method"));
        if (!facts.value("backbone").isEmpty()) {
            html.text(" on backbone ").leaf("strong", facts.value("backbone"));
        }
        html.text(", dataset ").leaf("strong", facts.value("dataset"));
        html.text(", seed ").leaf("strong", facts.value("seed")).close();
        html.open("p", "class", "when").leaf("span", run.state(), "class", "state");
        html.text(" started " + started(run.started()));
        html.text(", trained for " + Numbers.duration(run.seconds())).close();
        html.close();
    }

    private static String started(String time) {
        try {
            String text = Instant.parse(time).truncatedTo(ChronoUnit.SECONDS).toString();
            return text.replace('T', ' ').replace("Z", "\u00a0UTC");
        } catch (DateTimeException e) {
            return time;
        }
    }

    private void cards() {
        Runs.Run run = facts.run();
        html.open("dl", "class", "cards");
        facts.judged().stream().filter(Facts.Judged::isOwn).forEach(this::accuracy);
        if (run.bestEpoch() > 0 && !Double.isNaN(run.chosenValue())) {
            card(
                    "validation " + run.chosenBy(),
                    Numbers.metric(run.chosenValue(), run.chosenByShare()),
                    "best epoch " + run.bestEpoch() + " of " + run.epochs());
        } else {
            card("epochs", Integer.toString(run.epochs()), "");
        }
        int all = facts.details().splits().values().stream().mapToInt(n -> n).sum();
        int classes = facts.details().targets().classes().size();
        card("samples", Numbers.count(all), facts.labelled() ? classes + " classes" : "");
        html.close();
    }

    private void accuracy(Facts.Judged judged) {
        Evaluations.Evaluation evaluation = judged.evaluation();
        Answers answers = judged.answers();
        String name = evaluation.split() + " accuracy";
        if (answers != null && answers.labelled() > 0) {
            double[] interval = answers.interval();
            card(
                    name,
                    Numbers.percent(answers.accuracy(), 2),
                    "95\u00a0%: "
                            + Numbers.percent(interval[0], 1).replace("\u00a0%", "")
                            + " to "
                            + Numbers.percent(interval[1], 1)
                            + ", n\u00a0=\u00a0"
                            + Numbers.count(answers.labelled()));
        } else if (evaluation.metrics().containsKey("accuracy")) {
            card(
                    name,
                    Numbers.percent(evaluation.metrics().get("accuracy"), 2),
                    "n\u00a0=\u00a0" + Numbers.count(evaluation.samples()));
        }
    }

    private void card(String name, String value, String more) {
        html.open("div").leaf("dt", name).leaf("dd", value, "class", "value");
        if (!more.isEmpty()) {
            html.leaf("dd", more, "class", "more");
        }
        html.close();
    }

    private void section(String id, String title) {
        html.open("section", "id", id, "aria-labelledby", id + "-name");
        html.leaf("h2", title, "id", id + "-name");
    }

    private void remarks() {
        section("remarks", "Before you believe a number");
        html.open("ul", "class", "remarks");
        for (Checks.Remark remark : Checks.of(facts)) {
            html.open("li", "class", remark.warning() ? "warning" : "note");
            html.leaf("b", remark.warning() ? "Warning" : "Note").text(" " + remark.text());
            html.close();
        }
        html.close().close();
    }

    private void curves() {
        Curves curves = facts.curves();
        section("training", "Training");
        if (curves.stepCount() == 0 && curves.epochCount() == 0) {
            html.leaf("p", "There are no metrics of this run.").close();
            return;
        }
        html.open("div", "class", "charts");
        for (Chart chart : charts(curves)) {
            if (!chart.isEmpty()) {
                chart.into(html);
            }
        }
        html.close();
        long together = Curves.together(curves.stepCount());
        if (together > 1) {
            html.leaf(
                    "p",
                    "Of the curves by step, each point is the mean of "
                            + together
                            + " steps; the band of the loss goes from the least to the most of"
                            + " them.",
                    "class",
                    "hint");
        }
        epochs(curves);
        html.close();
    }

    private List<Chart> charts(Curves curves) {
        Set<String> names = new LinkedHashSet<>(curves.steps().keySet());
        names.addAll(curves.epochs().keySet());
        List<String> phases = new ArrayList<>();
        for (String name : names) {
            boolean loss = name.equals("loss") || name.endsWith(".loss");
            if (loss && !name.startsWith(VALIDATION)) {
                phases.add(name.substring(0, name.length() - "loss".length()));
            }
        }
        String x = curves.inEpochs() ? "epoch" : "step";
        List<Chart> charts = new ArrayList<>();
        for (String phase : phases) {
            charts.add(loss(curves, phase, x, charts.size()));
        }
        Chart validation = new Chart("validation-loss", "Loss on the validation split", x, false);
        validation.line("loss", curves.epochs().get(VALIDATION_LOSS));
        best(validation);
        charts.add(validation);
        charts.add(accuracy(curves, phases, x));
        String by = facts.run().chosenBy();
        if (!by.equals("accuracy") && !by.equals("loss")) {
            Chart chosen = new Chart("chosen", by + " on the validation split", x, false);
            chosen.line(by, curves.epochs().get(VALIDATION + by));
            best(chosen);
            charts.add(chosen);
        }
        charts.add(perStep(curves, phases, "lr", "Learning rate", x));
        charts.add(perStep(curves, phases, "gradient-norm", "Norm of the gradient", x));
        for (String phase : phases) {
            Set<String> terms = terms(phase, names);
            // Each on a scale of its own: their weights differ, and a measure is no term at all.
            for (String term : terms.size() > 1 ? terms : Set.<String>of()) {
                Chart chart = new Chart("term-" + charts.size(), term.replace('.', ' '), x, false);
                chart.faint("each step", curves.steps().get(term));
                chart.line("mean of the epoch", curves.epochs().get(term));
                charts.add(chart);
            }
        }
        return charts;
    }

    private Chart loss(Curves curves, String phase, String x, int number) {
        String of = phase.isEmpty() ? "" : " of phase " + phase.substring(0, phase.length() - 1);
        Chart chart = new Chart("loss-" + number, "Loss" + of, x, false);
        chart.faint("loss of each step", curves.steps().get(phase + "loss"));
        chart.line("loss, mean of the epoch", curves.epochs().get(phase + "loss"));
        return chart;
    }

    /** Names of the terms of a phase's loss, and of what it measures. */
    private static Set<String> terms(String phase, Set<String> names) {
        Set<String> known = Set.of("loss", "lr", "gradient-norm", "accuracy");
        Set<String> terms = new LinkedHashSet<>();
        for (String name : names) {
            boolean own =
                    phase.isEmpty()
                            ? !name.contains(".") || !names.contains(first(name) + ".loss")
                            : name.startsWith(phase);
            if (own
                    && !name.startsWith(VALIDATION)
                    && !name.endsWith(".lr")
                    && !known.contains(name.substring(phase.length()))) {
                terms.add(name);
            }
        }
        return terms;
    }

    private static String first(String name) {
        return name.substring(0, name.indexOf('.'));
    }

    private Chart accuracy(Curves curves, List<String> phases, String x) {
        Chart chart = new Chart("accuracy", "Accuracy", x, true);
        for (String phase : phases) {
            chart.line("training" + words(phase), curves.epochs().get(phase + "accuracy"));
        }
        chart.line("validation", curves.epochs().get("validation.accuracy"));
        if (facts.run().chosenBy().equals("accuracy")) {
            best(chart);
        }
        return chart;
    }

    private void best(Chart chart) {
        int best = facts.run().bestEpoch();
        if (best > 0) {
            chart.mark(best, "best epoch " + best);
        }
    }

    private static Chart perStep(
            Curves curves, List<String> phases, String name, String title, String x) {
        Chart chart = new Chart(name, title, x, false);
        for (String phase : phases) {
            String line = phase.isEmpty() ? "train" : phase.substring(0, phase.length() - 1);
            chart.line(line, curves.steps().get(phase + name));
            // Rates of parts have the part's path before them.
            for (String other : curves.steps().keySet()) {
                String part = other.startsWith(phase) ? other.substring(phase.length()) : "";
                if (name.equals("lr")
                        && part.endsWith(".lr")
                        && phases.stream()
                                .noneMatch(one -> part.startsWith(one) && !one.isEmpty())) {
                    chart.line(
                            part.substring(0, part.length() - ".lr".length()),
                            curves.steps().get(other));
                }
            }
        }
        return chart;
    }

    private static String words(String phase) {
        return phase.isEmpty() ? "" : ", phase " + phase.substring(0, phase.length() - 1);
    }

    private void epochs(Curves curves) {
        if (curves.epochs().isEmpty() || curves.epochCount() > EPOCHS) {
            return;
        }
        List<String> names = List.copyOf(curves.epochs().keySet());
        html.open("details").leaf("summary", "The epochs in numbers");
        html.open("div", "class", "scroll").open("table", "class", "numbers");
        html.leaf("caption", "Means over each epoch");
        html.open("thead").open("tr").leaf("th", "epoch", "scope", "col");
        names.forEach(name -> html.leaf("th", name, "scope", "col"));
        html.close().close().open("tbody");
        Set<Integer> points = new TreeSet<>();
        for (Curve curve : curves.epochs().values()) {
            for (int point : curve.points()) {
                points.add(point);
            }
        }
        for (int point : points) {
            html.open("tr").leaf("th", Integer.toString(point + 1), "scope", "row");
            for (String name : names) {
                double value = curves.epochs().get(name).y(point);
                html.leaf("td", Numbers.metric(value, facts.run().shares().contains(name)));
            }
            html.close();
        }
        html.close().close().close().close();
    }

    private void gallery() {
        List<Facts.Strip> strips = facts.gallery();
        if (strips.isEmpty()) {
            return;
        }
        section("gallery", "What the method draws");
        html.leaf(
                "p",
                "The same samples after some of the epochs, a row each: "
                        + String.join(", ", strips.get(strips.size() - 1).samples())
                        + ".",
                "class",
                "hint");
        html.open("div", "class", "strips");
        for (Facts.Strip strip : strips) {
            String when = "epoch " + strip.epoch();
            html.open("figure", "class", "strip", "style", "--columns:" + strip.columns().size());
            html.leaf("figcaption", when).open("ol");
            strip.columns().forEach(name -> html.leaf("li", name));
            html.close();
            html.empty(
                    "img",
                    "src",
                    "data:image/png;base64," + strip.png(),
                    "alt",
                    when + ": " + String.join(", ", strip.columns()));
            html.close();
        }
        html.close().close();
    }

    private void evaluation(Facts.Judged judged) {
        Evaluations.Evaluation evaluation = judged.evaluation();
        String split = judged.words();
        section("split-" + judged.id(), "Results on the split " + split);
        if (!judged.keys().isEmpty()) {
            html.leaf(
                    "p", "Evaluated with " + Commands.pairs(judged.keys()) + ".", "class", "hint");
        }
        html.open("div", "class", "scroll").open("table", "class", "numbers metrics");
        html.leaf("caption", "Metrics over " + Numbers.count(evaluation.samples()) + " samples");
        html.open("thead").open("tr").leaf("th", "metric", "scope", "col");
        html.leaf("th", "value", "scope", "col").close().close().open("tbody");
        evaluation
                .metrics()
                .forEach(
                        (name, value) -> {
                            html.open("tr").leaf("th", name, "scope", "row");
                            html.leaf(
                                    "td",
                                    Numbers.metric(value, evaluation.shares().contains(name)));
                            html.close();
                        });
        html.close().close().close();
        Set<String> drawn = new HashSet<>();
        for (Evaluations.Table table : evaluation.tables()) {
            if (Matrix.fits(table)) {
                drawn.add(table.name());
                html.leaf("h3", heading(table.name()));
                Matrix.of(table)
                        .into(
                                html,
                                "Split "
                                        + split
                                        + ": rows are the truth, columns the answers; colour and"
                                        + " percent are the share of the row");
            } else {
                table(table, judged);
            }
        }
        for (Evaluations.HeatMap map : evaluation.heatMaps()) {
            // The matrix above has the same shares, and the numbers they are of.
            if (!drawn.contains(map.name())) {
                html.leaf("h3", heading(map.name()));
                HeatTable.into(html, map, judged);
            }
        }
        judged.found()
                .forEach(
                        (name, png) -> {
                            html.leaf("h3", heading(name));
                            html.empty("img", "src", "data:image/png;base64," + png, "alt", name);
                        });
        for (String note : evaluation.notes()) {
            html.leaf("p", note, "class", "hint");
        }
        mistakes(judged);
        html.close();
    }

    /** {@code perClass} as {@code Per class}. */
    private static String heading(String name) {
        String words = name.replaceAll("(?<=[a-z])(?=[A-Z])", " ").toLowerCase(Locale.ROOT);
        return words.isEmpty() ? "" : Character.toUpperCase(words.charAt(0)) + words.substring(1);
    }

    private void table(Evaluations.Table table, Facts.Judged judged) {
        html.leaf("h3", heading(table.name()));
        if (table.columns().size() > COLUMNS) {
            String file = judged.file();
            html.leaf("p", "The table is too wide for a page; it is in " + file + ".");
            return;
        }
        html.open("div", "class", "scroll").open("table", "class", "numbers");
        html.leaf("caption", "Split " + judged.words());
        html.open("thead").open("tr");
        table.columns().forEach(name -> html.leaf("th", name, "scope", "col"));
        html.close().close().open("tbody");
        List<List<Object>> rows = table.rows();
        boolean[] shares = new boolean[table.columns().size()];
        boolean[] whole = new boolean[shares.length];
        for (int j = 0; j < shares.length; j++) {
            int column = j;
            String name = table.columns().get(j);
            shares[j] =
                    table.shares().contains(name)
                            && rows.stream().allMatch(row -> cell(row, column) instanceof Number);
            whole[j] = rows.stream().allMatch(row -> whole(cell(row, column)));
        }
        for (List<Object> row : rows.subList(0, Math.min(ROWS, rows.size()))) {
            html.open("tr");
            for (int j = 0; j < shares.length; j++) {
                cell(cell(row, j), j == 0, shares[j], whole[j]);
            }
            html.close();
        }
        html.close().close().close();
        if (rows.size() > ROWS) {
            html.leaf(
                    "p",
                    "The other "
                            + Numbers.count(rows.size() - ROWS)
                            + " rows are in "
                            + judged.file()
                            + ".",
                    "class",
                    "hint");
        }
    }

    private static Object cell(List<Object> row, int column) {
        Object value = column < row.size() ? row.get(column) : null;
        return value == null ? Double.NaN : value; // what is no number is null in JSON
    }

    private static boolean whole(Object value) {
        return value instanceof Number n && n.doubleValue() == Math.rint(n.doubleValue());
    }

    private void cell(Object value, boolean first, boolean share, boolean whole) {
        if (!(value instanceof Number number)) {
            html.leaf(
                    first ? "th" : "td",
                    String.valueOf(value),
                    first ? "scope" : "class",
                    first ? "row" : "text");
        } else if (share) {
            double part = number.doubleValue();
            html.open("td", "class", "share").text(Numbers.percent(part, 1));
            html.open("svg", "viewBox", "0 0 50 6", "aria-hidden", "true", "class", "bar");
            html.shape("rect", "class", "all", "width", "50", "height", "6");
            html.shape(
                    "rect",
                    "width",
                    Numbers.place(50 * (Double.isNaN(part) ? 0 : part)),
                    "height",
                    "6");
            html.close().close();
        } else {
            html.leaf(
                    "td",
                    whole
                            ? Numbers.count(Math.round(number.doubleValue()))
                            : Numbers.number(number.doubleValue()));
        }
    }

    private void mistakes(Facts.Judged judged) {
        if (judged.answers() == null) {
            html.leaf(
                    "p",
                    "The single answers were not kept when this was evaluated; evaluating again"
                            + " keeps them.",
                    "class",
                    "hint");
            return;
        }
        html.leaf("h3", "Mistakes");
        List<Answers.Mistake> mistakes = judged.answers().mistakes();
        int wrong = judged.answers().labelled() - judged.answers().right();
        if (mistakes.isEmpty()) {
            html.leaf("p", "There is no wrong answer.");
            return;
        }
        String which =
                (mistakes.size() < wrong
                                ? "The " + mistakes.size() + " most confident of "
                                : "All ")
                        + Numbers.count(wrong)
                        + " wrong answers";
        if (judged.pictures().isEmpty()) {
            html.open("div", "class", "scroll").open("table", "class", "numbers mistakes");
            html.leaf("caption", which);
            html.open("thead").open("tr");
            html.leaf("th", "sample", "scope", "col").leaf("th", "truth", "scope", "col");
            html.leaf("th", "answer", "scope", "col").leaf("th", "probability", "scope", "col");
            html.close().close().open("tbody");
            for (Answers.Mistake mistake : mistakes) {
                html.open("tr").leaf("th", mistake.id(), "scope", "row", "class", "id");
                html.leaf("td", mistake.truth(), "class", "text");
                html.leaf("td", mistake.said(), "class", "text");
                html.leaf("td", Numbers.percent(mistake.probability(), 1)).close();
            }
            html.close().close().close();
        } else {
            html.leaf(
                    "p",
                    which + ": truth, then the answer with its probability",
                    "class",
                    "caption");
            html.open("ul", "class", "gallery");
            for (Answers.Mistake mistake : mistakes) {
                picture(mistake, judged.pictures().get(mistake.id()));
            }
            html.close();
        }
    }

    private void picture(Answers.Mistake mistake, String png) {
        html.open("li");
        if (png != null) {
            String data = "data:image/png;base64," + png;
            html.empty("img", "src", data, "alt", "sample " + mistake.id());
        }
        html.leaf("span", mistake.id(), "class", "id");
        html.leaf("span", mistake.truth());
        String probability = Numbers.percent(mistake.probability(), 1);
        html.leaf("strong", "\u2192 " + mistake.said() + ", " + probability).close();
    }

    private void data() {
        Runs.Details details = facts.details();
        section("data", "Data and splits");
        html.leaf(
                "p",
                "Dataset "
                        + facts.value("dataset")
                        + ". Validation split: "
                        + details.validation()
                        + ".");
        DataFacts data = facts.data();
        Map<String, Integer> splits = details.splits();
        html.open("div", "class", "scroll").open("table", "class", "numbers");
        html.leaf("caption", "Samples of each split");
        html.open("thead").open("tr").leaf("th", data == null ? "" : "class", "scope", "col");
        splits.keySet().forEach(split -> html.leaf("th", split, "scope", "col"));
        html.close().close().open("tbody");
        if (data != null) {
            Set<String> classes = new LinkedHashSet<>(details.targets().classes());
            data.classes().values().forEach(counts -> classes.addAll(counts.keySet()));
            for (String name : classes.stream().limit(ROWS).toList()) {
                html.open("tr").leaf("th", name, "scope", "row");
                for (String split : splits.keySet()) {
                    int count = data.classes().getOrDefault(split, Map.of()).getOrDefault(name, 0);
                    html.leaf("td", Numbers.count(count));
                }
                html.close();
            }
            if (classes.size() > ROWS) {
                String others = "and " + Numbers.count(classes.size() - ROWS) + " more classes";
                html.open("tr").leaf("th", others, "scope", "row").close();
            }
        }
        html.open("tr", "class", "sum").leaf("th", "all", "scope", "row");
        splits.values().forEach(count -> html.leaf("td", Numbers.count(count)));
        html.close();
        if (data != null && data.people().values().stream().anyMatch(n -> n > 0)) {
            html.open("tr").leaf("th", "people", "scope", "row");
            for (String split : splits.keySet()) {
                int people = data.people().getOrDefault(split, 0);
                html.leaf("td", people == 0 ? "\u2013" : Numbers.count(people));
            }
            html.close();
        }
        html.close().close().close().close();
    }

    private void repeat() {
        Runs.Details details = facts.details();
        section("repeat", "To do it again");
        html.leaf("p", "The calls:");
        html.open("pre").leaf("code", String.join("\n", Commands.lines(facts))).close();
        html.leaf("p", "The pipeline, etc/org.mien.pipeline-" + details.run().pipeline() + ".cfg:");
        html.open("pre").leaf("code", Commands.pipeline(facts)).close();
        html.open("dl", "class", "made-with");
        html.leaf("dt", "engine").leaf("dd", details.engine());
        html.leaf("dt", "Java").leaf("dd", details.java());
        html.leaf("dt", "plugins").leaf("dd", String.join(", ", details.plugins()));
        if (facts.labelled()) {
            html.leaf("dt", "classes").leaf("dd", String.join(", ", details.targets().classes()));
        }
        for (String start : details.starts()) {
            html.leaf("dt", "started from").leaf("dd", start);
        }
        html.close();
        html.open("div", "class", "scroll").open("table", "class", "keys");
        html.leaf("caption", "Every key with its value and where that came from");
        html.open("thead").open("tr").leaf("th", "key", "scope", "col");
        html.leaf("th", "value", "scope", "col").leaf("th", "origin", "scope", "col");
        html.close().close().open("tbody");
        keys(false);
        keys(true);
        html.close().close().close().close();
    }

    private void keys(boolean defaults) {
        facts.details()
                .values()
                .forEach(
                        (key, value) -> {
                            if (Commands.isDefault(value) == defaults) {
                                html.open("tr", "class", defaults ? "default" : "chosen");
                                html.leaf("th", key, "scope", "row");
                                html.leaf("td", value.value() == null ? "" : value.value());
                                html.leaf("td", value.origin()).close();
                            }
                        });
    }

    private void use() {
        section("use", "Intended use and limits");
        if (facts.labelled()) {
            names();
        } else {
            html.leaf(
                    "p",
                    "This model was made for research into recognising facial expressions. It was"
                            + " trained without labels and names nothing: others go on from it.");
        }
        html.leaf(
                "p",
                "It must not be used to decide about people. In the European Union the AI Act"
                        + " (Regulation 2024/1689) prohibits systems that infer emotions of people at"
                        + " work and in education, except for medical or safety reasons (article"
                        + " 5(1)(f)), counts other emotion recognition as high-risk (annex III), and"
                        + " demands that people exposed to it are told (article 50(3)). Other law, on"
                        + " biometric data among it, applies beside it.");
        html.leaf(
                "p",
                "Pictures of people are not kept with a run unless the key report.images says so.");
        html.close();
    }

    private void names() {
        html.leaf(
                "p",
                "This model was made for research into recognising facial expressions. It names the"
                        + " facial configuration in a picture, as one of "
                        + facts.details().targets().classes().size()
                        + " classes. It does not say what a person feels: people show the same face"
                        + " for different reasons, and different faces for the same one.");
        html.leaf(
                "p",
                "It always answers with one of its classes, whatever the picture shows, and its"
                        + " probabilities are not calibrated. What it is worth was measured on the"
                        + " splits above and nowhere else: on other people, cameras, light, poses, ages"
                        + " and skin tones it has to be measured again before it is used. Nothing here"
                        + " shows that it treats groups of people alike.");
    }
}
