<?php
// Fetches an access token and shows what came with it, the token itself masked.
//
// The credentials come from SMX_CLIENT_ID and SMX_CLIENT_SECRET, the service from SMX_BASE_URL where
// it is set: the library reads all three. SM_TOKEN_CA_FILE is this program's own.
declare(strict_types=1);

use SmToken\Options;
use SmToken\SmTokenException;
use SmToken\Token;

require __DIR__ . '/autoload.php';

try {
    $token = Token::fetch(new Options(caFile: getenv()['SM_TOKEN_CA_FILE'] ?? null));
} catch (SmTokenException $failure) {
    fwrite(STDERR, "no token: {$failure->getMessage()}\n");
    exit(1);
}

$text = $token->accessToken();
printf("  type     %s\n", $token->type());
printf("  scope    %s\n", $token->scope());
printf("  expires  in %d seconds\n", $token->expiresIn());
printf("  token    %.4s... (%d characters)\n", $text, strlen($text));
