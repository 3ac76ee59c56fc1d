package SmToken::Check;

use v5.30;
use warnings;

use POSIX ();
use SmToken::Client;
use SmToken::Native;

sub new {
    my ( $class, %options ) = @_;
    my $self = bless { steps => [], error => undef }, $class;
    my %keeper;
    SmToken::Client::_with_options( \%keeper, sub { $self->_go(@_) }, %options );
    return $self;
}

sub steps { return $_[0]{steps}->@* }
sub error { return $_[0]{error} }

# No exception may pass through the library. Perl would run a signal handler as soon as the library calls back, so
# signals wait until the library has returned.
sub _go {
    my ( $self, @given ) = @_;
    my $take = $SmToken::Native::ffi->closure( sub { shift; $self->_take(@_); return 1 } );
    my $error;
    my $status = _without_signals( sub { SmToken::Native::sm_check( @given, $take, undef, \$error ) } );
    local $@;
    eval { SmToken::Native::check( $status, $error ); 1 } or $self->{error} = $@;
    return;
}

sub _without_signals {
    my ($call) = @_;
    return $call->() if $^O eq 'MSWin32';
    my ( $all, $before ) = ( POSIX::SigSet->new, POSIX::SigSet->new );
    $all->fillset;
    POSIX::sigprocmask( POSIX::SIG_BLOCK(), $all, $before );
    my $result = $call->();
    POSIX::sigprocmask( POSIX::SIG_SETMASK(), $before );
    return $result;
}

sub _take {
    my ( $self, $name, $verdict, @texts ) = @_;
    my ( $text, $advice ) = map { SmToken::Native::text($_) } @texts;
    my $step = { name => $name, verdict => $SmToken::Native::VERDICTS[$verdict], text => $text, advice => $advice };
    push $self->{steps}->@*, $step;
    return;
}

1;

__END__

=encoding utf8

=head1 NAME

SmToken::Check - the steps to a token, for an operator who asks what is wrong

=head1 SYNOPSIS

    use SmToken::Check;

    my $check = SmToken::Check->new( scope => 'read' );
    say "$_->{name} $_->{verdict}: $_->{text} $_->{advice}" for $check->steps;

=head1 METHODS

=head2 new(%options)

Goes the steps. One request is sent, and the token that it may bring is dropped. L<SmToken::Client> lists the options.
Dies with an L<SmToken::Error> where an option is refused. Lasts for at most the timeout of the options; signals wait
for its end.

=head2 steps

Each step once, in this order: "credentials", "base URL", "proxy", "name", "connection", "TLS", "certificate", "clock",
"answer". A step is a hash reference with C<name>; C<verdict>, which is "ok", "wrong", or "unknown" where the step was not
reached, does not apply, or can't be judged; C<text>, what is, in one line; and C<advice>, one thing to do, "" where there
is nothing to do.

=head2 error

The L<SmToken::Error> of the first step that is wrong (of "clock", which no fetch fails for: CERTIFICATE); undef where none
is. Neither it nor a step holds a secret or a token.

=cut
