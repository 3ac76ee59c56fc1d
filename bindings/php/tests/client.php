<?php
declare(strict_types=1);

use SmToken\Client;
use SmToken\Status;

// contract: cached
test('a client gives the same token twice', function (): void {
    same(1, requests(function (): void {
        $client = new Client(trusted());
        same($client->authorization(), $client->token()->authorization());
    }));
});

// contract: authorization-whole
test('an authorization of any length is whole', function (): void {
    foreach ([16, 1024, 16 * 1024] as $length) {
        $token = str_repeat('t', $length);
        same("Bearer $token", (new Client(handingOut($token)))->authorization());
    }
});

// contract: invalidate invalidate-old invalidate-all
test('an invalidated token is replaced, and an old one invalidates nothing', function (): void {
    $client = new Client(trusted());
    $first = $client->token();
    $client->invalidate($first);
    $second = $client->authorization();
    check($second !== $first->authorization(), 'it is the same');
    $client->invalidate($first);
    $client->invalidate($first->authorization());
    same($second, $client->authorization());

    $other = new Client(trusted());
    $before = $other->authorization();
    $other->invalidate();
    check($before !== $other->authorization(), 'it is the same');
});

// contract: remembered
test('a refusal is remembered, and says for how long', function (): void {
    $client = new Client(wrong());
    same(1, requests(function () use ($client): void {
        failure(fn () => $client->token());
        $failure = failure(fn () => $client->token());
        same(Status::INVALID_CLIENT, $failure->status);
        check($failure->retryAfter > 0 && $failure->retryAfter <= 60, "{$failure->retryAfter} s");
    }));
});

// contract: shutdown
test('after shutdown and after close a call fails', function (): void {
    foreach (['shutdown', 'close'] as $end) {
        $client = new Client(trusted());
        $token = $client->token();
        $client->$end();
        same(Status::CANCELED, failure(fn () => $client->token())->status);
        same(Status::CANCELED, failure(fn () => $client->authorization())->status);
        $client->$end();
        same('Bearer', $token->type());
    }
});

// contract: log log-no-secret log-raises
test('the log gets events from its level on, and what it throws costs no token', function (): void {
    $events = [];
    $log = function (string $level, string $message) use (&$events): void {
        $events[] = "$level: $message";
        throw new Exception("the handler's own");
    };
    $complaints = tempnam(sys_get_temp_dir(), 'log');
    ini_set('error_log', $complaints);
    $client = new Client(trusted(log: $log, logLevel: 'info'));
    $token = $client->token()->accessToken();
    $client->invalidate();
    $client->authorization();
    ini_restore('error_log');
    says("/the handler's own/", file_get_contents($complaints));
    unlink($complaints);
    $all = implode("\n", $events);
    says('/^info: /m', $all);
    check(!str_contains($all, 'debug:') && !str_contains($all, $token), $all);
});

test('credentials come from files, and can be replaced', function (): void {
    $files = array_map(function (string $variable): string {
        $file = tempnam(sys_get_temp_dir(), 'sm-token');
        file_put_contents($file, getenv($variable) . "\n");
        return $file;
    }, ['SMX_CLIENT_ID', 'SMX_CLIENT_SECRET']);
    same('Bearer', (new Client(trusted(clientIdFile: $files[0], clientSecretFile: $files[1])))->token()->type());
    same(Status::INVALID_ARGUMENT, failure(fn () => new Client(trusted(clientIdFile: $files[0])))->status);
    array_map(unlink(...), $files);

    $client = new Client(wrong());
    same(Status::INVALID_CLIENT, failure(fn () => $client->token())->status);
    $client->setCredentials(getenv('SMX_CLIENT_ID'), getenv('SMX_CLIENT_SECRET'));
    same('Bearer', $client->token()->type());
    same(Status::INVALID_ARGUMENT, failure(fn () => $client->setCredentials('one', ''))->status);
});

test('a log handler may close its client', function (): void {
    $client = null;
    $heard = 0;
    $log = function () use (&$client, &$heard): void {
        $heard++;
        $client->close();
    };
    $client = new Client(wrong(log: $log, logLevel: 'debug'));
    failure(fn () => $client->authorization());
    check($heard > 0, 'nothing was logged');
    same(Status::CANCELED, failure(fn () => $client->authorization())->status);
});

// contract: wait-interrupted
test('a signal is handled while a call waits, and may end it', function (): void {
    $hole = new Hole();
    pcntl_async_signals(true);
    pcntl_signal(SIGALRM, fn () => throw new DomainException('the alarm'));
    pcntl_alarm(1);
    $started = microtime(true);
    try {
        (new Client($hole->options(timeout: 60)))->token();
        throw new Exception('it did not end');
    } catch (DomainException) {
        $took = microtime(true) - $started;
        check($took < 20, "only after $took s");
    } finally {
        pcntl_signal(SIGALRM, SIG_DFL);
    }
});

test('a wait has a bound of its own', function (): void {
    $hole = new Hole();
    $client = new Client($hole->options(timeout: 60));
    foreach ([0.0, 0.2] as $wait) {
        $started = microtime(true);
        $failure = failure(fn () => $client->authorization(wait: $wait));
        $took = microtime(true) - $started;
        same([Status::TIMEOUT, true, null], [$failure->status, $failure->retryable, $failure->retryAfter]);
        check($took >= $wait && $took < 20, "$took s");
    }
    $failure = failure(fn () => (new Client($hole->options(timeout: 0.3)))->token());
    same([Status::TIMEOUT, true], [$failure->status, $failure->retryable]);
    says('/^wait is not/', failure(fn () => $client->token(wait: -1.0))->getMessage());
});

// contract: wait-bounded
test('the request goes on for the next call', function (): void {
    control('POST', '/settings', ['delay_ms' => 500]);
    try {
        $client = new Client(trusted());
        same(1, requests(function () use ($client): void {
            same(Status::TIMEOUT, failure(fn () => $client->token(wait: 0.05))->status);
            same('Bearer', $client->token()->type());
        }));
    } finally {
        control('POST', '/settings', ['delay_ms' => 0]);
    }
});

test('a client that the process keeps is the same for the same options', function (): void {
    same(1, requests(function (): void {
        $authorization = Client::persistent(trusted(scope: 'read'))->authorization();
        same($authorization, Client::persistent(trusted(scope: 'read'))->authorization());
    }));
    same(1, requests(fn () => Client::persistent(trusted(scope: 'write'))->authorization()));
    says('/has no log/', failure(fn () => Client::persistent(trusted(log: fn () => null)))->getMessage());
});

test('neither a token nor a client is serialized or cloned', function (): void {
    $client = new Client(trusted());
    foreach ([$client, $client->token(), trusted()] as $object) {
        try {
            serialize($object);
            throw new Exception('it is serialized');
        } catch (LogicException) {
        }
    }
});
