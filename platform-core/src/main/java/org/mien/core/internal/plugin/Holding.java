// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.plugin;

import java.util.Collection;
import org.mien.core.internal.plugin.Registry.Entry;

/** Who works with plugins, and is to end when one of them goes. */
public interface Holding {
    /**
     * Works with more plugins, which must be there.
     *
     * @param entries all that it is going to call
     */
    void hold(Collection<Entry> entries);

    /** Ends the work, by throwing, where it is to end. To be asked at each batch. */
    void check();
}
