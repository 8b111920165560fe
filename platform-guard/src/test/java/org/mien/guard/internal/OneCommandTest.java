// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.guard.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.security.Principal;
import java.time.Duration;
import java.util.Hashtable;
import java.util.List;
import java.util.Set;
import javax.security.auth.Subject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OneCommandTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "fer:run-list",
                "fer:run-list --json",
                "help",
                "fer:predict demo-1 /tmp/Gesicht-ä.png 'a face (2).png' --sample=first",
                "fer:train demo train.epochs=2",
                "shell:exec"
            })
    void plainLines(String line) {
        String run = OneCommand.judge(line);
        // A scope other than fer is taken for an argument of nothing: there is no such verb.
        assertEquals(line.startsWith("shell:") ? null : line, run);
    }

    @Test
    void aVerbIsACommandOfThePlatform() {
        assertEquals("fer:run-list --json", OneCommand.judge(" run-list --json "));
        assertEquals("fer:exec ls", OneCommand.judge("exec ls"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "$.context bundles",
                "($.context getBundle 0) stop",
                "fer:run-list $.session",
                "fer:run-list ${.processor}",
                "fer:run-list; shell:exec id",
                "fer:run-list & shell:exec id",
                "fer:run-list && shell:exec id",
                "fer:run-list | tac -f /tmp/x",
                "fer:run-list > /tmp/x",
                "fer:run-list < /etc/passwd",
                "fer:run-list\nshell:exec id",
                "fer:run-list \r shell:exec id",
                "fer:run-list `id`",
                "fer:run-list $(shell:exec id)",
                "fer:run-list (shell:exec id)",
                "fer:run-list { shell:exec id }",
                "fer:run-list [a b]",
                "fer:run-list = x",
                "fer:run-list =x",
                "history-file = /tmp/x",
                "history-file=/tmp/x",
                "fer:run-list \"$x\"",
                "fer:run-list 'a'b'",
                "fer:run-list a\\ b",
                "fer:run-list *",
                "fer:run-list ~",
                "fer:run-list #",
                "fer:run-list !1",
                "fer:run-list %1",
                "bundle:list",
                "config:list",
                "*:list",
                "FER:run-list",
                "each",
                ".context"
            })
    void everythingElseIsRefusedOrAVerbOfThePlatform(String line) {
        String run = OneCommand.judge(line);
        assertEquals(line.equals("each") ? "fer:each" : null, run);
    }

    @Test
    void longLinesAreRefusedAndNoneTakesLong() {
        assertNull(OneCommand.judge("fer:predict " + "a".repeat(70_000)));
        assertTimeout(
                Duration.ofSeconds(2),
                () -> {
                    assertNull(OneCommand.judge("fer:predict " + "a ".repeat(30_000) + "$"));
                    assertNull(OneCommand.judge("fer:predict" + " ".repeat(60_000) + "$"));
                });
    }

    /** As Karaf's. */
    private record RolePrincipal(String name) implements Principal {
        @Override
        public String getName() {
            return name;
        }
    }

    private record GroupPrincipal(String name) implements Principal {
        @Override
        public String getName() {
            return name;
        }
    }

    @Test
    void onlyARoleIsARole() {
        Subject subject =
                new Subject(
                        true,
                        Set.of(new RolePrincipal("viewer"), new GroupPrincipal("admin")),
                        Set.of(),
                        Set.of());
        assertEquals(Set.of("viewer"), Guard.roles(subject));
    }

    private static boolean may(String role, String verb) {
        Hashtable<String, Object> file = new Hashtable<>();
        file.put("*", "admin, manager");
        file.put("predict", "admin, manager, viewer");
        file.put("run-list", "viewer");
        file.put("service.pid", "viewer");
        assertEquals(
                role.equals("viewer") ? List.of("predict", "run-list") : List.of("predict"),
                new Rules(file, Set.of(role, "ssh")).verbs());
        return new Rules(file, Set.of(role, "ssh")).may(verb);
    }

    @Test
    void theFileSaysWhoMayWhat() {
        assertTrue(may("viewer", "predict"));
        assertFalse(may("viewer", "train"));
        assertTrue(may("manager", "train"));
        assertFalse(may("manager", "run-list"));
        assertFalse(new Rules(new Hashtable<>(), Set.of("viewer")).may("predict"));
    }
}
