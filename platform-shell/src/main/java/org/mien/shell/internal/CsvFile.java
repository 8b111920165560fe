// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import java.io.BufferedWriter;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.mien.core.Csv;
import org.mien.core.MienException;

/**
 * A table as a file (RFC 4180, UTF-8), row by row into {@code FILE.part}, which gets its name when
 * it is complete: under the name asked for there is never half a file.
 */
final class CsvFile implements AutoCloseable {
    private final Path target;
    private final Path part;
    private final FileOutputStream file;
    private final Writer out;
    private boolean done;

    /**
     * Begins the file.
     *
     * @param target its name; one that is there is replaced when the new one is complete
     */
    CsvFile(Path target) {
        this.target = target;
        if (Files.isDirectory(target)) {
            throw new MienException("'" + target + "' is a folder; name a file for the table");
        }
        Path folder = target.getParent();
        if (folder != null && !Files.isDirectory(folder)) {
            throw new MienException("folder '" + folder + "' does not exist; make it first");
        }
        part = target.resolveSibling(target.getFileName() + ".part");
        try {
            file = new FileOutputStream(part.toFile());
        } catch (IOException e) {
            throw failed(e);
        }
        out = new BufferedWriter(new OutputStreamWriter(file, StandardCharsets.UTF_8), 1 << 16);
    }

    private MienException failed(IOException e) {
        return new MienException(
                "'"
                        + target
                        + "' cannot be written: "
                        + e.getMessage()
                        + ". Check that its folder can be written and the disk has room");
    }

    /** A row; null is an empty cell. */
    void row(List<?> cells) {
        try {
            out.write(Csv.line(cells));
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** Gives the file its name. */
    void complete() {
        try {
            out.flush();
            file.getFD().sync();
            out.close();
            Files.move(
                    part,
                    target,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
            done = true;
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** Removes what was not completed. */
    @Override
    public void close() {
        if (done) {
            return;
        }
        try {
            out.close();
        } catch (IOException e) {
            // What could not be written is removed in any case.
        }
        try {
            Files.deleteIfExists(part);
        } catch (IOException e) {
            throw failed(e);
        }
    }
}
