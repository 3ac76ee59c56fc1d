<?php
declare(strict_types=1);

namespace SmToken;

/** One step to a token. */
final class CheckStep
{
    public const VERDICTS = ['ok', 'wrong', 'unknown'];

    /**
     * @param string $name "credentials", "base URL", "proxy", "name", "connection", "TLS", "certificate", "clock" or
     *                     "answer"
     * @param string $verdict one of VERDICTS; "unknown" where the step was not reached, does not apply, or can't be judged
     * @param string $text what is, in one line
     * @param string $advice one thing to do; "" where there is nothing to do
     */
    public function __construct(
        public readonly string $name,
        public readonly string $verdict,
        public readonly string $text,
        public readonly string $advice,
    ) {
    }
}
