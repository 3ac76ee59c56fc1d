package io.standardmetrics.smtoken;

/** Whose certificate authorities are trusted where no CA file is given. */
public enum Trust {
    /** The operating system's. The default. */
    SYSTEM(CApi.SM_TRUST_SYSTEM),

    /** Mozilla's as of the library's build, for systems without a store. */
    BUNDLED(CApi.SM_TRUST_BUNDLED);

    final int value;

    Trust(int value) {
        this.value = value;
    }
}
