// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.mien.api.Key;
import org.mien.api.spi.Prefixes;
import org.mien.api.spi.Settings;
import org.mien.core.MienException;
import org.mien.core.Plugins;
import org.mien.core.internal.plugin.Border;
import org.mien.core.internal.plugin.Keys;
import org.mien.core.internal.plugin.Words;

class KeysTest {
    /** Choices. */
    public enum Rule {
        /** One. */
        AS_PRINTED,
        /** Other. */
        MEAN
    }

    /**
     * Keys of every type.
     *
     * @param relabelFrom epoch
     * @param rate rate
     * @param on flag
     * @param rule choice
     * @param steps list
     * @param file path
     * @param seed long
     */
    public record All(
            @Key(value = "4", min = 0, doc = "epoch") int relabelFrom,
            @Key(value = "0.5", min = 0, max = 1, doc = "rate") double rate,
            @Key(value = "true", doc = "flag") boolean on,
            @Key(value = "mean", doc = "rule") Rule rule,
            @Key(value = "", doc = "list") List<String> steps,
            @Key(doc = "file to read") Path file,
            @Key(value = "1", doc = "seed") long seed) {
        /** Checks. */
        public All {
            if (!on && rate > 0.9) {
                throw new IllegalArgumentException("a rate above 0.9 needs on = true");
            }
        }
    }

    private static All bind(Map<String, String> values) {
        return Keys.bind("method 'x'", "method.", All.class, values);
    }

    private static String refused(String key, String value) {
        return assertThrows(
                        MienException.class,
                        () -> bind(Map.of("method.file", "/tmp/a", "method." + key, value)))
                .getMessage();
    }

    @Test
    void textBecomesTypes() {
        All all =
                bind(
                        Map.of(
                                "method.relabel-from", " 7 ",
                                "method.rule", "as-printed",
                                "method.steps", "a, b,,c",
                                "method.file", "/tmp/../tmp/a"));
        assertEquals(
                new All(
                        7,
                        0.5,
                        true,
                        Rule.AS_PRINTED,
                        List.of("a", "b", "c"),
                        Path.of("/tmp/a"),
                        1),
                all);
    }

    @Test
    void wrongTextIsNamed() {
        assertEquals(
                "key 'method.relabel-from' is '-1'; expected an integer from 0 (epoch)",
                refused("relabel-from", "-1"));
        assertTrue(refused("relabel-from", "99999999999").contains("expected an integer"));
        assertEquals(
                "key 'method.rate' is 'NaN'; expected a number from 0 to 1 (rate)",
                refused("rate", "NaN"));
        assertEquals(
                "key 'method.on' is 'yes'; expected true or false (flag). Write true.",
                refused("on", "yes"));
        assertEquals(
                "key 'method.rule' is 'sum'; expected one of as-printed, mean (rule)",
                refused("rule", "sum"));
        assertEquals(
                "method 'x' needs the key 'method.file' (file to read). Set it in the pipeline or"
                        + " on the command line: method.file=..",
                assertThrows(MienException.class, () -> bind(Map.of())).getMessage());
    }

    @Test
    void rulesBetweenKeysSpeakForThemselves() {
        assertEquals(
                "method 'x': a rate above 0.9 needs on = true",
                assertThrows(
                                MienException.class,
                                () ->
                                        bind(
                                                Map.of(
                                                        "method.file", "a",
                                                        "method.on", "false",
                                                        "method.rate", "0.95")))
                        .getMessage());
    }

    @Test
    void keysAreDescribed() {
        Plugins.Key key = Keys.describe("method.", All.class).get(0);
        assertEquals(
                new Plugins.Key("method.relabel-from", "an integer", "4", "from 0", "epoch"), key);
    }

    /**
     * @param name bounded text
     */
    public record BoundedText(@Key(value = "a", max = 3, doc = "text") String name) {}

    /**
     * @param rule bounded choice
     */
    public record BoundedChoice(@Key(value = "mean", min = 0, doc = "rule") Rule rule) {}

    /**
     * @param on bounded flag
     */
    public record BoundedFlag(@Key(value = "true", max = 1, doc = "flag") boolean on) {}

    /**
     * @param file bounded path
     */
    public record BoundedPath(@Key(value = "a", max = 1, doc = "file") Path file) {}

    /**
     * @param all bounded list
     */
    public record BoundedList(@Key(value = "a", min = 1, doc = "list") List<String> all) {}

    /**
     * @param n default out of its bounds
     */
    public record WrongDefault(@Key(value = "4", max = 3, doc = "n") int n) {}

    /**
     * @param n min above max
     */
    public record NoValue(@Key(value = "4", min = 5, max = 3, doc = "n") int n) {}

    @Test
    void aKeyThatIsDeclaredWronglyIsAFaultOfThePlugin() {
        Map<Class<? extends Record>, String> words =
                Map.of(
                        BoundedText.class, "key 'x.name' has bounds, but it is text",
                        BoundedChoice.class, "key 'x.rule' has bounds, but it is a choice",
                        BoundedFlag.class, "key 'x.on' has bounds, but it is true or false",
                        BoundedPath.class, "key 'x.file' has bounds, but it is a path",
                        BoundedList.class, "key 'x.all' has bounds, but it is a list with commas",
                        WrongDefault.class, "key 'x.n' cannot have its default: key 'x.n' is '4'",
                        NoValue.class, "key 'x.n' has a min of 5.0 above its max of 3.0");
        words.forEach(
                (type, text) -> {
                    String said =
                            assertThrows(
                                            MienException.class,
                                            () -> Keys.bind("p", "x.", type, Map.of()))
                                    .getMessage();
                    assertTrue(said.startsWith(text), said);
                    assertTrue(said.endsWith("This is a fault of the plugin."), said);
                });
    }

    @Test
    void everyKeyOfThePlatformIsInTheDocs() throws IOException {
        String docs = Files.readString(Path.of("..", "docs", "pipelines.md"));
        for (Plugins.Key key : PlatformKeys.all()) {
            assertTrue(docs.contains("`" + key.name() + "`"), key.name());
            String value = key.value() == null ? "" : key.value();
            assertTrue(docs.contains(value), key.name() + " = " + value);
        }
    }

    @Test
    void aPluginIsNamedOnce() {
        String who = "dataset 'fer2013'";
        for (String said : new String[] {"no file", "fer2013: no file", who + ": no file"}) {
            assertEquals(
                    who + ": no file",
                    Border.words(who, List.of(), new IllegalArgumentException(said)).getMessage());
        }
    }

    @Test
    void theNearestNameIsOffered() {
        Set<String> known = Set.of("train.epochs", "train.batch", "backbone.size");
        assertEquals(Optional.of("train.epochs"), Words.nearest("train.epoch", known));
        assertEquals(Optional.empty(), Words.nearest("zzz", known));
    }

    @Test
    void schedulesFollowTheirFormula() {
        Map<String, String> cosine =
                Map.of("train.schedule", "cosine", "train.lr", "2", "train.warmup", "1");
        PlatformKeys.Rule rule = Keys.bind("p", "train.", PlatformKeys.Rule.class, cosine);
        assertEquals(0.2, rule.rates().rate(0, 10, 5, 0), 1e-12);
        assertEquals(2, rule.rates().rate(10, 10, 5, 0), 1e-12);
        assertEquals(1, rule.rates().rate(30, 10, 5, 0), 1e-12);
        Map<String, String> steps =
                Map.of("train.schedule", "multi-step", "train.lr", "1", "train.milestones", "2,3");
        PlatformKeys.Rule multi = Keys.bind("p", "train.", PlatformKeys.Rule.class, steps);
        assertEquals(1, multi.rates().rate(19, 10, 5, 0), 1e-12);
        assertEquals(0.1, multi.rates().rate(20, 10, 5, 0), 1e-12);
        assertEquals(0.01, multi.rates().rate(30, 10, 5, 0), 1e-12);
    }

    /**
     * Keys of one's own and others'.
     *
     * @param first key
     * @param shared keys
     */
    public record More(@Key(value = "1", doc = "first") int first, All shared) {}

    /**
     * The same keys twice.
     *
     * @param rate key
     * @param shared keys
     */
    public record Twice(@Key(value = "1", doc = "first") double rate, All shared) {}

    /**
     * Keys without an end.
     *
     * @param again the same
     */
    public record Endless(Endless again) {}

    @Test
    void keysInCommonAreWrittenOnce() {
        assertEquals(
                List.of("x.first", "x.relabel-from", "x.rate"),
                Keys.describe("x.", More.class).stream().map(Plugins.Key::name).limit(3).toList());
        Map<String, String> given = Map.of("x.first", "2", "x.file", "/a", "x.rate", "0.25");
        More more = Keys.bind("method 'x'", "x.", More.class, given);
        assertEquals(2, more.first());
        assertEquals(0.25, more.shared().rate());
        More other = Settings.with("method 'x'", more, "rate", "0.75");
        assertEquals(0.75, other.shared().rate());
        assertEquals(2, other.first());
        assertEquals(2, Settings.with("method 'x'", more, "first", "2").first());
        assertEquals(
                "method 'x': a rate above 0.9 needs on = true",
                assertThrows(
                                MienException.class,
                                () ->
                                        Keys.bind(
                                                "method 'x'",
                                                "x.",
                                                More.class,
                                                Map.of(
                                                        "x.file", "/a", "x.on", "false", "x.rate",
                                                        "0.95")))
                        .getMessage());
        assertTrue(
                assertThrows(MienException.class, () -> Keys.describe("x.", Twice.class))
                        .getMessage()
                        .contains("key 'x.rate' is declared twice"));
        assertTrue(
                assertThrows(MienException.class, () -> Keys.describe("x.", Endless.class))
                        .getMessage()
                        .contains("'again' without @Key"));
    }

    /** The kit and the registry refuse these; a key that the platform gets is to be among them. */
    @Test
    void thePlatformsPrefixesAreThoseOfItsKeys() {
        assertEquals(
                Prefixes.PLATFORM,
                PlatformKeys.all().stream()
                        .map(key -> key.name().replaceFirst("[.].*", ""))
                        .collect(Collectors.toSet()));
    }
}
