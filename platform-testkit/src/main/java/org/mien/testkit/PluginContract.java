// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.lang.ref.WeakReference;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.mien.api.Key;
import org.mien.api.spi.Prefixes;
import org.mien.api.spi.Settings;

/**
 * What holds for every plugin: its keys, and that it survives update and removal.
 *
 * @param <S> its settings
 */
public abstract class PluginContract<S extends Record> {
    private static final String WHO = "the plugin";

    /** Most that are asked for until the code of a plugin that was removed must be gone. */
    private static final int COLLECTIONS = 5;

    /** What a plugin has done: what the platform kept half way, and by name what came out. */
    record Done(Object kept, Map<String, ?> out) {}

    PluginContract() {}

    /** The plugin. */
    abstract Object made();

    /** Type of the settings of a plugin of this kind. */
    abstract Class<S> type(Object plugin);

    private Class<S> type() {
        return type(made());
    }

    /**
     * Uses a plugin of this kind as a run does.
     *
     * @param kept what a version before it has left half way; null for the first, which begins
     */
    abstract Done work(Object plugin, S settings, Object kept) throws Exception;

    /** What a second version is asked in another order, so that none leans on what came first. */
    static <T> List<T> turned(List<T> asked, Object kept) {
        List<T> turned = new ArrayList<>(asked);
        if (kept != null) {
            Collections.reverse(turned);
        }
        return turned;
    }

    /** Native arrays alive. */
    long arrays() {
        return 0;
    }

    /** Uses the plugin with some settings, so far as that costs little. */
    abstract void open(S settings) throws Exception;

    /**
     * Keys that shall not have their defaults.
     *
     * @return {@code key=value} as in a pipeline, without the prefix; none
     * @throws Exception when a file they name cannot be made
     */
    protected String[] keys() throws Exception {
        return new String[0];
    }

    /**
     * The settings to test with.
     *
     * @return the defaults, with {@link #keys}
     * @throws Exception when a file they name cannot be made
     */
    protected S settings() throws Exception {
        return bind(type(), keys());
    }

    /** Whether its keys begin with its id. */
    boolean isKeyedById() {
        return false;
    }

    /**
     * Its id can be written in a pipeline, and keys that begin with it shadow none of the
     * platform's: whoever breaks this is listed with the reason when it comes, and cannot be used.
     *
     * @throws IOException when its class file cannot be read
     */
    @Test
    public void itsIdIsItsOwn() throws IOException {
        String id = Ids.of(made().getClass());
        if (id == null) {
            return; // a class without @Component, registered by other means
        }
        assertEquals("", Prefixes.ofId(id), made().getClass().getName());
        if (isKeyedById()) {
            assertEquals("", Prefixes.of("its id", id), made().getClass().getName());
        }
    }

    /** Settings from {@code key=value}. */
    static <S extends Record> S bind(Class<S> type, String... keys) {
        Map<String, String> given = new LinkedHashMap<>();
        for (String pair : keys) {
            int at = pair.indexOf('=');
            if (at < 1) {
                throw new IllegalArgumentException("keys(): '" + pair + "' is not key=value");
            }
            given.put(pair.substring(0, at), pair.substring(at + 1));
        }
        Set<String> unknown = new LinkedHashSet<>(given.keySet());
        Settings.describe("", type).forEach(key -> unknown.remove(key.name()));
        assertEquals(Set.of(), unknown, "keys() that it does not have");
        return Settings.bind(WHO, "", type, given);
    }

    /**
     * Every component is a key that says what it is; its default is one of its values, and only
     * numbers have bounds.
     */
    @Test
    public void keysAreDescribedAndTheirDefaultsAreValid() throws Exception {
        for (Settings.Described key : Settings.describe("", type())) {
            assertFalse(key.doc().isBlank(), "key '" + key.name() + "' has no doc");
        }
        assertNotNull(settings(), "settings()");
    }

    /** A value just outside is refused; the last inside is taken, or refused in words. */
    @Test
    public void valuesOutsideTheirBoundsAreRefused() throws Exception {
        S settings = settings();
        List<Settings.Described> keys = Settings.describe("", type());
        List<RecordComponent> components = Settings.keys(type());
        for (int i = 0; i < components.size(); i++) {
            Key key = components.get(i).getAnnotation(Key.class);
            boolean whole = components.get(i).getType() != double.class;
            if (key.min() != Double.NEGATIVE_INFINITY) {
                String far = Long.toString((long) Math.ceil(key.min()) - 1);
                refused(
                        settings,
                        keys.get(i).name(),
                        whole ? far : Double.toString(Math.nextDown(key.min())));
                taken(settings, keys.get(i).name(), key.min(), whole);
            }
            if (key.max() != Double.POSITIVE_INFINITY) {
                String far = Long.toString((long) Math.floor(key.max()) + 1);
                refused(
                        settings,
                        keys.get(i).name(),
                        whole ? far : Double.toString(Math.nextUp(key.max())));
                taken(settings, keys.get(i).name(), key.max(), whole);
            }
        }
    }

    /**
     * Makes the plugin as the platform does when a bundle starts, for {@link
     * #anUpdateGoesOnWithTheSame} and {@link #aRemovalLeavesNothing}. To be overridden where the
     * constructor wants something.
     *
     * @param type class of the plugin, from a class loader of its own
     * @return a new plugin of this class
     * @throws Exception when it cannot be made
     */
    protected Object activate(Class<?> type) throws Exception {
        try {
            Constructor<?> constructor = type.getDeclaredConstructor();
            constructor.setAccessible(true);
            return constructor.newInstance();
        } catch (NoSuchMethodException e) {
            throw new AssertionError(
                    type.getName()
                            + " has no constructor without arguments; override activate(Class) in"
                            + " the contract's test, and make it there by reflection",
                    e);
        } catch (InvocationTargetException e) {
            throw new AssertionError(
                    "a second copy of " + type.getName() + " cannot be made: " + e.getCause(),
                    e.getCause());
        }
    }

    /**
     * Ends the plugin as the platform does when its bundle stops; without an override closes one
     * that is {@link AutoCloseable}. To be overridden where another method is its
     * {@code @Deactivate}.
     *
     * @param plugin what {@link #activate} has made
     * @throws Exception when it does not end
     */
    protected void deactivate(Object plugin) throws Exception {
        if (plugin instanceof AutoCloseable closed) {
            closed.close();
        }
    }

    private Done use(Copy copy, S settings, Object kept) throws Exception {
        Object plugin = activate(copy.loadClass(made().getClass().getName()));
        try {
            return work(plugin, remade(type(plugin), settings), kept);
        } finally {
            deactivate(plugin);
        }
    }

    /** The same settings in a class that another loader has loaded. */
    private static <S extends Record> S remade(Class<S> type, Record settings)
            throws ReflectiveOperationException {
        if (type.isInstance(settings)) {
            return type.cast(settings);
        }
        RecordComponent[] components = settings.getClass().getRecordComponents();
        Class<?>[] types =
                Arrays.stream(type.getRecordComponents())
                        .map(RecordComponent::getType)
                        .toArray(Class<?>[]::new);
        Object[] values = new Object[types.length];
        for (int i = 0; i < types.length; i++) {
            components[i].getAccessor().setAccessible(true);
            Object value = components[i].getAccessor().invoke(settings);
            values[i] =
                    value instanceof Record shared
                            ? remade(types[i].asSubclass(Record.class), shared)
                            : value;
            if (value instanceof Enum<?> old) {
                for (Object constant : types[i].getEnumConstants()) {
                    values[i] =
                            ((Enum<?>) constant).ordinal() == old.ordinal() ? constant : values[i];
                }
            }
        }
        Constructor<S> constructor = type.getDeclaredConstructor(types);
        constructor.setAccessible(true);
        return constructor.newInstance(values);
    }

    /**
     * Another copy of its code, in a class loader of its own, takes over what the first has left,
     * and gives the same.
     */
    @Test
    public void anUpdateGoesOnWithTheSame() throws Exception {
        S settings = settings();
        Done whole;
        try (Copy old = Copy.of(made().getClass())) {
            whole = use(old, settings, null);
        }
        try (Copy next = Copy.of(made().getClass())) {
            Map<String, ?> out = use(next, settings, whole.kept()).out();
            assertEquals(whole.out().keySet(), out.keySet(), "what comes out after the update");
            for (Map.Entry<String, ?> one : whole.out().entrySet()) {
                if (!Objects.deepEquals(one.getValue(), out.get(one.getKey()))) {
                    fail(
                            "after an update "
                                    + one.getKey()
                                    + " is not what the old version goes on with. No field of the"
                                    + " plugin, static or not, survives an update: what later calls"
                                    + " need belongs into a weight, state or a key");
                }
            }
        }
    }

    /** Removed, it leaves neither a thread nor a native array, and its code goes. */
    @Test
    public void aRemovalLeavesNothing() throws Exception {
        S settings = settings();
        Set<Thread> threads = Threads.alive();
        long arrays = arrays();
        Removed removed = removed(settings);
        Set<String> left = Threads.after(threads);
        if (!left.isEmpty()) {
            fail("after the removal its threads " + left + " run on. End them in close()");
        }
        assertEquals(0, arrays() - arrays, "native arrays left after the removal");
        for (int i = 0; i < COLLECTIONS && !removed.code().refersTo(null); i++) {
            System.gc();
        }
        if (!removed.code().refersTo(null)) {
            String stay = "after the removal its classes stay in memory. ";
            try {
                String holder = Heap.holderOf(removed.number());
                if (holder != null) {
                    fail(stay + holder);
                }
            } catch (IOException e) {
                fail(stay + "Who holds them is not known, for there is no dump of the heap: " + e);
            }
        }
    }

    /** A copy to which nothing here refers any more. */
    private record Removed(WeakReference<Copy> code, int number) {}

    private Removed removed(S settings) throws Exception {
        try (Copy copy = Copy.of(made().getClass())) {
            use(copy, settings, null);
            return new Removed(new WeakReference<>(copy), copy.number);
        }
    }

    private void refused(S settings, String key, String outside) {
        assertThrows(
                IllegalArgumentException.class,
                () -> Settings.with(WHO, settings, key, outside),
                () -> "key '" + key + "' takes " + outside + ", out of its bounds");
    }

    private void taken(S settings, String key, double bound, boolean whole) throws Exception {
        String inside = whole ? Long.toString((long) bound) : Double.toString(bound);
        try {
            open(Settings.with(WHO, settings, key, inside));
        } catch (IllegalArgumentException e) {
            assertTrue(
                    e.getMessage() != null && !e.getMessage().isBlank(),
                    "key '" + key + "' = " + inside + " is refused without a word");
        }
    }
}
