<?php
// Fetches an access token and shows what came with it, the token itself masked.
//
// The credentials come from SMX_CLIENT_ID and SMX_CLIENT_SECRET, the service from SMX_BASE_URL where
// it is set: the library reads all three. SM_TOKEN_CA_FILE is this program's own.
declare(strict_types=1);

const SM_OK = 0;

$sm = FFI::cdef(<<<'C'
    typedef struct sm_options sm_options;
    typedef struct sm_token sm_token;
    typedef struct sm_error sm_error;

    sm_options *sm_options_new(void);
    int32_t sm_options_set_ca_file(sm_options *options, const char *ca_file);
    void sm_options_free(sm_options *options);

    int32_t sm_token_fetch(const char *client_id, const char *client_secret,
                           const sm_options *options, sm_token **token, sm_error **error);
    const char *sm_token_access_token(const sm_token *token);
    const char *sm_token_type(const sm_token *token);
    const char *sm_token_scope(const sm_token *token);
    int64_t sm_token_expires_in(const sm_token *token);
    void sm_token_free(sm_token *token);

    const char *sm_status_message(int32_t status);
    const char *sm_error_message(const sm_error *error);
    void sm_error_free(sm_error *error);
    C, 'libsm_token.so.0');

// A token, which the caller frees with sm_token_free; throws with what happened and what to do.
function fetch(FFI $sm): FFI\CData
{
    $options = $sm->sm_options_new();
    $token = $sm->new('sm_token *');
    $error = $sm->new('sm_error *');
    try {
        // NULL, the variable not set, keeps the default.
        $status = $sm->sm_options_set_ca_file($options, getenv()['SM_TOKEN_CA_FILE'] ?? null);
        if ($status !== SM_OK) {
            throw new RuntimeException("SM_TOKEN_CA_FILE: {$sm->sm_status_message($status)}");
        }
        $status = $sm->sm_token_fetch(null, null, $options, FFI::addr($token), FFI::addr($error));
        if ($status !== SM_OK) {
            throw new RuntimeException($sm->sm_error_message($error), $status);
        }
        return $token;
    } finally {
        $sm->sm_error_free($error);
        $sm->sm_options_free($options);
    }
}

try {
    $token = fetch($sm);
} catch (RuntimeException $exception) {
    fwrite(STDERR, "no token: {$exception->getMessage()}\n");
    exit(1);
}

$text = $sm->sm_token_access_token($token);
printf("  type     %s\n", $sm->sm_token_type($token));
printf("  scope    %s\n", $sm->sm_token_scope($token));
printf("  expires  in %d seconds\n", $sm->sm_token_expires_in($token));
printf("  token    %.4s... (%d characters)\n", $text, strlen($text));
$sm->sm_token_free($token);
