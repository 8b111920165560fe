// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.fer2013;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.mien.api.data.Dataset;
import org.mien.testkit.DatasetContract;

class Fer2013ContractTest extends DatasetContract<Fer2013Dataset.Settings> {
    @TempDir Path folder;

    @BeforeEach
    void write() throws IOException {
        String[] usages = {"Training", "Training", "PublicTest", "PrivateTest"};
        StringBuilder text = new StringBuilder("emotion,pixels,Usage\n");
        for (int row = 0; row < 12; row++) {
            int seed = row;
            text.append(row % 7)
                    .append(',')
                    .append(
                            IntStream.range(0, 48 * 48)
                                    .mapToObj(i -> Integer.toString((seed * 37 + i * 11) % 256))
                                    .collect(Collectors.joining(" ")))
                    .append(',')
                    .append(usages[row % 4])
                    .append('\n');
        }
        Files.writeString(folder.resolve("fer2013.csv"), text);
    }

    @Override
    protected Dataset<Fer2013Dataset.Settings> plugin() {
        return new Fer2013Dataset();
    }

    @Override
    protected String[] keys() {
        return new String[] {"path=" + folder.resolve("fer2013.csv")};
    }
}
