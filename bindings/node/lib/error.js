// What a failure is: a status of the library, and what the library says about it.
import {
    sm_error_free,
    sm_error_http_status,
    sm_error_is_retryable,
    sm_error_message,
    sm_error_oauth_code,
    sm_error_oauth_description,
    sm_error_retry_after_ms,
} from "./native.js";

// Written by bindings/constants.
export const Status = Object.freeze({
    OK: 0,
    INVALID_ARGUMENT: 10,
    NO_CREDENTIALS: 11,
    BUFFER_TOO_SMALL: 12,
    INSECURE_URL: 13,
    DNS: 20,
    CONNECT: 21,
    TIMEOUT: 22,
    PROXY: 23,
    IO: 24,
    CANCELED: 25,
    RESOURCES: 26,
    TLS: 30,
    CERTIFICATE: 31,
    NO_TRUST_ROOTS: 32,
    INVALID_CLIENT: 40,
    INVALID_SCOPE: 41,
    OAUTH: 42,
    RATE_LIMITED: 43,
    SERVER: 44,
    HTTP: 45,
    INVALID_RESPONSE: 50,
    RESPONSE_TOO_LARGE: 51,
    INTERNAL: 90,
});

const CODES = new Map(Object.entries(Status).map(([code, status]) => [status, code]));

// Why there is no token. The members are described in index.d.ts.
export class SmTokenError extends Error {
    constructor(status, message, details = {}) {
        super(message);
        this.name = "SmTokenError";
        this.status = status;
        this.code = CODES.get(status) ?? "INTERNAL";
        this.httpStatus = details.httpStatus ?? 0;
        this.oauthCode = details.oauthCode ?? "";
        this.oauthDescription = details.oauthDescription ?? "";
        this.retryable = details.retryable ?? false;
        this.retryAfterMs = details.retryAfterMs ?? null;
    }
}

export function refused(message) {
    return new SmTokenError(Status.INVALID_ARGUMENT, message);
}

// The error of a call that returned `status`; frees the handle.
export function taken(status, handle) {
    try {
        const retryAfterMs = Number(sm_error_retry_after_ms(handle));
        return new SmTokenError(status, sm_error_message(handle), {
            httpStatus: sm_error_http_status(handle),
            oauthCode: sm_error_oauth_code(handle),
            oauthDescription: sm_error_oauth_description(handle),
            retryable: sm_error_is_retryable(handle) === 1,
            retryAfterMs: retryAfterMs < 0 ? null : retryAfterMs,
        });
    } finally {
        sm_error_free(handle);
    }
}

// A text for C. A NUL would cut it and a lone surrogate would be replaced, so both are refused.
export function text(value, name) {
    if (value === null || value === undefined) return null;
    if (typeof value !== "string") throw refused(`${name} is not a string`);
    if (value.includes("\0")) throw refused(`${name} holds a NUL character`);
    if (/\p{Surrogate}/u.test(value)) throw refused(`${name} holds half of a surrogate pair`);
    return value;
}
