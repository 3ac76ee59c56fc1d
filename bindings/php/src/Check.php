<?php
declare(strict_types=1);

namespace SmToken;

use FFI\CData;

/** The steps to a token, for an operator who asks what is wrong. Nothing in it holds a secret or a token. */
final class Check
{
    /**
     * @param list<CheckStep> $steps each step once, in the order in which CheckStep lists their names
     * @param ?SmTokenException $error that of the first step that is wrong (of "clock", which no fetch fails for:
     *                                 CERTIFICATE); null where none is
     */
    private function __construct(public readonly array $steps, public readonly ?SmTokenException $error)
    {
    }

    /**
     * Goes the steps to a token. One request is sent, and the token that it may bring is dropped.
     *
     * Lasts for at most the timeout of the options; signal handlers of pcntl run only after it. Throws an
     * SmTokenException where the options are refused.
     */
    public static function run(Options $options = new Options()): self
    {
        $steps = [];
        $take = static function (?CData $unused, string $name, int $verdict, string $text, string $advice) use (&$steps): int {
            $steps[] = new CheckStep($name, CheckStep::VERDICTS[$verdict], $text, $advice);
            return 1;
        };
        $error = null;
        $isAsync = self::withoutSignals();
        try {
            $options->use(
                fn (?string $id, #[\SensitiveParameter] ?string $secret, CData $native, CData $out) =>
                    Library::functions()->sm_check($id, $secret, $native, $take, null, $out),
            );
        } catch (SmTokenException $failure) {
            // Options that are refused reach no step.
            if ($steps === []) {
                throw $failure;
            }
            $error = $failure;
        } finally {
            self::withSignals($isAsync);
        }
        return new self($steps, $error);
    }

    /** PHP ends with a fatal error where an exception of a signal handler leaves a function that C called. */
    private static function withoutSignals(): bool
    {
        return function_exists('pcntl_async_signals') && pcntl_async_signals(false);
    }

    private static function withSignals(bool $isAsync): void
    {
        if ($isAsync) {
            pcntl_async_signals(true);
            pcntl_signal_dispatch();
        }
    }
}
