package io.standardmetrics.smtoken;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** How a thread waits for a token: in Java, so that a virtual thread gives up its carrier, and an interrupt ends it. */
final class Waits {
    /** Longer than any timeout of the library. */
    static final Duration FOREVER = Duration.ofNanos(Long.MAX_VALUE);

    private Waits() {}

    /**
     * Waits for the outcome, which is the caller's alone.
     *
     * @param late what is thrown where the wait was too short
     * @throws SmTokenException the outcome, `late`, or after an interrupt {@link Status#CANCELED}; then the thread is
     *     still interrupted
     */
    static Token forOutcome(CompletableFuture<Token> outcome, Duration atMost, SmTokenException late) {
        try {
            return outcome.get(nanos(atMost), TimeUnit.NANOSECONDS);
        } catch (TimeoutException tooShort) {
            Ready.abandon(outcome);
            throw late;
        } catch (InterruptedException interrupted) {
            Ready.abandon(outcome);
            Thread.currentThread().interrupt();
            throw new SmTokenException(interrupted);
        } catch (ExecutionException failed) {
            throw thrownHere(failed.getCause());
        }
    }

    /** Refuses a negative wait, and the null that stands for none. */
    static Duration checked(Duration atMost) {
        if (atMost.isNegative()) {
            throw new IllegalArgumentException("atMost is negative: " + atMost);
        }
        return atMost;
    }

    /** The stack of the thread that waited says more than that of the thread that completed. */
    private static RuntimeException thrownHere(Throwable failure) {
        failure.fillInStackTrace();
        if (failure instanceof Error) {
            throw (Error) failure;
        }
        return (RuntimeException) failure;
    }

    private static long nanos(Duration duration) {
        return duration.compareTo(FOREVER) >= 0 ? Long.MAX_VALUE : duration.toNanos();
    }
}
