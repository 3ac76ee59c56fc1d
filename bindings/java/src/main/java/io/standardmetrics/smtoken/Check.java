package io.standardmetrics.smtoken;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** The steps to a token, one by one, so that an operator sees what is wrong. */
public final class Check {
    // Never collected: the library asks it while it waits, on the thread that called it.
    private static final CApi.KeepWaitingCallback UNTIL_INTERRUPTED =
            userData -> Thread.currentThread().isInterrupted() ? 0 : 1;

    private final List<CheckStep> steps;
    private final SmTokenException failure;

    private Check(List<CheckStep> steps, SmTokenException failure) {
        this.steps = steps;
        this.failure = failure;
    }

    /**
     * Takes the steps with the credentials of the options' files, else of SMX_CLIENT_ID and SMX_CLIENT_SECRET.
     *
     * @throws NullPointerException options is null
     * @throws SmTokenException as {@link #run(String, String, Options)}
     */
    public static Check run(Options options) {
        return run(null, null, options);
    }

    /**
     * Takes the steps, and waits for the last, at most for the timeout of the options. One request is sent, and the
     * token that it may bring is dropped. The call holds its thread, also the carrier of a virtual one.
     *
     * @param clientId null, with a null clientSecret, takes both from the options' files, else from the environment
     * @throws NullPointerException options is null
     * @throws SmTokenException an option was refused, or text that the library can't take whole.
     *     {@link Status#CANCELED} after an interrupt, and the thread is still interrupted
     */
    public static Check run(String clientId, String clientSecret, Options options) {
        List<CheckStep> steps = new ArrayList<>();
        CApi.CheckCallback step = (userData, name, verdict, text, advice) -> {
            steps.add(new CheckStep(Text.from(name), Verdict.of(verdict), Text.from(text), Text.from(advice)));
            return 1;
        };
        try (Text id = new Text(clientId, "clientId");
                Text secret = new Text(clientSecret, "clientSecret");
                Options.Native chosen = Objects.requireNonNull(options, "options").toNative();
                Out out = new Out()) {
            chosen.keepWaiting(UNTIL_INTERRUPTED);
            int status = CApi.LIBRARY.sm_check(id.pointer, secret.pointer, chosen.pointer, step, null, out.errorSlot());
            if (status == CApi.SM_OK) {
                return new Check(steps, null);
            }
            SmTokenException failure = SmTokenException.of(status, out.error());
            if (steps.stream().noneMatch(taken -> taken.verdict() == Verdict.WRONG)) {
                // It ended the check, and is no step's.
                throw failure;
            }
            return new Check(steps, failure);
        }
    }

    /** All steps, in the order in which they are taken. The list can't be changed. */
    public List<CheckStep> steps() {
        return Collections.unmodifiableList(steps);
    }

    /**
     * Why the first step that is wrong is so; empty where none is. For "clock", which no fetch fails for, its status is
     * {@link Status#CERTIFICATE}.
     */
    public Optional<SmTokenException> failure() {
        return Optional.ofNullable(failure);
    }
}
