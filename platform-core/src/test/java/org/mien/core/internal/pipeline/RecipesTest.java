// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mien.core.Figure;
import org.mien.core.Pipelines;
import org.mien.core.Runs;
import org.mien.core.Value;
import org.mien.core.internal.plugin.Kind;
import org.mien.core.internal.service.Fakes;
import org.mien.core.internal.service.OnPlatform;

/** Recipes that bundles bring, listed and trained. */
class RecipesTest extends OnPlatform {
    private static final String[] PAPER = {
        "# a recipe",
        "recipe.paper = Somebody et al., 2021",
        "recipe.figure = Red-DB accuracy 89.47 %, Blue-DB kappa 0.5",
        "recipe.needs = dataset.samples, backbone.size",
        "recipe.needs.dataset.samples = how many of the",
        "dataset = colours",
        "backbone = small",
        "method = head",
        "preprocess = noise",
        "evaluators = share",
        "train.epochs = 1",
        "train.batch = 16",
        "train.device = cpu",
    };

    @BeforeEach
    void bring() {
        ship(Shipped.Kind.RECIPE, "head-red", 7, PAPER);
    }

    private Pipelines.Published only() {
        List<Pipelines.Published> all = mien.pipelines().recipes();
        assertEquals(1, all.size());
        return all.get(0);
    }

    @Test
    void aRecipeSaysWhatItIsAndWhatItNeeds() {
        Pipelines.Published recipe = only();
        assertEquals("head-red", recipe.name());
        assertEquals("org.example.paper", recipe.bundle());
        assertEquals("1.2.0", recipe.version());
        assertEquals(Pipelines.State.READY, recipe.state());
        assertEquals("Somebody et al., 2021", recipe.paper());
        assertEquals(
                List.of(
                        new Figure("Red-DB", "accuracy", 0.8947, true),
                        new Figure("Blue-DB", "kappa", 0.5, false)),
                recipe.figures());
        // What the recipe does not say, the plugin does.
        assertEquals(
                Map.of("dataset.samples", "how many of the", "backbone.size", "side"),
                recipe.needs());
        assertEquals(
                new Value("head", "recipe head-red (org.example.paper)"),
                recipe.values().get("method"));
        assertTrue(recipe.values().keySet().stream().noneMatch(key -> key.startsWith("recipe")));
    }

    @Test
    void aRecipeIsTrainedByItsName() {
        assertEquals(
                "recipe head-red cannot be used yet: it needs dataset.samples (how many of the),"
                        + " backbone.size (side). Give dataset.samples=.. backbone.size=..",
                refused(() -> train("head-red")));
        Runs.Run run = train("head-red", "dataset.samples=32", "backbone.size=8");
        assertEquals("DONE", run.state());
        assertEquals("head-red-1", run.id());
        Map<String, Value> values = mien.runs().details(run.id()).values();
        assertEquals("recipe head-red (org.example.paper)", values.get("method").origin());
        assertEquals(new Value("32", "command line"), values.get("dataset.samples"));
        assertTrue(
                mien.evaluations()
                        .evaluate(run.id(), "test", Map.of())
                        .metrics()
                        .containsKey("accuracy"));
    }

    @Test
    void whatIsNotThereIsNamedWithTheWayToGetIt() {
        ship(
                Shipped.Kind.RECIPE,
                "far",
                8,
                "recipe.needs = dataset.path",
                "dataset = faces-db",
                "dataset.part = basic",
                "backbone = small",
                "method = head",
                "evaluators = share",
                "train.device = cpu",
                "train.epochs = 1");
        assertEquals(Pipelines.State.WAITING, mien.pipelines().recipes().get(0).state());
        assertEquals(
                "for dataset 'faces-db' (no feature that is known here has it; add its file:"
                        + " fer:plugin-add FILE)",
                mien.pipelines().recipes().get(0).why());
        assertEquals(
                "recipe far cannot be used yet: it waits for dataset 'faces-db' (no feature that is"
                        + " known here has it; add its file: fer:plugin-add FILE); and it needs"
                        + " dataset.path. Give dataset.path=..",
                refused(() -> train("far")));
        // Another dataset in its place: the keys of the first, given and needed, go with it.
        assertEquals("DONE", train("far", "dataset=colours").state());
    }

    @Test
    void keysOfStepsThatAreLeftOutGoWithThem() {
        ship(
                Shipped.Kind.RECIPE,
                "steps",
                8,
                "dataset = colours",
                "backbone = small",
                "method = head",
                "preprocess = far-step, noise",
                "far-step.size = 3",
                "evaluators = share",
                "train.device = cpu",
                "train.epochs = 1");
        assertTrue(refused(() -> train("steps")).contains("preprocessor 'far-step'"));
        assertEquals("DONE", train("steps", "preprocess=noise").state());
    }

    @Test
    void keysOfTheMethodsPhasesAndFrozenBackbonesGoWithIt() {
        ship(
                Shipped.Kind.RECIPE,
                "far",
                8,
                "recipe.needs = judge.weights",
                "dataset = colours",
                "backbone = small",
                "preprocess = noise",
                "backbone.size = 8",
                "method = far-method",
                "method.width = 3",
                "judge.size = 8",
                "evaluators = share",
                "train.device = cpu",
                "train.paint.lr = 1e-4",
                "train.lr = 0.05",
                "train.epochs = 1");
        assertTrue(refused(() -> train("far")).contains("method 'far-method'"));
        Map<String, Value> values = mien.runs().details(train("far", "method=head").id()).values();
        String origin = "recipe far (org.example.paper)";
        assertEquals(new Value("0.05", origin), values.get("train.lr"));
        assertEquals(new Value("8", origin), values.get("backbone.size"));
        assertFalse(values.containsKey("train.paint.lr"));
        assertFalse(values.containsKey("judge.size"));
        // Given by hand, a key that nobody knows is refused as ever.
        assertTrue(
                refused(() -> train("far", "method=head", "train.paint.lr=1e-4"))
                        .contains("'train.paint.lr' names 'paint', which is no phase and no part"));
    }

    @Test
    void aPipelineOfTheSameNameCounts() {
        configure("head-red", "dataset=colours", "backbone=small", "method=head", "train.epochs=2");
        assertEquals("the pipeline of this name counts, not the recipe", only().why());
        assertEquals(2, train("head-red").epochs());
    }

    @Test
    void aRecipeGoesWithItsBundle() {
        shipped.gone(7);
        assertEquals(List.of(), mien.pipelines().recipes());
        String text = refused(() -> train("head-read"));
        assertTrue(text.startsWith("pipeline 'head-read' is not configured, and no recipe"), text);
        bring();
        text = refused(() -> train("head-read"));
        assertTrue(text.contains("Did you mean 'head-red'?"), text);
    }

    @Test
    void ofTwoWithOneNameTheOlderBundlesCounts() {
        ship(Shipped.Kind.RECIPE, "head-red", 3, "dataset = other", "method = head");
        List<Pipelines.Published> all = mien.pipelines().recipes();
        assertEquals("other", all.get(0).values().get("dataset").value());
        assertEquals(Pipelines.State.FAILED, all.get(1).state());
        assertEquals("another bundle brought this name before it", all.get(1).why());
    }

    private void broken(String expected, String... lines) {
        shipped.gone(7);
        ship(Shipped.Kind.RECIPE, "bad", 7, lines);
        assertEquals(Pipelines.State.FAILED, only().state());
        assertEquals(expected, only().why());
        String text = refused(() -> train("bad"));
        assertTrue(text.contains(expected) && text.contains("fault of the bundle"), text);
    }

    @Test
    void aBrokenRecipeIsListedWithItsProblem() {
        broken("it has no key 'dataset'", "method = head");
        broken("the key 'a' stands in it twice, in line 1 and in line 2", "a = 1", "a = 2");
        broken(
                "unknown key 'recipe.peper'. Did you mean 'recipe.paper'?",
                "recipe.peper = x",
                "dataset = colours",
                "method = head");
        broken(
                "'recipe.needs.a' is there, but 'recipe.needs' does not name a",
                "recipe.needs.a = x",
                "dataset = colours",
                "method = head");
        broken("it is larger than 65536 bytes", "a = " + "x".repeat(1 << 16));
        broken("line 2, '= 3', is no key with its value: key = value", "a = \\u12", "= 3");
        shipped.gone(7);
        shipped.add(Shipped.Kind.RECIPE, "bad", "b", "1", 7, new byte[] {(byte) 0xff, 'a'});
        assertTrue(only().why().startsWith("line 1 is not text in UTF-8"), only().why());
        shipped.gone(7);
        shipped.add(
                Shipped.Kind.RECIPE, "b d", "b", "1", 7, "a=1".getBytes(StandardCharsets.UTF_8));
        assertTrue(only().why().startsWith("its name is not up to 64 letters"), only().why());
    }

    @Test
    void aFigureThatIsNoneIsTold() {
        shipped.gone(7);
        ship(
                Shipped.Kind.RECIPE,
                "bad",
                7,
                "recipe.figure = accuracy",
                "dataset = colours",
                "method = head");
        assertEquals(Pipelines.State.FAILED, only().state());
        assertTrue(only().why().startsWith("figure 'accuracy'; expected data, metric"));
    }

    @Test
    void aPluginThatComesMakesItReady() {
        shipped.gone(7);
        ship(Shipped.Kind.RECIPE, "later", 7, "dataset = colours", "method = late-one");
        assertEquals(Pipelines.State.WAITING, only().state());
        bind(Kind.METHOD, "late-one", new Fakes.Head());
        assertEquals(Pipelines.State.READY, only().state());
    }
}
