package SmToken;

use v5.30;
use warnings;

use SmToken::Client;
use SmToken::Error;
use SmToken::Native;

our $VERSION = '0.1.1';

sub fetch {
    my (%options) = @_;
    return SmToken::Client->new(%options)->token;
}

sub library_version {
    return SmToken::Native::text( SmToken::Native::sm_version() );
}

1;

__END__

=encoding utf8

=head1 NAME

SmToken - access tokens for the Standard Metrics API, fetched and kept by libsm_token

=head1 SYNOPSIS

    use SmToken;

    my $client = SmToken::Client->new( scope => 'read' );
    my $authorization = $client->authorization;    # "Bearer TOKEN"

=head1 FUNCTIONS

=head2 SmToken::fetch(%options)

Fetches one L<SmToken::Token>; a program that needs more than one keeps a L<SmToken::Client>, whose C<new> lists the
options. Dies with an L<SmToken::Error>.

=head2 SmToken::library_version()

The version of the C library that runs, as "MAJOR.MINOR.PATCH".

=cut
