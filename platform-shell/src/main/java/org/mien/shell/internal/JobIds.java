// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import java.util.List;
import java.util.stream.Stream;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.apache.karaf.shell.api.console.Candidate;
import org.mien.core.Jobs;

/** Completes the run of a job. */
@Service
public final class JobIds extends NameCompleter {
    @Reference Jobs jobs;

    @Override
    Stream<Candidate> candidates(List<String> arguments, String word) {
        return jobs.all().stream().map(job -> name(job.run(), job.state()));
    }
}
