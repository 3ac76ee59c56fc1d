package SmToken::Token;

use v5.30;
use warnings;

use SmToken::Native;

# For the client alone.
sub _own {
    my ( $class, $handle ) = @_;
    return bless { handle => $handle }, $class;
}

sub access_token  { return SmToken::Native::text( SmToken::Native::sm_token_access_token( $_[0]{handle} ) ) }
sub authorization { return SmToken::Native::text( SmToken::Native::sm_token_authorization( $_[0]{handle} ) ) }
sub type          { return SmToken::Native::text( SmToken::Native::sm_token_type( $_[0]{handle} ) ) }
sub scope         { return SmToken::Native::text( SmToken::Native::sm_token_scope( $_[0]{handle} ) ) }
sub expires_at    { return SmToken::Native::sm_token_expires_at( $_[0]{handle} ) }
sub expires_in    { return SmToken::Native::sm_token_expires_in( $_[0]{handle} ) }

sub DESTROY {
    my ($self) = @_;
    SmToken::Native::sm_token_free( delete $self->{handle} );
    return;
}

# A handle is freed once: a thread of Perl does not copy it.
sub CLONE_SKIP { return 1 }

sub STORABLE_freeze { die "a token is not stored; keep a client, which has the current one\n" }

1;

__END__

=encoding utf8

=head1 NAME

SmToken::Token - an access token, whose memory is wiped with the object

=over

=item access_token

=item authorization

"Bearer TOKEN", the value of the Authorization header.

=item type

The type as the server wrote it: "Bearer", in some case.

=item scope

The granted scope, space separated; "" where the server did not say.

=item expires_at

Seconds of Unix time, as C<time> gives them.

=item expires_in

Whole seconds that it is still good; never below 0.

=back

=cut
