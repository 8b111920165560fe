// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.client;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;

/** What a start needs to know before it. */
final class Preparation {
    private Preparation() {}

    /** Makes and prints what {@link Client#main} says of {@code prepare}; gives the status. */
    static int run(String... args) throws IOException, GeneralSecurityException {
        if (!WorkFolder.free(Path.of(args[3]))) {
            return Client.HELD;
        }
        HostKey.make(Path.of(args[1]));
        System.out.println(freePort(Integer.parseInt(args[2])));
        System.out.println(WorkFolder.address(Path.of(args[4])));
        System.out.println(
                WorkFolder.address(Path.of(System.getProperty("user.home"), ".m2", "repository")));
        System.out.println(WorkFolder.address(Path.of(args[3]).resolveSibling("repository")));
        return 0;
    }

    private static int freePort(int wish) throws IOException {
        InetAddress here = InetAddress.getByName("127.0.0.1");
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(here, wish));
            return socket.getLocalPort();
        } catch (IOException taken) {
            try (ServerSocket socket = new ServerSocket(0, 1, here)) {
                return socket.getLocalPort();
            }
        }
    }
}
