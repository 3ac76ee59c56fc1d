<?php
declare(strict_types=1);

namespace SmToken;

use FFI\CData;

/** An access token. Its memory is wiped with the object. */
final class Token
{
    /** @internal A client makes tokens. */
    public function __construct(private readonly CData $handle)
    {
    }

    public function __destruct()
    {
        Library::functions()->sm_token_free($this->handle);
    }

    /** Fetches one token. A program that needs more than one keeps a client. */
    public static function fetch(Options $options = new Options()): self
    {
        return (new Client($options))->token();
    }

    public function accessToken(): string
    {
        return Library::functions()->sm_token_access_token($this->handle);
    }

    /** "Bearer TOKEN", the value of the Authorization header. */
    public function authorization(): string
    {
        return Library::functions()->sm_token_authorization($this->handle);
    }

    /** The type as the server wrote it: "Bearer", in some case. */
    public function type(): string
    {
        return Library::functions()->sm_token_type($this->handle);
    }

    /** The granted scope, space separated; "" where the server did not say. */
    public function scope(): string
    {
        return Library::functions()->sm_token_scope($this->handle);
    }

    public function expiresAt(): \DateTimeImmutable
    {
        return new \DateTimeImmutable('@' . Library::functions()->sm_token_expires_at($this->handle));
    }

    /** Whole seconds that it is still good; never below 0. */
    public function expiresIn(): int
    {
        return Library::functions()->sm_token_expires_in($this->handle);
    }

    /** @internal */
    public function handle(): CData
    {
        return $this->handle;
    }

    public function __debugInfo(): array
    {
        return ['expiresIn' => $this->expiresIn()];
    }

    public function __serialize(): array
    {
        throw new \LogicException('a token is not serialized; keep a client, which has the current one');
    }

    public function __clone()
    {
        throw new \LogicException('a token is not cloned: it is freed once');
    }
}
