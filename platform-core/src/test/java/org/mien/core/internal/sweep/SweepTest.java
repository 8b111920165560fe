// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.sweep;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mien.core.Figure;
import org.mien.core.Runs;
import org.mien.core.Spread;
import org.mien.core.SweepTable;
import org.mien.core.Sweeps;
import org.mien.core.Value;
import org.mien.core.internal.pipeline.Shipped;
import org.mien.core.internal.run.RunFolders;
import org.mien.core.internal.service.OnPlatform;

/** Sweeps: what they train, never twice, and the table. */
class SweepTest extends OnPlatform {
    private final List<String> said = new ArrayList<>();

    @BeforeEach
    void bring() {
        ship(
                Shipped.Kind.SWEEP,
                "table-1",
                7,
                "sweep.what = Dropout",
                "sweep.paper = Somebody et al., 2021, table 1",
                "sweep.base = demo",
                "sweep.seeds = 1..2",
                "train.epochs = 1",
                "dataset.samples = 32",
                "cell.1 = none",
                "cell.1.keys = method.dropout=0",
                "cell.1.figure = Red-DB accuracy 88.75 %",
                "cell.10 = much",
                "cell.10.keys = method.dropout=0.5",
                "cell.2 = half; as they say",
                "cell.2.keys = method.dropout = 0.2; train.lr = 1e-2",
                "cell.2.figure = Red-DB accuracy 89.47 %, Blue-DB accuracy 0.5");
    }

    private Sweeps.Sweep sweep(String what, String... keys) {
        return sweep(order(what, keys), () -> false);
    }

    private Sweeps.Sweep sweep(Sweeps.Order order, BooleanSupplier stop) {
        said.clear();
        return mien.sweeps().run(order, event -> {}, said::add, stop);
    }

    private static Sweeps.Order order(String what, String... keys) {
        return new Sweeps.Order(what, "", "", map(keys), "", "", false);
    }

    private static Sweeps.Order resume(String name) {
        return new Sweeps.Order(name, "", "", Map.of(), "", "", true);
    }

    private static List<String> states(Sweeps.Sweep sweep) {
        return sweep.cells().stream()
                .flatMap(cell -> cell.runs().stream())
                .map(Sweeps.CellRun::state)
                .toList();
    }

    /** The last change of each file of the runs. */
    private Map<Path, Object> files() throws IOException {
        Map<Path, Object> times = new HashMap<>();
        try (var all = Files.walk(work.resolve("runs"))) {
            for (Path path : all.toList()) {
                times.put(path, Files.getLastModifiedTime(path));
            }
        }
        return times;
    }

    @Test
    void aShippedSweepTrainsEveryCellWithEverySeedOnce() throws IOException {
        Sweeps.Sweep open = mien.sweeps().get("table-1");
        assertEquals("OPEN", open.state());
        assertEquals(6, open.all());
        assertEquals(List.of("none", "half; as they say", "much"), names(open));

        Sweeps.Sweep sweep = sweep("table-1");
        assertEquals("DONE", sweep.state(), sweep.toString());
        assertEquals(6, sweep.done());
        assertEquals(6, mien.runs().all().size());
        assertEquals("validation", sweep.split());
        Sweeps.Cell half = sweep.cells().get(1);
        assertEquals(Map.of("method.dropout", "0.2", "train.lr", "1e-2"), half.keys());
        assertEquals(
                List.of(
                        new Figure("Red-DB", "accuracy", 0.8947, true),
                        new Figure("Blue-DB", "accuracy", 0.5, false)),
                half.figures());
        assertEquals(List.of(1L, 2L), half.runs().stream().map(Sweeps.CellRun::seed).toList());
        double first = half.runs().get(0).metrics().get("accuracy");
        double second = half.runs().get(1).metrics().get("accuracy");
        Spread spread = half.metrics().get("accuracy");
        assertEquals(2, spread.n());
        assertEquals((first + second) / 2, spread.mean(), 1e-12);
        assertEquals(Math.abs(first - second) / Math.sqrt(2), spread.deviation(), 1e-12);

        Map<String, Value> values = mien.runs().details(half.runs().get(1).run()).values();
        assertEquals("0.2", values.get("method.dropout").value());
        assertEquals("cell 'half; as they say' of sweep table-1", values.get("seed").origin());
        assertEquals("2", values.get("seed").value());
        assertEquals("sweep table-1 (org.example.paper)", values.get("train.epochs").origin());
        // Only the split that the sweep says was looked at.
        for (Runs.Run run : mien.runs().all()) {
            assertEquals(Set.of("validation"), run.evaluations().keySet());
        }

        Map<Path, Object> before = files();
        assertEquals("DONE", sweep("table-1").state());
        assertEquals(before, files());
        assertTrue(said.get(1).contains("was done before"), said.toString());

        String csv = Files.readString(work.resolve("sweeps/table-1/table.csv"));
        assertEquals(SweepTable.csv(sweep), csv);
        List<String> lines = csv.lines().toList();
        assertEquals("row,cell,data,n,seed,run,state,accuracy,undefined,width", lines.get(0));
        assertTrue(lines.get(1).startsWith("run,none,demo,1,1,demo-1,DONE,"), csv);
        assertEquals(1 + 6 + 6 + 3, lines.size());
        assertTrue(csv.contains("\r\npaper,half; as they say,Blue-DB,,,,,0.5,,\r\n"), csv);
    }

    private static List<String> names(Sweeps.Sweep sweep) {
        return sweep.cells().stream().map(Sweeps.Cell::name).toList();
    }

    @Test
    void anotherKeyIsAnotherRunAndTheFirstIsNotForgotten() throws IOException {
        Sweeps.Order one = new Sweeps.Order("table-1", "", "", Map.of(), "1", "", false);
        assertEquals(3, sweep(one, () -> false).done());
        Sweeps.Sweep longer = sweep("table-1", "train.batch=8");
        assertEquals(6, longer.done());
        assertEquals(9, mien.runs().all().size());
        Map<Path, Object> before = files();
        assertEquals(3, sweep(one, () -> false).all());
        assertEquals(before, files());
        // Another split evaluates the same runs.
        Sweeps.Sweep tested =
                sweep(
                        new Sweeps.Order("table-1", "", "", Map.of(), "1", "test", false),
                        () -> false);
        assertEquals("DONE", tested.state());
        assertEquals(9, mien.runs().all().size());
        assertEquals(
                3, mien.runs().all().stream().filter(r -> r.evaluations().size() == 2).count());
    }

    @Test
    void aSweepThatWasStoppedGoesOnWithTheRunUnderWay() {
        int[] asked = {0};
        Sweeps.Sweep stopped = sweep(order("table-1", "train.epochs=3"), () -> ++asked[0] > 9);
        assertEquals("STOPPED", stopped.state());
        List<String> states = states(stopped);
        assertEquals(1, states.stream().filter("CANCELLED"::equals).count(), states.toString());
        String half =
                stopped.cells().stream()
                        .flatMap(cell -> cell.runs().stream())
                        .filter(run -> run.state().equals("CANCELLED"))
                        .findFirst()
                        .orElseThrow()
                        .run();
        assertTrue(Files.exists(work.resolve("runs").resolve(half).resolve(RunFolders.LAST)));
        Sweeps.Sweep done = sweep(resume("table-1"), () -> false);
        assertEquals("DONE", done.state(), done.toString());
        assertEquals("3", done.keys().get("train.epochs").value());
        assertEquals(6, mien.runs().all().size());
        assertTrue(
                said.stream().anyMatch(text -> text.endsWith("goes on with run " + half)),
                said.toString());
    }

    @Test
    void aCellThatFailsDoesNotStopTheOthers() {
        Sweeps.Order order =
                new Sweeps.Order(
                        "demo",
                        "sizes",
                        "",
                        map("backbone.size=8,2", "method.dropout=0,0.1", "train.epochs=1"),
                        "1",
                        "",
                        false);
        Sweeps.Sweep sweep = sweep(order, () -> false);
        assertEquals("STOPPED", sweep.state());
        assertEquals(List.of("DONE", "DONE", "FAILED", "FAILED"), states(sweep));
        String why = sweep.cells().get(2).runs().get(0).text();
        assertTrue(why.contains("'backbone.size' is '2'"), why);
        assertEquals("backbone.size=2 method.dropout=0", sweep.cells().get(2).name());
        assertEquals(2, mien.runs().all().size());
    }

    @Test
    void aRunThatFailsIsTriedAgain() {
        // The dataset cannot be read: told by the run, not before it.
        Sweeps.Order order =
                new Sweeps.Order(
                        "demo",
                        "bad",
                        "",
                        map("dataset.bad=3,-1", "train.epochs=1", "dataset.samples=32"),
                        "1",
                        "",
                        false);
        Sweeps.Sweep sweep = sweep(order, () -> false);
        assertEquals(List.of("FAILED", "DONE"), states(sweep));
        String run = sweep.cells().get(0).runs().get(0).run();
        assertEquals("demo-1", run);
        sweep(order, () -> false);
        assertTrue(said.get(1).endsWith("goes on with run demo-1"), said.toString());
        assertEquals(2, mien.runs().all().size());
    }

    @Test
    void aWrongKeyIsToldBeforeAnythingIsTrained() {
        String text = refused(() -> sweep("table-1", "train.epoch=3"));
        assertTrue(text.contains("'train.epoch'") && text.contains("'train.epochs'"), text);
        assertEquals(
                "sweep table-1: key 'method.dropout' is what the sweep varies (cell 'none'); leave"
                        + " it away, or make a sweep of your own",
                refused(() -> sweep("table-1", "method.dropout=0")));
        text = refused(() -> sweep("table-1", "seed=3"));
        assertTrue(text.contains("--seeds"), text);
        text = refused(() -> sweep("table-1", "evaluators="));
        assertTrue(text.contains("names no evaluators") && text.contains("share"), text);
        text = refused(() -> sweep("tabel-1"));
        assertTrue(text.contains("is no sweep, no pipeline and no recipe"), text);
        assertTrue(text.contains("Did you mean 'table-1'?"), text);
        text = refused(() -> sweep(resume("table-1"), () -> false));
        assertTrue(text.contains("was not begun"), text);
        assertEquals(List.of(), mien.runs().all());
        assertFalse(Files.exists(work.resolve("sweeps")));
    }

    @Test
    void listsOfAProductArePartedBySemicolons() {
        Sweeps.Sweep sweep =
                sweep(
                        "demo",
                        "preprocess=noise;noise,noise",
                        "train.milestones=1,2",
                        "train.epochs=1",
                        "dataset.samples=32");
        assertEquals(List.of("preprocess=noise", "preprocess=noise,noise"), names(sweep));
        assertEquals("1,2", sweep.keys().get("train.milestones").value());
        assertEquals("DONE", sweep.state(), sweep.toString());
    }

    @Test
    void theTableStaysWhenTheSweepAndItsBaseAreGone() throws IOException {
        ship(
                Shipped.Kind.RECIPE,
                "published",
                7,
                "dataset = colours",
                "backbone = small",
                "method = head",
                "evaluators = share",
                "train.device = cpu");
        Sweeps.Sweep done =
                sweep(
                        new Sweeps.Order("table-1", "mine", "published", Map.of(), "1", "", false),
                        () -> false);
        assertEquals("published-1", done.cells().get(0).runs().get(0).run());
        shipped.gone(7);
        assertEquals(
                List.of("mine"), mien.sweeps().all().stream().map(Sweeps.Sweep::name).toList());
        assertEquals(done, mien.sweeps().get("mine"));
        mien.runs().delete("published-1");
        assertEquals(done, mien.sweeps().get("mine"));
        String text = refused(() -> sweep(resume("mine"), () -> false));
        assertTrue(text.contains("'published'"), text);
        // It cannot go on without its base, and loses nothing by the try.
        assertEquals(done, mien.sweeps().get("mine"));
        Files.writeString(work.resolve("sweeps/mine/sweep.json"), "{}");
        assertEquals("FAILED", mien.sweeps().get("mine").state());
    }

    @Test
    void aSweepInTheBackgroundIsStopped() throws Exception {
        Sweeps.Sweep begun =
                mien.sweeps().submit(order("demo", "train.epochs=2000", "method.dropout=0,0.1"));
        assertEquals("demo", begun.name());
        long end = System.nanoTime() + 20_000_000_000L;
        while (mien.jobs().all().stream().noneMatch(job -> job.step() > 0)) {
            assertTrue(System.nanoTime() < end, "not within 20 s");
            Thread.onSpinWait();
        }
        assertEquals("RUNNING", mien.sweeps().get("demo").state());
        assertEquals(List.of("RUNNING", "OPEN"), states(mien.sweeps().get("demo")));
        assertTrue(
                refused(() -> sweep("demo", "method.dropout=0,0.1")).contains("under way already"));
        assertEquals("STOPPED", mien.sweeps().cancel("demo").state());
        assertEquals(List.of("CANCELLED", "OPEN"), states(mien.sweeps().get("demo")));
        assertTrue(
                refused(() -> mien.sweeps().cancel("demo")).contains("is not under way: STOPPED"));
        // The platform stops: no further run is begun.
        mien.sweeps().submit(resume("demo"));
        mien.close();
        assertEquals(1, mien.runs().all().size());
    }

    @Test
    void aSweepOfTheUserComesBeforeThatOfABundle() {
        Hashtable<String, Object> own = new Hashtable<>();
        own.put("felix.fileinstall.filename", "file:/etc/org.mien.sweep-table-1.cfg");
        own.put("sweep.base", "demo");
        own.put("cell.1", "only");
        files.updated("org.mien.sweep.x", own);
        Sweeps.Sweep sweep = mien.sweeps().get("table-1");
        assertEquals("org.mien.sweep-table-1.cfg", sweep.source());
        assertEquals(List.of("only"), names(sweep));
        own.remove("cell.1");
        files.updated("org.mien.sweep.x", own);
        assertEquals(
                "it has no cells; the first is cell.1 = NAME", mien.sweeps().get("table-1").why());
        files.deleted("org.mien.sweep.x");
        assertEquals(3, mien.sweeps().get("table-1").cells().size());
    }

    private static void broken(String expected, String... pairs) {
        IllegalArgumentException e =
                assertThrows(
                        IllegalArgumentException.class, () -> SweepPlan.parse("x", map(pairs)));
        assertTrue(e.getMessage().contains(expected), e.getMessage());
    }

    @Test
    void aBrokenSweepIsTold() {
        broken("no key 'sweep.base'", "cell.1=a");
        broken("Did you mean 'sweep.seeds'?", "sweep.base=b", "sweep.seed=1", "cell.1=a");
        broken("unknown key 'cell.x'", "sweep.base=b", "cell.x=a");
        broken("not the cell's name, cell.2", "sweep.base=b", "cell.1=a", "cell.2.keys=a=1");
        broken("two cells are named 'a'", "sweep.base=b", "cell.1=a", "cell.2=a");
        broken("'dropout' is no key", "sweep.base=b", "cell.1=a", "cell.1.keys=dropout");
        broken("the key 'a' twice", "sweep.base=b", "cell.1=a", "cell.1.keys=a=1;a=2");
        broken("a cell sets the seed", "sweep.base=b", "cell.1=a", "cell.1.keys=seed=1");
        broken("it sets the seed", "sweep.base=b", "cell.1=a", "seed=1");
        broken("seeds '5..1'", "sweep.base=b", "cell.1=a", "sweep.seeds=5..1");
        broken("seeds 'x'", "sweep.base=b", "cell.1=a", "sweep.seeds=x");
        broken("seeds '1..99999999'", "sweep.base=b", "cell.1=a", "sweep.seeds=1..99999999");
        broken("split 'both'", "sweep.base=b", "cell.1=a", "sweep.evaluate=both");
        broken("figure 'x'", "sweep.base=b", "cell.1=a", "cell.1.figure=x");
        assertEquals(List.of(1L, 2L, 3L, 7L), SweepPlan.seeds("1..3, 7,2"));
    }
}
