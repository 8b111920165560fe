// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.itest.odd;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Hashtable;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import org.mien.api.Batch;
import org.mien.api.Feature;
import org.mien.api.Output;
import org.mien.api.method.Build;
import org.mien.api.method.Loss;
import org.mien.api.method.Method;
import org.mien.api.method.Model;
import org.mien.api.method.Phase;
import org.mien.api.method.Plan;
import org.mien.api.net.Pass;
import org.mien.api.net.Trunk;
import org.mien.nn.Linear;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;

/**
 * A method that does what the header {@code Odd-Does} of its bundle says, under the id of {@code
 * Odd-Id}: it throws in one of its methods, does not return from a step, or is quite ordinary.
 */
public class Odd implements Method<Odd.Settings>, BundleActivator {
    /** No keys. */
    public record Settings() {}

    /** An exception that nobody else knows. */
    public static final class Own extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Own(String message) {
            super(message);
        }
    }

    /** As a component, its object cannot be made. */
    public static final class Unmade extends Odd {
        /** For Declarative Services. */
        public Unmade() {
            throw new Own("odd constructor");
        }
    }

    private String does = "nothing";

    @Override
    public void start(BundleContext context) {
        does = context.getBundle().getHeaders().get("Odd-Does");
        odd("start");
        Hashtable<String, Object> properties = new Hashtable<>();
        properties.put("mien.id", context.getBundle().getHeaders().get("Odd-Id"));
        context.registerService(Method.class, this, properties);
    }

    @Override
    public void stop(BundleContext context) {
        odd("stop");
    }

    private void odd(String where) {
        if (does.equals(where)) {
            throw new Own("odd " + where);
        }
    }

    @Override
    public Class<Settings> settings() {
        return Settings.class;
    }

    @Override
    public Plan plan(Settings settings) {
        odd("plan");
        Plan plan = Plan.on(Feature.Kind.VECTOR);
        return does.equals("asks") ? plan.frozen("teacher", "resnet18", Feature.Kind.VECTOR) : plan;
    }

    @Override
    public Model build(Build build, Settings settings) {
        odd("build");
        Trunk trunk = build.trunk();
        int width = trunk.feature(Feature.Kind.VECTOR).channels();
        return new OddModel(
                this, trunk, build.part("head", new Linear(width, build.labels().size())));
    }

    /** A step of training. */
    Loss step(NDArray logits, Batch batch, Pass pass) {
        odd("phase");
        if (System.getProperties().get("odd.steps") instanceof Queue<?> queue) {
            @SuppressWarnings("unchecked")
            Queue<Object> times = (Queue<Object>) queue;
            if (does.equals("times")) {
                times.add(System.nanoTime());
            }
        }
        if (does.equals("leaks")) {
            NDManager above = logits.getManager();
            while (above.getParentManager().getParentManager() != null) {
                above = above.getParentManager();
            }
            logits.duplicate().attach(above);
        }
        if (does.equals("hangs")) {
            CountDownLatch entered = (CountDownLatch) System.getProperties().get("odd.entered");
            CountDownLatch leave = (CountDownLatch) System.getProperties().get("odd.leave");
            entered.countDown();
            while (leave.getCount() > 0) {
                try {
                    leave.await();
                } catch (InterruptedException e) {
                    continue; // as bad code does
                }
            }
        }
        return Loss.of("first", pass.crossEntropy(logits, batch));
    }

    /** Its model. */
    record OddModel(Odd method, Trunk trunk, Linear head) implements Model {
        @Override
        public Output predict(Batch batch, Pass pass) {
            return Output.logits(
                    head.run(pass, trunk.run(pass, batch.face(), Feature.Kind.VECTOR)));
        }

        @Override
        public List<Phase> phases(Build training) {
            return List.of(
                    Phase.of(
                            "train",
                            (batch, pass) ->
                                    method.step(predict(batch, pass).logits(), batch, pass)));
        }
    }
}
