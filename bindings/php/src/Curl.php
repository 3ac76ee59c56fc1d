<?php
declare(strict_types=1);

namespace SmToken;

/**
 * Sends requests of curl to one API with the current token, and to no other. Where the API refuses the token (401) it
 * sends the request once more with another one.
 */
final class Curl
{
    private const UNAUTHORIZED = 401;

    private readonly string $origin;

    /** @param string $api a URL such as https://api.standardmetrics.io, of which scheme, host and port count */
    public function __construct(private readonly Client $client, string $api)
    {
        $this->origin = self::originOf($api) ?? throw Library::refused("the API's URL has no scheme or no host");
        $host = (string) parse_url($api, PHP_URL_HOST);
        $isLoopback = preg_match('/^(localhost|127(\.\d+){3}|\[::1\])$/', $host) === 1;
        if (!str_starts_with($this->origin, 'https:') && !($isLoopback && str_starts_with($this->origin, 'http:'))) {
            throw new SmTokenException(
                Status::INSECURE_URL,
                "the API at $host: anything but https: would show the token to the network",
            );
        }
    }

    /**
     * As curl_exec(). The handle needs CURLOPT_RETURNTRANSFER, or the body of a first refusal is shown.
     *
     * @param bool $repeat false for a body that can't be read twice (CURLOPT_READFUNCTION, CURLOPT_INFILE)
     */
    public function execute(\CurlHandle $handle, bool $repeat = true): string|bool
    {
        if (self::originOf(curl_getinfo($handle, CURLINFO_EFFECTIVE_URL)) !== $this->origin) {
            return curl_exec($handle);
        }
        $url = curl_getinfo($handle, CURLINFO_EFFECTIVE_URL);
        $authorization = $this->client->authorization();
        $answer = self::send($handle, $authorization);
        if (curl_getinfo($handle, CURLINFO_RESPONSE_CODE) !== self::UNAUTHORIZED) {
            return $answer;
        }

        $this->client->invalidate($authorization);
        $another = $repeat ? $this->client->authorization() : $authorization;
        // An API that refuses every token: the client spreads its requests for new ones out.
        if ($another === $authorization) {
            return $answer;
        }
        curl_setopt($handle, CURLOPT_URL, $url);
        return self::send($handle, $another);
    }

    /** curl leaves the token out where a redirect leads to another host. */
    private static function send(\CurlHandle $handle, #[\SensitiveParameter] string $authorization): string|bool
    {
        curl_setopt($handle, CURLOPT_HTTPAUTH, CURLAUTH_BEARER);
        curl_setopt($handle, CURLOPT_XOAUTH2_BEARER, substr($authorization, strlen('Bearer ')));
        try {
            return curl_exec($handle);
        } finally {
            curl_setopt($handle, CURLOPT_XOAUTH2_BEARER, null);
            curl_setopt($handle, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
        }
    }

    private static function originOf(string $url): ?string
    {
        $parts = parse_url($url);
        if ($parts === false || !isset($parts['scheme'], $parts['host'])) {
            return null;
        }
        $scheme = strtolower($parts['scheme']);
        $port = $parts['port'] ?? ['https' => 443, 'http' => 80][$scheme] ?? 0;
        return "$scheme://" . strtolower($parts['host']) . ":$port";
    }
}
