package @package@;

import org.mien.api.Key;
import org.mien.api.data.Dataset;
import org.mien.api.data.Picture;
import org.mien.api.data.Sample;
import org.mien.api.data.Targets;
import org.osgi.service.component.annotations.Component;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * A table of pictures: a text file whose first line is {@code file,label,split} and whose others
 * each name a picture, by its path below the table's folder, its class, and train, validation or
 * test. Classes come in the order of their names, samples in the order of the table.
 */
@Component(property = "mien.id=@id@")
public final class @Name@Dataset implements Dataset<@Name@Dataset.Settings> {
    private static final String HEAD = "file,label,split";

    // What is longer is something else, and would fill the memory.
    private static final int MOST_BYTES = 64 << 20;

    /**
     * Keys {@code dataset.*}.
     *
     * @param path the table
     */
    public record Settings(@Key(doc = "the table, a text file of file,label,split") Path path) {}

    @Override
    public Class<Settings> settings() {
        return Settings.class;
    }

    @Override
    public Open open(Settings settings) throws IOException {
        Path table = settings.path();
        Path folder = table.toAbsolutePath().normalize().getParent();
        Map<String, Row> rows = new LinkedHashMap<>();
        String[] lines = new String(bytes(table), StandardCharsets.UTF_8).split("\r?\n", -1);
        if (!lines[0].strip().equals(HEAD)) {
            throw new IOException(
                    "@id@: the first line of "
                            + table
                            + " is '"
                            + cut(lines[0])
                            + "'; expected "
                            + HEAD
                            + ".");
        }
        for (int i = 1; i < lines.length; i++) {
            if (!lines[i].isBlank()) {
                Row row = row(folder, lines[i], table + ", line " + (i + 1));
                if (rows.put(row.file(), row) != null) {
                    throw new IOException(
                            "@id@: "
                                    + table
                                    + ", line "
                                    + (i + 1)
                                    + " names '"
                                    + cut(row.file())
                                    + "' a second time; expected each picture once.");
                }
            }
        }
        if (rows.isEmpty()) {
            throw new IOException(
                    "@id@: " + table + " has no pictures; expected a line for each.");
        }
        TreeSet<String> labels = new TreeSet<>();
        rows.values().forEach(row -> labels.add(row.label()));
        return new Opened(folder, rows, List.copyOf(labels));
    }

    private record Row(String file, String label, Sample.Split split) {}

    private static Row row(Path folder, String line, String where) throws IOException {
        String[] cells = line.split(",", -1);
        if (cells.length != 3 || cells[0].isBlank() || cells[1].isBlank()) {
            throw new IOException(
                    "@id@: " + where + " is '" + cut(line) + "'; expected " + HEAD + ".");
        }
        String file = cells[0].strip();
        if (file.indexOf('\0') >= 0 || !folder.resolve(file).normalize().startsWith(folder)) {
            throw new IOException(
                    "@id@: "
                            + where
                            + ": '"
                            + cut(file)
                            + "' lies outside "
                            + folder
                            + "; expected a path below it.");
        }
        Sample.Split split =
                switch (cells[2].strip().toLowerCase(Locale.ROOT)) {
                    case "train" -> Sample.Split.TRAIN;
                    case "validation" -> Sample.Split.VALIDATION;
                    case "test" -> Sample.Split.TEST;
                    default ->
                            throw new IOException(
                                    "@id@: "
                                            + where
                                            + ": split '"
                                            + cut(cells[2])
                                            + "' is unknown; expected train, validation or test.");
                };
        return new Row(file, cells[1].strip(), split);
    }

    private static byte[] bytes(Path file) throws IOException {
        // Reading from what is no plain file, such as a pipe, could wait for ever.
        if (!Files.isRegularFile(file)) {
            throw new IOException(
                    "@id@: " + file + " is missing or no plain file; check its path.");
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MOST_BYTES + 1);
            if (bytes.length == 0 || bytes.length > MOST_BYTES) {
                throw new IOException(
                        "@id@: "
                                + file
                                + " is "
                                + (bytes.length == 0 ? "empty." : "longer than 64 MiB."));
            }
            return bytes;
        }
    }

    private static String cut(String text) {
        return text.length() <= 80 ? text : text.substring(0, 80) + "..";
    }

    private record Opened(Path folder, Map<String, Row> rows, List<String> labels) implements Open {
        @Override
        public Targets targets() {
            return Targets.classes(labels);
        }

        @Override
        public Stream<Sample> samples() {
            return new ArrayList<>(rows.values()).stream().map(this::sample);
        }

        private Sample sample(Row row) {
            return Sample.of(row.file(), row.file())
                    .split(row.split())
                    .label(labels.indexOf(row.label()))
                    .build();
        }

        @Override
        public Picture read(Sample sample) throws IOException {
            if (sample.where() == null || !rows.containsKey(sample.where())) {
                throw new IOException(
                        "@id@: the table has no picture '"
                                + sample.where()
                                + "'; use the samples of this dataset.");
            }
            return Picture.encoded(ByteBuffer.wrap(bytes(folder.resolve(sample.where()))));
        }

        @Override
        public void close() {}
    }
}
