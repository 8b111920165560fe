// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.basic;

import org.junit.jupiter.api.Nested;
import org.mien.api.data.Preprocessor;
import org.mien.testkit.PreprocessorContract;

class BasicContractsTest {
    @Nested
    class OfResize extends PreprocessorContract<Resize.Settings> {
        @Override
        protected Preprocessor<Resize.Settings> plugin() {
            return new Resize();
        }

        @Override
        protected String[] keys() {
            return new String[] {"size=64"};
        }
    }

    @Nested
    class OfCrop extends PreprocessorContract<Crop.Settings> {
        @Override
        protected Preprocessor<Crop.Settings> plugin() {
            return new Crop();
        }

        @Override
        protected String[] keys() {
            return new String[] {"size=80"};
        }
    }

    @Nested
    class OfFlip extends PreprocessorContract<Flip.Settings> {
        @Override
        protected Preprocessor<Flip.Settings> plugin() {
            return new Flip();
        }
    }

    @Nested
    class OfRotate extends PreprocessorContract<Rotate.Settings> {
        @Override
        protected Preprocessor<Rotate.Settings> plugin() {
            return new Rotate();
        }
    }

    @Nested
    class OfZoom extends PreprocessorContract<Zoom.Settings> {
        @Override
        protected Preprocessor<Zoom.Settings> plugin() {
            return new Zoom();
        }

        @Override
        protected String[] keys() {
            return new String[] {"min-area=0.6"}; // both halves stay in sight
        }
    }

    @Nested
    class OfJitter extends PreprocessorContract<Jitter.Settings> {
        @Override
        protected Preprocessor<Jitter.Settings> plugin() {
            return new Jitter();
        }

        @Override
        protected String[] keys() {
            return new String[] {"hue=0.1", "probability=0.8"};
        }
    }

    @Nested
    class OfErase extends PreprocessorContract<Erase.Settings> {
        @Override
        protected Preprocessor<Erase.Settings> plugin() {
            return new Erase();
        }
    }

    @Nested
    class OfNoise extends PreprocessorContract<Noise.Settings> {
        @Override
        protected Preprocessor<Noise.Settings> plugin() {
            return new Noise();
        }
    }

    @Nested
    class OfGrey extends PreprocessorContract<Grey.Settings> {
        @Override
        protected Preprocessor<Grey.Settings> plugin() {
            return new Grey();
        }
    }

    @Nested
    class OfAffine extends PreprocessorContract<Affine.Settings> {
        @Override
        protected Preprocessor<Affine.Settings> plugin() {
            return new Affine();
        }

        @Override
        protected String[] keys() {
            return new String[] {"shear=10", "shift=0.05"};
        }
    }

    @Nested
    class OfTenCrop extends PreprocessorContract<TenCrop.Settings> {
        @Override
        protected Preprocessor<TenCrop.Settings> plugin() {
            return new TenCrop();
        }

        @Override
        protected String[] keys() {
            return new String[] {"size=80"};
        }
    }
}
