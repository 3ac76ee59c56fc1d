package SmToken::Native;

# The functions of the C library, as its header declares them.

use v5.30;
use warnings;

use Encode ();
use FFI::Platypus 2.00;
use POSIX qw(ceil);
use Scalar::Util qw(looks_like_number);
use SmToken::Error;

use constant LARGEST => 2**32 - 1;

# The names of the verdicts of a check, by their numbers.
our @VERDICTS = qw(ok wrong unknown);

# What the library is called on a platform.
sub library_name {
    my ($platform) = @_;
    return 'sm_token.dll'        if $platform =~ /^(?:MSWin32|cygwin|msys)$/;
    return 'libsm_token.0.dylib' if $platform eq 'darwin';
    return 'libsm_token.so.0';
}

our $ffi = FFI::Platypus->new( api => 2, lib => library_name($^O) );

$ffi->type( '(opaque, sint32, string)->void' => 'sm_log_fn' );
$ffi->type( '(opaque, string, sint32, string, string)->sint32' => 'sm_check_fn' );

$ffi->attach( sm_version => [] => 'string' );

$ffi->attach( sm_error_message           => ['opaque'] => 'string' );
$ffi->attach( sm_error_http_status       => ['opaque'] => 'sint32' );
$ffi->attach( sm_error_oauth_code        => ['opaque'] => 'string' );
$ffi->attach( sm_error_oauth_description => ['opaque'] => 'string' );
$ffi->attach( sm_error_is_retryable      => ['opaque'] => 'sint32' );
$ffi->attach( sm_error_retry_after_ms    => ['opaque'] => 'sint64' );
$ffi->attach( sm_error_free              => ['opaque'] => 'void' );

$ffi->attach( sm_options_new                    => [] => 'opaque' );
$ffi->attach( sm_options_message                => ['opaque'] => 'string' );
$ffi->attach( sm_options_set_base_url           => [ 'opaque', 'string' ] => 'sint32' );
$ffi->attach( sm_options_set_scope              => [ 'opaque', 'string' ] => 'sint32' );
$ffi->attach( sm_options_set_user_agent         => [ 'opaque', 'string' ] => 'sint32' );
$ffi->attach( sm_options_set_proxy              => [ 'opaque', 'string' ] => 'sint32' );
$ffi->attach( sm_options_set_ca_file            => [ 'opaque', 'string' ] => 'sint32' );
$ffi->attach( sm_options_set_trust              => [ 'opaque', 'sint32' ] => 'sint32' );
$ffi->attach( sm_options_set_timeout_ms         => [ 'opaque', 'uint32' ] => 'sint32' );
$ffi->attach( sm_options_set_connect_timeout_ms => [ 'opaque', 'uint32' ] => 'sint32' );
$ffi->attach( sm_options_set_max_retries        => [ 'opaque', 'uint32' ] => 'sint32' );
$ffi->attach( sm_options_set_log                => [ 'opaque', 'sm_log_fn', 'opaque', 'sint32' ] => 'sint32' );
$ffi->attach( sm_options_set_credential_files    => [ 'opaque', 'string', 'string' ] => 'sint32' );
$ffi->attach( sm_options_free                   => ['opaque'] => 'void' );

$ffi->attach( sm_token_access_token  => ['opaque'] => 'string' );
$ffi->attach( sm_token_authorization => ['opaque'] => 'string' );
$ffi->attach( sm_token_type          => ['opaque'] => 'string' );
$ffi->attach( sm_token_scope         => ['opaque'] => 'string' );
$ffi->attach( sm_token_expires_at    => ['opaque'] => 'sint64' );
$ffi->attach( sm_token_expires_in    => ['opaque'] => 'sint64' );
$ffi->attach( sm_token_free          => ['opaque'] => 'void' );

$ffi->attach( sm_client_new => [ 'string', 'string', 'opaque', 'opaque*', 'opaque*' ] => 'sint32' );
$ffi->attach( sm_client_token_within => [ 'opaque', 'sint64', 'opaque*', 'opaque*' ] => 'sint32' );
$ffi->attach( sm_client_authorization_within => [ 'opaque', 'sint64', 'opaque', 'size_t', 'size_t*', 'opaque*' ] => 'sint32' );
$ffi->attach( sm_client_invalidate => [ 'opaque', 'opaque' ] => 'void' );
$ffi->attach( sm_client_invalidate_authorization => [ 'opaque', 'string' ] => 'void' );
$ffi->attach( sm_client_set_credentials => [ 'opaque', 'string', 'string', 'opaque*' ] => 'sint32' );
$ffi->attach( sm_client_shutdown => ['opaque'] => 'void' );
$ffi->attach( sm_client_free     => ['opaque'] => 'void' );

$ffi->attach( sm_check => [ 'string', 'string', 'opaque', 'sm_check_fn', 'opaque', 'opaque*' ] => 'sint32' );

# A text of the library, in characters.
sub text {
    my ($utf8) = @_;
    return Encode::decode( 'UTF-8', $utf8 );
}

# A text for the library, from characters. A NUL would cut it.
sub utf8 {
    my ( $text, $name ) = @_;
    return undef if !defined $text;
    refuse("$name is a reference, not a text")        if ref $text;
    refuse("$name holds a NUL character")             if $text =~ /\0/;
    refuse("$name holds what is no Unicode character") if $text =~ /[\x{d800}-\x{dfff}]|[^\x{0}-\x{10ffff}]/;
    return Encode::encode( 'UTF-8', $text );
}

# A path for the library: of bytes, as for open, or of characters.
sub path {
    my ( $path, $name ) = @_;
    return utf8::is_utf8( $path // '' ) ? utf8( $path, $name ) : utf8( $path, $name ) && $path;
}

# Seconds as the milliseconds that C takes; a part of one counts as one.
sub milliseconds {
    my ( $seconds, $name ) = @_;
    my $is_number = looks_like_number($seconds) && $seconds == $seconds;
    if ( !$is_number || $seconds < 0 || ceil( $seconds * 1000 ) > LARGEST ) {
        refuse( "$name is not a number of seconds from 0 to " . int( LARGEST / 1000 ) );
    }
    return ceil( $seconds * 1000 );
}

sub count {
    my ( $count, $name ) = @_;
    if ( !looks_like_number($count) || $count !~ /^\d{1,10}$/ || $count > LARGEST ) {
        refuse( "$name is not a whole number from 0 to " . LARGEST );
    }
    return $count;
}

sub refuse {
    my ($message) = @_;
    die SmToken::Error->new( status => SmToken::Error::INVALID_ARGUMENT(), message => $message );
}

# Dies with the error of a call that returned this status; frees it.
sub check {
    my ( $status, $handle ) = @_;
    return if $status == SmToken::Error::OK();
    my $retry_after_ms = sm_error_retry_after_ms($handle);
    my $error          = SmToken::Error->new(
        status            => $status,
        message           => text( sm_error_message($handle) ),
        http_status       => sm_error_http_status($handle),
        oauth_code        => text( sm_error_oauth_code($handle) ),
        oauth_description => text( sm_error_oauth_description($handle) ),
        is_retryable      => sm_error_is_retryable($handle) == 1,
        retry_after       => $retry_after_ms < 0 ? undef : $retry_after_ms / 1000,
    );
    sm_error_free($handle);
    die $error;
}

1;
