<?php
declare(strict_types=1);

namespace SmToken;

use FFI;
use FFI\CData;

/**
 * The functions of the C library, as its header declares them.
 *
 * @internal
 */
final class Library
{
    private const DECLARATIONS = <<<'C'
        typedef struct sm_options sm_options;
        typedef struct sm_token sm_token;
        typedef struct sm_error sm_error;
        typedef struct sm_client sm_client;
        typedef void (*sm_log_fn)(void *user_data, int32_t level, const char *message);
        typedef int32_t (*sm_check_fn)(void *user_data, const char *name, int32_t verdict, const char *text,
                                       const char *advice);

        const char *sm_version(void);

        const char *sm_error_message(const sm_error *error);
        int32_t sm_error_http_status(const sm_error *error);
        const char *sm_error_oauth_code(const sm_error *error);
        const char *sm_error_oauth_description(const sm_error *error);
        int32_t sm_error_is_retryable(const sm_error *error);
        int64_t sm_error_retry_after_ms(const sm_error *error);
        void sm_error_free(sm_error *error);

        sm_options *sm_options_new(void);
        const char *sm_options_message(const sm_options *options);
        int32_t sm_options_set_base_url(sm_options *options, const char *base_url);
        int32_t sm_options_set_scope(sm_options *options, const char *scope);
        int32_t sm_options_set_user_agent(sm_options *options, const char *user_agent);
        int32_t sm_options_set_proxy(sm_options *options, const char *proxy);
        int32_t sm_options_set_ca_file(sm_options *options, const char *ca_file);
        int32_t sm_options_set_trust(sm_options *options, int32_t trust);
        int32_t sm_options_set_timeout_ms(sm_options *options, uint32_t timeout_ms);
        int32_t sm_options_set_connect_timeout_ms(sm_options *options, uint32_t connect_timeout_ms);
        int32_t sm_options_set_max_retries(sm_options *options, uint32_t max_retries);
        int32_t sm_options_set_log(sm_options *options, sm_log_fn log, void *user_data, int32_t level);
        int32_t sm_options_set_credential_files(sm_options *options, const char *client_id_file,
                                                const char *client_secret_file);
        void sm_options_free(sm_options *options);

        const char *sm_token_access_token(const sm_token *token);
        const char *sm_token_authorization(const sm_token *token);
        const char *sm_token_type(const sm_token *token);
        const char *sm_token_scope(const sm_token *token);
        int64_t sm_token_expires_at(const sm_token *token);
        int64_t sm_token_expires_in(const sm_token *token);
        void sm_token_free(sm_token *token);

        int32_t sm_client_new(const char *client_id, const char *client_secret, const sm_options *options,
                              sm_client **client, sm_error **error);
        int32_t sm_client_token_within(sm_client *client, int64_t wait_ms, sm_token **token, sm_error **error);
        int32_t sm_client_authorization_within(sm_client *client, int64_t wait_ms, char *buffer, size_t capacity,
                                               size_t *length, sm_error **error);
        void sm_client_invalidate(sm_client *client, const sm_token *token);
        void sm_client_invalidate_authorization(sm_client *client, const char *authorization);
        int32_t sm_client_set_credentials(sm_client *client, const char *client_id, const char *client_secret,
                                          sm_error **error);
        void sm_client_shutdown(sm_client *client);
        void sm_client_free(sm_client *client);

        int32_t sm_check(const char *client_id, const char *client_secret, const sm_options *options, sm_check_fn step,
                         void *user_data, sm_error **error);
        C;

    private const LARGEST = 0xffffffff;

    private static ?FFI $functions = null;

    public static function functions(): FFI
    {
        return self::$functions ??= FFI::cdef(self::DECLARATIONS, self::name(PHP_OS_FAMILY));
    }

    /** What the library is called on a platform. */
    public static function name(string $family): string
    {
        return match ($family) {
            'Windows' => 'sm_token.dll',
            'Darwin' => 'libsm_token.0.dylib',
            default => 'libsm_token.so.0',
        };
    }

    /** The version of the C library that runs, as MAJOR.MINOR.PATCH. */
    public static function version(): string
    {
        return self::functions()->sm_version();
    }

    /**
     * Makes a call that hands out an error, and throws it. The call is given the address for the error.
     *
     * @param callable(CData): int $call
     */
    public static function check(callable $call): void
    {
        $functions = self::functions();
        $error = $functions->new('sm_error *');
        $status = $call(FFI::addr($error));
        if ($status === Status::OK) {
            return;
        }
        try {
            $retryAfterMs = $functions->sm_error_retry_after_ms($error);
            throw new SmTokenException(
                $status,
                $functions->sm_error_message($error),
                $functions->sm_error_http_status($error),
                $functions->sm_error_oauth_code($error),
                $functions->sm_error_oauth_description($error),
                $functions->sm_error_is_retryable($error) === 1,
                $retryAfterMs < 0 ? null : $retryAfterMs / 1000,
            );
        } finally {
            $functions->sm_error_free($error);
        }
    }

    public static function refused(string $message): SmTokenException
    {
        return new SmTokenException(Status::INVALID_ARGUMENT, $message);
    }

    /** A text for C, which a NUL would cut. That it is UTF-8 the library checks. */
    public static function text(#[\SensitiveParameter] ?string $text, string $name): ?string
    {
        if ($text !== null && str_contains($text, "\0")) {
            throw self::refused("$name holds a NUL character");
        }
        return $text;
    }

    /** Seconds as the milliseconds that C takes; a part of one counts as one. */
    public static function milliseconds(float $seconds, string $name): int
    {
        $milliseconds = ceil($seconds * 1000);
        if (!($milliseconds >= 0 && $milliseconds <= self::LARGEST)) {
            throw self::refused("$name is not a number of seconds from 0 to " . self::LARGEST / 1000);
        }
        return (int) $milliseconds;
    }

    public static function count(int $count, string $name): int
    {
        if ($count < 0 || $count > self::LARGEST) {
            throw self::refused("$name is not from 0 to " . self::LARGEST);
        }
        return $count;
    }
}
