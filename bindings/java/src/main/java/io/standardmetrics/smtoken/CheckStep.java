package io.standardmetrics.smtoken;

/** One step to a token, of a {@link Check}. Its texts hold no secret. */
public final class CheckStep {
    private final String name;
    private final Verdict verdict;
    private final String text;
    private final String advice;

    CheckStep(String name, Verdict verdict, String text, String advice) {
        this.name = name;
        this.verdict = verdict;
        this.text = text;
        this.advice = advice;
    }

    /** "credentials", "base URL", "proxy", "name", "connection", "TLS", "certificate", "clock" or "answer". */
    public String name() {
        return name;
    }

    /** What became of it. */
    public Verdict verdict() {
        return verdict;
    }

    /** What is, in one line. */
    public String text() {
        return text;
    }

    /** One thing to do; "" where there is nothing to do. */
    public String advice() {
        return advice;
    }
}
