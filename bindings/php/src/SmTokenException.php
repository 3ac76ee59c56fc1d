<?php
declare(strict_types=1);

namespace SmToken;

/** Why there is no token. Nothing in it holds a secret or a token. Its code is the status. */
final class SmTokenException extends \RuntimeException
{
    /**
     * @param int $status one of the constants of Status
     * @param int $httpStatus the HTTP status of the server's answer; 0 where no answer came
     * @param string $oauthCode the server's OAuth error code (RFC 6749 section 5.2); "" where it gave none
     * @param string $oauthDescription the server's description of its OAuth error; "" where it gave none
     * @param bool $retryable whether the same call may succeed later without any change
     * @param ?float $retryAfter seconds to wait before the next try; null where neither the server nor the client says
     */
    public function __construct(
        public readonly int $status,
        string $message,
        public readonly int $httpStatus = 0,
        public readonly string $oauthCode = '',
        public readonly string $oauthDescription = '',
        public readonly bool $retryable = false,
        public readonly ?float $retryAfter = null,
    ) {
        parent::__construct($message, $status);
    }

    /** The name of the status, such as "INVALID_CLIENT". */
    public function statusName(): string
    {
        return Status::name($this->status);
    }
}
