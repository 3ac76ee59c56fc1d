/** The numbers of the C library's statuses, by their names. They never change. */
export declare const Status: {
    readonly OK: 0;
    readonly [code: string]: number;
};

/** Why there is no token. No member holds a secret or a token. */
export declare class SmTokenError extends Error {
    /** One of the values of {@link Status}. */
    readonly status: number;
    /** The name of the status, such as `"INVALID_CLIENT"`. */
    readonly code: string;
    /** The HTTP status of the server's answer; 0 where no answer came. */
    readonly httpStatus: number;
    /** The server's OAuth error code (RFC 6749 section 5.2); `""` where it gave none. */
    readonly oauthCode: string;
    /** The server's description of its OAuth error; `""` where it gave none. */
    readonly oauthDescription: string;
    /** Whether the same call may succeed later without any change. */
    readonly retryable: boolean;
    /** Milliseconds to wait before the next try; `null` where neither the server nor the client says. */
    readonly retryAfterMs: number | null;
}

export type LogLevel = "error" | "warn" | "info" | "debug";

/** What is absent keeps its default. A value that is refused throws an {@link SmTokenError} that names it. */
export interface Options {
    /** With `clientSecret`; without both, SMX_CLIENT_ID and SMX_CLIENT_SECRET of the environment. */
    clientId?: string | null;
    clientSecret?: string | null;
    /**
     * The paths of files that hold the credentials, both or neither, where none are given. They are read again for
     * each request, so that they may change.
     */
    clientIdFile?: string | null;
    clientSecretFile?: string | null;
    /** An https: URL. Default: SMX_BASE_URL of the environment, else https://api.standardmetrics.io. */
    baseUrl?: string | null;
    /** The scope to ask for, space separated (RFC 6749 section 3.3). Default: the server chooses. */
    scope?: string | null;
    /** 1 to 256 characters of printable ASCII. */
    userAgent?: string | null;
    /** `[SCHEME://][USER[:PASSWORD]@]HOST[:PORT]`; `""` means none. Default: from the environment. */
    proxy?: string | null;
    /** A PEM file of certificate authorities that are trusted in place of the system's. */
    caFile?: string | null;
    /** Whose certificate authorities are trusted without a `caFile`. Default: `"system"`. */
    trust?: "system" | "bundled" | null;
    /** The deadline of a request with its retries, in milliseconds, 1 to 2^32 - 1. Default: 30 000. */
    timeoutMs?: number | null;
    /** How long one connection may take, in milliseconds, 1 to 2^32 - 1. Default: 10 000. */
    connectTimeoutMs?: number | null;
    /** 0 to 100. Default: 2. */
    maxRetries?: number | null;
    /** Receives log messages, while a method of the client runs. What it throws becomes a warning of the process. */
    log?: ((level: LogLevel, message: string) => void) | null;
    /** The least important level that is wanted. Default: `"info"`. */
    logLevel?: LogLevel | "off" | null;
}

export interface Waiting {
    /** Ends this wait with the signal's reason; the request goes on for other callers. */
    signal?: AbortSignal | undefined;
}

/** An access token. Its memory is wiped when it is closed, or collected. */
export declare class Token {
    private constructor();
    readonly accessToken: string;
    /** `Bearer TOKEN`, the value of the Authorization header. */
    readonly authorization: string;
    /** The type as the server wrote it: `Bearer`, in some case. */
    readonly type: string;
    /** The granted scope, space separated; `""` where the server did not say. */
    readonly scope: string;
    readonly expiresAt: Date;
    /** How long it is still good, in milliseconds, in whole seconds; never below 0. */
    readonly expiresInMs: number;
    close(): void;
}

/** Keeps a valid token: one request for any number of callers, and a refresh in time. */
export declare class Client {
    /** Makes no request yet. Throws an {@link SmTokenError}. */
    constructor(options?: Options);
    /** The current token, fetched or refreshed where it must be. The caller closes it. */
    token(waiting?: Waiting): Promise<Token>;
    /** The current `Bearer TOKEN`. */
    authorization(waiting?: Waiting): Promise<string>;
    /**
     * A `fetch` that adds the current token to requests for the API at a URL, and to no others. Where the API
     * refuses the token (401) it sends the request once more with another one, unless its body is a stream.
     */
    fetcher(api: string | URL, fetch?: typeof globalThis.fetch): typeof globalThis.fetch;
    /**
     * Drops a token that a resource refused, if it is still the current one. Without a token it drops whichever
     * is current, and forgets a remembered failure.
     */
    invalidate(refused?: Token | string | null): void;
    /** Puts other credentials in place, for the next request. The current token stays. */
    setCredentials(clientId: string, clientSecret: string): void;
    /** Ends every wait with `CANCELED`, and refuses later calls with it. */
    shutdown(): void;
    /** Shuts down and frees the client. Its tokens live on. */
    close(): void;
}

/** Fetches one token. The caller closes it. Rejects with an {@link SmTokenError}. */
export declare function fetchToken(options?: Options, waiting?: Waiting): Promise<Token>;

/** One step to a token. Nothing in it holds a secret or a token. */
export interface CheckStep {
    readonly name:
        | "credentials"
        | "base URL"
        | "proxy"
        | "name"
        | "connection"
        | "TLS"
        | "certificate"
        | "clock"
        | "answer";
    /** `"unknown"` where the step was not reached, does not apply, or can't be judged. */
    readonly verdict: "ok" | "wrong" | "unknown";
    /** What is, in one line. */
    readonly text: string;
    /** One thing to do; `""` where there is nothing to do. */
    readonly advice: string;
}

export interface Check {
    /** Each step once, in the order of the names of {@link CheckStep}. */
    readonly steps: readonly CheckStep[];
    /**
     * Of the first step that is wrong (of `clock`, which no fetch fails for: `CERTIFICATE`); `null` where none is.
     */
    readonly error: SmTokenError | null;
}

/**
 * Goes the steps to a token, for an operator who asks what is wrong. One request is sent, and the token that it may
 * bring is dropped. It lasts for at most `timeoutMs`, and the event loop stands still as long. Throws an
 * {@link SmTokenError} where an option is refused.
 */
export declare function checkSync(options?: Options): Check;

/** The version of the C library that runs, as `MAJOR.MINOR.PATCH`. */
export declare function libraryVersion(): string;
