// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.checks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aQute.bnd.classfile.ClassFile;
import aQute.bnd.classfile.MethodInfo;
import aQute.bnd.differ.Baseline;
import aQute.bnd.differ.DiffPluginImpl;
import aQute.bnd.osgi.Instructions;
import aQute.bnd.osgi.Jar;
import aQute.bnd.osgi.Processor;
import aQute.bnd.osgi.Resource;
import java.lang.reflect.Modifier;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.annotation.versioning.ProviderType;

/** What the baseline of the build does, on a bundle of one type. */
class BaselineTest {
    private static final String API = "org.example.api";
    private static final String BOTH = "void learn(); default void rest() {}";

    @TempDir Path temp;
    private int made;

    @Test
    void theSameApiNeedsNoNewVersion() throws Exception {
        Baseline.Info info = baseline(api("1.0.0", BOTH), api("1.0.0", BOTH));
        assertFalse(info.mismatch);
    }

    @Test
    void aMethodTakenAwayNeedsAMajorVersion() throws Exception {
        String less = "void learn();";
        Baseline.Info kept = baseline(api("1.0.0", BOTH), api("1.0.0", less));
        assertTrue(kept.mismatch);
        assertEquals("2.0.0", kept.suggestedVersion.toString());
        assertTrue(baseline(api("1.0.0", BOTH), api("1.1.0", less)).mismatch);
        assertFalse(baseline(api("1.0.0", BOTH), api("2.0.0", less)).mismatch);
    }

    @Test
    void aDefaultMethodOnWhatPluginsImplementNeedsAMinorVersion() throws Exception {
        String more = BOTH + " default void more() {}";
        Baseline.Info kept = baseline(api("1.0.0", BOTH), api("1.0.0", more));
        assertTrue(kept.mismatch);
        assertEquals("1.1.0", kept.suggestedVersion.toString());
        assertFalse(baseline(api("1.0.0", BOTH), api("1.1.0", more)).mismatch);
    }

    @Test
    void anAbstractMethodOnWhatPluginsImplementNeedsAMajorVersion() throws Exception {
        String more = "void more();" + BOTH;
        assertTrue(baseline(api("1.0.0", BOTH), api("1.1.0", more)).mismatch);
        assertFalse(baseline(api("1.0.0", BOTH), api("2.0.0", more)).mismatch);
    }

    /**
     * bnd 7.1.0 takes every method of an interface that stands behind one with a body for one with
     * a body. When this fails, bnd has learnt better and the rule of the next test can go.
     */
    @Test
    void anAbstractMethodBehindOneWithABodyIsNotSeen() throws Exception {
        assertFalse(baseline(api("1.0.0", BOTH), api("1.1.0", BOTH + "void more();")).mismatch);
        String fixed = "void learn(); static void rest() {}";
        assertFalse(baseline(api("1.0.0", fixed), api("1.1.0", fixed + "void more();")).mismatch);
    }

    @Test
    void abstractMethodsOfWhatPluginsImplementStandFirst() throws Exception {
        Set<String> judged = new TreeSet<>();
        Set<String> behind = new TreeSet<>();
        for (Path file : Bundle.jars()) {
            try (Jar jar = new Jar(file.toFile())) {
                for (Map.Entry<String, Resource> entry : jar.getResources().entrySet()) {
                    if (entry.getKey().matches("org/mien/(api|nn)/.*\\.class")) {
                        ClassFile type = Bundle.type(entry.getValue());
                        if (isForPlugins(type)) {
                            judged.add(type.this_class);
                            behind.addAll(abstractBehindBody(type));
                        }
                    }
                }
            }
        }
        assertTrue(judged.contains("org/mien/api/method/Method"), judged::toString);
        assertEquals(Set.of(), behind, "abstract methods to be moved before those with a body");
    }

    /** True for an interface that is not the platform's alone to implement. */
    private static boolean isForPlugins(ClassFile type) {
        return Modifier.isInterface(type.access)
                && (type.access & ClassFile.ACC_ANNOTATION) == 0
                && !Bundle.annotated(type, ProviderType.class);
    }

    private static Set<String> abstractBehindBody(ClassFile type) {
        Set<String> behind = new TreeSet<>();
        boolean body = false;
        for (MethodInfo method : type.methods) {
            if (Modifier.isAbstract(method.access) && body) {
                behind.add(type.this_class.replace('/', '.') + "." + method.name);
            }
            body |= Modifier.isPublic(method.access) && !Modifier.isAbstract(method.access);
        }
        return behind;
    }

    private Jar api(String version, String methods) throws Exception {
        return new TinyBundle(temp.resolve("api" + made++))
                .source(
                        API,
                        "package-info",
                        "@org.osgi.annotation.bundle.Export"
                                + " @org.osgi.annotation.versioning.Version(\""
                                + version
                                + "\")")
                .source(
                        API,
                        "Learner",
                        "@org.osgi.annotation.versioning.ConsumerType public interface Learner {"
                                + methods
                                + "}")
                .header("Bundle-Version", version)
                .jar(API);
    }

    private static Baseline.Info baseline(Jar older, Jar newer) throws Exception {
        try (Processor processor = new Processor();
                older;
                newer) {
            Baseline baseline = new Baseline(processor, new DiffPluginImpl());
            Set<Baseline.Info> infos = baseline.baseline(newer, older, new Instructions());
            assertEquals(1, infos.size());
            return infos.iterator().next();
        }
    }
}
