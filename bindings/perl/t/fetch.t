use v5.30;
use warnings;
use utf8;

use Data::Dumper;
use Encode;
use FindBin;
use lib "$FindBin::Bin/lib";
use Service;
use SmToken;
use Test::More;

# contract: token expiry environment
subtest 'a fetch gives what the server said' => sub {
    my $token = SmToken::fetch(trusted);
    like $token->access_token, qr/^[A-Za-z0-9]{30}$/, 'the access token';
    is $token->authorization, 'Bearer ' . $token->access_token, 'the authorization';
    is $token->type,  'Bearer',         'the type';
    is $token->scope, 'all read write', 'the scope';
    cmp_ok $token->expires_in, '>',  3500, 'its life';
    cmp_ok $token->expires_in, '<=', 3600, 'its life';
    cmp_ok abs( $token->expires_at - time - $token->expires_in ), '<=', 2, 'its end';
    unlike Dumper($token), qr/[A-Za-z0-9]{30}/, 'it is not printed';
};

subtest 'texts are of characters' => sub {
    my $error = failure( sub { SmToken::fetch( trusted( ca_file => '/no/süch/日本.pem' ) ) } );
    like $error->message, qr{/no/süch/日本\.pem}, 'a message';
    $error = failure( sub { SmToken::fetch( trusted( ca_file => Encode::encode_utf8('/no/süch/日本.pem') ) ) } );
    like $error->message, qr{/no/süch/日本\.pem}, 'a path of bytes';
};

# contract: odd-text
subtest 'credentials with reserved and accented characters bring a token' => sub {
    my ( $id, $secret ) = map { Encode::decode( 'UTF-8', $ENV{$_} ) } qw(SM_TOKEN_ODD_CLIENT_ID SM_TOKEN_ODD_CLIENT_SECRET);
    ok SmToken::fetch( trusted( client_id => $id, client_secret => $secret ) ), 'a token';
};

# contract: half-credentials
subtest 'one credential without the other is a bad argument' => sub {
    for my $half ( { client_id => 'one' }, { client_id => undef, client_secret => 'one' } ) {
        is failure( sub { SmToken::fetch( trusted(%$half) ) } )->status, SmToken::Error::INVALID_ARGUMENT, join ' ', keys %$half;
    }
};

# contract: not-text
subtest 'text that C cannot take whole is refused' => sub {
    no warnings 'surrogate';
    for my $id ( "cut\0off", "half \x{d800}", "\x{110000}", [] ) {
        my $error = failure( sub { SmToken::fetch( trusted( client_id => $id, client_secret => 'one' ) ) } );
        is $error->code, 'INVALID_ARGUMENT', 'its code';
        like $error->message, qr/^client_id /, 'its message';
    }
};

# contract: option-sent
is SmToken::fetch( trusted( scope => 'read' ) )->scope, 'read', 'the scope that is asked for is granted';

# contract: option-reason
subtest "a refused option says why in the library's words" => sub {
    my $error = failure( sub { SmToken::fetch( base_url => 'https://example.com/?query' ) } );
    is $error->status, SmToken::Error::INVALID_ARGUMENT, 'its status';
    like $error->message, qr/base URL/, 'its message';
    like failure( sub { SmToken::fetch( timeout     => 0 ) } ),     qr/timeout/,                   'a timeout';
    like failure( sub { SmToken::fetch( max_retries => 101 ) } ),   qr/100/,                       'retries';
    like failure( sub { SmToken::fetch( trust       => 'all' ) } ), qr/trust is none of/,          'trust';
    like failure( sub { SmToken::fetch( time        => 1 ) } ),     qr/there is no option time/,   'an unknown one';
};

# contract: number-range
subtest 'a number that C cannot hold is refused' => sub {
    for my $timeout ( -1, 2**32, 9**9**9, -sin 9**9**9, 'long' ) {
        like failure( sub { SmToken::fetch( timeout => $timeout ) } ), qr/^timeout is not/, "a timeout of $timeout";
    }
    for my $retries ( -1, 2**32, 0.5, 1e20 ) {
        like failure( sub { SmToken::fetch( max_retries => $retries ) } ), qr/^max_retries is not/, "$retries retries";
    }
};

# contract: refused refused-fields no-secret
subtest 'a refused secret says what to do and shows no secret' => sub {
    my $error = failure( sub { SmToken::fetch(wrong) } );
    is $error->status, SmToken::Error::INVALID_CLIENT, 'its status';
    is $error->code,   'INVALID_CLIENT',               'its code';
    like $error->message, qr/check client_id and client_secret/, 'its message';
    is_deeply [ $error->http_status, $error->oauth_code, !!$error->is_retryable ], [ 401, 'invalid_client', !!0 ], 'the rest';
    # The client that a fetch uses may answer from its memory, which says how long it remembers.
    ok !defined $error->retry_after || $error->retry_after <= 60, 'how long to wait';
    unlike "$error" . Dumper($error), qr/a wrong secret/, 'the secret';
};

# contract: insecure-url
is failure( sub { SmToken::fetch( base_url => 'http://example.com' ) } )->status, SmToken::Error::INSECURE_URL,
    'http to another machine is refused';

# contract: trust-roots
subtest 'a missing CA file is named' => sub {
    my $error = failure( sub { SmToken::fetch( ca_file => '/no/such/ca.pem' ) } );
    is $error->status, SmToken::Error::NO_TRUST_ROOTS, 'its status';
    like $error->message, qr{/no/such/ca\.pem}, 'its message';
};

# contract: version
is SmToken::library_version(), $SmToken::VERSION, "the version is the module's";

is_deeply [ map { SmToken::Native::library_name($_) } qw(MSWin32 darwin linux) ],
    [qw(sm_token.dll libsm_token.0.dylib libsm_token.so.0)], "the library has the platform's name";

done_testing;
