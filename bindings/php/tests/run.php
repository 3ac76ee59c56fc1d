<?php
// Runs the tests beside the real server, as the environment describes it.
declare(strict_types=1);

error_reporting(E_ALL);
set_error_handler(static fn (int $level, string $message) => throw new ErrorException($message, 0, $level));

require __DIR__ . '/../autoload.php';
require __DIR__ . '/service.php';

$failed = 0;
$run = 0;

function test(string $name, callable $body): void
{
    global $failed, $run;
    $run++;
    try {
        $body();
        echo "ok $name\n";
    } catch (Throwable $failure) {
        $failed++;
        echo "FAILED $name: {$failure->getMessage()} ({$failure->getFile()}:{$failure->getLine()})\n";
    }
}

function check(bool $holds, string $otherwise): void
{
    if (!$holds) {
        throw new Exception($otherwise);
    }
}

function same(mixed $expected, mixed $actual): void
{
    check($expected === $actual, var_export($actual, true) . ' in place of ' . var_export($expected, true));
}

function says(string $pattern, string $text): void
{
    check(preg_match($pattern, $text) === 1, "not like $pattern: $text");
}

function failure(callable $action): SmToken\SmTokenException
{
    try {
        $action();
    } catch (SmToken\SmTokenException $failure) {
        return $failure;
    }
    throw new Exception('it did not fail');
}

require __DIR__ . '/fetch.php';
require __DIR__ . '/check.php';
require __DIR__ . '/client.php';
require __DIR__ . '/curl.php';

echo "$run tests, $failed failed\n";
exit($failed === 0 ? 0 : 1);
