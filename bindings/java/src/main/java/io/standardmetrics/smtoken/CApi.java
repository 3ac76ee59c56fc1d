package io.standardmetrics.smtoken;

import com.sun.jna.Callback;
import com.sun.jna.Function;
import com.sun.jna.IntegerType;
import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Platform;
import com.sun.jna.Pointer;
import java.util.Map;

/** The C interface, declared as in sm_token.h. What it means is said there. */
interface CApi extends Library {
    /** Looked for in the directories of jna.library.path, then as the system's loader looks. */
    CApi LIBRARY = Native.load(
            libraryName(Platform.getOSType()),
            CApi.class,
            Map.of(OPTION_CALLING_CONVENTION, callingConvention(Platform.getOSType(), Platform.is64Bit())));

    int SM_OK = 0;
    int SM_ERROR_INVALID_ARGUMENT = 10;
    int SM_ERROR_NO_CREDENTIALS = 11;
    int SM_ERROR_BUFFER_TOO_SMALL = 12;
    int SM_ERROR_INSECURE_URL = 13;
    int SM_ERROR_DNS = 20;
    int SM_ERROR_CONNECT = 21;
    int SM_ERROR_TIMEOUT = 22;
    int SM_ERROR_PROXY = 23;
    int SM_ERROR_IO = 24;
    int SM_ERROR_CANCELED = 25;
    int SM_ERROR_RESOURCES = 26;
    int SM_ERROR_TLS = 30;
    int SM_ERROR_CERTIFICATE = 31;
    int SM_ERROR_NO_TRUST_ROOTS = 32;
    int SM_ERROR_INVALID_CLIENT = 40;
    int SM_ERROR_INVALID_SCOPE = 41;
    int SM_ERROR_OAUTH = 42;
    int SM_ERROR_RATE_LIMITED = 43;
    int SM_ERROR_SERVER = 44;
    int SM_ERROR_HTTP = 45;
    int SM_ERROR_INVALID_RESPONSE = 50;
    int SM_ERROR_RESPONSE_TOO_LARGE = 51;
    int SM_ERROR_INTERNAL = 90;

    int SM_TRUST_SYSTEM = 0;
    int SM_TRUST_BUNDLED = 1;

    int SM_LOG_OFF = 0;
    int SM_LOG_ERROR = 1;
    int SM_LOG_WARN = 2;
    int SM_LOG_INFO = 3;
    int SM_LOG_DEBUG = 4;

    int SM_CHECK_OK = 0;
    int SM_CHECK_WRONG = 1;
    int SM_CHECK_UNKNOWN = 2;

    /** The name that the platform gives the library with this binary interface. */
    static String libraryName(int osType) {
        switch (osType) {
            case Platform.WINDOWS:
                return "sm_token.dll";
            case Platform.MAC:
                return "libsm_token.0.dylib";
            default:
                return "libsm_token.so.0";
        }
    }

    /** That of SM_CALL, for functions and callbacks: __stdcall on 32-bit Windows, elsewhere that of C. */
    static int callingConvention(int osType, boolean is64Bit) {
        return osType == Platform.WINDOWS && !is64Bit ? Function.ALT_CONVENTION : Function.C_CONVENTION;
    }

    String sm_version();

    String sm_status_message(int status);

    Pointer sm_error_message(Pointer error);

    int sm_error_http_status(Pointer error);

    Pointer sm_error_oauth_code(Pointer error);

    Pointer sm_error_oauth_description(Pointer error);

    int sm_error_is_retryable(Pointer error);

    long sm_error_retry_after_ms(Pointer error);

    void sm_error_free(Pointer error);

    Pointer sm_options_new();

    String sm_options_message(Pointer options);

    int sm_options_set_base_url(Pointer options, Pointer base_url);

    int sm_options_set_credential_files(Pointer options, Pointer client_id_file, Pointer client_secret_file);

    int sm_options_set_scope(Pointer options, Pointer scope);

    int sm_options_set_user_agent(Pointer options, Pointer user_agent);

    int sm_options_set_proxy(Pointer options, Pointer proxy);

    int sm_options_set_ca_file(Pointer options, Pointer ca_file);

    int sm_options_set_trust(Pointer options, int trust);

    int sm_options_set_timeout_ms(Pointer options, int timeout_ms);

    int sm_options_set_connect_timeout_ms(Pointer options, int connect_timeout_ms);

    int sm_options_set_max_retries(Pointer options, int max_retries);

    int sm_options_set_log(Pointer options, LogCallback log, Pointer user_data, int level);

    int sm_options_set_keep_waiting(Pointer options, KeepWaitingCallback keep_waiting, Pointer user_data);

    void sm_options_free(Pointer options);

    Pointer sm_token_access_token(Pointer token);

    Pointer sm_token_authorization(Pointer token);

    Pointer sm_token_type(Pointer token);

    Pointer sm_token_scope(Pointer token);

    long sm_token_expires_at(Pointer token);

    long sm_token_expires_in(Pointer token);

    void sm_token_free(Pointer token);

    int sm_token_fetch(
            Pointer client_id,
            Pointer client_secret,
            Pointer options,
            Pointer token,
            Pointer error);

    int sm_client_new(
            Pointer client_id,
            Pointer client_secret,
            Pointer options,
            Pointer client,
            Pointer error);

    int sm_client_token_within(Pointer client, long wait_ms, Pointer token, Pointer error);

    int sm_client_authorization_within(
            Pointer client, long wait_ms, Pointer buffer, Size capacity, Pointer length, Pointer error);

    int sm_client_when_ready(Pointer client, ReadyCallback ready, Pointer user_data, Pointer error);

    void sm_client_invalidate(Pointer client, Pointer token);

    void sm_client_invalidate_authorization(Pointer client, Pointer authorization);

    int sm_client_set_credentials(Pointer client, Pointer client_id, Pointer client_secret, Pointer error);

    void sm_client_shutdown(Pointer client);

    void sm_client_free(Pointer client);

    int sm_check(
            Pointer client_id,
            Pointer client_secret,
            Pointer options,
            CheckCallback step,
            Pointer user_data,
            Pointer error);

    /** sm_log_fn. */
    interface LogCallback extends Callback {
        void log(Pointer user_data, int level, Pointer message);
    }

    /** sm_keep_waiting_fn. */
    interface KeepWaitingCallback extends Callback {
        int keepWaiting(Pointer user_data);
    }

    /** sm_ready_fn. */
    interface ReadyCallback extends Callback {
        void ready(Pointer user_data, int status, Pointer token, Pointer error);
    }

    /** sm_check_fn. */
    interface CheckCallback extends Callback {
        int step(Pointer user_data, Pointer name, int verdict, Pointer text, Pointer advice);
    }

    /** size_t. */
    final class Size extends IntegerType {
        private static final long serialVersionUID = 1;

        public Size() {
            this(0);
        }

        Size(long value) {
            super(Native.SIZE_T_SIZE, value, true);
        }
    }
}
