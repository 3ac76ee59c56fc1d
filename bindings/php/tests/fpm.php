<?php
// What php-fpm serves: it has a token from the client that its worker keeps, and shows nothing of it.
declare(strict_types=1);

use SmToken\Client;
use SmToken\Options;

require __DIR__ . '/../autoload.php';

$client = Client::persistent(new Options(caFile: getenv('SM_TOKEN_CA_FILE')));
echo str_starts_with($client->authorization(), 'Bearer ') ? "a token\n" : "no token\n";
