// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the launcher does before there is a platform, and around it. */
class LauncherAloneTest {
    @TempDir Path folder;
    private Sandbox box;

    @BeforeEach
    void make() throws IOException {
        box = new Sandbox(folder.toRealPath(), "home");
    }

    @AfterEach
    void stop() throws Exception {
        box.close();
    }

    /** Refused with one line that has these words, at once. */
    private static void refused(Sandbox.Answer answer, String... words) {
        assertEquals(1, answer.status(), answer.toString());
        assertEquals("", answer.out());
        assertEquals(1, answer.err().lines().count(), answer.err());
        assertTrue(answer.err().startsWith("mien: "), answer.err());
        for (String word : words) {
            assertTrue(answer.err().contains(word), answer.err());
        }
        assertTrue(answer.seconds() < 20, "at once: " + answer.seconds() + " s");
    }

    private void started(Sandbox.Answer answer) {
        assertEquals(0, answer.status(), answer.toString());
        assertTrue(Files.exists(box.work.resolve("server.starts")), answer.toString());
    }

    @Test
    void whatADeadLauncherLeftHoldsUpNobody() throws Exception {
        Process other = new ProcessBuilder("sh", "-c", "sleep 60 # mien start").start();
        try {
            Files.createDirectories(box.work.resolve("starting"));
            Files.writeString(box.work.resolve("starting/pid"), other.pid() + "\n");
            Files.createDirectories(box.work.resolve("data"));
            Files.writeString(box.work.resolve("data/starting"), other.pid() + "\n");
            Files.writeString(box.work.resolve("data/karaf.pid"), other.pid() + "\n");
            assertTrue(box.mien("status").out().startsWith("state  stopped"));
            started(box.mien("start"));
        } finally {
            other.destroy();
        }
    }

    @Test
    void oneStartsAndTheOtherWaits() throws Exception {
        box.environment.put("FAKE_READY", "until [ -e go ]; do sleep 0.1; done");
        CompletableFuture<Sandbox.Answer> first = CompletableFuture.supplyAsync(this::start);
        while (!Files.exists(box.work.resolve("server.starts"))) {
            Thread.sleep(10);
        }
        assertTrue(box.mien("status").out().startsWith("state  starting"));
        Process second = box.command("start").redirectErrorStream(true).start();
        String said = second.inputReader().readLine();
        assertTrue(said.contains("waiting for another mien"), said);
        Files.createFile(box.home.resolve("go"));
        assertEquals(0, second.waitFor());
        started(first.get());
        assertEquals(1, box.starts());
    }

    private Sandbox.Answer start() {
        try {
            return box.mien("start");
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aStartWhoseLauncherWasKilledIsWaitedFor() throws Exception {
        box.environment.put("FAKE_READY", "exec sleep 30");
        Process killed = box.command("start").start();
        while (!Files.exists(box.work.resolve("data/karaf.pid"))) {
            Thread.sleep(10);
        }
        killed.descendants()
                .filter(one -> one.info().commandLine().orElse("").contains("sleep 30"))
                .forEach(ProcessHandle::destroyForcibly);
        killed.destroyForcibly().waitFor();
        box.environment.put("FAKE_READY", "echo >asked");
        started(box.mien("start"));
        assertEquals(1, box.starts());
        assertTrue(Files.exists(box.home.resolve("asked")), "it waited until that was ready");
    }

    @Test
    void oneFolderHasOneName() throws Exception {
        started(box.mien("start"));
        Path real = box.work;
        Path link = Files.createSymbolicLink(folder.resolve("link"), real);
        for (String name : List.of(real + "/", link.toString(), real + "/../work", "work")) {
            box.environment.put("MIEN_WORK", name);
            Sandbox.Answer status = box.mien("start");
            assertTrue(status.err().contains("runs already"), name + status);
        }
        box.environment.remove("MIEN_WORK");
        assertEquals(1, box.starts());
    }

    @Test
    void aPlatformElsewhereKeepsItsFolder() throws Exception {
        Path data = Files.createDirectories(box.work.resolve("data"));
        Files.writeString(data.resolve("mien.port"), "4711\n");
        Files.writeString(data.resolve("karaf.pid"), "1\n");
        Files.writeString(data.resolve("place"), "other-host pid:[4026531999]\n");
        box.environment.put("FAKE_HELD", "yes");
        refused(box.mien("start"), "runs already on 'other-host'", "container", "MIEN_WORK");
        refused(box.mien("stop"), "runs on 'other-host'", "stop it there");
        Sandbox.Answer status = box.mien("status", "--json");
        assertTrue(
                status.out().startsWith("{\"state\": \"elsewhere\", \"answers\": null"),
                status.out());
        assertEquals(3, status.status());
        assertEquals("4711\n", Files.readString(data.resolve("mien.port")));
        assertEquals("1\n", Files.readString(data.resolve("karaf.pid")));
        // Its process number was lost, but not its lock.
        Files.delete(data.resolve("place"));
        refused(box.mien("start"), "another process holds", data.resolve("lock").toString());
        // It has ended, however it ended.
        box.environment.remove("FAKE_HELD");
        started(box.mien("start"));
    }

    @Test
    void aPlatformThatDoesNotAnswerIsNotWell() throws Exception {
        started(box.mien("start"));
        box.environment.put("FAKE_ALIVE", "ready, in 0.1 s");
        Sandbox.Answer well = box.mien("status");
        assertEquals(0, well.status());
        assertTrue(well.out().contains("\nanswer ready, in 0.1 s\n"), well.out());
        assertTrue(box.mien("status", "--json").out().contains("\"answers\": true"), well.out());
        box.environment.remove("FAKE_ALIVE");
        Sandbox.Answer ill = box.mien("status", "--json");
        assertEquals(4, ill.status());
        assertTrue(ill.out().startsWith("{\"state\": \"silent\", \"answers\": false"), ill.out());
        refused(box.mien("status", "--jsn"), "'--jsn'", "--json");
    }

    @ParameterizedTest
    @ValueSource(strings = {"21.0.1", "22", "17-ea"})
    void javasThatFit(String version) throws Exception {
        box.environment.put("FAKE_VERSION", version);
        started(box.mien("start"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.8.0_402", "16", "23.0.1", "25", "26-ea"})
    void javasThatDoNot(String version) throws Exception {
        box.environment.put("FAKE_VERSION", version);
        String feature = version.replaceFirst("[.-].*", "");
        refused(box.mien("start"), "17 to 22", "is version " + feature, "set JAVA_HOME");
        refused(box.mien("run-list"), "17 to 22");
        assertFalse(Files.exists(box.work), "nothing is made");
    }

    @Test
    void aJavaThatIsNone() throws Exception {
        box.environment.put("FAKE_BITS", "");
        refused(box.mien("start"), "64 bits", "set JAVA_HOME");
        Files.writeString(box.home.resolve("jdk/bin/java"), "#!/no/such/loader\n");
        refused(box.mien("start"), "does not run", "set JAVA_HOME");
        box.environment.put("JAVA_HOME", folder.resolve("none").toString());
        refused(box.mien("start"), "there is no", "set JAVA_HOME");
    }

    @Test
    void onlyAnAllocatorForThisProcessorIsTaken() throws Exception {
        // One that needs nothing and changes nothing.
        Path library = Path.of("/lib/x86_64-linux-gnu/libm.so.6");
        assumeTrue(Files.exists(library), "no " + library);
        byte[] bytes = Files.readAllBytes(library);
        bytes[4] = 1; // 32 bits
        Path narrow = Files.write(folder.resolve("narrow.so"), bytes);
        bytes[4] = 2;
        bytes[18] ^= 0x55; // another processor
        Path foreign = Files.write(folder.resolve("foreign.so"), bytes);
        for (Path other : List.of(narrow, foreign, folder.resolve("none.so"))) {
            box.environment.put("MIEN_ALLOCATOR", other.toString());
            Sandbox.Answer answer = box.mien("start");
            started(answer);
            assertTrue(answer.err().contains("no library for this processor"), answer.err());
            List<String> environment = server();
            assertTrue(environment.contains("MALLOC_ARENA_MAX=1"), environment.toString());
            assertTrue(environment.stream().noneMatch(v -> v.startsWith("LD_PRELOAD")));
            box.mien("stop");
        }
        box.environment.put("MIEN_ALLOCATOR", library.toString());
        Sandbox.Answer answer = box.mien("start");
        assertTrue(server().contains("LD_PRELOAD=" + library), answer.err());
    }

    private List<String> server() throws IOException {
        return Files.readAllLines(box.work.resolve("server.environment"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Anna Smith, it's 50% [1]",
                "a@b #1 a&b a;b \"q\" a:b a!b",
                "-n für $HOME (x) a+b=c ~ * a`b`"
            })
    void placesThatWork(String name) throws Exception {
        box.work = folder.toRealPath().resolve(name).resolve("work");
        started(box.mien("start"));
        assertTrue(box.mien("start").err().contains("runs already"), name);
        box.mien("stop");
        String home = "home " + name.replace(":", "");
        try (Sandbox other = new Sandbox(folder.toRealPath(), home)) {
            Sandbox.Answer answer = other.mien("start");
            assertEquals(0, answer.status(), answer.toString());
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"a!|'!'", "a\\b|'\\'", "${x}|'${'"})
    void placesThatDoNot(String name, String sign) throws Exception {
        Path fine = box.work;
        box.work = folder.resolve(name).resolve("work");
        refused(box.mien("start"), sign, box.work.toString(), "MIEN_WORK");
        box.work = fine;
        try (Sandbox other = new Sandbox(folder, "home" + name)) {
            refused(other.mien("start"), sign, other.home.toString(), "move it");
        }
        try (Sandbox other = new Sandbox(folder, "home:" + name)) {
            refused(other.mien("start"), "':'", other.home.toString(), "move it");
        }
    }

    @Test
    void aFolderThatCannotBeMadeIsNamedWithTheWayOut() throws Exception {
        Files.writeString(folder.resolve("file"), "");
        box.work = folder.resolve("file/work");
        refused(box.mien("start"), box.work.toString(), "cannot be made", "set MIEN_WORK");
        box.work = folder.resolve("work");
    }

    /** An installation of one account, used by another. */
    @Test
    void anotherAccountUsesAnInstallationThatNobodyMayWrite() throws Exception {
        assumeTrue(
                System.getProperty("user.name").equals("root")
                        && new ProcessBuilder("setpriv", "--version").start().waitFor() == 0,
                "only root can become another account");
        Path shared = Files.createTempDirectory("mien-shared");
        Path own = Files.createTempDirectory("mien-own");
        try (Sandbox other = new Sandbox(shared, "home")) {
            for (String command : List.of("chmod -R a-w,a+rX ", "chmod a+rx ")) {
                String line = command + "'" + shared + "'";
                assertEquals(0, new ProcessBuilder("sh", "-c", line).start().waitFor());
            }
            other.before =
                    List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--");
            other.environment.put("HOME", "/home/nobody");
            other.work = other.home.resolve("work");
            refused(other.mien("start"), "cannot be made", "MIEN_WORK=/home/nobody/mien-work");
            // Somebody else's folder.
            Files.setPosixFilePermissions(own, PosixFilePermissions.fromString("rwx------"));
            other.work = own;
            for (String verb : List.of("start", "status", "stop", "run-list", "user-list")) {
                refused(other.mien(verb), "belongs to 'root'", "set MIEN_WORK");
            }
            Files.setPosixFilePermissions(own, PosixFilePermissions.fromString("rwxrwxrwx"));
            other.work = own.resolve("work");
            Sandbox.Answer answer = other.mien("start");
            assertEquals(0, answer.status(), answer.toString());
            Path users = other.work.resolve("etc/users.properties");
            assertTrue(Files.readString(users).contains("mien = "));
            // Files of a folder from before, when copies were as closed as their originals.
            other.mien("stop");
            Files.setPosixFilePermissions(users, PosixFilePermissions.fromString("r--r--r--"));
            Files.writeString(users, "# none yet\n");
            assertEquals(0, other.mien("start").status());
            assertTrue(Files.readString(users).contains("mien = "));
        } finally {
            String line = "rm -rf '" + shared + "' '" + own + "'";
            new ProcessBuilder("sh", "-c", line).start().waitFor();
        }
    }
}
