package @package@;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mien.api.data.Dataset.Open;
import org.mien.api.data.Sample;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

class @Name@DatasetTest {
    @TempDir Path folder;

    private Open open(String... lines) throws IOException {
        Path table = folder.resolve("table.csv");
        Files.write(table, List.of(lines));
        return new @Name@Dataset().open(new @Name@Dataset.Settings(table));
    }

    @Test
    void aLineIsASample() throws IOException {
        try (Open open = open("file,label,split", "b.png,joy,train", "", "a.png,anger,test")) {
            assertEquals(List.of("anger", "joy"), open.targets().classes());
            List<Sample> samples = open.samples().toList();
            assertEquals(List.of("b.png", "a.png"), samples.stream().map(Sample::id).toList());
            assertEquals(1, samples.get(0).label());
            assertEquals(Sample.Split.TRAIN, samples.get(0).split());
            assertEquals(0, samples.get(1).label());
            assertEquals(Sample.Split.TEST, samples.get(1).split());
        }
    }

    @Test
    void whatIsWrongIsRefusedWithItsLine() {
        refused("line 2 is 'a.png,joy'", "file,label,split", "a.png,joy");
        refused("the first line", "a.png,joy,train");
        refused("lies outside", "file,label,split", "../a.png,joy,train");
        refused("split 'dev' is unknown", "file,label,split", "a.png,joy,dev");
        refused("a second time", "file,label,split", "a.png,joy,train", "a.png,joy,test");
        refused("no pictures", "file,label,split");
    }

    private void refused(String why, String... lines) {
        String message = assertThrows(IOException.class, () -> open(lines)).getMessage();
        assertTrue(message.contains(why), message);
    }
}
