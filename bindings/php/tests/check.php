<?php
declare(strict_types=1);

use SmToken\{Check, CheckStep, Options, Status};

const STEPS = ['credentials', 'base URL', 'proxy', 'name', 'connection', 'TLS', 'certificate', 'clock', 'answer'];

/** @return list<string> */
function verdicts(Check $report): array
{
    return array_map(static fn (CheckStep $step): string => $step->verdict, $report->steps);
}

function names(Check $report): array
{
    return array_map(static fn (CheckStep $step): string => $step->name, $report->steps);
}

// contract: check
test('every step to the server is right', function (): void {
    $report = Check::run(trusted());
    same(STEPS, names($report));
    same(array_fill(0, 9, 'ok'), verdicts($report));
    same(null, $report->error);
    says('/TLS 1\.3/', $report->steps[5]->text);
});

test("a refused secret is the answer's, and is not shown", function (): void {
    $report = Check::run(wrong());
    same(STEPS, names($report));
    same([8 => 'wrong'], array_filter(verdicts($report), static fn (string $verdict): bool => $verdict === 'wrong'));
    check($report->steps[8]->advice !== '', 'there is no advice');
    same(Status::INVALID_CLIENT, $report->error?->status);
    check(!str_contains(print_r($report, true), 'a wrong secret'), 'it is shown');
});

test('a step that is not reached is unknown', function (): void {
    $report = Check::run(trusted(clientId: 'one'));
    same(['wrong', ...array_fill(0, 8, 'unknown')], verdicts($report));
    same(Status::INVALID_ARGUMENT, $report->error?->status);
    same(Status::INVALID_ARGUMENT, failure(fn () => Check::run(new Options(timeout: 0)))->status);
});

test('a signal handler that throws does so after the check', function (): void {
    pcntl_async_signals(true);
    pcntl_signal(SIGALRM, fn () => throw new DomainException('enough'));
    $hole = new Hole();
    try {
        pcntl_alarm(1);
        Check::run($hole->options(timeout: 3.0));
        throw new Exception('the handler did not run');
    } catch (DomainException $thrown) {
        same('enough', $thrown->getMessage());
    } finally {
        pcntl_signal(SIGALRM, SIG_DFL);
        pcntl_async_signals(false);
    }
});
