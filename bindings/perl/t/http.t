use v5.30;
use warnings;

use FindBin;
use IO::Socket::INET;
use JSON::PP;
use lib "$FindBin::Bin/lib";
use Service;
use SmToken;
use SmToken::HTTP;
use Test::More;

my $companies = "$ENV{SMX_BASE_URL}/v1/companies/";

sub api {
    return SmToken::HTTP->new(
        client      => SmToken::Client->new(trusted),
        api         => $ENV{SMX_BASE_URL},
        SSL_options => { SSL_ca_file => $ENV{SM_TOKEN_CA_FILE} },
    );
}

is api()->get($companies)->{status}, 200, 'a request has the token';

subtest 'a refused token is replaced, and the body is sent again whole' => sub {
    my $http = api();
    $http->get($companies);
    control( POST => '/revoke_all' );
    my $answer;
    is requests( sub { $answer = $http->post( $companies, { content => 'x' x 100_000 } ) } ), 1, 'one request';
    is_deeply decode_json( $answer->{content} ), { received_bytes => 100_000 }, 'the body';
};

subtest 'a body that a subroutine gives is sent once' => sub {
    my $http = api();
    $http->get($companies);
    control( POST => '/revoke_all' );
    my @parts = ('once');
    is $http->post( $companies, { content => sub { shift @parts } } )->{status}, 401, 'refused';
};

subtest 'another host gets no token' => sub {
    my $server = IO::Socket::INET->new( LocalAddr => '127.0.0.1', Listen => 1, Proto => 'tcp' ) or die $!;
    my $http   = SmToken::HTTP->new( client => SmToken::Client->new(trusted), api => $ENV{SMX_BASE_URL}, timeout => 1 );
    is requests( sub { $http->get( 'http://127.0.0.1:' . $server->sockport ) } ), 0, 'no token is fetched';
    $server->accept->recv( my $sent, 65536 );
    like $sent, qr/^GET /, 'the request';
    unlike $sent, qr/authorization/i, 'no header';
};

subtest 'a redirect of the API is not followed' => sub {
    my $server = IO::Socket::INET->new( LocalAddr => '127.0.0.1', Listen => 1, Proto => 'tcp' ) or die $!;
    my $url    = 'http://127.0.0.1:' . $server->sockport;
    my $child  = fork // die $!;
    if ( !$child ) {
        my $connection = $server->accept;
        $connection->recv( my $request, 65536 );
        print $connection "HTTP/1.1 302 Found\r\nLocation: http://localhost:9/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        close $connection;
        kill KILL => $$;
    }
    is( SmToken::HTTP->new( client => SmToken::Client->new(trusted), api => $url )->get("$url/")->{status}, 302, 'it is handed on' );
    waitpid $child, 0;
};

subtest 'an API without https on another machine is refused' => sub {
    my $client = SmToken::Client->new( client_id => 'id', client_secret => 'secret' );
    is failure( sub { SmToken::HTTP->new( client => $client, api => 'http://example.com' ) } )->code, 'INSECURE_URL', 'http';
    is failure( sub { SmToken::HTTP->new( client => $client, api => $_ ) } )->code, 'INVALID_ARGUMENT', "'$_'" for 'no URL', 'ftp://a.b', '';
};

done_testing;
