// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.mien.core.MienException;

class BorderTest {
    private static final Registry.Entry METHOD = entry(Kind.METHOD, "linear");

    private static Registry.Entry entry(Kind kind, String id) {
        return new Registry.Entry(kind, id, new Object(), 1, "org.example", "1.0");
    }

    private static MienException thrown(List<Registry.Entry> all, Throwable by) {
        return assertThrows(
                MienException.class,
                () ->
                        Border.call(
                                METHOD,
                                all,
                                () -> {
                                    if (by instanceof Error e) {
                                        throw e;
                                    }
                                    throw (Exception) by;
                                }));
    }

    private static String said(Throwable by) {
        return thrown(List.of(METHOD), by).getMessage();
    }

    @Test
    void whateverIsThrownHasTheNameOfThePlugin() {
        List<Throwable> all =
                List.of(
                        new NullPointerException("x"),
                        new AssertionError("one is not two"),
                        new StackOverflowError(),
                        new NoClassDefFoundError("x/Y"),
                        new AbstractMethodError("x.Y"),
                        new ExceptionInInitializerError("static"),
                        new Error("plain"));
        for (Throwable one : all) {
            String text = said(one);
            assertTrue(text.startsWith("method 'linear' failed: "), text);
            assertTrue(text.contains(one.getClass().getSimpleName()), text);
            assertTrue(text.endsWith("This is a fault of the plugin; the log has more."), text);
        }
    }

    @Test
    void whatASentenceSaysIsNotCalledAFault() {
        assertEquals(
                "method 'linear': no such file", said(new IOException("linear: no such file")));
        assertEquals("method 'linear': too large", said(new IllegalArgumentException("too large")));
        MienException known = new MienException("known");
        assertSame(known, thrown(List.of(METHOD), known));
        assertEquals(
                "method 'linear': late", said(new ExecutionException(new IOException("late"))));
    }

    @Test
    void memoryThatIsUsedUpIsNobodysFault() {
        String text = said(new OutOfMemoryError("Java heap space"));
        assertTrue(text.contains("MIEN_HEAP"), text);
        assertFalse(text.contains("fault"), text);
    }

    @Test
    void anInterruptStaysOne() {
        assertEquals("method 'linear': was interrupted", said(new InterruptedException()));
        assertTrue(Thread.interrupted());
        assertEquals("method 'linear': was interrupted", said(new CancellationException()));
        assertFalse(Thread.interrupted());
    }

    @Test
    void nobodyBlamesAPluginThatWasTakenAway() {
        for (Throwable one :
                List.of(
                        new NoClassDefFoundError("x/Y"),
                        new IllegalStateException("Invalid BundleContext."),
                        new NullPointerException(),
                        new OutOfMemoryError("Java heap space"))) {
            Registry.Entry gone = entry(Kind.BACKBONE, "small");
            gone.gone().set(true);
            String text = thrown(List.of(METHOD, gone), one).getMessage();
            assertTrue(text.startsWith("backbone 'small' was taken away or replaced"), text);
            assertFalse(text.contains("fault"), text);
        }
    }

    @Test
    void theRegistrySaysWhoIsGone() {
        Registry registry = new Registry(null);
        Object service = new LeasesTest.Nothing();
        registry.bind(Kind.EVALUATOR, service, Map.of("mien.id", "one"));
        Registry.Entry one = registry.get(Kind.EVALUATOR, "one");
        assertFalse(one.isGone());
        registry.unbind(service);
        assertTrue(one.isGone());
    }
}
