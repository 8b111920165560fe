// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.provision.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.mien.core.MienException;
import org.mien.core.Plugins;
import org.mien.provision.Provisioning.Addition;
import org.osgi.framework.Bundle;

/** What comes, stays, is renewed and goes, in whatever order. */
class ProvisionerTest extends OnFramework {
    private static List<String> ids(Addition added) {
        return added.plugins().stream().map(Plugins.Plugin::id).toList();
    }

    @Test
    void aBundleComesIsUnchangedAndIsReplaced() throws Exception {
        Path jar = file("smile.jar", plugin("1.0.0", "smile"));
        Addition first = add(jar);
        assertFalse(first.unchanged());
        assertEquals(List.of("smile"), ids(first));
        long modified = smile().getLastModified();
        Addition again = add(jar);
        assertTrue(again.unchanged());
        assertEquals(List.of("smile"), ids(again));
        assertEquals(modified, smile().getLastModified());
        // The same version, built anew.
        file("smile.jar", plugin("1.0.0", "grin"));
        Addition built = add(jar);
        assertFalse(built.unchanged());
        assertEquals("1.0.0", built.bundles().get(0).replaces());
        assertEquals(List.of("grin"), ids(built));
        assertEquals("com.example.smile", provisioning.remove("grin", false, r -> {}).bundle());
        assertNull(smile());
    }

    @Test
    void aBundleThatDoesNotStartIsTakenBack() throws Exception {
        Path jar = file("smile.jar", plugin("1.0.0", "smile", "Bundle-Activator", "not.There"));
        String none = assertThrows(MienException.class, () -> add(jar)).getMessage();
        assertTrue(none.contains("It was removed again"), none);
        assertNull(smile());
        file("smile.jar", plugin("1.0.0", "smile"));
        add(jar);
        file("smile.jar", plugin("2.0.0", "smile", "Bundle-Activator", "not.There"));
        String back = assertThrows(MienException.class, () -> add(jar)).getMessage();
        assertTrue(back.contains("The version before is there again"), back);
        assertEquals("1.0.0", smile().getVersion().toString());
        assertEquals(Bundle.ACTIVE, smile().getState());
    }

    @Test
    void featuresComeAreUnchangedAndAreRenewedWithTheSameVersion() throws Exception {
        file("smile.jar", plugin("1.0.0", "smile"));
        Path xml = xml("1.0.0", "");
        Addition first = add(xml);
        assertEquals(List.of("mien-method-smile/1.0.0"), first.features());
        assertEquals(List.of("smile"), ids(first));
        long modified = smile().getLastModified();
        provisioning = provisioner();
        Addition again = add(xml);
        assertTrue(again.unchanged());
        assertEquals(List.of("smile"), ids(again));
        assertEquals(modified, smile().getLastModified());
        file("smile.jar", plugin("1.0.0", "grin"));
        Addition built = add(xml);
        assertFalse(built.unchanged());
        assertEquals(List.of("grin"), ids(built));
        assertEquals(1, context.getBundles().length - 4);
        // The next version, and the one before again.
        file("smile.jar", plugin("2.0.0", "grin"));
        assertEquals("2.0.0", add(xml("2.0.0", "")).plugins().get(0).version());
        assertEquals(Set.of("mien-method-smile/2.0.0", "mien-platform/1"), features.required());
        file("smile.jar", plugin("1.0.0", "smile"));
        assertEquals("1.0.0", add(xml("1.0.0", "")).plugins().get(0).version());
        assertEquals(1, context.getBundles().length - 4);
    }

    @Test
    void featuresComeAfterTheirBundleAndAfterARemoval() throws Exception {
        Path jar = file("smile.jar", plugin("1.0.0", "smile"));
        Path xml = xml("1.0.0", "");
        add(jar);
        Addition after = add(xml);
        assertEquals(List.of("smile"), ids(after));
        assertFalse(smile().getLocation().startsWith(Ground.ALONE));
        assertEquals(
                List.of("mien-method-smile/1.0.0"),
                provisioning.remove("smile", false, r -> {}).features());
        assertNull(smile());
        assertEquals(Set.of("mien-platform/1"), features.required());
        assertFalse(Files.exists(temp.resolve("data/plugins/mien-method-smile")));
        assertEquals(List.of("smile"), ids(add(xml)));
        // The bundle alone over it, by hand, and by somebody's hand.
        file("smile.jar", plugin("1.0.0", "grin"));
        assertEquals(List.of("grin"), ids(add(jar)));
        file("smile.jar", plugin("1.0.0", "smile"));
        assertEquals(List.of("smile"), ids(add(xml)));
        smile().uninstall();
        assertEquals(List.of("smile"), ids(add(xml)));
        smile().stop();
        assertEquals(List.of("smile"), ids(add(xml)));
        smile().uninstall();
        provisioning.remove("mien-method-smile", false, r -> {});
        assertEquals(Set.of("mien-platform/1"), features.required());
    }

    @Test
    void featuresThatCannotBeInstalledLeaveWhatWasThere() throws Exception {
        Path jar = file("smile.jar", plugin("1.0.0", "smile"));
        add(jar);
        features.fault = "the disk is full";
        assertTrue(refused(xml("1.0.0", "")).contains("the disk is full"));
        assertEquals("plugin:com.example.smile", smile().getLocation());
        assertFalse(add(xml("1.0.0", "")).unchanged());
        file("smile.jar", plugin("2.0.0", "smile"));
        features.fault = "the disk is full";
        String why = refused(xml("2.0.0", ""));
        assertTrue(why.contains("What was there before is there again"), why);
        assertEquals("1.0.0", smile().getVersion().toString());
        assertEquals(Bundle.ACTIVE, smile().getState());
        file("smile.jar", plugin("1.0.0", "smile"));
        assertTrue(add(xml("1.0.0", "")).unchanged());
    }

    @Test
    void aTrialChangesNothing() throws Exception {
        file("smile.jar", plugin("1.0.0", "smile"));
        Addition told = provisioning.add(xml("1.0.0", "") + "", temp, true, t -> {});
        assertFalse(told.done());
        assertEquals("com.example.smile", told.bundles().get(0).name());
        assertNull(smile());
        assertEquals(1, features.listRepositories().length);
        add(xml("1.0.0", ""));
        assertTrue(provisioning.remove("smile", true, r -> {}).plugins().size() == 1);
        assertEquals(Bundle.ACTIVE, smile().getState());
    }

    @Test
    void theFilesOfAKarAreFoundInIt() throws Exception {
        String mvn = "mvn:com.example/smile/1.0.0";
        Path kar =
                file(
                        "smile.kar",
                        Jars.zip(
                                "repository/com/example/smile/1.0.0/smile-1.0.0.jar",
                                plugin("1.0.0", "smile"),
                                "repository/com/example/f/1/f-1-features.xml",
                                "<features name='f'><feature name='mien-method-smile' version='1'>"
                                        + "<bundle>"
                                        + mvn
                                        + "</bundle></feature></features>"));
        assertEquals(List.of("smile"), ids(add(kar)));
        assertTrue(add(kar).unchanged());
    }

    @Test
    void whatIsMissingAndWhatCannotBeWiredIsSaid() throws Exception {
        refused(
                file(
                        "smile.jar",
                        plugin("1.0.0", "smile", "Require-Capability", "x.y;filter:=\"(a=b)\"")),
                "com.example.smile needs x.y (a=b), which nothing here gives");
        byte[] old =
                Jars.bundle(
                        "com.example.old",
                        "1.0.0",
                        "Import-Package",
                        "org.mien.api.method;version=\"[7,8)\",gone");
        refused(
                file("old.jar", old),
                "needs the package org.mien.api.method in version [7,8); here it is 2.1.0",
                "needs the package gone; here no bundle exports it");
        // Each import is there alone, not both in one world.
        install(
                "file:/a",
                Jars.bundle("a", "1", "Export-Package", "p;version=1,q;version=1;uses:=p"));
        install("file:/b", Jars.bundle("b", "1", "Export-Package", "p;version=2"));
        refused(
                file(
                        "both.jar",
                        Jars.bundle(
                                "com.example.both",
                                "1.0.0",
                                "Import-Package",
                                "q,p;version=\"[2,3)\"")),
                "cannot be wired with those that are here");
    }
}
