package io.standardmetrics.smtoken;

/** Why a call failed. */
public enum Status {
    /** A parameter has a value that it may not have; the message names it. */
    INVALID_ARGUMENT(CApi.SM_ERROR_INVALID_ARGUMENT),

    /** Neither the caller nor the environment gave client credentials. */
    NO_CREDENTIALS(CApi.SM_ERROR_NO_CREDENTIALS),

    /** The caller's buffer is too small; nothing was written to it. */
    BUFFER_TOO_SMALL(CApi.SM_ERROR_BUFFER_TOO_SMALL),

    /** http: to another machine, which would show the secret to the network. */
    INSECURE_URL(CApi.SM_ERROR_INSECURE_URL),

    /** The host's name could not be resolved. */
    DNS(CApi.SM_ERROR_DNS),

    /** No connection to the server could be made. */
    CONNECT(CApi.SM_ERROR_CONNECT),

    /** The time allowed ran out. */
    TIMEOUT(CApi.SM_ERROR_TIMEOUT),

    /** The proxy could not be reached, or refused. */
    PROXY(CApi.SM_ERROR_PROXY),

    /** The connection broke. */
    IO(CApi.SM_ERROR_IO),

    /** The client was shut down, or the call interrupted. */
    CANCELED(CApi.SM_ERROR_CANCELED),

    /** The machine has no thread, file descriptor, memory for a socket or random number to give now. */
    RESOURCES(CApi.SM_ERROR_RESOURCES),

    /** The TLS handshake failed for another reason than the certificate. */
    TLS(CApi.SM_ERROR_TLS),

    /** The server's certificate is not trusted, not valid now, or not for this host. */
    CERTIFICATE(CApi.SM_ERROR_CERTIFICATE),

    /** There is no certificate authority to trust: the store or CA file is missing, empty or unreadable. */
    NO_TRUST_ROOTS(CApi.SM_ERROR_NO_TRUST_ROOTS),

    /** The server does not accept the client credentials. */
    INVALID_CLIENT(CApi.SM_ERROR_INVALID_CLIENT),

    /** The server does not grant the scope that was asked for. */
    INVALID_SCOPE(CApi.SM_ERROR_INVALID_SCOPE),

    /** The server refused with another OAuth error; the OAuth code of the error names it. */
    OAUTH(CApi.SM_ERROR_OAUTH),

    /** The server asks for fewer requests; the error may give for how long. */
    RATE_LIMITED(CApi.SM_ERROR_RATE_LIMITED),

    /** The server failed, and may do better later. */
    SERVER(CApi.SM_ERROR_SERVER),

    /** The server answered with an HTTP status that brings no token, such as a redirect. */
    HTTP(CApi.SM_ERROR_HTTP),

    /** The answer is not a token response. */
    INVALID_RESPONSE(CApi.SM_ERROR_INVALID_RESPONSE),

    /** The answer is larger than any token response. */
    RESPONSE_TOO_LARGE(CApi.SM_ERROR_RESPONSE_TOO_LARGE),

    /** A defect of this library. */
    INTERNAL(CApi.SM_ERROR_INTERNAL),

    /** A status that only a newer library knows; {@link SmTokenException#statusValue} tells it. */
    UNKNOWN(-1);

    private final int value;

    Status(int value) {
        this.value = value;
    }

    /** The value of the C interface, which never changes. */
    public int value() {
        return value;
    }

    static Status of(int value) {
        for (Status status : values()) {
            if (status.value == value) {
                return status;
            }
        }
        return UNKNOWN;
    }
}
