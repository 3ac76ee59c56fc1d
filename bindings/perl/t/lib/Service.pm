package Service;

# The real server, as the environment describes it, and servers on loopback that misbehave.

use v5.30;
use warnings;

use Exporter qw(import);
use HTTP::Tiny;
use IO::Socket::INET;
use JSON::PP;
use Time::HiRes qw(time);

our @EXPORT = qw(trusted wrong control requests hole handing_out failure elapsed);

sub trusted { return ( ca_file => $ENV{SM_TOKEN_CA_FILE}, @_ ) }

sub wrong { return trusted( client_id => $ENV{SMX_CLIENT_ID}, client_secret => 'a wrong secret', @_ ) }

sub control {
    my ( $method, $path, $body ) = @_;
    my $content = defined $body ? encode_json($body) : '';
    my $answer  = HTTP::Tiny->new->request( $method, $ENV{SM_TOKEN_CONTROL_URL} . $path, { content => $content } );
    die "$method $path: $answer->{content}" if !$answer->{success};
    return decode_json( $answer->{content} );
}

# How many token requests the server answers while the code runs.
sub requests {
    my ($code) = @_;
    my $before = control( GET => '/counts' )->{token_requests};
    $code->();
    return control( GET => '/counts' )->{token_requests} - $before;
}

# Options that lead to a server which accepts connections and never answers.
my @holes;

sub hole {
    my $server = IO::Socket::INET->new( LocalAddr => '127.0.0.1', Listen => 50, Proto => 'tcp' ) or die $!;
    push @holes, $server;
    my $url = 'http://127.0.0.1:' . $server->sockport;
    return ( client_id => 'id', client_secret => 'secret', base_url => $url, max_retries => 0, @_ );
}

# Options that lead to a server which hands out this token once.
sub handing_out {
    my ($token) = @_;
    my $server = IO::Socket::INET->new( LocalAddr => '127.0.0.1', Listen => 1, Proto => 'tcp' ) or die $!;
    my $url    = 'http://127.0.0.1:' . $server->sockport;
    if ( !fork ) {
        my $connection = $server->accept;
        $connection->recv( my $request, 65536 );
        my $body = encode_json( { access_token => $token, expires_in => 3600, token_type => 'Bearer' } );
        print $connection "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n",
            'Content-Length: ', length $body, "\r\n\r\n$body";
        close $connection;
        kill KILL => $$;    # No destructor of the parent's objects runs here.
    }
    return ( client_id => 'id', client_secret => 'secret', base_url => $url );
}

sub failure {
    my ($code) = @_;
    eval { $code->(); 1 } and die "it did not fail\n";
    return $@ if ref $@ && $@->isa('SmToken::Error');
    die "no SmToken::Error: $@";
}

sub elapsed {
    my ($code) = @_;
    my $before = time;
    $code->();
    return time - $before;
}

1;
