use v5.30;
use warnings;

use Data::Dumper;
use FindBin;
use lib "$FindBin::Bin/lib";
use Service;
use SmToken::Check;
use SmToken::Error;
use Test::More;

my @STEPS = ( 'credentials', 'base URL', qw(proxy name connection TLS certificate clock answer) );

sub names_of { return map { $_->{name} } @_ }

# contract: check
subtest 'every step to the server is right' => sub {
    my $check = SmToken::Check->new(trusted);
    is_deeply [ names_of( $check->steps ) ], \@STEPS, 'the names';
    is_deeply [ grep { $_->{verdict} ne 'ok' } $check->steps ], [], 'the verdicts';
    is $check->error, undef, 'the error';
    like( ( $check->steps )[5]{text}, qr/TLS 1\.3/, 'what TLS is' );
};

subtest "a refused secret is the answer's, and is not shown" => sub {
    my $check = SmToken::Check->new(wrong);
    is_deeply [ names_of( $check->steps ) ], \@STEPS, 'the names';
    is_deeply [ names_of( grep { $_->{verdict} eq 'wrong' } $check->steps ) ], ['answer'], 'the step that is wrong';
    isnt( ( $check->steps )[-1]{advice}, '', 'its advice' );
    is $check->error->status, SmToken::Error::INVALID_CLIENT, 'the error';
    unlike Dumper($check), qr/a wrong secret/, 'the secret';
};

subtest 'a step that is not reached is unknown' => sub {
    my $check = SmToken::Check->new( trusted( client_id => 'one' ) );
    is_deeply [ map { $_->{verdict} } $check->steps ], [ 'wrong', ('unknown') x 8 ], 'the verdicts';
    is $check->error->code, 'INVALID_ARGUMENT', 'the error';
    is failure( sub { SmToken::Check->new( timeout => 0 ) } )->code, 'INVALID_ARGUMENT', 'an option that is refused';
};

subtest 'a signal handler that dies does so after the check' => sub {
    local $SIG{ALRM} = sub { die "enough\n" };
    alarm 1;
    my $check = eval { SmToken::Check->new( hole( timeout => 3 ) ) };
    is $@, "enough\n", 'what it threw';
    is $check, undef, 'the check';
};

done_testing;
