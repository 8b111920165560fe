// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReportTest {
    private static final Measured COMPARED =
            new Measured(
                    "train",
                    "a step",
                    "ms",
                    2,
                    true,
                    new double[] {30, 10, 20, 40},
                    new double[] {50, 50, 50, 50},
                    0.4,
                    true);
    private static final Measured ALONE =
            new Measured(
                    "swap", "a swap", "ms", 0, true, new double[] {12.5}, new double[0], 60, false);
    private static final Measured RATE =
            new Measured(
                    "input",
                    "pictures",
                    "images/s",
                    1,
                    false,
                    new double[] {1800},
                    new double[] {900},
                    1.5,
                    true);

    @Test
    void theTableHasMediansRatiosAndTargets() {
        String table =
                Report.table(List.of(COMPARED, ALONE, RATE), Map.of("processor", "a fast one"));
        assertEquals(
                """
                benchmark  threads  unit      mien   IQR  python   IQR  ratio          target  n
                train            2  ms        25.0  15.0    50.0  0.00   0.50  <= 0.40 missed  4
                swap           all  ms        12.5  0.00       -     -      -  <= 60.0 ms met  1
                input            1  images/s  1800  0.00     900  0.00   2.00     >= 1.50 met  1

                train: a step
                swap: a swap
                input: pictures

                processor: a fast one
                """,
                table);
    }

    @Test
    void jsonHasEveryValueAndNullForWhatIsNotThere() {
        JsonObject all =
                JsonParser.parseString(Report.json(List.of(COMPARED, ALONE), Map.of("torch", "2")))
                        .getAsJsonObject();
        assertEquals("2", all.getAsJsonObject("facts").get("torch").getAsString());
        JsonObject train = all.getAsJsonArray("results").get(0).getAsJsonObject();
        assertEquals(0.5, train.get("ratio").getAsDouble());
        assertEquals(25, train.getAsJsonObject("mien").get("median").getAsDouble());
        assertEquals(15, train.getAsJsonObject("mien").get("iqr").getAsDouble());
        assertEquals(4, train.getAsJsonObject("mien").getAsJsonArray("values").size());
        JsonObject swap = all.getAsJsonArray("results").get(1).getAsJsonObject();
        assertTrue(swap.get("python").isJsonNull());
        assertTrue(swap.get("ratio").isJsonNull());
        assertEquals("median", swap.get("targetOf").getAsString());
    }

    @Test
    void coresAreReadFromAList() {
        assertEquals(List.of(0, 1, 2, 3, 8), Bench.numbers("0-3,8"));
        assertEquals(List.of(5), Bench.numbers("5"));
    }
}
