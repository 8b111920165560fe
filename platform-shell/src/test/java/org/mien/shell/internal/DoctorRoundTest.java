// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mien.core.Doctor.Check;
import org.mien.core.Doctor.Level;

class DoctorRoundTest {
    private static final Check FINE = new Check("java", Level.OK, "17.0.9, a Server VM", "");
    private static final Check SO_SO =
            new Check(
                    "allocator",
                    Level.WARNING,
                    "glibc with its defaults, slow for PyTorch's large blocks",
                    "start by ./mien, which tunes it");
    private static final Check BAD =
            new Check("ports", Level.PROBLEM, "listens beyond this machine", "set sshHost");

    private Shell shell;

    @BeforeEach
    void open() {
        shell = new Shell();
    }

    @AfterEach
    void close() {
        shell.close();
    }

    @Test
    void aLineForEachFinding() {
        shell.checks = List.of(FINE, SO_SO);
        Shell.Outcome outcome = shell.launch(Map.of(), "doctor");
        assertNull(outcome.failure());
        assertEquals(
                """
                ok       java       17.0.9, a Server VM
                warning  allocator  glibc with its defaults, slow for PyTorch's large blocks
                                    -> start by ./mien, which tunes it
                """,
                outcome.out());
    }

    @Test
    void aProblemIsAFailure() {
        shell.checks = List.of(FINE, BAD, SO_SO);
        Shell.Outcome outcome = shell.launch(Map.of(), "doctor");
        assertTrue(outcome.out().contains("problem  ports"), outcome.out());
        assertTrue(outcome.out().contains("allocator"), "goes on behind a problem");
        assertEquals("1 problem: ports. What to do stands with each", outcome.failure().strip());
    }

    @Test
    void wrapsToTheTerminal() {
        shell.checks = List.of(SO_SO);
        Shell.Outcome outcome = shell.launch(Map.of("MIEN_COLUMNS", "50"), "doctor");
        assertEquals(
                """
                warning  allocator  glibc with its defaults, slow
                                    for PyTorch's large blocks
                                    -> start by ./mien, which
                                    tunes it
                """,
                outcome.out());
    }

    @Test
    void aLineOfJsonForEach() {
        shell.checks = List.of(FINE, BAD);
        Shell.Outcome outcome = shell.launch(Map.of(), "doctor", "--json");
        assertEquals(
                """
                {"check":"java","state":"ok","found":"17.0.9, a Server VM","next":""}
                {"check":"ports","state":"problem","found":"listens beyond this machine","next":"set sshHost"}
                """,
                outcome.out());
        assertTrue(outcome.failure().contains("1 problem"));
    }
}
