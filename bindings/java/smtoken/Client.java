package smtoken;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.PointerByReference;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Keeps a valid token: served from memory, refreshed in time, fetched once however many threads wait.
 * Any number of threads may use one client at once.
 */
public final class Client implements AutoCloseable {
    /** Nearly every token fits the first; every one fits the second. */
    private static final int USUAL_AUTHORIZATION = 1024;
    private static final int LONGEST_AUTHORIZATION = 16 * 1024 + 8;

    private final Handle handle;
    private final AtomicBoolean closed = new AtomicBoolean();

    /** A client with the credentials of SMX_CLIENT_ID and SMX_CLIENT_SECRET. */
    public Client(Options options) {
        this(null, null, options);
    }

    /**
     * Makes no request yet. Options, the environment and the CA file are read now.
     *
     * @throws SmTokenException an argument is bad, or nothing can be trusted
     */
    public Client(String clientId, String clientSecret, Options options) {
        PointerByReference client = new PointerByReference();
        PointerByReference error = new PointerByReference();
        try (Text id = new Text(clientId, "clientId");
                Text secret = new Text(clientSecret, "clientSecret");
                Options.Native chosen = options.toNative()) {
            int status =
                    CApi.LIBRARY.sm_client_new(id.pointer, secret.pointer, chosen.pointer, client, error);
            SmTokenException.throwUnlessOk(status, error);
            handle = new Handle("client", client.getValue(), CApi.LIBRARY::sm_client_free, chosen.log);
        }
    }

    /** The version of the native library that runs, as "MAJOR.MINOR.PATCH". */
    public static String libraryVersion() {
        return CApi.LIBRARY.sm_version();
    }

    /**
     * The current token, fetched or refreshed where it must be; the caller closes it.
     *
     * @throws SmTokenException there is none; its status says why
     */
    public Token token() {
        return handle.with(client -> {
            PointerByReference token = new PointerByReference();
            PointerByReference error = new PointerByReference();
            SmTokenException.throwUnlessOk(CApi.LIBRARY.sm_client_token(client, token, error), error);
            return new Token(token.getValue());
        });
    }

    /**
     * The current "Bearer TOKEN": the quickest way to the value of the Authorization header.
     *
     * @throws SmTokenException there is none; its status says why
     */
    public String authorization() {
        return handle.with(client -> {
            String usual = authorization(client, USUAL_AUTHORIZATION);
            return usual != null ? usual : authorization(client, LONGEST_AUTHORIZATION);
        });
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

    /** null where the buffer is too small. */
    private static String authorization(Pointer client, int capacity) {
        Memory buffer = new Memory(capacity);
        PointerByReference error = new PointerByReference();
        int status =
                CApi.LIBRARY.sm_client_authorization(client, buffer, new CApi.Size(capacity), null, error);
        if (status == CApi.SM_ERROR_BUFFER_TOO_SMALL && capacity < LONGEST_AUTHORIZATION) {
            CApi.LIBRARY.sm_error_free(error.getValue());
            return null;
        }
        SmTokenException.throwUnlessOk(status, error);
        String authorization = Text.from(buffer);
        buffer.clear();
        return authorization;
    }
}
