// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.testkit;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Which tests of a contract fail for a plugin. */
final class Caught {
    private Caught() {}

    /** Makes a plugin of another class loader, whose enums are its own, with these arguments. */
    static Object again(Class<?> type, Object... arguments) throws ReflectiveOperationException {
        Constructor<?> constructor = type.getDeclaredConstructors()[0];
        Object[] given = arguments.clone();
        for (int i = 0; i < given.length; i++) {
            if (given[i] instanceof Enum<?> one) {
                given[i] = constructor.getParameterTypes()[i].getEnumConstants()[one.ordinal()];
            }
        }
        constructor.setAccessible(true);
        return constructor.newInstance(given);
    }

    /** Names of the tests that fail, with what they say; of all, or of those that are named. */
    static Map<String, String> by(PluginContract<?> contract, String... tests)
            throws IllegalAccessException {
        Map<String, String> failed = new TreeMap<>();
        for (Method test : contract.getClass().getMethods()) {
            boolean asked = tests.length == 0 || List.of(tests).contains(test.getName());
            if (asked && test.isAnnotationPresent(Test.class)) {
                try {
                    test.setAccessible(true);
                    test.invoke(contract);
                } catch (InvocationTargetException e) {
                    failed.put(test.getName(), String.valueOf(e.getCause().getMessage()));
                }
            }
        }
        return failed;
    }
}
