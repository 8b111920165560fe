/**
 * Pictures: decoding files within limits, resizing, cropping, mirroring, rotating. The one owner of
 * OpenCV, whose own classes (org.opencv.*) are exported for steps that need more.
 *
 * <p>Coordinates: the centre of the first pixel is (0, 0), that of the last (width - 1, height -
 * 1). Every operation that moves pixels moves a picture's points with them and keeps its facts.
 */
@Export
@Version("2.1.0")
package org.mien.vision;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
