<?php
declare(strict_types=1);

namespace SmToken;

use FFI;
use FFI\CData;

/**
 * Keeps a valid token: served from memory, refreshed in time.
 *
 * While a call waits for the server, signal handlers of pcntl run, and may throw.
 */
final class Client
{
    /** How long PHP's own work, such as signal handlers, waits for the library. */
    private const SLICE_MS = 50;

    /** 16 KiB and 8 bytes hold any authorization. */
    private const LONGEST = 16 * 1024 + 8;

    private ?CData $handle;
    private int $calls = 0;
    private bool $closed = false;
    private bool $isOwned = true;

    /** Makes no request yet. The options, the environment and the CA file are read now. */
    public function __construct(Options $options = new Options())
    {
        $this->handle = $options->newClient();
    }

    /**
     * The client with these options that the process keeps from request to request, as long as it lives: for
     * php-fpm and other servers whose workers serve many requests. Its log can't outlive a request, so none is taken.
     */
    public static function persistent(Options $options = new Options()): self
    {
        if ($options->log !== null) {
            throw Library::refused('log: a client that outlives the request has no log');
        }
        $client = (new \ReflectionClass(self::class))->newInstanceWithoutConstructor();
        $client->handle = Kept::client($options->fingerprint(), $options->newClient(...));
        $client->isOwned = false;
        return $client;
    }

    public function __destruct()
    {
        $this->close();
    }

    /**
     * The current token, fetched or refreshed where it must be.
     *
     * @param ?float $wait seconds to wait at most, 0 or more; null means the timeout of the options. The request goes
     *                     on for the next call
     */
    public function token(?float $wait = null): Token
    {
        return $this->waiting($wait, function (CData $client, int $waitMs): Token {
            $functions = Library::functions();
            $token = $functions->new('sm_token *');
            Library::check(
                fn (CData $error) => $functions->sm_client_token_within($client, $waitMs, FFI::addr($token), $error),
            );
            return new Token($token);
        });
    }

    /** The current "Bearer TOKEN". $wait is as for token(). */
    public function authorization(?float $wait = null): string
    {
        return $this->waiting($wait, function (CData $client, int $waitMs): string {
            $functions = Library::functions();
            $buffer = $functions->new('char[' . self::LONGEST . ']');
            $length = $functions->new('size_t');
            Library::check(fn (CData $error) => $functions->sm_client_authorization_within(
                $client,
                $waitMs,
                $buffer,
                self::LONGEST,
                FFI::addr($length),
                $error,
            ));
            $authorization = FFI::string($buffer, $length->cdata);
            FFI::memset($buffer, 0, $length->cdata);
            return $authorization;
        });
    }

    /**
     * Drops a token that a resource refused (HTTP 401), if it is still the current one. Without a token it drops
     * whichever is current, and forgets a remembered failure.
     */
    public function invalidate(#[\SensitiveParameter] Token|string|null $refused = null): void
    {
        $this->use(function (CData $client) use ($refused): void {
            if ($refused instanceof Token) {
                Library::functions()->sm_client_invalidate($client, $refused->handle());
            } else {
                $text = Library::text($refused, 'authorization');
                Library::functions()->sm_client_invalidate_authorization($client, $text);
            }
        });
    }

    /**
     * Puts other credentials in place, for the next request. The current token stays. A persistent client is found by
     * its options as before.
     */
    public function setCredentials(string $clientId, #[\SensitiveParameter] string $clientSecret): void
    {
        $id = Library::text($clientId, 'clientId');
        $secret = Library::text($clientSecret, 'clientSecret');
        $this->use(fn (CData $client) => Library::check(
            fn (CData $error) => Library::functions()->sm_client_set_credentials($client, $id, $secret, $error),
        ));
    }

    /** Refuses later calls with CANCELED. Of a persistent client it ends only this object. */
    public function shutdown(): void
    {
        if (!$this->isOwned) {
            $this->close();
        } elseif (!$this->closed) {
            $this->use(fn (CData $client) => Library::functions()->sm_client_shutdown($client));
        }
    }

    /** Frees the client at once, not only with the object. Its tokens live on. */
    public function close(): void
    {
        $this->closed = true;
        $this->freeWhenUnused();
    }

    public function __debugInfo(): array
    {
        return ['closed' => $this->closed];
    }

    public function __serialize(): array
    {
        throw new \LogicException('a client is not serialized');
    }

    public function __clone()
    {
        throw new \LogicException('a client is not cloned: it is freed once');
    }

    /**
     * Waits in slices, so that PHP runs signal handlers in between.
     *
     * @template T
     * @param callable(CData, int): T $look
     * @return T
     */
    private function waiting(?float $wait, callable $look): mixed
    {
        $left = $wait === null ? null : Library::milliseconds($wait, 'wait');
        $started = hrtime(true);
        for (;;) {
            $leftNow = $left === null ? self::SLICE_MS : max(0, $left - intdiv(hrtime(true) - $started, 1_000_000));
            $slice = (int) min(self::SLICE_MS, $leftNow);
            try {
                return $this->use(fn (CData $client) => $look($client, $slice));
            } catch (SmTokenException $failure) {
                if (!self::isUnderWay($failure) || $leftNow === 0) {
                    throw $failure;
                }
            }
        }
    }

    /** A slice ended while the server is still asked; a remembered failure says for how long. */
    private static function isUnderWay(SmTokenException $failure): bool
    {
        return $failure->status === Status::TIMEOUT && $failure->retryAfter === null;
    }

    /** A log handler may close the client that calls it: the handle is freed once no call is under way. */
    private function use(callable $call): mixed
    {
        if ($this->closed) {
            throw new SmTokenException(Status::CANCELED, 'the client is closed');
        }
        $this->calls++;
        try {
            return $call($this->handle);
        } finally {
            $this->calls--;
            if ($this->closed) {
                $this->freeWhenUnused();
            }
        }
    }

    private function freeWhenUnused(): void
    {
        if ($this->calls > 0 || $this->handle === null) {
            return;
        }
        if ($this->isOwned) {
            Library::functions()->sm_client_free($this->handle);
        }
        $this->handle = null;
    }
}
