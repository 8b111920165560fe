// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.testkit;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A plugin's code once more, as an update brings it: its own classes and resources are loaded anew,
 * from the folder or jar where they lie; those of everybody else are the ones that are there.
 */
final class Copy extends URLClassLoader {
    private static final AtomicInteger MADE = new AtomicInteger();

    /** By which it is found in a dump of the heap. */
    final int number = MADE.incrementAndGet();

    private final String place;

    private Copy(URL place, ClassLoader others) {
        super("copy-of-the-plugin", new URL[] {place}, others);
        this.place = place.toString();
    }

    static Copy of(Class<?> type) {
        CodeSource source = type.getProtectionDomain().getCodeSource();
        if (source == null || source.getLocation() == null) {
            throw new AssertionError(
                    "where the code of "
                            + type.getName()
                            + " lies is not known, so it cannot be loaded once more; expected a"
                            + " folder or a jar on the class path");
        }
        return new Copy(source.getLocation(), type.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        synchronized (getClassLoadingLock(name)) {
            Class<?> found = findLoadedClass(name);
            if (found == null) {
                boolean own = findResource(name.replace('.', '/') + ".class") != null;
                found = own ? findClass(name) : super.loadClass(name, false);
            }
            if (resolve) {
                resolveClass(found);
            }
            return found;
        }
    }

    @Override
    public URL getResource(String name) {
        URL own = findResource(name);
        return own != null ? own : super.getResource(name);
    }

    @Override
    public Enumeration<URL> getResources(String name) throws IOException {
        List<URL> all = new ArrayList<>(Collections.list(findResources(name)));
        for (URL other : Collections.list(getParent().getResources(name))) {
            if (!other.toString().contains(place)) {
                all.add(other);
            }
        }
        return Collections.enumeration(all);
    }
}
