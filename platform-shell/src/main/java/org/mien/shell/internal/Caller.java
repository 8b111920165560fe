// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;
import javax.security.auth.Subject;
import org.apache.karaf.shell.api.console.Session;

/** Who types, as far as Karaf knows. */
final class Caller {
    private static final Set<String> TRUSTED = Set.of("admin", "manager");

    private Caller() {}

    /** Whether he may name any file that the platform's user can read. */
    static boolean trusted(Session session) {
        return session.get(Subject.class.getName()) instanceof Subject subject
                && subject.getPrincipals().stream()
                        .anyMatch(
                                one ->
                                        one.getClass().getSimpleName().equals("RolePrincipal")
                                                && TRUSTED.contains(one.getName()));
    }

    /**
     * The file without links, when every user of this machine can read it: what he who is not
     * trusted could look at without us. Else null, and it stays open whether the file is there.
     */
    static Path publicFile(Path path) {
        try {
            Path file = path.toRealPath();
            boolean open = Files.isRegularFile(file) && has(file, PosixFilePermission.OTHERS_READ);
            for (Path up = file.getParent(); open && up != null; up = up.getParent()) {
                open = has(up, PosixFilePermission.OTHERS_EXECUTE);
            }
            return open ? file : null;
        } catch (IOException | UnsupportedOperationException e) {
            return null;
        }
    }

    private static boolean has(Path path, PosixFilePermission permission) throws IOException {
        return Files.getPosixFilePermissions(path).contains(permission);
    }
}
