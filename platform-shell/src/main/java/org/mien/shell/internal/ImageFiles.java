// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.apache.karaf.shell.api.console.Candidate;
import org.apache.karaf.shell.api.console.CommandLine;
import org.apache.karaf.shell.api.console.Completer;
import org.apache.karaf.shell.api.console.Session;
import org.apache.karaf.shell.support.completers.FileCompleter;

/** Completes the path of a file. */
@Service
public final class ImageFiles implements Completer {
    @Override
    public int complete(Session session, CommandLine line, List<String> candidates) {
        List<Candidate> all = new ArrayList<>();
        completeCandidates(session, line, all);
        all.forEach(candidate -> candidates.add(candidate.value()));
        return line.getBufferPosition() - line.getArgumentPosition();
    }

    @Override
    public void completeCandidates(Session session, CommandLine line, List<Candidate> candidates) {
        new FileCompleter() {
            @Override
            protected Path getUserDir() {
                return session.currentDir();
            }
        }.completeCandidates(session, line, candidates);
    }
}
