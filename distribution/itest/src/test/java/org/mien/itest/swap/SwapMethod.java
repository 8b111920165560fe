// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.itest.swap;

import ai.djl.ndarray.NDArray;
import java.util.Hashtable;
import java.util.List;
import org.mien.api.Batch;
import org.mien.api.Feature;
import org.mien.api.Key;
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

/** A method whose second version has one more loss term. */
public class SwapMethod implements Method<SwapMethod.Settings>, BundleActivator {
    /**
     * Keys.
     *
     * @param weight of the second term
     */
    public record Settings(
            @Key(value = "0.1", min = 0, doc = "weight of the second term") double weight) {}

    /** The second version. */
    public static final class Second extends SwapMethod {
        /** For the framework. */
        public Second() {
            super(true);
        }
    }

    private final boolean second;

    /** For the framework. */
    public SwapMethod() {
        this(false);
    }

    private SwapMethod(boolean second) {
        this.second = second;
    }

    @Override
    public void start(BundleContext context) {
        Hashtable<String, Object> properties = new Hashtable<>();
        properties.put("mien.id", "swap");
        context.registerService(Method.class, this, properties);
    }

    @Override
    public void stop(BundleContext context) {
        // The framework unregisters the service.
    }

    @Override
    public Class<Settings> settings() {
        return Settings.class;
    }

    @Override
    public Plan plan(Settings settings) {
        return Plan.on(Feature.Kind.VECTOR);
    }

    @Override
    public Model build(Build build, Settings settings) {
        Trunk trunk = build.trunk();
        int width = trunk.feature(Feature.Kind.VECTOR).channels();
        Linear head = build.part("head", new Linear(width, build.labels().size()));
        return new Model() {
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
                                (batch, pass) -> {
                                    NDArray logits = predict(batch, pass).logits();
                                    Loss loss = Loss.of("first", pass.crossEntropy(logits, batch));
                                    if (second) {
                                        loss.plus(
                                                "second",
                                                settings.weight(),
                                                () -> logits.pow(2).mean());
                                    }
                                    return loss;
                                }));
            }
        };
    }
}
