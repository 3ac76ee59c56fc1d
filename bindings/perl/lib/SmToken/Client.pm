package SmToken::Client;

use v5.30;
use warnings;

use FFI::Platypus::Buffer qw(buffer_to_scalar);
use FFI::Platypus::Memory qw(free malloc memset);
use SmToken::Error;
use SmToken::Native;
use SmToken::Token;
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);

# How long Perl's signal handlers wait for the library.
use constant SLICE_MS => 50;

# 16 KiB and 8 bytes hold any authorization.
use constant LONGEST => 16 * 1024 + 8;

my @TRUST      = qw(system bundled);
my @LOG_LEVELS = qw(off error warn info debug);

my %SET = (
    base_url        => [ \&SmToken::Native::sm_options_set_base_url,           \&SmToken::Native::utf8 ],
    scope           => [ \&SmToken::Native::sm_options_set_scope,              \&SmToken::Native::utf8 ],
    user_agent      => [ \&SmToken::Native::sm_options_set_user_agent,         \&SmToken::Native::utf8 ],
    proxy           => [ \&SmToken::Native::sm_options_set_proxy,              \&SmToken::Native::utf8 ],
    ca_file         => [ \&SmToken::Native::sm_options_set_ca_file,            \&SmToken::Native::path ],
    trust           => [ \&SmToken::Native::sm_options_set_trust,              _one_of(@TRUST) ],
    timeout         => [ \&SmToken::Native::sm_options_set_timeout_ms,         \&SmToken::Native::milliseconds ],
    connect_timeout => [ \&SmToken::Native::sm_options_set_connect_timeout_ms, \&SmToken::Native::milliseconds ],
    max_retries     => [ \&SmToken::Native::sm_options_set_max_retries,        \&SmToken::Native::count ],
);

sub new {
    my ( $class, %options ) = @_;
    my $self = bless { calls => 0 }, $class;
    _with_options(
        $self,
        sub {
            my $status = SmToken::Native::sm_client_new( @_, \my $client, \my $error );
            SmToken::Native::check( $status, $error );
            $self->{handle} = $client;
        },
        %options
    );
    return $self;
}

sub token {
    my ( $self, %waiting ) = @_;
    return $self->_wait(
        $waiting{wait},
        sub {
            my ( $client, $wait_ms ) = @_;
            my $status = SmToken::Native::sm_client_token_within( $client, $wait_ms, \my $token, \my $error );
            SmToken::Native::check( $status, $error );
            return SmToken::Token->_own($token);
        }
    );
}

sub authorization {
    my ( $self, %waiting ) = @_;
    return $self->_wait( $waiting{wait}, \&_copied_authorization );
}

sub invalidate {
    my ( $self, $refused ) = @_;
    $self->_use(
        sub {
            my ($client) = @_;
            if ( ref $refused ) {
                SmToken::Native::sm_client_invalidate( $client, $refused->{handle} );
            }
            else {
                my $text = SmToken::Native::utf8( $refused, 'authorization' );
                SmToken::Native::sm_client_invalidate_authorization( $client, $text );
            }
        }
    );
    return;
}

sub set_credentials {
    my ( $self, $client_id, $client_secret ) = @_;
    my $id     = SmToken::Native::utf8( $client_id,     'client_id' );
    my $secret = SmToken::Native::utf8( $client_secret, 'client_secret' );
    $self->_use(
        sub {
            my $status = SmToken::Native::sm_client_set_credentials( $_[0], $id, $secret, \my $error );
            SmToken::Native::check( $status, $error );
        }
    );
    return;
}

sub shutdown {
    my ($self) = @_;
    $self->_use( \&SmToken::Native::sm_client_shutdown ) if !$self->{closed};
    return;
}

sub close {
    my ($self) = @_;
    $self->{closed} = 1;
    $self->_free_when_unused;
    return;
}

sub DESTROY {
    my ($self) = @_;
    local ( $@, $!, $? );
    $self->close;
    return;
}

# A handle is freed once: a thread of Perl does not copy it.
sub CLONE_SKIP { return 1 }

sub STORABLE_freeze { die "a client is not stored\n" }

# Calls `$use->( $id, $secret, $native )`; `$keeper->{log}` has to live as long as what took the options.
sub _with_options {
    my ( $keeper, $use, %options ) = @_;
    my $id     = SmToken::Native::utf8( delete $options{client_id},     'client_id' );
    my $secret = SmToken::Native::utf8( delete $options{client_secret}, 'client_secret' );
    my $native = SmToken::Native::sm_options_new();
    my $done   = eval {
        _set( $keeper, $native, %options );
        $use->( $id, $secret, $native );
        1;
    };
    my $why = $@;
    SmToken::Native::sm_options_free($native);
    die $why if !$done;
    return;
}

sub _set {
    my ( $keeper, $native, %options ) = @_;
    my ( $log, $level )          = delete @options{qw(log log_level)};
    my ( $id_file, $secret_file ) = map { SmToken::Native::path( delete $options{$_}, $_ ) } qw(client_id_file client_secret_file);
    if ( defined $id_file || defined $secret_file ) {
        _check_option( $native, SmToken::Native::sm_options_set_credential_files( $native, $id_file, $secret_file ) );
    }
    for my $name ( sort keys %options ) {
        my ( $setter, $converted ) = ( $SET{$name} // SmToken::Native::refuse("there is no option $name") )->@*;
        next if !defined $options{$name};
        _check_option( $native, $setter->( $native, $converted->( $options{$name}, $name ) ) );
    }
    return if !defined $log;

    SmToken::Native::refuse('log is no subroutine') if ref $log ne 'CODE';
    my $position = _one_of(@LOG_LEVELS)->( $level // 'info', 'log_level' );
    # The library calls it as long as there is what took the options. No exception may pass through the library.
    $keeper->{log} = $SmToken::Native::ffi->closure(
        sub {
            my ( undef, $at, $message ) = @_;
            local $@;
            eval { $log->( $LOG_LEVELS[$at], SmToken::Native::text($message) ); 1 }
                or warn "the log handler of SmToken failed: $@";
        }
    );
    _check_option( $native, SmToken::Native::sm_options_set_log( $native, $keeper->{log}, undef, $position ) );
    return;
}

sub _check_option {
    my ( $native, $status ) = @_;
    return if $status == SmToken::Error::OK;
    my $message = SmToken::Native::text( SmToken::Native::sm_options_message($native) );
    die SmToken::Error->new( status => $status, message => $message );
}

sub _one_of {
    my (@names) = @_;
    return sub {
        my ( $value, $name ) = @_;
        my ($position) = grep { $names[$_] eq $value } 0 .. $#names;
        return $position // SmToken::Native::refuse( "$name is none of " . join ', ', @names );
    };
}

sub _copied_authorization {
    my ( $client, $wait_ms ) = @_;
    my $buffer = malloc(LONGEST);
    my $status = SmToken::Native::sm_client_authorization_within( $client, $wait_ms, $buffer, LONGEST, \my $length, \my $error );
    my $authorization = '';
    if ( $status == SmToken::Error::OK ) {
        $authorization = SmToken::Native::text( buffer_to_scalar( $buffer, $length ) );
        memset( $buffer, 0, $length );
    }
    free($buffer);
    SmToken::Native::check( $status, $error );
    return $authorization;
}

# Waits in slices: Perl runs signal handlers between its own operations, of which a call of the library is one.
sub _wait {
    my ( $self, $wait, $look ) = @_;
    my $deadline = defined $wait ? clock_gettime(CLOCK_MONOTONIC) + SmToken::Native::milliseconds( $wait, 'wait' ) / 1000 : undef;
    while (1) {
        my $left_ms  = defined $deadline ? 1000 * ( $deadline - clock_gettime(CLOCK_MONOTONIC) ) : SLICE_MS;
        my $slice_ms = $left_ms < 0 ? 0 : $left_ms < SLICE_MS ? int $left_ms : SLICE_MS;
        my $found;
        {
            local $@;
            return $found if eval { $found = $self->_use( $look, $slice_ms ); 1 };
            die $@ if !_is_under_way($@) || $left_ms <= 0;
        }
    }
}

# A slice ended while the server is still asked; a remembered failure says for how long.
sub _is_under_way {
    my ($error) = @_;
    return ref $error && $error->isa('SmToken::Error')
        && $error->status == SmToken::Error::TIMEOUT && !defined $error->retry_after;
}

# A log handler may close the client that calls it: the handle is freed once no call is under way.
sub _use {
    my ( $self, $call, @arguments ) = @_;
    if ( $self->{closed} ) {
        die SmToken::Error->new( status => SmToken::Error::CANCELED, message => 'the client is closed' );
    }
    local $@;
    $self->{calls}++;
    my $result;
    my $done = eval { $result = $call->( $self->{handle}, @arguments ); 1 };
    my $why  = $@;
    $self->{calls}--;
    $self->_free_when_unused if $self->{closed};
    die $why if !$done;
    return $result;
}

sub _free_when_unused {
    my ($self) = @_;
    return if $self->{calls} || !$self->{handle};
    SmToken::Native::sm_client_free( delete $self->{handle} );
    return;
}

1;

__END__

=encoding utf8

=head1 NAME

SmToken::Client - keeps a valid token: served from memory, refreshed in time

=head1 METHODS

Each dies with an L<SmToken::Error>.

=head2 new(%options)

Makes no request yet. Texts are character strings; paths may be bytes, as for C<open>. What is undef keeps its
default.

=over

=item client_id, client_secret

Without both, SMX_CLIENT_ID and SMX_CLIENT_SECRET of the environment.

=item client_id_file, client_secret_file

Files that hold the credentials, both or neither, where none are given. They are read again for each request, so that
they may change.

=item base_url

An https: URL. Default: SMX_BASE_URL of the environment, else https://api.standardmetrics.io.

=item scope

The scope to ask for, space separated (RFC 6749 section 3.3). Default: the server chooses.

=item user_agent

1 to 256 characters of printable ASCII.

=item proxy

[SCHEME://][USER[:PASSWORD]@]HOST[:PORT]; "" means none. Default: from the environment.

=item ca_file, trust

A PEM file of certificate authorities that are trusted in place of the system's; without one, whose are: "system"
(default) or "bundled".

=item timeout, connect_timeout

The deadline of a request with its retries (default 30), and how long one connection may take (default 10), in seconds.

=item max_retries

0 to 100. Default: 2.

=item log, log_level

A subroutine that gets a level and a message, while a method of the client runs, and the least important level that is
wanted: "error", "warn", "info" (default) or "debug".

=back

=head2 token(wait => $seconds), authorization(wait => $seconds)

The current L<SmToken::Token>, and the current "Bearer TOKEN", fetched or refreshed where it must be. Without C<wait> they
wait for the timeout at most; the request goes on for the next call. A signal handler that dies, such as that of
C<alarm>, ends the wait.

=head2 invalidate($refused)

Drops a token that a resource refused (HTTP 401), an object or what C<authorization> returned, if it is still the current
one. undef drops whichever is current, and forgets a remembered failure.

=head2 set_credentials($client_id, $client_secret)

Puts other credentials in place, for the next request. The current token stays.

=head2 shutdown, close

Refuse later calls with CANCELED; C<close> frees the client too, as its end does. Its tokens live on.

=cut
