// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import java.util.List;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.mien.core.Jobs;
import org.mien.core.MienException;

/** {@code fer:job-watch}. */
@Service
@Command(
        scope = "fer",
        name = "job-watch",
        description = "Shows how a training goes until it is over; Ctrl-C ends the watching only")
public final class JobWatch extends FollowCommand {
    @Reference Jobs jobs;

    @Argument(
            index = 0,
            name = "RUN",
            description = "Id of the run; fer:job-list shows them",
            required = true,
            multiValued = true)
    @Completion(JobIds.class)
    List<String> runs;

    @Override
    void run() {
        List<String> ids = plain(runs);
        if (ids.size() != 1) {
            throw new MienException("job-watch takes the id of one run; got " + ids);
        }
        follow(
                (tell, stop) -> jobs.watch(ids.get(0), tell, stop),
                "Watching no more; the run goes on.");
    }
}
