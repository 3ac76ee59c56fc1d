<?php
declare(strict_types=1);

use SmToken\Options;

function trusted(mixed ...$more): Options
{
    return new Options(...$more, caFile: getenv('SM_TOKEN_CA_FILE'));
}

function wrong(mixed ...$more): Options
{
    return trusted(...$more, clientId: getenv('SMX_CLIENT_ID'), clientSecret: 'a wrong secret');
}

function control(string $method, string $path, ?array $body = null): array
{
    $content = $body === null ? '' : json_encode($body);
    $context = stream_context_create(['http' => ['method' => $method, 'content' => $content,
        'header' => "Content-Type: application/json\r\nContent-Length: " . strlen($content)]]);
    return (array) json_decode(file_get_contents(getenv('SM_TOKEN_CONTROL_URL') . $path, false, $context), true);
}

/** How many token requests the server answers while the action runs. */
function requests(callable $action): int
{
    $before = control('GET', '/counts')['token_requests'];
    $action();
    return control('GET', '/counts')['token_requests'] - $before;
}

/** A server that accepts connections and never answers, as long as it is referred to: the system accepts them. */
final class Hole
{
    public readonly string $url;
    private mixed $server;

    public function __construct()
    {
        $this->server = stream_socket_server('tcp://127.0.0.1:0');
        $this->url = 'http://' . stream_socket_get_name($this->server, false);
    }

    public function options(mixed ...$more): Options
    {
        return new Options(...$more, clientId: 'id', clientSecret: 'secret', baseUrl: $this->url, maxRetries: 0);
    }
}

/** Options that lead to a server which hands out this token once. */
function handingOut(string $token): Options
{
    $server = stream_socket_server('tcp://127.0.0.1:0');
    $url = 'http://' . stream_socket_get_name($server, false);
    if (pcntl_fork() === 0) {
        $connection = stream_socket_accept($server);
        fread($connection, 65536);
        $body = json_encode(['access_token' => $token, 'expires_in' => 3600, 'token_type' => 'Bearer']);
        $head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n";
        fwrite($connection, $head . 'Content-Length: ' . strlen($body) . "\r\n\r\n$body");
        posix_kill(getmypid(), SIGKILL); // No destructor of the parent's objects runs here.
    }
    return new Options(clientId: 'id', clientSecret: 'secret', baseUrl: $url);
}
