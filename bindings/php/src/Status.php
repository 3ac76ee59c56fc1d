<?php
declare(strict_types=1);

namespace SmToken;

/** The numbers of the C library's statuses. They never change. */
final class Status
{
    // Written by bindings/constants.
    public const OK = 0;
    public const INVALID_ARGUMENT = 10;
    public const NO_CREDENTIALS = 11;
    public const BUFFER_TOO_SMALL = 12;
    public const INSECURE_URL = 13;
    public const DNS = 20;
    public const CONNECT = 21;
    public const TIMEOUT = 22;
    public const PROXY = 23;
    public const IO = 24;
    public const CANCELED = 25;
    public const RESOURCES = 26;
    public const TLS = 30;
    public const CERTIFICATE = 31;
    public const NO_TRUST_ROOTS = 32;
    public const INVALID_CLIENT = 40;
    public const INVALID_SCOPE = 41;
    public const OAUTH = 42;
    public const RATE_LIMITED = 43;
    public const SERVER = 44;
    public const HTTP = 45;
    public const INVALID_RESPONSE = 50;
    public const RESPONSE_TOO_LARGE = 51;
    public const INTERNAL = 90;

    /** The name of a status, such as "INVALID_CLIENT". */
    public static function name(int $status): string
    {
        $name = array_search($status, (new \ReflectionClass(self::class))->getConstants(), true);
        return $name === false ? 'INTERNAL' : $name;
    }
}
