<?php
declare(strict_types=1);

namespace SmToken;

use FFI;
use FFI\CData;

/**
 * What a process keeps when PHP ends a request and drops all objects: clients, in the hash table of the C library
 * (hsearch(3)), the one place that outlives a request and that a child after fork() has too.
 *
 * @internal
 */
final class Kept
{
    private const DECLARATIONS = <<<'C'
        typedef struct { char *key; void *data; } ENTRY;
        int hcreate(size_t nel);
        ENTRY *hsearch(ENTRY item, int action);
        C;

    private const MOST_CLIENTS = 64;
    private const FIND = 0;
    private const ENTER = 1;

    private static ?FFI $libc = null;

    /** @param callable(): CData $make makes the client where the process has none under this name */
    public static function client(string $name, callable $make): CData
    {
        if (PHP_ZTS) {
            throw Library::refused('persistent: not in a PHP with threads, where one table would be used by all');
        }
        self::$libc ??= self::table();

        // PHP's own strings end with the request.
        $key = self::$libc->new('char[' . strlen($name) + 1 . ']', false, true);
        FFI::memcpy($key, $name, strlen($name));
        $entry = self::$libc->new('ENTRY');
        $entry->key = self::$libc->cast('char *', FFI::addr($key));

        $found = self::$libc->hsearch($entry, self::FIND);
        if ($found !== null) {
            FFI::free($key);
            return Library::functions()->cast('sm_client *', $found->data);
        }
        $client = $make();
        $entry->data = self::$libc->cast('void *', $client);
        if (self::$libc->hsearch($entry, self::ENTER) === null) {
            Library::functions()->sm_client_free($client);
            throw new SmTokenException(Status::RESOURCES, 'persistent: the process keeps as many clients as it can');
        }
        return $client;
    }

    private static function table(): FFI
    {
        $libc = FFI::cdef(self::DECLARATIONS);
        // 0 where there is a table already.
        $libc->hcreate(self::MOST_CLIENTS);
        return $libc;
    }
}
