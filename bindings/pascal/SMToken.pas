{ Gets and keeps access tokens for the Standard Metrics API, over the C library sm_token.

  A failure is an ESMToken. Whoever gets an object frees it; a client, a token or options free what they hold
  of the library, and a token is wiped first. Any number of threads may use one client.

  Free Pascal: compile with -Mdelphi, or with -Mdelphiunicode (or -dUNICODE), which makes TSMText a UnicodeString; on
  Unix a program with threads uses cthreads first. }
unit SMToken;

{$IFDEF FPC}
  {$IFDEF UNICODE}
    {$MODE DELPHIUNICODE}
  {$ELSE}
    {$MODE DELPHI}
  {$ENDIF}
  {$IFDEF UNIX}
    { The library is one of C's: its program must be started as C starts one. }
    {$LINKLIB c}
  {$ENDIF}
{$ENDIF}

interface

uses
  SysUtils;

const
  SM_OK = 0;
  { Yours to mend: }
  SM_ERROR_INVALID_ARGUMENT = 10;
  SM_ERROR_NO_CREDENTIALS = 11;
  SM_ERROR_BUFFER_TOO_SMALL = 12;
  SM_ERROR_INSECURE_URL = 13;
  { The network: }
  SM_ERROR_DNS = 20;
  SM_ERROR_CONNECT = 21;
  SM_ERROR_TIMEOUT = 22;
  SM_ERROR_PROXY = 23;
  SM_ERROR_IO = 24;
  SM_ERROR_CANCELED = 25;
  SM_ERROR_RESOURCES = 26;
  { TLS: }
  SM_ERROR_TLS = 30;
  SM_ERROR_CERTIFICATE = 31;
  SM_ERROR_NO_TRUST_ROOTS = 32;
  { The server refused: }
  SM_ERROR_INVALID_CLIENT = 40;
  SM_ERROR_INVALID_SCOPE = 41;
  SM_ERROR_OAUTH = 42;
  SM_ERROR_RATE_LIMITED = 43;
  SM_ERROR_SERVER = 44;
  SM_ERROR_HTTP = 45;
  { Its answer is no token: }
  SM_ERROR_INVALID_RESPONSE = 50;
  SM_ERROR_RESPONSE_TOO_LARGE = 51;
  { A defect of the library: }
  SM_ERROR_INTERNAL = 90;

  { Whose certificate authorities are trusted where no CA file is given. }
  SM_TRUST_SYSTEM = 0;
  SM_TRUST_BUNDLED = 1;

  { The verdicts of a check: nothing is wrong with the step; it keeps a token from coming; it was not reached, does not
    apply, or can't be judged. }
  SM_CHECK_OK = 0;
  SM_CHECK_WRONG = 1;
  SM_CHECK_UNKNOWN = 2;

type
  { Text as the program's `string` has it, so that no assignment converts it: of Unicode in Delphi and under
    -Mdelphiunicode, else of UTF-8. }
{$IFDEF UNICODE}
  TSMText = UnicodeString;
{$ELSE}
  TSMText = UTF8String;
{$ENDIF}

  { What happened and what to do is the Message, one line without a secret in it. }
  ESMToken = class(Exception)
  private
    FStatus: Integer;
    FHttpStatus: Integer;
    FOAuthCode: TSMText;
    FOAuthDescription: TSMText;
    FRetryable: Boolean;
    FRetryAfterMs: Int64;
  public
    { One of the SM_ERROR_ constants. }
    property Status: Integer read FStatus;
    { Of the server's answer; 0 where none came. }
    property HttpStatus: Integer read FHttpStatus;
    { What the server said (RFC 6749 section 5.2); '' where it did not. }
    property OAuthCode: TSMText read FOAuthCode;
    property OAuthDescription: TSMText read FOAuthDescription;
    { Whether the same call may succeed later, and after how many milliseconds: -1 where nobody said. }
    property Retryable: Boolean read FRetryable;
    property RetryAfterMs: Int64 read FRetryAfterMs;
  end;

  { What is not set keeps its default. A client copies what it is given. }
  TSMOptions = class
  private
    FHandle: Pointer;
    procedure SetBaseUrl(const Value: TSMText);
    procedure SetScope(const Value: TSMText);
    procedure SetUserAgent(const Value: TSMText);
    procedure SetProxy(const Value: TSMText);
    procedure SetCaFile(const Value: TSMText);
    procedure SetTrust(Value: Integer);
    procedure SetTimeoutMs(Value: Int64);
    procedure SetConnectTimeoutMs(Value: Int64);
    procedure SetMaxRetries(Value: Int64);
  public
    constructor Create;
    destructor Destroy; override;
    { Default: SMX_BASE_URL, else the vendor's own. }
    property BaseUrl: TSMText write SetBaseUrl;
    { Space separated. Default: what the server grants of itself. }
    property Scope: TSMText write SetScope;
    property UserAgent: TSMText write SetUserAgent;
    { [SCHEME://][USER[:PASSWORD]@]HOST[:PORT]; '' means none. Default: from the environment. }
    property Proxy: TSMText write SetProxy;
    { Files that hold the client credentials, for a call that gives none; they are read again for each token request. }
    procedure SetCredentialFiles(const ClientIdFile, ClientSecretFile: TSMText);
    { A PEM file that is trusted in place of the system's store. }
    property CaFile: TSMText write SetCaFile;
    property Trust: Integer write SetTrust;
    { Of a whole call, retries included; default 30000. Of one connection; default 10000. }
    property TimeoutMs: Int64 write SetTimeoutMs;
    property ConnectTimeoutMs: Int64 write SetConnectTimeoutMs;
    { Default 2; 0 turns retries off. A number that the library can't hold is refused, not wrapped around. }
    property MaxRetries: Int64 write SetMaxRetries;
  end;

  TSMToken = class
  private
    FHandle: Pointer;
    function GetAccessToken: TSMText;
    function GetAuthorization: TSMText;
    function GetTokenType: TSMText;
    function GetScope: TSMText;
    function GetExpiresAt: Int64;
    function GetExpiresIn: Int64;
  public
    destructor Destroy; override;
    property AccessToken: TSMText read GetAccessToken;
    { 'Bearer ' and the token: the value of the Authorization header. }
    property Authorization: TSMText read GetAuthorization;
    property TokenType: TSMText read GetTokenType;
    property Scope: TSMText read GetScope;
    { Seconds of Unix time. }
    property ExpiresAt: Int64 read GetExpiresAt;
    { Seconds left now. }
    property ExpiresIn: Int64 read GetExpiresIn;
  end;

  { Keeps a valid token: served from memory, renewed in time, fetched once however many threads wait. }
  TSMClient = class
  private
    FHandle: Pointer;
  public
    { Makes no request yet. Without credentials: those of SMX_CLIENT_ID and SMX_CLIENT_SECRET. }
    constructor Create(Options: TSMOptions = nil); overload;
    constructor Create(const ClientId, ClientSecret: TSMText; Options: TSMOptions = nil); overload;
    { No other call on the client may be under way. }
    destructor Destroy; override;
    { The caller frees it. WaitMs is how long to wait at most, in milliseconds: 0 never waits, but starts a request
      where one is needed; -1, and what is above TimeoutMs, mean that. A wait that ends raises SM_ERROR_TIMEOUT; the
      request goes on, and the next call gets its outcome. }
    function Token(WaitMs: Int64 = -1): TSMToken;
    { The current 'Bearer TOKEN': the quickest way to the value of the Authorization header. WaitMs as for Token. }
    function Authorization(WaitMs: Int64 = -1): TSMText;
    { After a 401: drops the token that was refused, if it is still the current one. nil drops whichever is
      current, and forgets a remembered failure. }
    procedure Invalidate(Token: TSMToken); overload;
    { The same for the text that was sent. }
    procedure Invalidate(const Authorization: TSMText); overload;
    { Puts client credentials in place of those before, as a vault hands them out: the next request uses them, and the
      current token stays. Those that are refused leave the others in place. }
    procedure SetCredentials(const ClientId, ClientSecret: TSMText);
    { Lets every thread that waits go, and refuses later calls with SM_ERROR_CANCELED. }
    procedure Shutdown;
  end;

  { One step to a token. Its texts hold no secret. }
  TSMCheckStep = record
    { 'credentials', 'base URL', 'proxy', 'name', 'connection', 'TLS', 'certificate', 'clock' or 'answer'. }
    Name: TSMText;
    { One of the SM_CHECK_ constants. }
    Verdict: Integer;
    { What is, in one line. }
    Text: TSMText;
    { One thing to do; '' where there is nothing to do. }
    Advice: TSMText;
  end;
  TSMCheckSteps = array of TSMCheckStep;

{ One request. The caller frees the token; who needs more than one keeps a TSMClient. }
function SMFetch(Options: TSMOptions = nil): TSMToken; overload;
function SMFetch(const ClientId, ClientSecret: TSMText; Options: TSMOptions = nil): TSMToken; overload;

{ Takes the steps to a token, so that an operator sees what is wrong: all of them, in the order of the names above, at
  most for TimeoutMs. One request is sent, and the token that it may bring is dropped. Then raises what is wrong with
  the first step that is, SM_ERROR_CERTIFICATE for 'clock'; Steps has its value also then. }
procedure SMCheck(out Steps: TSMCheckSteps; Options: TSMOptions = nil); overload;
procedure SMCheck(out Steps: TSMCheckSteps; const ClientId, ClientSecret: TSMText; Options: TSMOptions = nil); overload;

{ Whether the same call may succeed later without any change, judged by one of the SM_ERROR_ constants alone; the
  Retryable of an ESMToken knows more. }
function SMStatusIsRetryable(Status: Integer): Boolean;

{ The version of the library that runs, as MAJOR.MINOR.PATCH. }
function SMVersion: TSMText;

implementation

{ The calling convention of the library on 32-bit Windows; sm_call.inc has the directive. }
{$IFDEF WIN32}
  {$DEFINE SM_STDCALL}
{$ENDIF}

type
  { Exception's own text, whatever this unit's `string` is. }
{$IFDEF FPC}
  TMessage = AnsiString;
{$ELSE}
  TMessage = string;
{$ENDIF}

  sm_check_fn = function(user_data: Pointer; name: PAnsiChar; verdict: Integer; text, advice: PAnsiChar): Integer;
    {$I sm_call.inc}

const
{$IFDEF MSWINDOWS}
  LIBSM = 'sm_token.dll';
{$ELSE}
  {$IF DEFINED(DARWIN) OR DEFINED(MACOS)}
  LIBSM = 'libsm_token.0.dylib';
  {$ELSE}
  LIBSM = 'libsm_token.so.0';
  {$IFEND}
{$ENDIF}

  { With the NUL at its end. }
  LONGEST_AUTHORIZATION = 16 * 1024 + 8;

{ The C functions, in the order of sm_token.h. A handle is a Pointer. }
function sm_status_message(status: Integer): PAnsiChar; {$I sm_call.inc} external LIBSM;
function sm_status_is_retryable(status: Integer): Integer; {$I sm_call.inc} external LIBSM;
function sm_version: PAnsiChar; {$I sm_call.inc} external LIBSM;

function sm_error_message(error: Pointer): PAnsiChar; {$I sm_call.inc} external LIBSM;
function sm_error_http_status(error: Pointer): Integer; {$I sm_call.inc} external LIBSM;
function sm_error_oauth_code(error: Pointer): PAnsiChar; {$I sm_call.inc} external LIBSM;
function sm_error_oauth_description(error: Pointer): PAnsiChar; {$I sm_call.inc} external LIBSM;
function sm_error_is_retryable(error: Pointer): Integer; {$I sm_call.inc} external LIBSM;
function sm_error_retry_after_ms(error: Pointer): Int64; {$I sm_call.inc} external LIBSM;
procedure sm_error_free(error: Pointer); {$I sm_call.inc} external LIBSM;

function sm_options_new: Pointer; {$I sm_call.inc} external LIBSM;
function sm_options_message(options: Pointer): PAnsiChar; {$I sm_call.inc} external LIBSM;
function sm_options_set_base_url(options: Pointer; base_url: PAnsiChar): Integer; {$I sm_call.inc} external LIBSM;
function sm_options_set_scope(options: Pointer; scope: PAnsiChar): Integer; {$I sm_call.inc} external LIBSM;
function sm_options_set_user_agent(options: Pointer; user_agent: PAnsiChar): Integer; {$I sm_call.inc} external LIBSM;
function sm_options_set_proxy(options: Pointer; proxy: PAnsiChar): Integer; {$I sm_call.inc} external LIBSM;
function sm_options_set_ca_file(options: Pointer; ca_file: PAnsiChar): Integer; {$I sm_call.inc} external LIBSM;
function sm_options_set_credential_files(options: Pointer; client_id_file, client_secret_file: PAnsiChar): Integer;
  {$I sm_call.inc} external LIBSM;
function sm_options_set_trust(options: Pointer; trust: Integer): Integer; {$I sm_call.inc} external LIBSM;
function sm_options_set_timeout_ms(options: Pointer; timeout_ms: Cardinal): Integer; {$I sm_call.inc} external LIBSM;
function sm_options_set_connect_timeout_ms(options: Pointer; connect_timeout_ms: Cardinal): Integer; {$I sm_call.inc}
  external LIBSM;
function sm_options_set_max_retries(options: Pointer; max_retries: Cardinal): Integer; {$I sm_call.inc} external LIBSM;
procedure sm_options_free(options: Pointer); {$I sm_call.inc} external LIBSM;

function sm_token_access_token(token: Pointer): PAnsiChar; {$I sm_call.inc} external LIBSM;
function sm_token_authorization(token: Pointer): PAnsiChar; {$I sm_call.inc} external LIBSM;
function sm_token_type(token: Pointer): PAnsiChar; {$I sm_call.inc} external LIBSM;
function sm_token_scope(token: Pointer): PAnsiChar; {$I sm_call.inc} external LIBSM;
function sm_token_expires_at(token: Pointer): Int64; {$I sm_call.inc} external LIBSM;
function sm_token_expires_in(token: Pointer): Int64; {$I sm_call.inc} external LIBSM;
procedure sm_token_free(token: Pointer); {$I sm_call.inc} external LIBSM;

function sm_token_fetch(client_id, client_secret: PAnsiChar; options: Pointer; out token: Pointer;
  out error: Pointer): Integer; {$I sm_call.inc} external LIBSM;

function sm_client_new(client_id, client_secret: PAnsiChar; options: Pointer; out client: Pointer;
  out error: Pointer): Integer; {$I sm_call.inc} external LIBSM;
function sm_client_token_within(client: Pointer; wait_ms: Int64; out token: Pointer; out error: Pointer): Integer; {$I sm_call.inc}
  external LIBSM;
function sm_client_authorization_within(client: Pointer; wait_ms: Int64; buffer: PAnsiChar; capacity: NativeUInt;
  out length: NativeUInt; out error: Pointer): Integer; {$I sm_call.inc} external LIBSM;
procedure sm_client_invalidate(client, token: Pointer); {$I sm_call.inc} external LIBSM;
procedure sm_client_invalidate_authorization(client: Pointer; authorization: PAnsiChar); {$I sm_call.inc} external LIBSM;
function sm_client_set_credentials(client: Pointer; client_id, client_secret: PAnsiChar; out error: Pointer): Integer;
  {$I sm_call.inc} external LIBSM;
procedure sm_client_shutdown(client: Pointer); {$I sm_call.inc} external LIBSM;
procedure sm_client_free(client: Pointer); {$I sm_call.inc} external LIBSM;

function sm_check(client_id, client_secret: PAnsiChar; options: Pointer; step: sm_check_fn; user_data: Pointer;
  out error: Pointer): Integer; {$I sm_call.inc} external LIBSM;

{ ---- errors ------------------------------------------------------------------------------------ }

function Utf8(Value: PAnsiChar): UTF8String;
begin
  SetString(Result, Value, StrLen(Value));
end;

function NewFailure(Status: Integer; const Message: UTF8String): ESMToken;
begin
  Result := ESMToken.Create(TMessage(Message));
  Result.FStatus := Status;
  Result.FRetryAfterMs := -1;
end;

{ ---- text on its way to the library and back --------------------------------------------------- }

function TextOf(const Value: UTF8String): TSMText;
begin
{$IFDEF UNICODE}
  Result := UTF8Decode(Value);
{$ELSE}
  Result := Value;
{$ENDIF}
end;

{ Raises where the library would not get the text whole: it takes what stands before a NUL, and half of a surrogate
  pair has no UTF-8. }
function Utf8Of(const Value: TSMText; const Parameter: UTF8String): UTF8String;
const
  HOLDS_NUL: UTF8String = ' holds a NUL character';
{$IFDEF UNICODE}
  IS_NO_TEXT: UTF8String = ' is not valid UTF-16';
{$ENDIF}
begin
{$IFDEF UNICODE}
  Result := UTF8String(UTF8Encode(Value));
  if UTF8Decode(Result) <> Value then
    raise NewFailure(SM_ERROR_INVALID_ARGUMENT, Parameter + IS_NO_TEXT);
{$ELSE}
  Result := Value;
{$ENDIF}
  if Pos(AnsiChar(#0), Result) > 0 then
    raise NewFailure(SM_ERROR_INVALID_ARGUMENT, Parameter + HOLDS_NUL);
end;

{ A number that the library has no room for goes as one that it refuses by name. }
function NumberOf(Value: Int64; Refused: Cardinal): Cardinal;
begin
  if (Value < 0) or (Value > High(Cardinal)) then
    Result := Refused
  else
    Result := Cardinal(Value);
end;

{ Frees the error, and raises what it said unless all is well. }
procedure Check(Status: Integer; Error: Pointer);
var
  Failure: ESMToken;
begin
  if Status = SM_OK then
    Exit;
  Failure := NewFailure(Status, Utf8(sm_error_message(Error)));
  Failure.FHttpStatus := sm_error_http_status(Error);
  Failure.FOAuthCode := TextOf(Utf8(sm_error_oauth_code(Error)));
  Failure.FOAuthDescription := TextOf(Utf8(sm_error_oauth_description(Error)));
  Failure.FRetryable := sm_error_is_retryable(Error) <> 0;
  Failure.FRetryAfterMs := sm_error_retry_after_ms(Error);
  sm_error_free(Error);
  raise Failure;
end;

{ Raises why the last setter refused, in the library's own words. }
procedure CheckOption(Options: Pointer; Status: Integer);
begin
  if Status <> SM_OK then
    raise NewFailure(Status, Utf8(sm_options_message(Options)));
end;

{ ---- one request ------------------------------------------------------------------------------- }

function HandleOf(Options: TSMOptions): Pointer;
begin
  if Options = nil then
    Result := nil
  else
    Result := Options.FHandle;
end;

function TokenOf(Handle: Pointer): TSMToken;
begin
  Result := TSMToken.Create;
  Result.FHandle := Handle;
end;

function Fetch(ClientId, ClientSecret: PAnsiChar; Options: TSMOptions): TSMToken;
var
  Token, Error: Pointer;
  Status: Integer;
begin
  Status := sm_token_fetch(ClientId, ClientSecret, HandleOf(Options), Token, Error);
  Check(Status, Error);
  Result := TokenOf(Token);
end;

function SMFetch(Options: TSMOptions): TSMToken;
begin
  Result := Fetch(nil, nil, Options);
end;

{ An empty text is a PAnsiChar to a NUL, not nil: the library refuses it by name. }
function SMFetch(const ClientId, ClientSecret: TSMText; Options: TSMOptions): TSMToken;
begin
  Result := Fetch(PAnsiChar(Utf8Of(ClientId, 'client_id')), PAnsiChar(Utf8Of(ClientSecret, 'client_secret')), Options);
end;

{ ---- a check ----------------------------------------------------------------------------------- }

{ No exception can cross the library: one ends the check. }
function TakeStep(Taken: Pointer; Name: PAnsiChar; Verdict: Integer; Text, Advice: PAnsiChar): Integer;
  {$I sm_call.inc}
type
  PSteps = ^TSMCheckSteps;
var
  Step: TSMCheckStep;
begin
  try
    Step.Name := TextOf(Utf8(Name));
    Step.Verdict := Verdict;
    Step.Text := TextOf(Utf8(Text));
    Step.Advice := TextOf(Utf8(Advice));
    SetLength(PSteps(Taken)^, Length(PSteps(Taken)^) + 1);
    PSteps(Taken)^[High(PSteps(Taken)^)] := Step;
    Result := 1;
  except
    Result := 0;
  end;
end;

procedure TakeSteps(out Steps: TSMCheckSteps; ClientId, ClientSecret: PAnsiChar; Options: TSMOptions);
var
  Error: Pointer;
  Status: Integer;
begin
  Steps := nil;
  Status := sm_check(ClientId, ClientSecret, HandleOf(Options), TakeStep, @Steps, Error);
  Check(Status, Error);
end;

procedure SMCheck(out Steps: TSMCheckSteps; Options: TSMOptions);
begin
  TakeSteps(Steps, nil, nil, Options);
end;

procedure SMCheck(out Steps: TSMCheckSteps; const ClientId, ClientSecret: TSMText; Options: TSMOptions);
begin
  TakeSteps(Steps, PAnsiChar(Utf8Of(ClientId, 'client_id')), PAnsiChar(Utf8Of(ClientSecret, 'client_secret')), Options);
end;

{ ---- the library ------------------------------------------------------------------------------- }

function SMStatusIsRetryable(Status: Integer): Boolean;
begin
  Result := sm_status_is_retryable(Status) <> 0;
end;

function SMVersion: TSMText;
begin
  Result := TextOf(Utf8(sm_version));
end;

{ ---- TSMOptions -------------------------------------------------------------------------------- }

constructor TSMOptions.Create;
begin
  inherited Create;
  FHandle := sm_options_new;
end;

destructor TSMOptions.Destroy;
begin
  sm_options_free(FHandle);
  inherited Destroy;
end;

procedure TSMOptions.SetBaseUrl(const Value: TSMText);
begin
  CheckOption(FHandle, sm_options_set_base_url(FHandle, PAnsiChar(Utf8Of(Value, 'base_url'))));
end;

procedure TSMOptions.SetScope(const Value: TSMText);
begin
  CheckOption(FHandle, sm_options_set_scope(FHandle, PAnsiChar(Utf8Of(Value, 'scope'))));
end;

procedure TSMOptions.SetUserAgent(const Value: TSMText);
begin
  CheckOption(FHandle, sm_options_set_user_agent(FHandle, PAnsiChar(Utf8Of(Value, 'user_agent'))));
end;

procedure TSMOptions.SetProxy(const Value: TSMText);
begin
  CheckOption(FHandle, sm_options_set_proxy(FHandle, PAnsiChar(Utf8Of(Value, 'proxy'))));
end;

procedure TSMOptions.SetCaFile(const Value: TSMText);
begin
  CheckOption(FHandle, sm_options_set_ca_file(FHandle, PAnsiChar(Utf8Of(Value, 'ca_file'))));
end;

procedure TSMOptions.SetCredentialFiles(const ClientIdFile, ClientSecretFile: TSMText);
begin
  CheckOption(FHandle, sm_options_set_credential_files(FHandle, PAnsiChar(Utf8Of(ClientIdFile, 'client_id_file')),
    PAnsiChar(Utf8Of(ClientSecretFile, 'client_secret_file'))));
end;

procedure TSMOptions.SetTrust(Value: Integer);
begin
  CheckOption(FHandle, sm_options_set_trust(FHandle, Value));
end;

procedure TSMOptions.SetTimeoutMs(Value: Int64);
begin
  CheckOption(FHandle, sm_options_set_timeout_ms(FHandle, NumberOf(Value, 0)));
end;

procedure TSMOptions.SetConnectTimeoutMs(Value: Int64);
begin
  CheckOption(FHandle, sm_options_set_connect_timeout_ms(FHandle, NumberOf(Value, 0)));
end;

procedure TSMOptions.SetMaxRetries(Value: Int64);
begin
  CheckOption(FHandle, sm_options_set_max_retries(FHandle, NumberOf(Value, High(Cardinal))));
end;

{ ---- TSMToken ---------------------------------------------------------------------------------- }

destructor TSMToken.Destroy;
begin
  sm_token_free(FHandle);
  inherited Destroy;
end;

function TSMToken.GetAccessToken: TSMText;
begin
  Result := TextOf(Utf8(sm_token_access_token(FHandle)));
end;

function TSMToken.GetAuthorization: TSMText;
begin
  Result := TextOf(Utf8(sm_token_authorization(FHandle)));
end;

function TSMToken.GetTokenType: TSMText;
begin
  Result := TextOf(Utf8(sm_token_type(FHandle)));
end;

function TSMToken.GetScope: TSMText;
begin
  Result := TextOf(Utf8(sm_token_scope(FHandle)));
end;

function TSMToken.GetExpiresAt: Int64;
begin
  Result := sm_token_expires_at(FHandle);
end;

function TSMToken.GetExpiresIn: Int64;
begin
  Result := sm_token_expires_in(FHandle);
end;

{ ---- TSMClient --------------------------------------------------------------------------------- }

constructor TSMClient.Create(Options: TSMOptions);
var
  Error: Pointer;
  Status: Integer;
begin
  inherited Create;
  Status := sm_client_new(nil, nil, HandleOf(Options), FHandle, Error);
  Check(Status, Error);
end;

constructor TSMClient.Create(const ClientId, ClientSecret: TSMText; Options: TSMOptions);
var
  Error: Pointer;
  Status: Integer;
begin
  inherited Create;
  Status := sm_client_new(PAnsiChar(Utf8Of(ClientId, 'client_id')), PAnsiChar(Utf8Of(ClientSecret, 'client_secret')),
    HandleOf(Options), FHandle, Error);
  Check(Status, Error);
end;

destructor TSMClient.Destroy;
begin
  sm_client_free(FHandle);
  inherited Destroy;
end;

function TSMClient.Token(WaitMs: Int64): TSMToken;
var
  Token, Error: Pointer;
  Status: Integer;
begin
  Status := sm_client_token_within(FHandle, WaitMs, Token, Error);
  Check(Status, Error);
  Result := TokenOf(Token);
end;

function TSMClient.Authorization(WaitMs: Int64): TSMText;
var
  Buffer: array[0..LONGEST_AUTHORIZATION - 1] of AnsiChar;
  Length: NativeUInt;
  Value: UTF8String;
  Error: Pointer;
  Status: Integer;
begin
  Status := sm_client_authorization_within(FHandle, WaitMs, Buffer, SizeOf(Buffer), Length, Error);
  Check(Status, Error);
  SetString(Value, PAnsiChar(@Buffer), Length);
  Result := TextOf(Value);
end;

procedure TSMClient.Invalidate(Token: TSMToken);
begin
  if Token = nil then
    sm_client_invalidate(FHandle, nil)
  else
    sm_client_invalidate(FHandle, Token.FHandle);
end;

procedure TSMClient.Invalidate(const Authorization: TSMText);
begin
  sm_client_invalidate_authorization(FHandle, PAnsiChar(Utf8Of(Authorization, 'authorization')));
end;

procedure TSMClient.SetCredentials(const ClientId, ClientSecret: TSMText);
var
  Error: Pointer;
  Status: Integer;
begin
  Status := sm_client_set_credentials(FHandle, PAnsiChar(Utf8Of(ClientId, 'client_id')),
    PAnsiChar(Utf8Of(ClientSecret, 'client_secret')), Error);
  Check(Status, Error);
end;

procedure TSMClient.Shutdown;
begin
  sm_client_shutdown(FHandle);
end;

end.
