// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import java.util.List;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.mien.core.Sweeps;

/** {@code fer:sweep-cancel}. */
@Service
@Command(
        scope = "fer",
        name = "sweep-cancel",
        description = "Stops sweeps after the step under way; fer:sweep --resume goes on")
public final class SweepCancel extends FerCommand {
    @Reference Sweeps sweeps;

    @Argument(
            index = 0,
            name = "NAME",
            description = "Names of sweeps that are under way; fer:sweep-list shows them",
            required = true,
            multiValued = true)
    @Completion(SweepNames.class)
    List<String> names;

    @Override
    void run() {
        for (String name : plain(names)) {
            Sweeps.Sweep sweep = sweeps.cancel(name);
            screen.line(
                    json
                            ? Json.line(Json.of(sweep))
                            : sweep.name()
                                    + " "
                                    + sweep.state()
                                    + ", "
                                    + sweep.done()
                                    + " of "
                                    + sweep.all()
                                    + " runs done");
        }
    }
}
