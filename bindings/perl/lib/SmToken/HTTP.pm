package SmToken::HTTP;

use v5.30;
use warnings;

use parent 'HTTP::Tiny';

use SmToken::Error;
use SmToken::Native;

use constant UNAUTHORIZED => 401;

sub new {
    my ( $class, %options ) = @_;
    my ( $client, $api ) = delete @options{qw(client api)};
    my $origin = _origin( $api // '' ) // SmToken::Native::refuse("the API's URL has no scheme or no host");
    if ( $origin !~ m{^https://} && $origin !~ m{^http://(?:localhost|127(?:\.\d+){3}|\[::1\]):\d+$} ) {
        die SmToken::Error->new(
            status  => SmToken::Error::INSECURE_URL,
            message => "$origin: http would show the token to the network; give an https: URL",
        );
    }
    # HTTP::Tiny of Perl 5.36 verifies no certificate unless it is told to.
    my $self = $class->SUPER::new( verify_SSL => 1, %options );
    $self->{sm_token_client} = $client;
    $self->{sm_token_origin} = $origin;
    return $self;
}

sub request {
    my ( $self, $method, $url, $arguments ) = @_;
    if ( ( _origin($url) // '' ) ne $self->{sm_token_origin} ) {
        return $self->SUPER::request( $method, $url, $arguments // {} );
    }

    my $client        = $self->{sm_token_client};
    my $authorization = $client->authorization;
    my $answer        = $self->_send( $method, $url, $arguments, $authorization );
    return $answer if $answer->{status} != UNAUTHORIZED;

    $client->invalidate($authorization);
    # A body that a subroutine gives can't be read again.
    return $answer if ref $arguments->{content};
    my $another = $client->authorization;
    # An API that refuses every token: the client spreads its requests for new ones out.
    return $answer if $another eq $authorization;
    return $self->_send( $method, $url, $arguments, $another );
}

# HTTP::Tiny would take the header along where a redirect leads to another host.
sub _send {
    my ( $self, $method, $url, $arguments, $authorization ) = @_;
    local $self->{max_redirect} = 0;
    my %headers = ( %{ $arguments->{headers} // {} }, Authorization => $authorization );
    return $self->SUPER::request( $method, $url, { %{ $arguments // {} }, headers => \%headers } );
}

sub _origin {
    my ($url) = @_;
    my ( $scheme, $host, $port ) = $url =~ m{^(https?)://(?:[^/?\#\@]*\@)?(\[[^\]]+\]|[^:/?\#\@]+)(?::(\d+))?(?:[/?\#]|$)}i
        or return undef;
    $port //= lc $scheme eq 'https' ? 443 : 80;
    return lc "$scheme://$host:$port";
}

1;

__END__

=encoding utf8

=head1 NAME

SmToken::HTTP - an HTTP::Tiny that sends the current token to one API

=head1 SYNOPSIS

    my $http = SmToken::HTTP->new( client => $client, api => 'https://api.standardmetrics.io' );
    my $answer = $http->get('https://api.standardmetrics.io/v1/companies/');

=head1 DESCRIPTION

Requests for the API, of which scheme, host and port count, get the current token, and no others do. Where the API refuses
the token (401) the request is sent once more with another one, unless its body comes from a subroutine. Redirects of the
API are not followed. The options of L<HTTP::Tiny> are taken too; certificates are verified unless C<verify_SSL> is 0.

=cut
