package io.standardmetrics.smtoken;

import com.sun.jna.Pointer;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Keeps a valid token: served from memory, refreshed in time, fetched once however many threads wait. A virtual thread
 * that waits gives up its carrier; a thread that is interrupted stops waiting, while the request goes on for the others
 * and for the next call. Any number of threads may use one client at once.
 */
public final class Client implements AutoCloseable {
    /** Nearly every token fits the first; every one fits the second. */
    private static final int USUAL_AUTHORIZATION = 1024;
    private static final int LONGEST_AUTHORIZATION = 16 * 1024 + 8;

    private final Handle handle;
    private final boolean logs;
    private final AtomicBoolean closed = new AtomicBoolean();

    /**
     * A client with the credentials of SMX_CLIENT_ID and SMX_CLIENT_SECRET.
     *
     * @throws NullPointerException options is null
     * @throws SmTokenException an argument is bad, or nothing can be trusted
     */
    public Client(Options options) {
        this(null, null, options);
    }

    /**
     * Makes no request yet. Options, the environment and the CA file are read now.
     *
     * @param clientId null, with a null clientSecret, takes both from the environment
     * @throws NullPointerException options is null
     * @throws SmTokenException an argument is bad, or nothing can be trusted
     */
    public Client(String clientId, String clientSecret, Options options) {
        Objects.requireNonNull(options, "options");
        try (Text id = new Text(clientId, "clientId");
                Text secret = new Text(clientSecret, "clientSecret");
                Options.Native chosen = options.toNative();
                Out out = new Out()) {
            int status = CApi.LIBRARY.sm_client_new(
                    id.pointer, secret.pointer, chosen.pointer, out.handleSlot(), out.errorSlot());
            SmTokenException.throwUnlessOk(status, out);
            handle = new Handle("client", out.handle(), CApi.LIBRARY::sm_client_free, chosen.log);
            logs = chosen.log != null;
        }
    }

    /** The version of the native library that runs, as "MAJOR.MINOR.PATCH". */
    public static String libraryVersion() {
        return CApi.LIBRARY.sm_version();
    }

    /**
     * The current token, fetched or refreshed where it must be; the caller closes it.
     *
     * @throws SmTokenException there is none; its status says why. {@link Status#CANCELED} after an interrupt, and the
     *     thread is still interrupted
     * @throws IllegalStateException the client is closed
     */
    public Token token() {
        return within(Waits.FOREVER, this::tokenNow, Function.identity());
    }

    /**
     * As {@link #token()}, waiting at most so long: with 0 not at all. The request goes on for the next call.
     *
     * @throws NullPointerException atMost is null
     * @throws IllegalArgumentException atMost is negative
     * @throws SmTokenException as for {@link #token()}; {@link Status#TIMEOUT}, which is retryable, after that time
     */
    public Token token(Duration atMost) {
        return within(checked(atMost), this::tokenNow, Function.identity());
    }

    /**
     * As {@link #token()}, without a thread that waits. The future is completed on a daemon thread, which what depends
     * on it may hold up. A token that comes after the future was cancelled is freed.
     */
    public CompletableFuture<Token> tokenAsync() {
        return async(this::tokenNow, Function.identity());
    }

    /**
     * The current "Bearer TOKEN": the quickest way to the value of the Authorization header.
     *
     * @throws SmTokenException there is none; its status says why. {@link Status#CANCELED} after an interrupt, and the
     *     thread is still interrupted
     * @throws IllegalStateException the client is closed
     */
    public String authorization() {
        return within(Waits.FOREVER, this::authorizationNow, Client::read);
    }

    /**
     * As {@link #authorization()}, waiting at most so long: with 0 not at all. The request goes on for the next call.
     *
     * @throws NullPointerException atMost is null
     * @throws IllegalArgumentException atMost is negative
     * @throws SmTokenException as for {@link #authorization()}; {@link Status#TIMEOUT}, which is retryable, after that
     *     time
     */
    public String authorization(Duration atMost) {
        return within(checked(atMost), this::authorizationNow, Client::read);
    }

    /** As {@link #authorization()}, without a thread that waits; as {@link #tokenAsync}. */
    public CompletableFuture<String> authorizationAsync() {
        return async(this::authorizationNow, Client::read);
    }

    /**
     * Drops a token that a resource refused (HTTP 401), if it is still the current one, so that the next
     * call waits for another. null drops whichever is current, and forgets a remembered failure.
     */
    public void invalidate(Token token) {
        handle.with(client -> {
            if (token == null) {
                CApi.LIBRARY.sm_client_invalidate(client, null);
                return null;
            }
            return token.handle.with(refused -> {
                CApi.LIBRARY.sm_client_invalidate(client, refused);
                return null;
            });
        });
    }

    /** As {@link #invalidate}, for the text that was sent, with or without "Bearer ". */
    public void invalidateAuthorization(String authorization) {
        try (Text refused = new Text(authorization, "authorization")) {
            handle.with(client -> {
                CApi.LIBRARY.sm_client_invalidate_authorization(client, refused.pointer);
                return null;
            });
        }
    }

    /**
     * Puts credentials in place of those before, wherever they came from: for a vault that hands out new ones. The
     * next request uses them; a remembered refusal is forgotten; the current token stays.
     *
     * @throws NullPointerException one of them is null
     * @throws SmTokenException one of them is bad; those before stay in place
     */
    public void setCredentials(String clientId, String clientSecret) {
        try (Text id = new Text(Objects.requireNonNull(clientId, "clientId"), "clientId");
                Text secret = new Text(Objects.requireNonNull(clientSecret, "clientSecret"), "clientSecret");
                Out out = new Out()) {
            handle.with(client -> {
                int status = CApi.LIBRARY.sm_client_set_credentials(
                        client, id.pointer, secret.pointer, out.errorSlot());
                SmTokenException.throwUnlessOk(status, out);
                return null;
            });
        }
    }

    /** Lets every caller that waits go with {@link Status#CANCELED}, and refuses later calls with it. */
    public void shutdown() {
        handle.with(client -> {
            CApi.LIBRARY.sm_client_shutdown(client);
            return null;
        });
    }

    /** Shuts down, and frees the client when the last call on it has returned. Its tokens live on. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            shutdown();
            handle.close();
        }
    }

    /** What is there now, or else what the token brings that is waited for. */
    private <R> R within(Duration atMost, Supplier<R> now, Function<Token, R> taken) {
        SmTokenException underWay;
        try {
            return now.get();
        } catch (SmTokenException failed) {
            if (!failed.isUnderWay() || atMost.isZero()) {
                throw failed;
            }
            underWay = failed;
        }
        CompletableFuture<Token> outcome = handle.with(Ready::of);
        try {
            return taken.apply(Waits.forOutcome(outcome, atMost, underWay));
        } finally {
            deliverLog();
        }
    }

    private <R> CompletableFuture<R> async(Supplier<R> now, Function<Token, R> taken) {
        CompletableFuture<Token> outcome;
        try {
            return CompletableFuture.completedFuture(now.get());
        } catch (SmTokenException failed) {
            if (!failed.isUnderWay()) {
                return CompletableFuture.failedFuture(failed);
            }
        }
        try {
            outcome = handle.with(Ready::of);
        } catch (SmTokenException noCallback) {
            return CompletableFuture.failedFuture(noCallback);
        }
        CompletableFuture<R> result = new CompletableFuture<>();
        outcome.whenCompleteAsync(
                (token, failure) -> {
                    deliverLog();
                    if (failure != null) {
                        result.completeExceptionally(failure);
                    } else if (result.isDone() || !result.complete(taken.apply(token))) {
                        token.close();
                    }
                },
                Ready.COMPLETION);
        return result;
    }

    private Token tokenNow() {
        return handle.with(client -> {
            try (Out out = new Out()) {
                int status = CApi.LIBRARY.sm_client_token_within(client, 0, out.handleSlot(), out.errorSlot());
                SmTokenException.throwUnlessOk(status, out);
                return new Token(out.handle());
            }
        });
    }

    private String authorizationNow() {
        return handle.with(client -> {
            String usual = authorizationNow(client, USUAL_AUTHORIZATION);
            return usual != null ? usual : authorizationNow(client, LONGEST_AUTHORIZATION);
        });
    }

    /** null where the buffer is too small. */
    private static String authorizationNow(Pointer client, int capacity) {
        try (Out out = new Out(capacity)) {
            int status = CApi.LIBRARY.sm_client_authorization_within(
                    client, 0, out.textSlot(), new CApi.Size(capacity), null, out.errorSlot());
            if (status == CApi.SM_ERROR_BUFFER_TOO_SMALL && capacity < LONGEST_AUTHORIZATION) {
                CApi.LIBRARY.sm_error_free(out.error());
                return null;
            }
            SmTokenException.throwUnlessOk(status, out);
            return out.text();
        }
    }

    private static String read(Token token) {
        try (token) {
            return token.authorization();
        }
    }

    private static Duration checked(Duration atMost) {
        return Waits.checked(Objects.requireNonNull(atMost, "atMost"));
    }

    /** Has the log get what happened on the library's threads, on this one: each call of the library does so. */
    private void deliverLog() {
        if (logs && !closed.get()) {
            // Does nothing else: no token is empty.
            invalidateAuthorization("");
        }
    }
}
