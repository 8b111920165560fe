// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.mae;

import java.util.List;
import org.mien.api.Batch;
import org.mien.api.Output;
import org.mien.api.method.Build;
import org.mien.api.method.Method;
import org.mien.api.method.Model;
import org.mien.api.method.Phase;
import org.mien.api.method.Plan;
import org.mien.api.net.Pass;
import org.mien.nn.Masking;

/** The method with a noise and an answer of a test's own. */
record Seam(Masking.Noise noise, Seam.Answer answer) implements Method<Settings> {
    /** What it says of a batch. */
    interface Answer {
        Output say(Mae mae, Batch batch, Pass pass);
    }

    @Override
    public Class<Settings> settings() {
        return Settings.class;
    }

    @Override
    public Plan plan(Settings settings) {
        return new MaeMethod().plan(settings);
    }

    @Override
    public Model build(Build build, Settings settings) {
        Mae mae = new Mae(build, settings, noise);
        return new Model() {
            @Override
            public Output predict(Batch batch, Pass pass) {
                return answer.say(mae, batch, pass);
            }

            @Override
            public List<Phase> phases(Build training) {
                return mae.phases(training);
            }
        };
    }
}
