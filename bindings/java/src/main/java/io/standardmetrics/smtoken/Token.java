package io.standardmetrics.smtoken;

import com.sun.jna.Pointer;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

/**
 * An access token. Closing it wipes the library's copy; the strings that were read from it stay in the
 * heap until they are collected. Any number of threads may use one at once.
 */
public final class Token implements AutoCloseable {
    final Handle handle;

    Token(Pointer token) {
        handle = new Handle("token", token, CApi.LIBRARY::sm_token_free, null);
    }

    /**
     * Asks the server for a token, with the credentials of SMX_CLIENT_ID and SMX_CLIENT_SECRET.
     *
     * @throws NullPointerException options is null
     * @throws SmTokenException there is none; its status says why
     */
    public static Token fetch(Options options) {
        return fetch(null, null, options);
    }

    /**
     * Asks the server for a token and waits for it: one request, and its retries within the timeout. An interrupt ends
     * it. A program that needs a token more than once keeps a {@link Client}.
     *
     * @param clientId null, with a null clientSecret, takes both from the environment
     * @throws NullPointerException options is null
     * @throws SmTokenException there is none; its status says why. {@link Status#CANCELED} after an interrupt, and the
     *     thread is still interrupted
     */
    public static Token fetch(String clientId, String clientSecret, Options options) {
        CompletableFuture<Token> outcome = fetchAsync(clientId, clientSecret, options);
        try {
            return Waits.forOutcome(outcome, Waits.FOREVER, null);
        } finally {
            outcome.cancel(false);
        }
    }

    /**
     * As {@link #fetch(String, String, Options)}, on a thread of its own. Cancelling the future ends the request within
     * 100 ms; what depends on it must not block.
     *
     * @throws NullPointerException options is null
     */
    public static CompletableFuture<Token> fetchAsync(String clientId, String clientSecret, Options options) {
        return Fetch.start(clientId, clientSecret, Objects.requireNonNull(options, "options"));
    }

    /** The token itself. */
    public String accessToken() {
        return handle.with(token -> Text.from(CApi.LIBRARY.sm_token_access_token(token)));
    }

    /** "Bearer TOKEN", the value of the Authorization header. */
    public String authorization() {
        return handle.with(token -> Text.from(CApi.LIBRARY.sm_token_authorization(token)));
    }

    /** "Bearer", in some case. */
    public String type() {
        return handle.with(token -> Text.from(CApi.LIBRARY.sm_token_type(token)));
    }

    /** The granted scope, space separated; "" where the server did not say. */
    public String scope() {
        return handle.with(token -> Text.from(CApi.LIBRARY.sm_token_scope(token)));
    }

    /** When it expires, counted from when the request for it was sent. */
    public Instant expiresAt() {
        return handle.with(token -> Instant.ofEpochSecond(CApi.LIBRARY.sm_token_expires_at(token)));
    }

    /** How long it is still good from now, in whole seconds; never negative. */
    public Duration expiresIn() {
        return handle.with(token -> Duration.ofSeconds(CApi.LIBRARY.sm_token_expires_in(token)));
    }

    @Override
    public void close() {
        handle.close();
    }
}
