// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.fer2013;

import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.mien.api.data.FileKind;
import org.mien.api.data.FileNames;

/**
 * The text of a table in a file as it was downloaded: plain, gzip (within gzip), or a member of a
 * zip, tar or tar.gz, which is found by its header and not by its name.
 */
final class Packed {
    /** Packings within each other; the challenge's own zip has two, a tar.gz. */
    private static final int DEEPEST = 4;

    // A zip of a repository has some hundred members. The bounds end what never would.
    static final int MOST_MEMBERS = 100_000;
    static final long MOST_BYTES = 8L << 30;

    private static final int SHOWN = 5;

    /** Reads a text. */
    interface Reader<T> {
        T read(InputStream in) throws IOException;
    }

    /** Told each file that is not packed any further; true ends the search. */
    private interface Visitor {
        boolean file(String name, int depth, FileKind kind, BufferedInputStream in)
                throws IOException;
    }

    /** A table with the header that is looked for. */
    private record Candidate(String name, int rank) {}

    /**
     * What was read.
     *
     * @param member its name in an archive; empty for a file that is none
     */
    record Read<T>(T value, String member) {}

    private final Path path;
    private final Kind kind;
    private final List<Candidate> candidates = new ArrayList<>();
    private final List<String> others = new ArrayList<>();
    private int members;
    private long bytes;

    private Packed(Path path, Kind kind) {
        this.path = path;
        this.kind = kind;
    }

    /**
     * Reads the table of a file.
     *
     * @throws IOException in words, where there is none, or more than one
     */
    static <T> Read<T> read(Path path, Kind kind, Reader<T> reader) throws IOException {
        return new Packed(path, kind).read(reader);
    }

    private <T> Read<T> read(Reader<T> reader) throws IOException {
        List<T> plain = new ArrayList<>();
        visit(
                (name, depth, what, in) -> {
                    if (depth > 0) {
                        look(name, depth, what, in);
                        return false;
                    }
                    if (what != FileKind.UNKNOWN && what != FileKind.EMPTY) {
                        throw notATable(what);
                    }
                    plain.add(reader.read(Utf8.of(in)));
                    return true;
                });
        if (!plain.isEmpty()) {
            return new Read<>(plain.get(0), "");
        }
        String chosen = choose();
        visit(
                (name, depth, what, in) -> {
                    if (depth == 0 || !name.equals(chosen)) {
                        return false;
                    }
                    plain.add(reader.read(Utf8.of(in)));
                    return true;
                });
        return new Read<>(plain.get(0), chosen);
    }

    private void look(String name, int depth, FileKind what, BufferedInputStream in)
            throws IOException {
        String header = what == FileKind.UNKNOWN ? firstLine(Utf8.of(in)) : "";
        Columns columns = Columns.of(header, kind);
        if (columns == null) {
            others.add(name);
            return;
        }
        // One that has all columns comes first, and one that is not packed twice.
        boolean whole = kind.columns().size() == known(columns);
        candidates.add(new Candidate(name, (whole ? 0 : 2) + (depth > 1 ? 1 : 0)));
    }

    /** The first line of a text, as far as it is short enough for a header. */
    private static String firstLine(InputStream in) throws IOException {
        byte[] start = in.readNBytes(Kind.LONGEST_LINE);
        int length = 0;
        while (length < start.length && start[length] != '\n' && start[length] != '\r') {
            length++;
        }
        return new String(start, 0, length, StandardCharsets.UTF_8);
    }

    private static int known(Columns columns) {
        int known = 0;
        for (int place : columns.places()) {
            known += place >= 0 ? 1 : 0;
        }
        return known;
    }

    private String choose() throws IOException {
        int best = candidates.stream().mapToInt(Candidate::rank).min().orElse(-1);
        List<String> names =
                candidates.stream().filter(one -> one.rank == best).map(Candidate::name).toList();
        if (names.size() == 1) {
            return names.get(0);
        }
        String next = " Unpack it and set " + kind.key() + " to the file with the faces' rows.";
        if (names.isEmpty()) {
            throw new IOException(
                    who()
                            + " is an archive "
                            + (others.isEmpty() ? "without files" : "with " + some(others))
                            + "; expected one that begins with "
                            + kind.header()
                            + "."
                            + next);
        }
        throw new IOException(
                who()
                        + " is an archive with several files that begin with "
                        + kind.header()
                        + ": "
                        + some(names)
                        + "; expected one."
                        + next);
    }

    private static String some(List<String> names) {
        String shown = String.join(", ", names.stream().limit(SHOWN).map(Kind::brief).toList());
        return names.size() > SHOWN
                ? shown + " and " + (names.size() - SHOWN) + " more files"
                : shown;
    }

    private String who() {
        return "fer2013: " + path.toAbsolutePath();
    }

    private IOException notATable(FileKind what) {
        return new IOException(
                who()
                        + " is "
                        + what.words()
                        + "; expected the text of "
                        + kind.name()
                        + ", plain, gzip, or in a zip, tar or tar.gz. "
                        + (what.advice().isEmpty()
                                ? "Set " + kind.key() + " to that file"
                                : what.advice())
                        + ".");
    }

    private void visit(Visitor visitor) throws IOException {
        members = 0;
        bytes = 0;
        try (BufferedInputStream in = buffered(Files.newInputStream(path))) {
            if (kindOf(in) != FileKind.ZIP) {
                visit("", 0, 0, in, visitor);
                return;
            }
        }
        try (ZipFile zip = new ZipFile(path.toFile())) {
            Enumeration<? extends ZipEntry> entries = zip.entries();
            while (entries.hasMoreElements()) {
                ZipEntry entry = entries.nextElement();
                if (entry.isDirectory() || isPassedOver(entry.getName())) {
                    continue;
                }
                try (InputStream in = counted(zip.getInputStream(entry))) {
                    if (visit(entry.getName(), 1, 1, buffered(in), visitor)) {
                        return;
                    }
                }
            }
        }
    }

    /**
     * Visits what is in a stream.
     *
     * @param archives that it lies in
     * @param packings that it lies in, gzip too
     */
    private boolean visit(
            String name, int archives, int packings, BufferedInputStream in, Visitor visitor)
            throws IOException {
        FileKind what = kindOf(in);
        if (packings < DEEPEST && what == FileKind.GZIP) {
            InputStream text = counted(new GZIPInputStream(in, 1 << 16));
            return visit(name, archives, packings + 1, buffered(text), visitor);
        }
        if (packings < DEEPEST && what == FileKind.TAR) {
            Tar tar = new Tar(in);
            for (Tar.Member one = tar.next(); one != null; one = tar.next()) {
                if (isPassedOver(one.name())) {
                    continue;
                }
                String full = name.isEmpty() ? one.name() : name + "/" + one.name();
                if (visit(full, archives + 1, packings + 1, buffered(one.in()), visitor)) {
                    return true;
                }
            }
            return false;
        }
        return visitor.file(name, archives, what, in);
    }

    private boolean isPassedOver(String name) throws IOException {
        if (++members > MOST_MEMBERS) {
            throw new IOException(
                    who()
                            + " has more than "
                            + MOST_MEMBERS
                            + " members; expected the archive of "
                            + kind.name()
                            + ". Unpack it and set "
                            + kind.key()
                            + " to that file.");
        }
        return FileNames.isLitterPath(name);
    }

    private static BufferedInputStream buffered(InputStream in) {
        return new BufferedInputStream(in, 1 << 16);
    }

    private static FileKind kindOf(BufferedInputStream in) throws IOException {
        in.mark(FileKind.ENOUGH);
        byte[] start = in.readNBytes(FileKind.ENOUGH);
        in.reset();
        return FileKind.of(start);
    }

    /** Bytes that were packed count, whoever reads them or passes them over. */
    private InputStream counted(InputStream in) {
        return new FilterInputStream(in) {
            private int count(int read) throws IOException {
                bytes += Math.max(0, read);
                if (bytes > MOST_BYTES) {
                    throw new IOException(
                            who()
                                    + " unpacks to more than "
                                    + (MOST_BYTES >> 30)
                                    + " GiB; expected "
                                    + kind.size()
                                    + ". Check that this is the file you meant.");
                }
                return read;
            }

            @Override
            public int read() throws IOException {
                int read = super.read();
                count(read < 0 ? 0 : 1);
                return read;
            }

            @Override
            public int read(byte[] to, int at, int length) throws IOException {
                return count(super.read(to, at, length));
            }

            @Override
            public long skip(long most) throws IOException {
                long skipped = super.skip(most);
                count((int) Math.min(Integer.MAX_VALUE, skipped));
                return skipped;
            }
        };
    }
}
