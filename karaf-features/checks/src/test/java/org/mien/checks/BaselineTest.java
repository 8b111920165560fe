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
    void aTypeThatIsChangedNeedsAMajorVersion() throws Exception {
        String other = "int learn(); default void rest() {}";
        Baseline.Info kept = baseline(api("1.0.0", BOTH), api("1.0.0", other));
        assertTrue(kept.mismatch);
        assertEquals("2.0.0", kept.suggestedVersion.toString());
        assertFalse(baseline(api("1.0.0", BOTH), api("2.0.0", other)).mismatch);
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
                    if (entry.getKey().matches("org/mien/(api|nn|vision)/.*\\.class")) {
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

    /**
     * What was promised: the exported packages of {@code baseline/}, but for those of the platform.
     */
    @Test
    void theApiHoldsWhatWasPromised() throws Exception {
        Set<String> compared = new TreeSet<>();
        Set<String> broken = new TreeSet<>();
        for (Path held : Repository.files(Repository.root().resolve("baseline"), ".jar")) {
            String artifact = held.getParent().getParent().getFileName().toString();
            Path now = null;
            for (Path file : Bundle.jars()) {
                if (file.getFileName().toString().matches(artifact + "-[0-9.]+\\.jar")) {
                    now = file;
                }
            }
            assertTrue(now != null, () -> "no bundle of the reactor is " + artifact);
            try (Processor processor = new Processor();
                    Jar older = new Jar(held.toFile());
                    Jar newer = new Jar(now.toFile())) {
                Baseline baseline = new Baseline(processor, new DiffPluginImpl());
                for (Baseline.Info info :
                        baseline.baseline(newer, older, new Instructions("!*.spi,org.mien.*"))) {
                    compared.add(info.packageName);
                    if (info.mismatch) {
                        broken.add(
                                info.packageName
                                        + " has the version "
                                        + info.newerVersion
                                        + ", its changes since "
                                        + info.olderVersion
                                        + " ask for "
                                        + info.suggestedVersion
                                        + " in its package-info.java");
                    }
                }
            }
        }
        assertTrue(
                compared.containsAll(
                        Set.of(
                                "org.mien.api",
                                "org.mien.api.method",
                                "org.mien.nn",
                                "org.mien.vision")),
                compared::toString);
        assertEquals("", String.join("\n", broken));
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
