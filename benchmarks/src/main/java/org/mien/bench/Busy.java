// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.bench;

import java.io.IOException;
import java.io.OutputStream;

/** A process that keeps a core busy until its standard input ends, as it does when bench dies. */
final class Busy {
    private Busy() {}

    /**
     * Runs.
     *
     * @param arguments none
     */
    public static void main(String[] arguments) throws IOException {
        Thread spins =
                new Thread(
                        () -> {
                            while (true) {
                                Thread.onSpinWait();
                            }
                        });
        spins.setDaemon(true);
        spins.start();
        System.out.println("ready");
        System.in.transferTo(OutputStream.nullOutputStream());
    }
}
