package @package@;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.mien.api.data.Dataset;
import org.mien.testkit.DatasetContract;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What every dataset must hold, at an update and after its removal too. */
class @Name@DatasetContractTest extends DatasetContract<@Name@Dataset.Settings> {
    @TempDir Path folder;

    @BeforeEach
    void write() throws IOException {
        StringBuilder table = new StringBuilder("file,label,split\n");
        for (String split : new String[] {"train", "validation", "test"}) {
            for (String label : new String[] {"joy", "anger"}) {
                String file = split + "-" + label + ".png";
                // The platform decodes; the dataset hands on whatever the file has.
                Files.writeString(folder.resolve(file), file);
                table.append(file).append(',').append(label).append(',').append(split).append('\n');
            }
        }
        Files.writeString(folder.resolve("table.csv"), table);
    }

    @Override
    protected Dataset<@Name@Dataset.Settings> plugin() {
        return new @Name@Dataset();
    }

    @Override
    protected String[] keys() {
        return new String[] {"path=" + folder.resolve("table.csv")};
    }
}
