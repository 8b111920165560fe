// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.run;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipInputStream;
import org.mien.core.MienException;
import org.mien.core.internal.io.Digests;
import org.mien.core.internal.pipeline.Names;

/**
 * Runs that come as a zip, from {@code export}. Nothing of what it says is trusted: names, sizes
 * and digests are checked while it is unpacked, and a run appears when all of it is there.
 */
public final class Packages {
    private static final int MOST_FILES = 64;
    private static final long MOST_BYTES = 16L << 30;
    private static final long MOST_TEXT_BYTES = 64L << 20;

    /** Names below the run; no report, which is a page that could hold anything. */
    private static final Pattern TEXT =
            Pattern.compile(
                    "(config|run|notes)\\.json|metrics\\.jsonl|[A-Za-z][A-Za-z_-]{0,40}\\.md|"
                            + "(evaluations/[A-Za-z0-9][A-Za-z0-9._-]*/)?"
                            + "((evaluation|pictures|findings)-[a-z]+\\.json"
                            + "|predictions-[a-z]+\\.csv)|"
                            + RunFolders.SUMS);

    private static final Pattern PASSED_OVER = Pattern.compile("report\\.html");

    private Packages() {}

    /**
     * Unpacks a run.
     *
     * @param zip what {@code export} wrote
     * @param runs folder of the runs
     * @param as its id here; empty for the one that it had
     * @return its folder
     * @throws MienException for what is no such file, is damaged, or exists already
     */
    public static Path unpack(Path zip, Path runs, String as) {
        if (!Files.isRegularFile(zip)) {
            throw new MienException(
                    zip
                            + (Files.exists(zip) ? " is no file" : " does not exist")
                            + "; expected a run as 'export RUN --format zip' writes it");
        }
        Path temporary = null;
        try {
            Files.createDirectories(runs);
            temporary = Files.createTempDirectory(runs, ".import-");
            String id = unpack(zip, temporary);
            String name = as.isEmpty() ? id : as;
            Names.check("run", name);
            Path run = runs.resolve(name);
            if (Files.exists(run) || new Aliases(runs).find(name).isPresent()) {
                throw new MienException(
                        "run '"
                                + name
                                + "' exists already, or is an alias. --as NAME gives the one in "
                                + zip
                                + " another name");
            }
            check(zip, temporary);
            Files.move(temporary, run);
            temporary = null;
            return run;
        } catch (ZipException e) {
            throw new MienException(zip + " is no zip file, or was cut: " + e.getMessage());
        } catch (IOException e) {
            throw new MienException(
                    zip
                            + " cannot be unpacked to "
                            + runs
                            + ": "
                            + e.getMessage()
                            + ". Check that the file is whole, and that the disk has room");
        } finally {
            if (temporary != null) {
                remove(temporary);
            }
        }
    }

    private static void remove(Path folder) {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException e) {
            return; // the reason why it is removed counts more
        }
    }

    /** Gives the id of the run. */
    private static String unpack(Path zip, Path folder) throws IOException {
        String id = null;
        long left = MOST_BYTES;
        Map<String, String> sums = new LinkedHashMap<>();
        try (ZipInputStream in =
                new ZipInputStream(new BufferedInputStream(Files.newInputStream(zip)))) {
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                String[] path = entry.getName().split("/", 2);
                boolean fits =
                        path.length == 2
                                && Names.may(path[0])
                                && (id == null || id.equals(path[0]))
                                && !sums.containsKey(path[1]);
                if (!fits || sums.size() >= MOST_FILES) {
                    throw foreign(zip, entry.getName());
                }
                id = path[0];
                if (PASSED_OVER.matcher(path[1]).matches()) {
                    sums.put(path[1], digest(in, OutputStream.nullOutputStream(), MOST_TEXT_BYTES));
                    continue;
                }
                boolean text = TEXT.matcher(path[1]).matches();
                if (!text && !path[1].equals(RunFolders.BEST)) {
                    throw foreign(zip, entry.getName());
                }
                Path file = folder.resolve(path[1]);
                Files.createDirectories(file.getParent());
                try (OutputStream out = Files.newOutputStream(file)) {
                    sums.put(path[1], digest(in, out, text ? MOST_TEXT_BYTES : left));
                }
                left -= Files.size(file);
            }
        }
        if (id == null) {
            throw new ZipException("it holds nothing");
        }
        compare(zip, folder, sums);
        return id;
    }

    private static MienException foreign(Path zip, String entry) {
        return new MienException(
                zip
                        + " holds '"
                        + entry
                        + "', which is no file of a run; expected RUN/config.json, RUN/run.json,"
                        + " RUN/"
                        + RunFolders.BEST
                        + " and what 'export RUN --format zip' writes beside them");
    }

    /** Copies, no more than some bytes, whatever the zip says of its sizes. */
    private static String digest(InputStream in, OutputStream out, long most) throws IOException {
        MessageDigest digest = Digests.sha256();
        byte[] some = new byte[1 << 16];
        long all = 0;
        for (int n = in.read(some); n >= 0; n = in.read(some)) {
            all += n;
            if (all > most) {
                throw new ZipException("a file in it has more than " + most + " bytes");
            }
            digest.update(some, 0, n);
            out.write(some, 0, n);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** A file that is another than the one that was packed. */
    private static void compare(Path zip, Path folder, Map<String, String> sums)
            throws IOException {
        if (!sums.containsKey(RunFolders.SUMS)) {
            return; // of an earlier build
        }
        Path file = folder.resolve(RunFolders.SUMS);
        Map<String, String> told = new LinkedHashMap<>();
        for (String line : Files.readString(file, StandardCharsets.UTF_8).lines().toList()) {
            String[] parts = line.split(" {2}", 2);
            if (parts.length == 2) {
                told.put(parts[1], parts[0]);
            }
        }
        Files.delete(file);
        sums.remove(RunFolders.SUMS);
        if (!told.equals(sums)) {
            throw new MienException(
                    zip
                            + " is damaged or was changed: the digests of its files are not those"
                            + " in its "
                            + RunFolders.SUMS
                            + ". Export it anew");
        }
    }

    private static void check(Path zip, Path run) throws IOException {
        for (String name : new String[] {RunFolders.CONFIG, RunFolders.STATE, RunFolders.BEST}) {
            if (!Files.exists(run.resolve(name))) {
                throw new MienException(
                        zip + " holds no " + name + ", so it is no run that can be used");
            }
        }
        RunFolders.Config config = RunFolders.config(run);
        RunFolders.State state = RunFolders.state(run);
        if (config.pipeline() == null || config.values() == null || config.targets() == null) {
            throw new MienException(zip + ": its " + RunFolders.CONFIG + " is not that of a run");
        }
        Names.check("pipeline", config.pipeline());
        if (!state.state().over()) {
            throw new MienException(zip + ": its run was not over when it was packed");
        }
        Checkpoint.open(run.resolve(RunFolders.BEST)).close();
    }
}
