package io.standardmetrics.smtoken;

/** What became of a step of a {@link Check}. */
public enum Verdict {
    /** Nothing is wrong with it. */
    OK(CApi.SM_CHECK_OK),

    /** It keeps a token from coming. */
    WRONG(CApi.SM_CHECK_WRONG),

    /** It was not reached, does not apply, or can't be judged. */
    UNKNOWN(CApi.SM_CHECK_UNKNOWN);

    final int value;

    Verdict(int value) {
        this.value = value;
    }

    static Verdict of(int value) {
        for (Verdict verdict : values()) {
            if (verdict.value == value) {
                return verdict;
            }
        }
        return UNKNOWN;
    }
}
