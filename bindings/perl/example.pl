#!/usr/bin/env perl
# Fetches an access token and shows what came with it, the token itself masked.
#
# The credentials come from SMX_CLIENT_ID and SMX_CLIENT_SECRET, the service from SMX_BASE_URL where
# it is set: the library reads all three. SM_TOKEN_CA_FILE is this program's own.
use v5.30;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use SmToken;

my $token = eval { SmToken::fetch( ca_file => $ENV{SM_TOKEN_CA_FILE} ) };
if ( !$token ) {
    print STDERR "no token: $@\n";
    exit 1;
}

my $text = $token->access_token;
printf "  type     %s\n",                      $token->type;
printf "  scope    %s\n",                      $token->scope;
printf "  expires  in %d seconds\n",           $token->expires_in;
printf "  token    %.4s... (%d characters)\n", $text, length $text;
