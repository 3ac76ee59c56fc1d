package io.standardmetrics.smtoken;

import com.sun.jna.Pointer;
import java.time.Duration;
import java.util.Optional;

/** No token: the message is one line for a person, without a secret in it. */
public final class SmTokenException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int statusValue;
    private final int httpStatus;
    private final String oauthCode;
    private final String oauthDescription;
    private final boolean retryable;
    private final long retryAfterMillis;

    SmTokenException(int status, String message) {
        super(message);
        statusValue = status;
        httpStatus = 0;
        oauthCode = "";
        oauthDescription = "";
        retryable = false;
        retryAfterMillis = -1;
    }

    private SmTokenException(int status, Pointer error) {
        super(Text.from(CApi.LIBRARY.sm_error_message(error)));
        statusValue = status;
        httpStatus = CApi.LIBRARY.sm_error_http_status(error);
        oauthCode = Text.from(CApi.LIBRARY.sm_error_oauth_code(error));
        oauthDescription = Text.from(CApi.LIBRARY.sm_error_oauth_description(error));
        retryable = CApi.LIBRARY.sm_error_is_retryable(error) != 0;
        retryAfterMillis = CApi.LIBRARY.sm_error_retry_after_ms(error);
    }

    /** A wait was interrupted. */
    SmTokenException(InterruptedException interrupted) {
        this(CApi.SM_ERROR_CANCELED, "interrupted while it waited for a token");
        initCause(interrupted);
    }

    /** What a callback got; frees the error. */
    static SmTokenException of(int status, Pointer error) {
        try {
            return new SmTokenException(status, error);
        } finally {
            CApi.LIBRARY.sm_error_free(error);
        }
    }

    /** Throws unless the call succeeded; frees the error that came with it. */
    static void throwUnlessOk(int status, Out out) {
        if (status != CApi.SM_OK) {
            throw of(status, out.error());
        }
    }

    /** Whether it only says that a wait of 0 ended before the request: a remembered timeout says how long it lasts. */
    boolean isUnderWay() {
        return statusValue == CApi.SM_ERROR_TIMEOUT && retryAfterMillis < 0;
    }

    /** The kind of failure. */
    public Status status() {
        return Status.of(statusValue);
    }

    /** The value of the C interface, also where {@link #status} is UNKNOWN. */
    public int statusValue() {
        return statusValue;
    }

    /** The HTTP status code of the server's answer; 0 where no answer came. */
    public int httpStatus() {
        return httpStatus;
    }

    /** The server's OAuth error code, such as "invalid_client"; "" where it gave none. */
    public String oauthCode() {
        return oauthCode;
    }

    /** The server's own words about it; "" where it gave none. */
    public String oauthDescription() {
        return oauthDescription;
    }

    /** Whether the same call may succeed later without any change. */
    public boolean isRetryable() {
        return retryable;
    }

    /** How long to wait before the next try; empty where nobody said. */
    public Optional<Duration> retryAfter() {
        return retryAfterMillis < 0 ? Optional.empty() : Optional.of(Duration.ofMillis(retryAfterMillis));
    }
}
