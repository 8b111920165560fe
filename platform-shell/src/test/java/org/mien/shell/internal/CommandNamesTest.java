// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.mien.core.Doctor;
import org.mien.core.MienException;

/** Commands in messages stand as their reader types them. */
class CommandNamesTest {
    private static final String TEXT =
            "no run 'a'. fer:run-list shows them; (fer:evaluate a), feature:install mien-x,"
                    + " ./mien sweep a, ./mien stop, /srv/fer:x and mvn:fer:x";

    private final Shell shell = new Shell();

    @AfterEach
    void stop() {
        shell.close();
    }

    @Test
    void outsideAndInTheShell() {
        shell.mien.training =
                (watch, stop) -> {
                    throw new MienException(TEXT);
                };
        String outside =
                "no run 'a'. ./mien run-list shows them; (./mien evaluate a), ./mien shell"
                        + " feature:install mien-x, ./mien sweep a, ./mien stop, /srv/fer:x and"
                        + " mvn:fer:x";
        String inside =
                "no run 'a'. fer:run-list shows them; (fer:evaluate a), feature:install mien-x,"
                        + " fer:sweep a, ./mien stop, /srv/fer:x and mvn:fer:x";
        String failure = shell.launch(Map.of(), "train", "demo").failure();
        assertTrue(failure.contains(outside), failure);
        assertFalse(failure.contains("shell ./mien"), failure);
        assertEquals(inside, shell.type("fer:train demo").failure());
    }

    @Test
    void inListsAndFindingsButNotInData() {
        String why = "(./mien shell feature:install mien-method-fdrl)";
        assertTrue(shell.launch(Map.of(), "pipeline-list").out().contains(why));
        assertFalse(shell.launch(Map.of(), "pipeline-list", "--json").out().contains("./mien"));
        assertFalse(shell.type("fer:pipeline-list").out().contains("./mien"));
        shell.checks =
                List.of(
                        new Doctor.Check(
                                "disk",
                                Doctor.Level.OK,
                                "little",
                                "fer:run-delete RUN removes runs"));
        assertTrue(shell.launch(Map.of(), "doctor").out().contains("-> ./mien run-delete RUN"));
        assertTrue(shell.launch(Map.of(), "doctor", "--json").out().contains("./mien run-delete"));
        assertTrue(shell.type("fer:doctor").out().contains("-> fer:run-delete RUN"));
    }

    @Test
    void allAreListed() {
        String list = shell.type("fer:command-list").out();
        assertTrue(list.contains("\nevaluate         "), list);
        assertFalse(list.contains("interrupt"), list);
        String json = shell.launch(Map.of(), "command-list", "--json").out();
        assertEquals(
                list.lines().count(), JsonParser.parseString(json).getAsJsonArray().size(), json);
    }
}
