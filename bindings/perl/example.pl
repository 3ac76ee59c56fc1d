#!/usr/bin/env perl
# Fetches an access token and shows what came with it, the token itself masked.
#
# The credentials come from SMX_CLIENT_ID and SMX_CLIENT_SECRET, the service from SMX_BASE_URL where
# it is set: the library reads all three. SM_TOKEN_CA_FILE is this program's own.
use v5.30;
use warnings;
use FFI::Platypus 2.00;

use constant SM_OK => 0;

my $ffi = FFI::Platypus->new( api => 2, lib => 'libsm_token.so.0' );

$ffi->attach( sm_options_new         => [] => 'opaque' );
$ffi->attach( sm_options_set_ca_file => [ 'opaque', 'string' ] => 'sint32' );
$ffi->attach( sm_options_free        => ['opaque'] => 'void' );
$ffi->attach( sm_token_fetch         => [ 'string', 'string', 'opaque', 'opaque*', 'opaque*' ] => 'sint32' );
$ffi->attach( sm_token_access_token  => ['opaque'] => 'string' );
$ffi->attach( sm_token_type          => ['opaque'] => 'string' );
$ffi->attach( sm_token_scope         => ['opaque'] => 'string' );
$ffi->attach( sm_token_expires_in    => ['opaque'] => 'sint64' );
$ffi->attach( sm_token_free          => ['opaque'] => 'void' );
$ffi->attach( sm_status_message      => ['sint32'] => 'string' );
$ffi->attach( sm_error_message       => ['opaque'] => 'string' );
$ffi->attach( sm_error_free          => ['opaque'] => 'void' );

# A token, which the caller frees with sm_token_free; dies with what happened and what to do.
sub fetch {
    my $options = sm_options_new();

    # undef, the variable not set, keeps the default.
    my $status = sm_options_set_ca_file( $options, $ENV{SM_TOKEN_CA_FILE} );
    my $why    = 'SM_TOKEN_CA_FILE: ' . sm_status_message($status);

    my ( $token, $error );
    if ( $status == SM_OK ) {
        $status = sm_token_fetch( undef, undef, $options, \$token, \$error );
        $why    = sm_error_message($error);
    }
    sm_error_free($error);
    sm_options_free($options);
    die "$why\n" if $status != SM_OK;
    return $token;
}

my $token = eval { fetch() };
if ($@) {
    print STDERR "no token: $@";
    exit 1;
}

my $text = sm_token_access_token($token);
printf "  type     %s\n",                      sm_token_type($token);
printf "  scope    %s\n",                      sm_token_scope($token);
printf "  expires  in %d seconds\n",           sm_token_expires_in($token);
printf "  token    %.4s... (%d characters)\n", $text, length $text;
sm_token_free($token);
