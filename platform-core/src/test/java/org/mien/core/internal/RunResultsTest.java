// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.mien.api.Output.Role;
import org.mien.api.evaluate.Evaluator;
import org.mien.api.evaluate.Findings;
import org.mien.api.evaluate.Results;
import org.mien.core.internal.Registry.Kind;

class RunResultsTest extends OnPlatform {
    /** Writes down what it sees of the columns. */
    private static final class Columns implements Evaluator<Fakes.None> {
        @Override
        public Class<Fakes.None> settings() {
            return Fakes.None.class;
        }

        @Override
        public void evaluate(Results results, Fakes.None settings, Findings findings) {
            findings.note("face: " + results.columns(Role.WEIGHTS, "face"));
            findings.note("embedding: " + results.columns(Role.EMBEDDING, "embedding"));
            findings.note("other role: " + results.columns(Role.EMBEDDING, "face"));
            findings.metric("width", results.extras(Role.WEIGHTS).get("face")[0].length);
        }
    }

    @Test
    void columnsOfAnExtraHaveTheNamesThatTheMethodGaveThem() {
        bind(Kind.EVALUATOR, "columns", new Columns());
        String run = train("demo", "train.epochs=1", "evaluators=columns").id();
        var evaluation = mien.evaluate(run, "test", Map.of());
        assertEquals(
                List.of("face: [one, two]", "embedding: []", "other role: []"), evaluation.notes());
        assertEquals(Map.of("width", 2.0), evaluation.metrics());
    }
}
