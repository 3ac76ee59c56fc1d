package SmToken::Error;

use v5.30;
use warnings;

use overload '""' => sub { $_[0]{message} }, bool => sub { 1 }, fallback => 1;

# Written by bindings/constants.
use constant OK => 0;
use constant INVALID_ARGUMENT => 10;
use constant NO_CREDENTIALS => 11;
use constant BUFFER_TOO_SMALL => 12;
use constant INSECURE_URL => 13;
use constant DNS => 20;
use constant CONNECT => 21;
use constant TIMEOUT => 22;
use constant PROXY => 23;
use constant IO => 24;
use constant CANCELED => 25;
use constant RESOURCES => 26;
use constant TLS => 30;
use constant CERTIFICATE => 31;
use constant NO_TRUST_ROOTS => 32;
use constant INVALID_CLIENT => 40;
use constant INVALID_SCOPE => 41;
use constant OAUTH => 42;
use constant RATE_LIMITED => 43;
use constant SERVER => 44;
use constant HTTP => 45;
use constant INVALID_RESPONSE => 50;
use constant RESPONSE_TOO_LARGE => 51;
use constant INTERNAL => 90;

sub new {
    my ( $class, %fields ) = @_;
    return bless {
        http_status       => 0,
        oauth_code        => '',
        oauth_description => '',
        is_retryable      => '',
        retry_after       => undef,
        %fields,
    }, $class;
}

sub status            { return $_[0]{status} }
sub message           { return $_[0]{message} }
sub http_status       { return $_[0]{http_status} }
sub oauth_code        { return $_[0]{oauth_code} }
sub oauth_description { return $_[0]{oauth_description} }
sub is_retryable      { return $_[0]{is_retryable} }
sub retry_after       { return $_[0]{retry_after} }

sub code {
    my ($self) = @_;
    for my $name ( map { /^SmToken::Error::([A-Z_]+)$/ ? $1 : () } keys %constant::declared ) {
        return $name if __PACKAGE__->can($name)->() == $self->status;
    }
    return 'INTERNAL';
}

1;

__END__

=encoding utf8

=head1 NAME

SmToken::Error - why there is no token

=head1 SYNOPSIS

    my $token = eval { $client->token };
    if ( ref $@ && $@->isa('SmToken::Error') ) {
        warn $@->message if $@->status == SmToken::Error::INVALID_CLIENT;
    }

=head1 DESCRIPTION

Nothing in it holds a secret or a token. As a string it is its message.

=over

=item status, code

One of the constants of this package, which have the numbers of the C library, and its name, such as "INVALID_CLIENT".

=item message

What happened, to what, and what to do, in one line.

=item http_status

The HTTP status of the server's answer; 0 where no answer came.

=item oauth_code, oauth_description

The server's OAuth error (RFC 6749 section 5.2); "" where it gave none.

=item is_retryable

Whether the same call may succeed later without any change.

=item retry_after

Seconds to wait before the next try; undef where neither the server nor the client says.

=back

=cut
