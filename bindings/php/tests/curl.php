<?php
declare(strict_types=1);

use SmToken\Client;
use SmToken\Curl;
use SmToken\Options;
use SmToken\Status;

function request(string $url, mixed ...$options): CurlHandle
{
    $handle = curl_init($url);
    curl_setopt_array($handle, [
        CURLOPT_RETURNTRANSFER => true,
        CURLOPT_CAINFO => getenv('SM_TOKEN_CA_FILE'),
    ]);
    foreach ($options as $name => $value) {
        curl_setopt($handle, constant("CURLOPT_$name"), $value);
    }
    return $handle;
}

function companies(mixed ...$options): CurlHandle
{
    return request(getenv('SMX_BASE_URL') . '/v1/companies/', ...$options);
}

test('a request of curl has the token', function (): void {
    $curl = new Curl(new Client(trusted()), getenv('SMX_BASE_URL'));
    $request = companies();
    says('/"count": 250/', $curl->execute($request));
    says('/"count": 250/', $curl->execute($request));
    same(200, curl_getinfo($request, CURLINFO_RESPONSE_CODE));
});

test('a refused token is replaced, and the body is sent again whole', function (): void {
    $curl = new Curl(new Client(trusted()), getenv('SMX_BASE_URL'));
    $curl->execute(companies());
    control('POST', '/revoke_all');
    same(1, requests(function () use ($curl): void {
        says('/"received_bytes": 100000}/', $curl->execute(companies(POSTFIELDS: str_repeat('x', 100_000))));
    }));
    control('POST', '/revoke_all');
    $once = companies(POSTFIELDS: 'x');
    $curl->execute($once, repeat: false);
    same(401, curl_getinfo($once, CURLINFO_RESPONSE_CODE));
});

test('another host gets no token', function (): void {
    $server = stream_socket_server('tcp://127.0.0.1:0');
    $client = new Client(trusted());
    $curl = new Curl($client, getenv('SMX_BASE_URL'));
    $request = request('http://' . stream_socket_get_name($server, false), TIMEOUT_MS: 300);
    same(0, requests(fn () => $curl->execute($request)));
    $sent = fread(stream_socket_accept($server), 65536);
    says('/^GET /', $sent);
    check(stripos($sent, 'authorization') === false, $sent);
});

test('an API without https on another machine is refused', function (): void {
    $client = new Client(new Options('id', 'secret'));
    same(Status::INSECURE_URL, failure(fn () => new Curl($client, 'http://example.com'))->status);
    same(Status::INVALID_ARGUMENT, failure(fn () => new Curl($client, 'no URL'))->status);
});
