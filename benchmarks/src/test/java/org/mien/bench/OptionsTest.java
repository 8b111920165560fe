// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class OptionsTest {
    @Test
    void everythingIsMeasuredWhereNothingIsNamed() {
        Options options = new Options();
        assertEquals(List.of(Benchmark.values()), options.benchmarks());
        assertEquals(List.of(1, 2), options.threads());
        assertEquals(20, options.repeat(Benchmark.TRAIN));
        assertTrue(options.tuned());
        assertFalse(options.quick());
    }

    @Test
    void aQuickLookHasFewerOfAll() {
        Options options = new Options("--quick", "--no-tuned");
        assertEquals(Benchmark.QUICK, options.benchmarks());
        assertEquals(List.of(1), options.threads());
        assertTrue(options.repeat(Benchmark.TRAIN) < new Options().repeat(Benchmark.TRAIN));
        assertTrue(options.warm() < new Options().warm());
        assertFalse(options.tuned());
    }

    @Test
    void whatIsAskedForCountsInAQuickLookToo() {
        Options options = new Options("swap", "--quick", "train", "swap", "--repeat=7");
        assertEquals(List.of(Benchmark.SWAP, Benchmark.TRAIN), options.benchmarks());
        assertEquals(7, options.repeat(Benchmark.TRAIN));
        assertEquals(List.of(2), new Options("--quick", "--threads=2").threads());
    }

    @Test
    void whatIsNotUnderstoodIsNamed() {
        assertEquals("'trian' is no benchmark and no option", refused("trian"));
        assertEquals("'--fast' is no benchmark and no option", refused("--fast"));
        assertEquals("--threads needs a value behind '='", refused("--threads", "2"));
        assertEquals("--python needs a value behind '='", refused("--python="));
        assertEquals("--threads=3: expected a number, 1 to 2", refused("--threads=3"));
        assertEquals("--repeat=0: expected a number, 1 to 1000", refused("--repeat=0"));
        assertEquals("--repeat=many: expected a number, 1 to 1000", refused("--repeat=many"));
    }

    private static String refused(String... arguments) {
        return assertThrows(IllegalArgumentException.class, () -> new Options(arguments))
                .getMessage()
                .lines()
                .findFirst()
                .orElseThrow();
    }

    @Test
    void theUsageNamesEveryBenchmark() {
        List<String> words = Arrays.asList(Options.USAGE.split("[\\s,()]+"));
        for (Benchmark benchmark : Benchmark.values()) {
            assertTrue(words.contains(benchmark.id()), benchmark.id());
        }
    }
}
