// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Hashtable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mien.api.data.Dataset;
import org.mien.api.data.Picture;
import org.mien.api.data.Sample;
import org.mien.api.data.Targets;
import org.mien.api.evaluate.Evaluator;
import org.mien.api.evaluate.Findings;
import org.mien.api.evaluate.Results;
import org.mien.core.Runs;
import org.mien.core.internal.evaluate.AnswersFile;
import org.mien.core.internal.model.Predictor;
import org.mien.core.internal.pipeline.ConfiguredPipelines;
import org.mien.core.internal.plugin.Kind;
import org.mien.core.internal.plugin.Registry;
import org.mien.core.internal.service.Fakes;
import org.mien.core.internal.service.Platform;
import org.mien.engine.Torch;

/** The report of a real run of a tiny network, as text and in a browser. */
class ReportTest {
    /** A name that would end elements and attributes, run a script and fetch a picture. */
    private static final String EVIL =
            "</td></script><script>x()</script><img src=http://a.test/>\"'";

    /** Answers by truth, and a table whose names are as bad as they can be. */
    public static final class Tables implements Evaluator<Fakes.None> {
        @Override
        public Class<Fakes.None> settings() {
            return Fakes.None.class;
        }

        @Override
        public void evaluate(Results results, Fakes.None settings, Findings findings) {
            List<String> labels = results.labels();
            int[][] counts = new int[labels.size()][labels.size()];
            for (int i = 0; i < results.samples().size(); i++) {
                int said = Predictor.likeliest(results.probabilities()[i]);
                counts[results.samples().get(i).label()][said]++;
            }
            List<List<?>> rows = new ArrayList<>();
            for (int i = 0; i < labels.size(); i++) {
                rows.add(List.of(labels.get(i), counts[i][0], counts[i][1], counts[i][2]));
            }
            List<String> columns = new ArrayList<>(List.of(""));
            columns.addAll(labels);
            findings.share("accuracy", 0.5);
            findings.table("confusion", columns, rows);
            findings.heatMap("confusion", labels, labels, new double[3][3]);
            double[][] far = {{0.25, Double.NaN}};
            findings.heatMap("farApart", List.of(EVIL), List.of("near", EVIL), far);
            findings.table(EVIL, List.of(EVIL, "recall"), List.of(List.of(EVIL, 0.25)));
            findings.note(EVIL);
        }
    }

    /** The colours again, as drawn ones that anyone may see, with bad names. */
    public static final class Drawn implements Dataset<Fakes.Colours.Settings> {
        @Override
        public Class<Fakes.Colours.Settings> settings() {
            return Fakes.Colours.Settings.class;
        }

        @Override
        public Open open(Fakes.Colours.Settings settings) {
            Open colours = new Fakes.Colours().open(settings);
            return new Open() {
                @Override
                public Targets targets() {
                    return Targets.classes(List.of("red", EVIL, "blue"));
                }

                @Override
                public Stream<Sample> samples() throws IOException {
                    return colours.samples()
                            .map(
                                    s ->
                                            Sample.of(s.id() + EVIL, s.where())
                                                    .split(s.split())
                                                    .label(s.label())
                                                    .build());
                }

                @Override
                public Picture read(Sample sample) throws IOException {
                    return colours.read(sample);
                }

                @Override
                public boolean publishable() {
                    return true;
                }

                @Override
                public void close() {}
            };
        }
    }

    @TempDir private Path work;
    private final Registry registry = new Registry(null);
    private final ConfiguredPipelines pipelines = new ConfiguredPipelines();
    private Platform mien;

    @BeforeEach
    void start() {
        mien =
                new Platform(
                        registry,
                        pipelines,
                        Torch.start(Path.of(System.getProperty("mien.torch"))),
                        work);
        registry.bind(Kind.DATASET, new Fakes.Colours(), Map.of("mien.id", "colours"));
        registry.bind(Kind.DATASET, new Drawn(), Map.of("mien.id", "drawn"));
        registry.bind(Kind.BACKBONE, new Fakes.Small(), Map.of("mien.id", "small"));
        registry.bind(Kind.METHOD, new Fakes.Head(), Map.of("mien.id", "head"));
        registry.bind(Kind.METHOD, new Fakes.TwoPhases(), Map.of("mien.id", "two"));
        registry.bind(Kind.METHOD, new Fakes.Paints(), Map.of("mien.id", "paints"));
        registry.bind(Kind.EVALUATOR, new Tables(), Map.of("mien.id", "tables"));
        Hashtable<String, Object> keys = new Hashtable<>();
        keys.put("felix.fileinstall.filename", "file:/etc/org.mien.pipeline-demo.cfg");
        keys.put("dataset", "colours");
        keys.put("backbone", "small");
        keys.put("method", "head");
        keys.put("evaluators", "tables");
        keys.put("train.batch", "16");
        keys.put("train.device", "cpu");
        pipelines.updated("org.mien.pipeline.demo", keys);
    }

    private Runs.Run train(Map<String, String> keys) {
        return mien.jobs().train("demo", keys, event -> {}, () -> false);
    }

    private static String text(Runs.Run run) throws IOException {
        return Files.readString(run.folder().resolve("report.html"));
    }

    @Test
    void aRunHasAReportWhenItEndsAndAgainWhenItIsEvaluated() throws IOException {
        Runs.Run run = train(Map.of("seed", "7", "train.lr", "0.02"));
        String before = text(run);
        assertTrue(before.contains("./mien train demo seed=7 train.lr=0.02"), before);
        assertTrue(before.contains("evaluators = tables\n"), before);
        assertFalse(before.contains("seed = 7"), "it is on the command line");
        assertTrue(before.contains("not been evaluated on the test split"));
        assertTrue(before.contains(">default of dataset &#39;colours&#39;</td>"), before);
        assertTrue(before.matches("(?s).*>red</th>\\s*<td>18</td><td>2</td><td>10</td>.*"), before);
        assertTrue(
                before.matches("(?s).*>people</th>\\s*<td>9</td><td>1</td><td>5</td>.*"), before);

        mien.evaluations().evaluate(run.id(), "test", Map.of());
        String after = text(run);
        assertTrue(after.contains("Results on the split test"), after);
        assertTrue(after.contains("./mien evaluate demo-1 --split test"), after);
        assertTrue(after.contains("The test split has 30 samples only"), after);
        assertEquals(2, after.split("<h3>Confusion</h3>", -1).length, "once, with its numbers");
        assertTrue(
                after.matches(
                        "(?s).*<h3>Far apart</h3>.*>0\\.2500</td>\\s*<td class=\"h0\"></td>.*"),
                after);
        assertFalse(after.contains("<script"), "what evaluators say is text");
        assertFalse(after.contains("<img"), "no dataset said that it may be shown");
        assertEquals(mien.runs().report(run.id()), run.folder().resolve("report.html"));
        assertEquals(after, text(run), "the same run, the same bytes");
    }

    @Test
    void theAnswersAreKept() throws IOException {
        Runs.Run run = train(Map.of("train.lr", "0", "train.epochs", "1"));
        mien.evaluations().evaluate(run.id(), "test", Map.of());
        List<String> lines = Files.readAllLines(run.folder().resolve("predictions-test.csv"));
        assertEquals("id,truth,prediction,probability,p red,p green,p blue", lines.get(0));
        assertEquals(31, lines.size());
        String[] first = lines.get(1).split(",");
        assertEquals("colour-60", first[0]);
        assertEquals("red", first[1]);
        assertEquals(
                1,
                Double.parseDouble(first[4])
                        + Double.parseDouble(first[5])
                        + Double.parseDouble(first[6]),
                1e-5);
        long wrong =
                lines.stream()
                        .skip(1)
                        .filter(l -> !l.split(",")[1].equals(l.split(",")[2]))
                        .count();
        assertTrue(wrong > 0, "a network that learnt nothing is wrong somewhere");
        assertTrue(
                text(run).contains(Math.min(wrong, 24) < wrong ? "The 24 most" : "All " + wrong));
        double most =
                lines.stream()
                        .skip(1)
                        .map(line -> line.split(","))
                        .filter(row -> !row[1].equals(row[2]))
                        .mapToDouble(row -> Double.parseDouble(row[3]))
                        .max()
                        .orElseThrow();
        assertEquals(
                most, AnswersFile.summary(run.folder(), "test").mistakes().get(0).probability());
    }

    @Test
    void picturesAreKeptOnlyWhereThatIsAllowed() throws IOException {
        Runs.Run run = train(Map.of("train.lr", "0", "train.epochs", "1"));
        Path pictures = run.folder().resolve("pictures-test.json");
        mien.evaluations().evaluate(run.id(), "test", Map.of("report.images", "all"));
        assertTrue(Files.exists(pictures));
        assertTrue(text(run).contains("<img src=\"data:image/png;base64,iVBOR"), "a PNG");
        assertFalse(text(run).contains("evaluated with other keys"), "no number is another");
        mien.evaluations().evaluate(run.id(), "other", "test", Map.of("image.max-pixels", "9999"));
        assertTrue(text(run).contains("evaluated with other keys"), "and it says so");
        mien.evaluations().evaluate(run.id(), "test", Map.of());
        assertFalse(Files.exists(pictures));
        assertFalse(text(run).contains("<img"));
        Runs.Run drawn = train(Map.of("dataset", "drawn", "train.lr", "0", "train.epochs", "1"));
        mien.evaluations().evaluate(drawn.id(), "test", Map.of());
        assertTrue(text(drawn).contains("<img src=\"data:image/png;base64,iVBOR"), "a PNG");
        mien.evaluations().evaluate(drawn.id(), "test", Map.of("report.images", "none"));
        assertFalse(text(drawn).contains("<img"));
    }

    @Test
    void inABrowserNothingLeavesTheFileAndAllIsThere() throws Exception {
        Path program = Browser.program().orElse(null);
        assumeTrue(program != null, "chromium is not installed");
        Map<String, String> keys = new LinkedHashMap<>();
        keys.put("dataset", "drawn");
        keys.put("method", "two");
        keys.put("train.head.lr", "0");
        keys.put("train.epochs", "2");
        Runs.Run run = train(keys);
        mien.evaluations().evaluate(run.id(), "test", Map.of());
        Path report = run.folder().resolve("report.html");
        try (Browser browser = new Browser(program, work.resolve("profile"))) {
            browser.open(report, 1280, false);
            quiet(browser, report);
            // Loss of two phases, accuracy, learning rate, gradient.
            assertEquals(5, number(browser, "document.querySelectorAll('.chart > svg').length"));
            assertEquals(
                    5,
                    number(
                            browser,
                            "[...document.querySelectorAll('.chart > svg')].filter(s =>"
                                    + " s.getBoundingClientRect().width > 300 &&"
                                    + " s.querySelector('title') && s.querySelector('desc') &&"
                                    + " s.querySelector('polyline').getBBox().width > 0).length"));
            assertEquals(
                    4, number(browser, "document.querySelectorAll('.matrix tbody tr').length"));
            assertEquals(
                    number(browser, "document.querySelectorAll('table').length"),
                    number(browser, "document.querySelectorAll('table > caption').length"));
            assertTrue(number(browser, "document.querySelectorAll('.gallery img').length") > 0);
            assertEquals(
                    0,
                    number(
                            browser,
                            "[...document.images].filter(i => i.naturalWidth == 0).length"));
            assertEquals(1, number(browser, "document.querySelectorAll('h1').length"));
            String light = background(browser);
            browser.open(report, 390, true);
            quiet(browser, report);
            assertNotEquals(light, background(browser));
            assertEquals(390, number(browser, "document.documentElement.scrollWidth"));
            assertTrue(browser.paper().length > 10_000);
        }
    }

    @Test
    void inABrowserOneSeesTheMethodLearn() throws Exception {
        Path program = Browser.program().orElse(null);
        assumeTrue(program != null, "chromium is not installed");
        Runs.Run run =
                train(
                        Map.of(
                                "dataset", "drawn",
                                "method", "paints",
                                "report.gallery-every", "2",
                                "train.epochs", "4"));
        Path report = run.folder().resolve("report.html");
        try (Browser browser = new Browser(program, work.resolve("profile"))) {
            browser.open(report, 1280, false);
            quiet(browser, report);
            // Of epochs 1, 2 and 4, each with the names of its columns above them.
            assertEquals(
                    "epoch 1 original Painted face, epoch 2 original Painted face,"
                            + " epoch 4 original Painted face",
                    browser.value(
                                    "[...document.querySelectorAll('.strip')].map(s =>"
                                            + " [...s.querySelectorAll('figcaption, li')].map("
                                            + "e => e.textContent).join(' ')).join(', ')")
                            .getAsString());
            assertEquals(
                    3,
                    number(
                            browser,
                            "[...document.querySelectorAll('.strip img')].filter(i =>"
                                    + " i.naturalWidth == 18 && i.naturalHeight == 38 &&"
                                    + " i.alt.startsWith('epoch')).length"));
            String light = background(browser);
            browser.open(report, 390, true);
            quiet(browser, report);
            assertNotEquals(light, background(browser));
            assertEquals(390, number(browser, "document.documentElement.scrollWidth"));
        }
    }

    /** The browser of these tests does see errors and requests. */
    @Test
    void theBrowserWouldTell() throws Exception {
        Path program = Browser.program().orElse(null);
        assumeTrue(program != null, "chromium is not installed");
        Path page = work.resolve("bad.html");
        Files.writeString(page, "<img src='http://127.0.0.1:9/x.png'><script>nothing()</script>");
        try (Browser browser = new Browser(program, work.resolve("profile"))) {
            browser.open(page, 800, false);
            assertEquals(1, browser.events("Runtime.exceptionThrown").size());
            assertEquals(2, browser.events("Network.requestWillBeSent").size());
        }
    }

    private static void quiet(Browser browser, Path report) {
        assertEquals(List.of(), browser.events("Runtime.exceptionThrown"));
        assertEquals(List.of(), browser.events("Runtime.consoleAPICalled"));
        assertEquals(List.of(), browser.events("Log.entryAdded"));
        List<String> requests =
                browser.events("Network.requestWillBeSent").stream()
                        .filter(event -> !event.contains("\"url\":\"data:image/png;base64,"))
                        .toList();
        assertEquals(1, requests.size(), "" + requests);
        assertTrue(requests.get(0).contains(report.toUri().getPath()), requests.get(0));
    }

    private static int number(Browser browser, String expression) throws Exception {
        return browser.value(expression).getAsInt();
    }

    private static String background(Browser browser) throws Exception {
        return browser.value("getComputedStyle(document.body).backgroundColor").getAsString();
    }
}
