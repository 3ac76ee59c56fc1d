<?php
declare(strict_types=1);

namespace SmToken;

use FFI\CData;

/** How tokens are fetched. What is null keeps its default; the library checks the rest when a client is made. */
final class Options
{
    public const LOG_LEVELS = ['off', 'error', 'warn', 'info', 'debug'];

    private const VARIABLES = ['SMX_CLIENT_ID', 'SMX_CLIENT_SECRET', 'SMX_CLIENT_ID_FILE', 'SMX_CLIENT_SECRET_FILE',
        'SMX_BASE_URL'];
    private const TRUST = ['system', 'bundled'];

    /**
     * @param ?string $clientId with $clientSecret; without both, SMX_CLIENT_ID and SMX_CLIENT_SECRET of the environment
     * @param ?string $baseUrl an https: URL. Default: SMX_BASE_URL of the environment, else https://api.standardmetrics.io
     * @param ?string $scope the scope to ask for, space separated (RFC 6749 section 3.3). Default: the server chooses
     * @param ?string $userAgent 1 to 256 characters of printable ASCII
     * @param ?string $proxy [SCHEME://][USER[:PASSWORD]@]HOST[:PORT]; "" means none. Default: from the environment
     * @param ?string $caFile a PEM file of certificate authorities that are trusted in place of the system's
     * @param ?string $trust whose authorities are trusted without a $caFile: "system" (default) or "bundled"
     * @param ?float $timeout the deadline of a request with its retries, in seconds. Default: 30
     * @param ?float $connectTimeout how long one connection may take, in seconds. Default: 10
     * @param ?int $maxRetries 0 to 100. Default: 2
     * @param ?\Closure(string, string): void $log receives level and message, while a method of the client runs
     * @param ?string $clientIdFile with $clientSecretFile: the paths of files that hold the credentials, where none are
     *                              given; read again for each request, so that they may change
     * @param string $logLevel the least important level that is wanted, one of LOG_LEVELS
     */
    public function __construct(
        public readonly ?string $clientId = null,
        #[\SensitiveParameter] private readonly ?string $clientSecret = null,
        public readonly ?string $baseUrl = null,
        public readonly ?string $scope = null,
        public readonly ?string $userAgent = null,
        #[\SensitiveParameter] private readonly ?string $proxy = null,
        public readonly ?string $caFile = null,
        public readonly ?string $trust = null,
        public readonly ?float $timeout = null,
        public readonly ?float $connectTimeout = null,
        public readonly ?int $maxRetries = null,
        public readonly ?\Closure $log = null,
        public readonly string $logLevel = 'info',
        public readonly ?string $clientIdFile = null,
        public readonly ?string $clientSecretFile = null,
    ) {
    }

    /**
     * A client of the library, which must be freed.
     *
     * @internal
     */
    public function newClient(): CData
    {
        $functions = Library::functions();
        $client = $functions->new('sm_client *');
        $this->use(fn (?string $id, #[\SensitiveParameter] ?string $secret, CData $options, CData $error) =>
            $functions->sm_client_new($id, $secret, $options, \FFI::addr($client), $error));
        return $client;
    }

    /**
     * Makes a call that takes id, secret, the library's options and the address for an error, and throws that error.
     *
     * @param callable(?string, ?string, CData, CData): int $call
     *
     * @internal
     */
    public function use(callable $call): void
    {
        $functions = Library::functions();
        $id = Library::text($this->clientId, 'clientId');
        $secret = Library::text($this->clientSecret, 'clientSecret');
        $options = $functions->sm_options_new();
        try {
            $this->set($options);
            Library::check(fn (CData $error) => $call($id, $secret, $options, $error));
        } finally {
            $functions->sm_options_free($options);
        }
    }

    /**
     * What tells these options, and what the library reads of the environment, from others, without showing the secret.
     *
     * @internal
     */
    public function fingerprint(): string
    {
        $values = get_object_vars($this);
        unset($values['log']);
        foreach (self::VARIABLES as $variable) {
            $values[$variable] = getenv($variable, true);
        }
        return hash('sha256', serialize($values));
    }

    public function __serialize(): array
    {
        throw new \LogicException('options hold a secret and are not serialized');
    }

    public function __debugInfo(): array
    {
        return array_diff_key(get_object_vars($this), ['clientSecret' => true, 'proxy' => true]);
    }

    private function set(CData $options): void
    {
        $functions = Library::functions();
        $check = function (int $status) use ($functions, $options): void {
            if ($status !== Status::OK) {
                throw new SmTokenException($status, $functions->sm_options_message($options));
            }
        };
        $check($functions->sm_options_set_base_url($options, Library::text($this->baseUrl, 'baseUrl')));
        $check($functions->sm_options_set_scope($options, Library::text($this->scope, 'scope')));
        $check($functions->sm_options_set_user_agent($options, Library::text($this->userAgent, 'userAgent')));
        $check($functions->sm_options_set_proxy($options, Library::text($this->proxy, 'proxy')));
        $check($functions->sm_options_set_ca_file($options, Library::text($this->caFile, 'caFile')));
        $check($functions->sm_options_set_credential_files(
            $options,
            Library::text($this->clientIdFile, 'clientIdFile'),
            Library::text($this->clientSecretFile, 'clientSecretFile'),
        ));
        if ($this->trust !== null) {
            $check($functions->sm_options_set_trust($options, self::position($this->trust, self::TRUST, 'trust')));
        }
        if ($this->timeout !== null) {
            $milliseconds = Library::milliseconds($this->timeout, 'timeout');
            $check($functions->sm_options_set_timeout_ms($options, $milliseconds));
        }
        if ($this->connectTimeout !== null) {
            $milliseconds = Library::milliseconds($this->connectTimeout, 'connectTimeout');
            $check($functions->sm_options_set_connect_timeout_ms($options, $milliseconds));
        }
        if ($this->maxRetries !== null) {
            $count = Library::count($this->maxRetries, 'maxRetries');
            $check($functions->sm_options_set_max_retries($options, $count));
        }
        if ($this->log !== null) {
            $level = self::position($this->logLevel, self::LOG_LEVELS, 'logLevel');
            $check($functions->sm_options_set_log($options, self::handler($this->log), null, $level));
        }
    }

    private static function position(string $value, array $names, string $name): int
    {
        $position = array_search($value, $names, true);
        if ($position === false) {
            throw Library::refused("$name is none of " . implode(', ', $names));
        }
        return $position;
    }

    /** PHP ends with a fatal error where an exception leaves a handler that C called. */
    private static function handler(\Closure $log): \Closure
    {
        return static function (?CData $unused, int $level, string $message) use ($log): void {
            try {
                $log(self::LOG_LEVELS[$level], $message);
            } catch (\Throwable $failure) {
                error_log("the log handler of sm-token failed: {$failure->getMessage()}");
            }
        };
    }
}
