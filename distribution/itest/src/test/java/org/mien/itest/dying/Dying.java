// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.itest.dying;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Hashtable;
import java.util.List;
import org.mien.api.Batch;
import org.mien.api.Output;
import org.mien.api.method.Build;
import org.mien.api.method.Loss;
import org.mien.api.method.Method;
import org.mien.api.method.Model;
import org.mien.api.method.Phase;
import org.mien.api.method.Plan;
import org.mien.api.net.Net;
import org.mien.api.net.Pass;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;
import org.osgi.util.tracker.ServiceTracker;

/**
 * Another method, the one of the header {@code Dying-Id} of its bundle, under the id "dying": in a
 * step of a phase the whole process dies. Which one the file {@code dies} in the work folder says,
 * for example {@code discriminate 7 update}; it is removed first, so that the process dies once.
 */
public final class Dying implements BundleActivator {
    private ServiceTracker<?, ?> tracker;

    /** For the framework. */
    public Dying() {}

    @Override
    public void start(BundleContext context) throws InvalidSyntaxException {
        String id = context.getBundle().getHeaders().get("Dying-Id");
        Hashtable<String, Object> properties = new Hashtable<>();
        properties.put("mien.id", "dying");
        // After a kill it may be there before the other one.
        tracker =
                new ServiceTracker<>(
                        context,
                        context.createFilter(
                                "(&(objectClass="
                                        + Method.class.getName()
                                        + ")(mien.id="
                                        + id
                                        + "))"),
                        null) {
                    private ServiceRegistration<?> registration;

                    @Override
                    public Object addingService(ServiceReference<Object> reference) {
                        Method<?> method = (Method<?>) super.addingService(reference);
                        registration =
                                context.registerService(
                                        Method.class, new Mortal<>(method), properties);
                        return method;
                    }

                    @Override
                    public void removedService(ServiceReference<Object> reference, Object method) {
                        registration.unregister();
                        super.removedService(reference, method);
                    }
                };
        tracker.open();
    }

    @Override
    public void stop(BundleContext context) {
        tracker.close();
    }

    /** Dies here, if the file says so. */
    private static void die(Phase phase, Pass pass, String where) {
        Path file = Path.of(System.getProperty("mien.work")).resolve("dies");
        try {
            if (!Files.exists(file)
                    || !Files.readString(file)
                            .equals(phase.name() + " " + pass.step() + " " + where)) {
                return;
            }
            Files.delete(file);
            new ProcessBuilder("kill", "-KILL", Long.toString(ProcessHandle.current().pid()))
                    .start()
                    .waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted, and lives", e);
        }
    }

    /** The method. */
    private record Mortal<S extends Record>(Method<S> method) implements Method<S> {
        @Override
        public Class<S> settings() {
            return method.settings();
        }

        @Override
        public Plan plan(S settings) {
            return method.plan(settings);
        }

        @Override
        public Model build(Build build, S settings) {
            return new MortalModel(method.build(build, settings));
        }

        @Override
        public String published(String path) {
            return method.published(path);
        }
    }

    /** Its model. */
    private record MortalModel(Model model) implements Model {
        @Override
        public Output predict(Batch batch, Pass pass) {
            return model.predict(batch, pass);
        }

        @Override
        public List<Phase> phases(Build build) {
            return model.phases(build).stream().map(MortalModel::mortal).toList();
        }

        private static Phase mortal(Phase phase) {
            return Phase.of(
                            phase.name(),
                            (batch, pass) -> {
                                Loss loss = phase.objective().loss(batch, pass);
                                die(phase, pass, "forward");
                                return loss;
                            })
                    .moves(phase.moves().toArray(new Net[0]))
                    .every(phase.every())
                    .from(phase.from())
                    .afterUpdate(
                            pass -> {
                                phase.after().accept(pass);
                                die(phase, pass, "update");
                            });
        }
    }
}
