package io.standardmetrics.smtoken;

import com.sun.jna.Pointer;
import java.time.Duration;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;

/**
 * What can be chosen about how tokens are fetched; null means the default. A value out of range is an
 * {@link SmTokenException} of the fetch or the client that takes it.
 */
public final class Options {
    private static final long MOST_MILLIS = 0xFFFF_FFFFL;

    private String baseUrl;
    private String idFile;
    private String secretFile;
    private String scope;
    private String userAgent;
    private String proxy;
    private String caFile;
    private Trust trust;
    private Duration timeout;
    private Duration connectTimeout;
    private Integer maxRetries;
    private BiConsumer<LogLevel, String> log;
    private LogLevel logLevel = LogLevel.OFF;

    /** The defaults. */
    public Options() {}

    /** Default: SMX_BASE_URL of the environment, else https://api.standardmetrics.io. */
    public Options baseUrl(String url) {
        baseUrl = url;
        return this;
    }

    /**
     * Files that each hold one credential, used where a call gives none: read when a fetch or a client starts, and
     * by a client again as they change. A newline at their end is no part of it. Default: null and null, none.
     */
    public Options credentialFiles(String clientIdFile, String clientSecretFile) {
        idFile = clientIdFile;
        secretFile = clientSecretFile;
        return this;
    }

    /** Space separated. Default: none, so that the server chooses. */
    public Options scope(String wanted) {
        scope = wanted;
        return this;
    }

    /** 1 to 256 characters of printable ASCII. Default: "sm-token/" and the version. */
    public Options userAgent(String name) {
        userAgent = name;
        return this;
    }

    /** [SCHEME://][USER[:PASSWORD]@]HOST[:PORT]; "" means none. Default: HTTPS_PROXY, then ALL_PROXY, less NO_PROXY. */
    public Options proxy(String url) {
        proxy = url;
        return this;
    }

    /** A PEM file of certificate authorities, trusted in place of the system's. Default: none. */
    public Options caFile(String path) {
        caFile = path;
        return this;
    }

    /** Whose authorities are trusted without a CA file. Default: the system's. */
    public Options trust(Trust whose) {
        trust = whose;
        return this;
    }

    /** The deadline of a whole call, retries included; more than 0. Default: 30 s. */
    public Options timeout(Duration deadline) {
        timeout = deadline;
        return this;
    }

    /** Of one connection: resolving, proxy and TLS; more than 0. Default: 10 s. */
    public Options connectTimeout(Duration deadline) {
        connectTimeout = deadline;
        return this;
    }

    /** How often a request that failed in passing is sent again. Default: 2; 0 turns it off. */
    public Options maxRetries(Integer times) {
        maxRetries = times;
        return this;
    }

    /**
     * Gets log messages, none of which holds a secret, on whichever threads call this package and on those
     * of its fetches and futures, also on several at once. What it throws is dropped. Default: null, nobody.
     *
     * @throws NullPointerException leastImportant is null
     */
    public Options log(LogLevel leastImportant, BiConsumer<LogLevel, String> handler) {
        logLevel = Objects.requireNonNull(leastImportant, "leastImportant");
        log = handler;
        return this;
    }

    /** Options of the C library with these values. */
    Native toNative() {
        Native made = new Native(callback());
        try {
            set("baseUrl", CApi.LIBRARY::sm_options_set_base_url, made, baseUrl);
            try (Text id = new Text(idFile, "clientIdFile");
                    Text secret = new Text(secretFile, "clientSecretFile")) {
                check(made, CApi.LIBRARY.sm_options_set_credential_files(made.pointer, id.pointer, secret.pointer));
            }
            set("scope", CApi.LIBRARY::sm_options_set_scope, made, scope);
            set("userAgent", CApi.LIBRARY::sm_options_set_user_agent, made, userAgent);
            set("proxy", CApi.LIBRARY::sm_options_set_proxy, made, proxy);
            set("caFile", CApi.LIBRARY::sm_options_set_ca_file, made, caFile);
            if (trust != null) {
                check(made, CApi.LIBRARY.sm_options_set_trust(made.pointer, trust.value));
            }
            if (timeout != null) {
                int millis = millis(timeout);
                check(made, CApi.LIBRARY.sm_options_set_timeout_ms(made.pointer, millis));
            }
            if (connectTimeout != null) {
                int millis = millis(connectTimeout);
                check(made, CApi.LIBRARY.sm_options_set_connect_timeout_ms(made.pointer, millis));
            }
            if (maxRetries != null) {
                check(made, CApi.LIBRARY.sm_options_set_max_retries(made.pointer, maxRetries));
            }
            if (made.log != null) {
                check(made, CApi.LIBRARY.sm_options_set_log(made.pointer, made.log, null, logLevel.value));
            }
            return made;
        } catch (RuntimeException bad) {
            made.close();
            throw bad;
        }
    }

    private CApi.LogCallback callback() {
        if (log == null) {
            return null;
        }
        BiConsumer<LogLevel, String> handler = log;
        return (userData, level, message) -> {
            try {
                handler.accept(LogLevel.of(level), Text.from(message));
            } catch (Throwable thrown) {
                // It can't cross native code, and a failed log is no reason to have no token.
            }
        };
    }

    private static void set(String name, BiFunction<Pointer, Pointer, Integer> setter, Native made, String value) {
        try (Text text = new Text(value, name)) {
            check(made, setter.apply(made.pointer, text.pointer));
        }
    }

    /** Throws why the last setter refused, in the library's own words. */
    private static void check(Native made, int status) {
        if (status != CApi.SM_OK) {
            throw new SmTokenException(status, CApi.LIBRARY.sm_options_message(made.pointer));
        }
    }

    /**
     * Rounded up, so that no duration becomes none; an int whose bits are those of a uint32_t. What that can't hold
     * becomes 0, which the library refuses.
     */
    private static int millis(Duration duration) {
        if (duration.isNegative() || duration.compareTo(Duration.ofMillis(MOST_MILLIS)) > 0) {
            return 0;
        }
        return (int) duration.plusNanos(999_999).toMillis();
    }

    /** sm_options, and what its log calls, which must outlive whatever takes the options. */
    static final class Native implements AutoCloseable {
        final Pointer pointer = CApi.LIBRARY.sm_options_new();
        final CApi.LogCallback log;

        private Native(CApi.LogCallback log) {
            this.log = log;
        }

        /** Asked on the waiting thread; 0 ends the wait. It must outlive the call that takes the options. */
        void keepWaiting(CApi.KeepWaitingCallback asked) {
            check(this, CApi.LIBRARY.sm_options_set_keep_waiting(pointer, asked, null));
        }

        @Override
        public void close() {
            CApi.LIBRARY.sm_options_free(pointer);
        }
    }
}
