// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.mien.core.Doctor;
import org.mien.core.Doctor.Check;
import org.mien.core.Doctor.Level;
import org.mien.core.MienException;

/** {@code fer:doctor}. */
@Service
@Command(
        scope = "fer",
        name = "doctor",
        description = "Looks at machine and platform, and says what is wrong and what to do")
public final class DoctorRound extends FerCommand {
    /** Where the text begins: behind {@code warning} and the longest name. */
    private static final int INDENT = 20;

    @Reference Doctor doctor;

    private final List<String> problems = new ArrayList<>();

    @Override
    void run() {
        doctor.examine(this::show);
        if (!problems.isEmpty()) {
            throw new MienException(
                    (problems.size() == 1 ? "1 problem" : problems.size() + " problems")
                            + ": "
                            + String.join(", ", problems)
                            + ". What to do stands with each");
        }
    }

    private void show(Check check) {
        String level = check.level().name().toLowerCase(Locale.ROOT);
        if (check.level() == Level.PROBLEM) {
            problems.add(check.name());
        }
        if (json) {
            screen.line(
                    Json.line(
                            Json.object(
                                    "check", check.name(),
                                    "state", level,
                                    "found", screen.told(check.found()),
                                    "next", screen.told(check.next()))));
            return;
        }
        String head = Text.left(level, 7) + "  " + Text.left(check.name(), INDENT - 10) + " ";
        text(head, screen.told(check.found()));
        if (!check.next().isEmpty()) {
            text(" ".repeat(INDENT), "-> " + screen.told(check.next()));
        }
    }

    /** Text, wrapped where there is a terminal. */
    private void text(String head, String text) {
        int width = screen.columns() == 0 ? Integer.MAX_VALUE : screen.columns();
        StringBuilder line = new StringBuilder(head);
        boolean first = true;
        for (String word : text.split(" ")) {
            if (!first && Text.width(line.toString()) + 1 + Text.width(word) > width) {
                screen.line(line.toString());
                line = new StringBuilder(" ".repeat(INDENT));
                first = true;
            }
            line.append(first ? "" : " ").append(word);
            first = false;
        }
        screen.line(line.toString());
    }
}
