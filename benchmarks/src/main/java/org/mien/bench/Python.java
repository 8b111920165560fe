// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Which Python it is compared with, if any. */
final class Python {
    private Python() {}

    /** Why a Python is none to compare with, in words; null where it is one. */
    static String lacks(String program, String modules) {
        String why = fails(List.of(program, "-c", "import " + modules));
        return why == null ? null : program + " cannot import " + modules + why;
    }

    /** The last thing that a command says when it fails; null where it does not. */
    static String fails(List<String> command) {
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            String said =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(1, TimeUnit.MINUTES)) {
                process.destroyForcibly();
                return ": it does not end";
            }
            String last = said.strip().replaceAll("(?s).*\\R", "");
            return process.exitValue() == 0 ? null : last.isEmpty() ? "" : ": " + last;
        } catch (IOException e) {
            return ": it does not start";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return ": it was not waited for";
        }
    }
}
