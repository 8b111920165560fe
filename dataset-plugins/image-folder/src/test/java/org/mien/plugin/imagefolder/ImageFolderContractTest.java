// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.imagefolder;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.mien.api.data.Dataset;
import org.mien.testkit.DatasetContract;

class ImageFolderContractTest extends DatasetContract<ImageFolderDataset.Settings> {
    @TempDir Path folder;

    @BeforeEach
    void write() throws IOException {
        for (String split : new String[] {"train", "val", "test"}) {
            for (String label : new String[] {"anger", "joy"}) {
                Path place = Files.createDirectories(folder.resolve(split).resolve(label));
                for (int i = 0; i < 3; i++) {
                    // The platform decodes; the dataset hands on whatever the file has.
                    Files.writeString(place.resolve("p" + i + ".png"), split + label + i);
                }
            }
        }
    }

    @Override
    protected Dataset<ImageFolderDataset.Settings> plugin() {
        return new ImageFolderDataset();
    }

    @Override
    protected String[] keys() {
        return new String[] {"path=" + folder};
    }
}
