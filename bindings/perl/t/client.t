use v5.30;
use warnings;

use File::Temp qw(tempdir);
use FindBin;
use lib "$FindBin::Bin/lib";
use Service;
use SmToken;
use Storable;
use Test::More;

# contract: cached
subtest 'a client gives the same token twice' => sub {
    my $client = SmToken::Client->new(trusted);
    is requests( sub { is $client->authorization, $client->token->authorization, 'the same' } ), 1, 'by one request';
};

# contract: authorization-whole
subtest 'an authorization of any length is whole' => sub {
    for my $length ( 16, 1024, 16 * 1024 ) {
        my $token = 't' x $length;
        is( SmToken::Client->new( handing_out($token) )->authorization, "Bearer $token", "of $length" );
    }
};

# contract: invalidate invalidate-old invalidate-all
subtest 'an invalidated token is replaced, and an old one invalidates nothing' => sub {
    my $client = SmToken::Client->new(trusted);
    my $first  = $client->token;
    $client->invalidate($first);
    my $second = $client->authorization;
    isnt $second, $first->authorization, 'another';
    $client->invalidate($first);
    $client->invalidate( $first->authorization );
    is $client->authorization, $second, 'the same';

    my $other  = SmToken::Client->new(trusted);
    my $before = $other->authorization;
    $other->invalidate;
    isnt $other->authorization, $before, 'another, without a token';
};

# contract: remembered
subtest 'a refusal is remembered, and says for how long' => sub {
    my $client = SmToken::Client->new(wrong);
    my $asked  = requests(
        sub {
            failure( sub { $client->token } );
            my $error = failure( sub { $client->token } );
            is $error->code, 'INVALID_CLIENT', 'its code';
            cmp_ok $error->retry_after, '>',  0,  'how long';
            cmp_ok $error->retry_after, '<=', 60, 'how long';
        }
    );
    is $asked, 1, 'one request';
};

# contract: shutdown
subtest 'after shutdown and after close a call fails' => sub {
    for my $end (qw(shutdown close)) {
        my $client = SmToken::Client->new(trusted);
        my $token  = $client->token;
        $client->$end;
        is failure( sub { $client->token } )->code,         'CANCELED', "a token after $end";
        is failure( sub { $client->authorization } )->code, 'CANCELED', "an authorization after $end";
        $client->$end;
        is $token->type, 'Bearer', 'its tokens live on';
    }
};

# contract: log log-no-secret log-raises
subtest 'the log gets events from its level on, and what dies in it costs no token' => sub {
    my ( @events, @complaints );
    local $SIG{__WARN__} = sub { push @complaints, @_ };
    my $log    = sub { push @events, "$_[0]: $_[1]"; die "the handler's own\n" };
    my $client = SmToken::Client->new( trusted( log => $log, log_level => 'info' ) );
    my $token  = $client->token->access_token;
    $client->invalidate;
    $client->authorization;
    like "@complaints", qr/the handler's own/, 'it is warned of';
    ok +( grep { /^info: / } @events ), 'an event';
    ok !( grep { /^debug: |\Q$token\E/ } @events ), 'and no other';
};

subtest 'credentials come from files, and can be replaced' => sub {
    my $directory = tempdir( CLEANUP => 1 );
    my %file      = ( client_id_file => 'SMX_CLIENT_ID', client_secret_file => 'SMX_CLIENT_SECRET' );
    for my $option ( keys %file ) {
        my $variable = $file{$option};
        $file{$option} = "$directory/$option";
        open my $out, '>:raw', $file{$option} or die $!;
        print $out "$ENV{$variable}\n";
    }
    is( SmToken::fetch( trusted(%file) )->type, 'Bearer', 'from files' );
    delete $file{client_secret_file};
    is failure( sub { SmToken::fetch( trusted(%file) ) } )->code, 'INVALID_ARGUMENT', 'not from one';

    my $client = SmToken::Client->new(wrong);
    is failure( sub { $client->token } )->code, 'INVALID_CLIENT', 'a wrong secret';
    $client->set_credentials( @ENV{qw(SMX_CLIENT_ID SMX_CLIENT_SECRET)} );
    is $client->token->type, 'Bearer', 'and the right one';
    is failure( sub { $client->set_credentials( 'one', undef ) } )->code, 'INVALID_ARGUMENT', 'but no half';
};

subtest 'a log handler may close its client' => sub {
    my ( $client, $heard );
    $client = SmToken::Client->new( wrong( log => sub { $heard++; $client->close }, log_level => 'debug' ) );
    failure( sub { $client->authorization } );
    ok $heard, 'it was called';
    is failure( sub { $client->authorization } )->code, 'CANCELED', 'it is closed';
    undef $client;
};

# contract: wait-interrupted
subtest 'an alarm ends a wait' => sub {
    my $client = SmToken::Client->new( hole( timeout => 60 ) );
    local $SIG{ALRM} = sub { die "the alarm\n" };
    my $took = elapsed( sub { alarm 1; eval { $client->token }; is $@, "the alarm\n", 'by what the handler dies of' } );
    cmp_ok $took, '<', 20, 'soon';
};

subtest 'a wait has a bound of its own' => sub {
    my $client = SmToken::Client->new( hole( timeout => 60 ) );
    for my $wait ( 0, 0.2 ) {
        my $error;
        my $took = elapsed( sub { $error = failure( sub { $client->authorization( wait => $wait ) } ) } );
        is_deeply [ $error->code, $error->is_retryable, $error->retry_after ], [ 'TIMEOUT', !!1, undef ], "of $wait";
        cmp_ok $took, '>=', $wait, 'not before';
        cmp_ok $took, '<',  20,    'soon';
    }
    like failure( sub { $client->token( wait => -1 ) } ), qr/^wait is not/, 'none below 0';
    is failure( sub { SmToken::fetch( hole( timeout => 0.3 ) ) } )->code, 'TIMEOUT', 'nor one beyond the timeout';
};

# contract: wait-bounded
subtest 'the request goes on for the next call' => sub {
    control( POST => '/settings', { delay_ms => 500 } );
    my $client = SmToken::Client->new(trusted);
    my $asked  = requests(
        sub {
            is failure( sub { $client->token( wait => 0.05 ) } )->code, 'TIMEOUT', 'too short';
            is $client->token->type, 'Bearer', 'and then a token';
        }
    );
    control( POST => '/settings', { delay_ms => 0 } );
    is $asked, 1, 'by one request';
};

subtest 'neither a token nor a client is stored' => sub {
    my $client = SmToken::Client->new(trusted);
    for my $object ( $client, $client->token ) {
        ok !eval { Storable::freeze($object) }, ref $object;
    }
};

done_testing;
