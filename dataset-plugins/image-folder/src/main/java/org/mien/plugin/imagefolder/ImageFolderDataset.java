// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.imagefolder;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;
import org.mien.api.Key;
import org.mien.api.data.Dataset;
import org.mien.api.data.FileNames;
import org.mien.api.data.Picture;
import org.mien.api.data.Sample;
import org.mien.api.data.Targets;
import org.osgi.service.component.annotations.Component;

/**
 * Pictures in folders, a folder for each class: below {@code train}, {@code val} and {@code test},
 * or directly below the path, when all of them are for training.
 *
 * <p>The tree is listed once, at opening; files are read when their picture is asked for. A
 * sample's id is its path below the dataset's, with {@code /}; samples come in the order of their
 * ids.
 */
@Component(property = "mien.id=image-folder")
public final class ImageFolderDataset implements Dataset<ImageFolderDataset.Settings> {
    /** No photograph of a face comes near; a file this long is something else. */
    static final int MOST_BYTES = 64 << 20;

    /**
     * The keys.
     *
     * @param path the folder
     * @param labels the classes in the order wanted; empty for their natural order
     * @param subject what in a path names the person; empty when nothing does
     */
    public record Settings(
            @Key(doc = "the folder with train, val and test in it, or with the class folders")
                    Path path,
            @Key(
                            value = "",
                            doc =
                                    "names of all class folders in the order that classes shall"
                                            + " have; empty for their natural order (2 before 10)")
                    List<String> labels,
            @Key(
                            value = "",
                            doc =
                                    "a regular expression with one group that finds the person in"
                                            + " a picture's path, such as /(S[0-9]+)_; empty when"
                                            + " persons are not known")
                    String subject) {
        /** Checks what can be checked without the folder. */
        public Settings {
            if (path == null) {
                throw new IllegalArgumentException(
                        "path is missing; it must name the folder with train, val and test in it,"
                                + " or with the class folders.");
            }
            labels = labels.stream().map(FileNames::composed).toList();
            HashSet<String> names = new HashSet<>();
            for (String label : labels) {
                if (!names.add(label)) {
                    throw new IllegalArgumentException(
                            "labels names '" + label + "' twice; expected each class once.");
                }
            }
            if (!subject.isEmpty()) {
                int groups;
                try {
                    groups = Pattern.compile(subject).matcher("").groupCount();
                } catch (PatternSyntaxException e) {
                    throw new IllegalArgumentException(
                            "subject is '"
                                    + subject
                                    + "', which is no regular expression ("
                                    + e.getDescription()
                                    + " at "
                                    + e.getIndex()
                                    + "). Mend it or leave it empty.",
                            e);
                }
                if (groups != 1) {
                    throw new IllegalArgumentException(
                            "subject is '"
                                    + subject
                                    + "' with "
                                    + groups
                                    + " groups; expected one, around what names the person. Write"
                                    + " (?: ) for the others.");
                }
            }
        }
    }

    @Override
    public Class<Settings> settings() {
        return Settings.class;
    }

    @Override
    public Open open(Settings settings) throws IOException {
        return new Opened(Tree.list(settings, Tree.MOST_ENTRIES));
    }

    private static final class Opened implements Open {
        private final Tree tree;
        private volatile boolean closed;

        Opened(Tree tree) {
            this.tree = tree;
        }

        @Override
        public Targets targets() {
            return Targets.classes(tree.labels());
        }

        @Override
        public Stream<Sample> samples() throws IOException {
            check();
            return tree.files().stream()
                    .map(
                            file ->
                                    Sample.of(file.path(), file.path())
                                            .split(file.split())
                                            .label(file.label())
                                            .subject(file.subject())
                                            .build());
        }

        @Override
        public Picture read(Sample sample) throws IOException {
            check();
            String where = String.valueOf(sample.where());
            if (!tree.has(where)) {
                throw new IOException(
                        "image-folder: "
                                + tree.root()
                                + " had no picture '"
                                + where
                                + "' when it was opened. Use the samples of this dataset.");
            }
            Path file = tree.root().resolve(where);
            // Reading from what is no plain file, such as a pipe, could wait for ever.
            if (!Files.isRegularFile(file)) {
                throw new IOException(
                        "image-folder: "
                                + file
                                + " is gone or no plain file any more. Put it back, or open the"
                                + " dataset again.");
            }
            byte[] bytes;
            try (InputStream in = Files.newInputStream(file)) {
                bytes = in.readNBytes(MOST_BYTES + 1);
            } catch (IOException e) {
                throw new IOException(
                        "image-folder: "
                                + file
                                + " cannot be read ("
                                + Folders.reason(e)
                                + "). Check the file and its permissions.",
                        e);
            }
            if (bytes.length == 0) {
                throw new IOException(
                        "image-folder: "
                                + file
                                + " is empty; expected a picture. Copy it again or take it out.");
            }
            if (bytes.length > MOST_BYTES) {
                throw new IOException(
                        "image-folder: "
                                + file
                                + " is longer than "
                                + (MOST_BYTES >> 20)
                                + " MiB; expected a picture. Make it smaller or take it out.");
            }
            return Picture.encoded(ByteBuffer.wrap(bytes));
        }

        private void check() throws IOException {
            if (closed) {
                throw new IOException(
                        "image-folder: " + tree.root() + " was closed; open it again.");
            }
        }

        @Override
        public List<String> notes() {
            return tree.notes();
        }

        @Override
        public void close() {
            closed = true;
        }
    }
}
