<?php
declare(strict_types=1);

use SmToken\Library;
use SmToken\Options;
use SmToken\Status;
use SmToken\Token;

// contract: token expiry environment
test('a fetch gives what the server said', function (): void {
    $token = Token::fetch(trusted());
    says('/^[A-Za-z0-9]{30}$/', $token->accessToken());
    same("Bearer {$token->accessToken()}", $token->authorization());
    same('Bearer', $token->type());
    same('all read write', $token->scope());
    check($token->expiresIn() > 3500 && $token->expiresIn() <= 3600, "{$token->expiresIn()} s");
    check(abs($token->expiresAt()->getTimestamp() - time() - $token->expiresIn()) <= 2, 'it expires at another time');
    check(!str_contains(print_r($token, true), $token->accessToken()), 'it is printed');
});

// contract: odd-text
test('credentials with reserved and accented characters bring a token', function (): void {
    Token::fetch(trusted(
        clientId: getenv('SM_TOKEN_ODD_CLIENT_ID'),
        clientSecret: getenv('SM_TOKEN_ODD_CLIENT_SECRET'),
    ));
});

// contract: half-credentials
test('one credential without the other is a bad argument', function (): void {
    same(Status::INVALID_ARGUMENT, failure(fn () => Token::fetch(trusted(clientId: 'one')))->status);
    same(Status::INVALID_ARGUMENT, failure(fn () => Token::fetch(trusted(clientSecret: 'one')))->status);
});

// contract: not-text
test('text that C cannot take whole is refused', function (): void {
    foreach (["cut\0off", "latin-1 \xe9"] as $id) {
        $failure = failure(fn () => Token::fetch(trusted(clientId: $id, clientSecret: 'one')));
        same(Status::INVALID_ARGUMENT, $failure->status);
        says('/^client_?id /i', $failure->getMessage());
    }
});

// contract: option-sent
test('the scope that is asked for is granted', function (): void {
    same('read', Token::fetch(trusted(scope: 'read'))->scope());
});

// contract: option-reason
test("a refused option says why in the library's words", function (): void {
    $failure = failure(fn () => Token::fetch(new Options(baseUrl: 'https://example.com/?query')));
    same(Status::INVALID_ARGUMENT, $failure->status);
    says('/base URL/', $failure->getMessage());
    says('/timeout/', failure(fn () => Token::fetch(new Options(timeout: 0)))->getMessage());
    says('/100/', failure(fn () => Token::fetch(new Options(maxRetries: 101)))->getMessage());
    says('/trust is none of/', failure(fn () => Token::fetch(new Options(trust: 'all')))->getMessage());
});

// contract: number-range
test('a number that C cannot hold is refused', function (): void {
    foreach ([-1.0, 2 ** 32 / 1000, INF, NAN] as $timeout) {
        says('/^timeout is not/', failure(fn () => Token::fetch(new Options(timeout: $timeout)))->getMessage());
    }
    foreach ([-1, 2 ** 32, 2 ** 32 + 1] as $maxRetries) {
        says('/^maxRetries is not/', failure(fn () => Token::fetch(new Options(maxRetries: $maxRetries)))->getMessage());
    }
});

// contract: refused refused-fields no-secret
test('a refused secret says what to do and shows no secret', function (): void {
    $failure = failure(fn () => Token::fetch(wrong()));
    same(Status::INVALID_CLIENT, $failure->status);
    same(Status::INVALID_CLIENT, $failure->getCode());
    same('INVALID_CLIENT', $failure->statusName());
    says('/check client_id and client_secret/', $failure->getMessage());
    same([401, 'invalid_client', false], [$failure->httpStatus, $failure->oauthCode, $failure->retryable]);
    // The client that a fetch uses may answer from its memory, which says how long it remembers.
    check($failure->retryAfter === null || $failure->retryAfter <= 60, "{$failure->retryAfter} s");
    check(!str_contains($failure . print_r($failure, true) . print_r(wrong(), true), 'a wrong secret'), 'it is shown');
});

// contract: insecure-url
test('http to another machine is refused', function (): void {
    same(Status::INSECURE_URL, failure(fn () => Token::fetch(new Options(baseUrl: 'http://example.com')))->status);
});

// contract: trust-roots
test('a missing CA file is named', function (): void {
    $failure = failure(fn () => Token::fetch(new Options(caFile: '/no/such/ca.pem')));
    same(Status::NO_TRUST_ROOTS, $failure->status);
    says('~/no/such/ca\.pem~', $failure->getMessage());
});

// contract: version
test("the version is the package's", function (): void {
    $manifest = json_decode(file_get_contents(__DIR__ . '/../composer.json'), true);
    same($manifest['version'], Library::version());
});

test("the library has the platform's name", function (): void {
    same(
        ['sm_token.dll', 'libsm_token.0.dylib', 'libsm_token.so.0'],
        array_map(Library::name(...), ['Windows', 'Darwin', 'Linux']),
    );
});
