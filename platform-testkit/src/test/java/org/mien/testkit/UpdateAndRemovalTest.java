// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.InputStream;
import java.lang.ref.SoftReference;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mien.api.Key;
import org.mien.api.data.Picture;
import org.mien.api.data.Preprocessor;

class UpdateAndRemovalTest {
    private static final String UPDATE = "anUpdateGoesOnWithTheSame";
    private static final String REMOVAL = "aRemovalLeavesNothing";
    private static final String CODE = "org/mien/testkit/UpdateAndRemovalTest.class";

    private enum Fault {
        NONE,
        THREAD,
        THREAD_ENDED,
        COMMON_POOL,
        THREAD_LOCAL,
        CONTEXT_LOADER,
        HANDLER,
        PROPERTY,
        HOOK,
        SOFT_REFERENCE,
        FIRST_PICTURE
    }

    /** A step that adds a fact, and does what a plugin must not. */
    public static final class Careless implements Preprocessor<Careless.Settings>, AutoCloseable {
        private static final ThreadLocal<Careless> LOCAL = new ThreadLocal<>();
        private static Double first;
        private Thread thread;

        /**
         * Keys.
         *
         * @param fault what it does
         */
        public record Settings(@Key(value = "none", doc = "fault") Fault fault) {}

        @Override
        public Class<Settings> settings() {
            return Settings.class;
        }

        @Override
        public When when() {
            return When.ONCE;
        }

        @Override
        public Step open(Settings settings, String view) {
            return new Step() {
                @Override
                public List<Picture> apply(Picture picture) {
                    return List.of(picture.with("fact", fact(settings.fault(), picture)));
                }

                @Override
                public List<Picture> vary(Picture picture, RandomGenerator random) {
                    return apply(picture);
                }
            };
        }

        private double fact(Fault fault, Picture picture) {
            switch (fault) {
                case THREAD, THREAD_ENDED -> start();
                case COMMON_POOL -> IntStream.range(0, 100).parallel().sum();
                case THREAD_LOCAL -> LOCAL.set(this);
                case CONTEXT_LOADER ->
                        Thread.currentThread().setContextClassLoader(getClass().getClassLoader());
                case HANDLER -> Thread.setDefaultUncaughtExceptionHandler((at, thrown) -> close());
                case PROPERTY -> System.getProperties().put("careless", List.of(this));
                case HOOK -> Runtime.getRuntime().addShutdownHook(new Thread(this::close));
                case SOFT_REFERENCE ->
                        System.getProperties().put("careless", new SoftReference<>(this));
                case FIRST_PICTURE -> {
                    first = first == null ? picture.width() : first;
                    return first;
                }
                default -> {}
            }
            return picture.width();
        }

        private synchronized void start() {
            if (thread == null) {
                thread =
                        new Thread(
                                () -> {
                                    try {
                                        new CountDownLatch(1).await();
                                    } catch (InterruptedException e) {
                                        Thread.currentThread().interrupt();
                                    }
                                },
                                "careless");
                thread.setDaemon(true);
                thread.start();
            }
        }

        @Override
        public void close() {
            if (thread != null) {
                thread.interrupt();
            }
        }
    }

    private static final class Contract extends PreprocessorContract<Careless.Settings> {
        private final Fault fault;

        Contract(Fault fault) {
            this.fault = fault;
        }

        @Override
        protected Preprocessor<Careless.Settings> plugin() {
            return new Careless();
        }

        @Override
        protected String[] keys() {
            return new String[] {
                "fault=" + fault.name().toLowerCase(Locale.ROOT).replace('_', '-')
            };
        }

        @Override
        protected void deactivate(Object plugin) throws Exception {
            if (fault != Fault.THREAD) {
                super.deactivate(plugin);
            }
        }
    }

    /** What a test of the contract says; nothing when it passes. On a thread as pools have them. */
    private static String said(Fault fault, String test) throws Exception {
        FutureTask<Map<String, String>> caught =
                new FutureTask<>(() -> Caught.by(new Contract(fault), test));
        Thread thread = new Thread(caught, "of-a-pool");
        thread.start();
        try {
            return caught.get().getOrDefault(test, "");
        } finally {
            thread.join();
            System.getProperties().remove("careless");
            Thread.setDefaultUncaughtExceptionHandler(null);
            Threads.alive().stream()
                    .filter(one -> one.getName().equals("careless"))
                    .forEach(Thread::interrupt);
        }
    }

    private static void says(Fault fault, String... words) throws Exception {
        String said = said(fault, REMOVAL);
        for (String word : words) {
            assertTrue(said.contains(word), () -> fault + ": '" + word + "' is not in: " + said);
        }
    }

    @Test
    void aGoodPluginPasses() throws Exception {
        for (Fault good : List.of(Fault.NONE, Fault.THREAD_ENDED, Fault.COMMON_POOL)) {
            assertEquals("", said(good, UPDATE), good.name());
            assertEquals("", said(good, REMOVAL), good.name());
        }
    }

    @Test
    void aThreadThatRunsOnIsNamed() throws Exception {
        says(Fault.THREAD, "[careless]", "close()");
    }

    @Test
    void aThreadLocalIsNamed() throws Exception {
        says(
                Fault.THREAD_LOCAL,
                "ThreadLocal",
                "'of-a-pool'",
                Careless.class.getName(),
                "remove()");
    }

    @Test
    void aThreadThatIsNotThePluginsIsNamed() throws Exception {
        says(Fault.CONTEXT_LOADER, "'of-a-pool'", "its class loader", "contextClassLoader");
    }

    @Test
    void aStaticFieldOfAnotherIsNamed() throws Exception {
        says(Fault.HANDLER, "java.lang.Thread.defaultUncaughtExceptionHandler", "static field");
        says(Fault.PROPERTY, "java.lang.System.props", "an object of " + Careless.class.getName());
    }

    @Test
    void aShutdownHookIsNamed() throws Exception {
        says(Fault.HOOK, "shutdown hook", "a lambda of " + Careless.class.getName() + ".");
    }

    @Test
    void whatGoesWhenMemoryIsShortMayStay() throws Exception {
        assertEquals("", said(Fault.SOFT_REFERENCE, REMOVAL));
    }

    @Test
    void stateInAStaticFieldIsCaught() throws Exception {
        String said = said(Fault.FIRST_PICTURE, UPDATE);
        assertTrue(said.contains("view 'face' of picture 0") && said.contains("static"), said);
        assertEquals(
                Map.of(), Caught.by(new Contract(Fault.FIRST_PICTURE), "applyIsDeterministic"));
    }

    @Test
    void aPluginThatCannotBeMadeIsToldHow() throws Exception {
        class Needy implements Preprocessor<Careless.Settings> {
            Needy(String word) {
                assertTrue(word.isEmpty());
            }

            @Override
            public Class<Careless.Settings> settings() {
                return Careless.Settings.class;
            }

            @Override
            public When when() {
                return When.ONCE;
            }

            @Override
            public Step open(Careless.Settings settings, String view) {
                return List::of;
            }
        }
        PreprocessorContract<Careless.Settings> contract =
                new PreprocessorContract<>() {
                    @Override
                    protected Preprocessor<Careless.Settings> plugin() {
                        return new Needy("");
                    }
                };
        String said = Caught.by(contract, REMOVAL).get(REMOVAL);
        assertTrue(said.contains("override activate(Class)"), said);
    }

    /** A plugin's own are loaded anew from a folder and from a jar, all others are the same. */
    @Test
    void aCopyHasItsOwnClassesAndResources(@TempDir Path folder) throws Exception {
        Path jar = folder.resolve("plugin.jar");
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar));
                InputStream code = getClass().getClassLoader().getResourceAsStream(CODE)) {
            out.putNextEntry(new JarEntry(CODE));
            out.write(code.readAllBytes());
        }
        ClassLoader others = Preprocessor.class.getClassLoader();
        try (URLClassLoader plugin = new URLClassLoader(new URL[] {jar.toUri().toURL()}, null);
                Copy ofFolder = Copy.of(getClass());
                Copy ofJar = Copy.of(plugin.loadClass(getClass().getName()))) {
            assertSame(Preprocessor.class, ofFolder.loadClass(Preprocessor.class.getName()));
            assertSame(others, ofFolder.getParent());
            for (Copy copy : List.of(ofFolder, ofJar)) {
                Class<?> again = copy.loadClass(getClass().getName());
                assertSame(copy, again.getClassLoader());
                assertNotSame(getClass(), again);
                assertEquals(1, Collections.list(copy.getResources(CODE)).size());
            }
            assertNotEquals(ofFolder.getResource(CODE), ofJar.getResource(CODE));
        }
    }
}
