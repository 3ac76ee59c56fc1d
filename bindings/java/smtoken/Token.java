package smtoken;

import com.sun.jna.Pointer;
import com.sun.jna.ptr.PointerByReference;
import java.lang.ref.Reference;
import java.time.Duration;
import java.time.Instant;

/**
 * An access token. Closing it wipes the library's copy; the strings that were read from it stay in the
 * heap until they are collected. Any number of threads may use one at once.
 */
public final class Token implements AutoCloseable {
    final Handle handle;

    Token(Pointer token) {
        handle = new Handle("token", token, CApi.LIBRARY::sm_token_free, null);
    }

    /** Asks the server for a token, with the credentials of SMX_CLIENT_ID and SMX_CLIENT_SECRET. */
    public static Token fetch(Options options) {
        return fetch(null, null, options);
    }

    /**
     * Asks the server for a token and waits for it: one request, and its retries within the timeout. Who
     * needs a token more than once keeps a {@link Client}.
     *
     * @throws SmTokenException there is none; its status says why
     */
    public static Token fetch(String clientId, String clientSecret, Options options) {
        PointerByReference token = new PointerByReference();
        PointerByReference error = new PointerByReference();
        try (Text id = new Text(clientId, "clientId");
                Text secret = new Text(clientSecret, "clientSecret");
                Options.Native chosen = options.toNative()) {
            int status =
                    CApi.LIBRARY.sm_token_fetch(id.pointer, secret.pointer, chosen.pointer, token, error);
            Reference.reachabilityFence(chosen);
            SmTokenException.throwUnlessOk(status, error);
        }
        return new Token(token.getValue());
    }

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
