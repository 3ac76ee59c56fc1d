{ Gets and keeps access tokens for the Standard Metrics API, over the C library sm_token.

  A failure is an ESMToken. Whoever gets an object frees it; a client, a token or options free what they hold
  of the library, and a token is wiped first. Text is UTF-8. Any number of threads may use one client.

  Free Pascal: compile with -Mdelphi; on Unix a program with threads uses cthreads first. }
unit SMToken;

{$IFDEF FPC}
  {$MODE DELPHI}
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

type
  { What happened and what to do is the Message, one line without a secret in it. }
  ESMToken = class(Exception)
  private
    FStatus: Integer;
    FHttpStatus: Integer;
    FOAuthCode: UTF8String;
    FOAuthDescription: UTF8String;
    FRetryable: Boolean;
    FRetryAfterMs: Int64;
  public
    { One of the SM_ERROR_ constants. }
    property Status: Integer read FStatus;
    { Of the server's answer; 0 where none came. }
    property HttpStatus: Integer read FHttpStatus;
    { What the server said (RFC 6749 section 5.2); '' where it did not. }
    property OAuthCode: UTF8String read FOAuthCode;
    property OAuthDescription: UTF8String read FOAuthDescription;
    { Whether the same call may succeed later, and after how many milliseconds: -1 where nobody said. }
    property Retryable: Boolean read FRetryable;
    property RetryAfterMs: Int64 read FRetryAfterMs;
  end;

  { What is not set keeps its default. A client copies what it is given. }
  TSMOptions = class
  private
    FHandle: Pointer;
    procedure SetBaseUrl(const Value: UTF8String);
    procedure SetScope(const Value: UTF8String);
    procedure SetUserAgent(const Value: UTF8String);
    procedure SetProxy(const Value: UTF8String);
    procedure SetCaFile(const Value: UTF8String);
    procedure SetTrust(Value: Integer);
    procedure SetTimeoutMs(Value: Cardinal);
    procedure SetConnectTimeoutMs(Value: Cardinal);
    procedure SetMaxRetries(Value: Cardinal);
  public
    constructor Create;
    destructor Destroy; override;
    { Default: SMX_BASE_URL, else the vendor's own. }
    property BaseUrl: UTF8String write SetBaseUrl;
    { Space separated. Default: what the server grants of itself. }
    property Scope: UTF8String write SetScope;
    property UserAgent: UTF8String write SetUserAgent;
    { [SCHEME://][USER[:PASSWORD]@]HOST[:PORT]; '' means none. Default: from the environment. }
    property Proxy: UTF8String write SetProxy;
    { A PEM file that is trusted in place of the system's store. }
    property CaFile: UTF8String write SetCaFile;
    property Trust: Integer write SetTrust;
    { Of a whole call, retries included; default 30000. Of one connection; default 10000. }
    property TimeoutMs: Cardinal write SetTimeoutMs;
    property ConnectTimeoutMs: Cardinal write SetConnectTimeoutMs;
    { Default 2; 0 turns retries off. }
    property MaxRetries: Cardinal write SetMaxRetries;
  end;

  TSMToken = class
  private
    FHandle: Pointer;
    function GetAccessToken: UTF8String;
    function GetAuthorization: UTF8String;
    function GetTokenType: UTF8String;
    function GetScope: UTF8String;
    function GetExpiresAt: Int64;
    function GetExpiresIn: Int64;
  public
    destructor Destroy; override;
    property AccessToken: UTF8String read GetAccessToken;
    { 'Bearer ' and the token: the value of the Authorization header. }
    property Authorization: UTF8String read GetAuthorization;
    property TokenType: UTF8String read GetTokenType;
    property Scope: UTF8String read GetScope;
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
    constructor Create(const ClientId, ClientSecret: UTF8String; Options: TSMOptions = nil); overload;
    { No other call on the client may be under way. }
    destructor Destroy; override;
    { The caller frees it. }
    function Token: TSMToken;
    { The current 'Bearer TOKEN': the quickest way to the value of the Authorization header. }
    function Authorization: UTF8String;
    { After a 401: drops the token that was refused, if it is still the current one. nil drops whichever is
      current, and forgets a remembered failure. }
    procedure Invalidate(Token: TSMToken); overload;
    { The same for the text that was sent. }
    procedure Invalidate(const Authorization: UTF8String); overload;
    { Lets every thread that waits go, and refuses later calls with SM_ERROR_CANCELED. }
    procedure Shutdown;
  end;

{ One request. The caller frees the token; who needs more than one keeps a TSMClient. }
function SMFetch(Options: TSMOptions = nil): TSMToken; overload;
function SMFetch(const ClientId, ClientSecret: UTF8String; Options: TSMOptions = nil): TSMToken; overload;

{ The version of the library that runs, as MAJOR.MINOR.PATCH. }
function SMVersion: UTF8String;

implementation

const
{$IFDEF MSWINDOWS}
  LIBSM = 'sm_token.dll';
{$ELSE}
  LIBSM = 'sm_token';
{$ENDIF}

  { With the NUL at its end. }
  LONGEST_AUTHORIZATION = 16 * 1024 + 8;

{ The C functions, in the order of sm_token.h. A handle is a Pointer. }
function sm_status_message(status: Integer): PAnsiChar; cdecl; external LIBSM;
function sm_version: PAnsiChar; cdecl; external LIBSM;

function sm_error_message(error: Pointer): PAnsiChar; cdecl; external LIBSM;
function sm_error_http_status(error: Pointer): Integer; cdecl; external LIBSM;
function sm_error_oauth_code(error: Pointer): PAnsiChar; cdecl; external LIBSM;
function sm_error_oauth_description(error: Pointer): PAnsiChar; cdecl; external LIBSM;
function sm_error_is_retryable(error: Pointer): Integer; cdecl; external LIBSM;
function sm_error_retry_after_ms(error: Pointer): Int64; cdecl; external LIBSM;
procedure sm_error_free(error: Pointer); cdecl; external LIBSM;

function sm_options_new: Pointer; cdecl; external LIBSM;
function sm_options_set_base_url(options: Pointer; base_url: PAnsiChar): Integer; cdecl; external LIBSM;
function sm_options_set_scope(options: Pointer; scope: PAnsiChar): Integer; cdecl; external LIBSM;
function sm_options_set_user_agent(options: Pointer; user_agent: PAnsiChar): Integer; cdecl; external LIBSM;
function sm_options_set_proxy(options: Pointer; proxy: PAnsiChar): Integer; cdecl; external LIBSM;
function sm_options_set_ca_file(options: Pointer; ca_file: PAnsiChar): Integer; cdecl; external LIBSM;
function sm_options_set_trust(options: Pointer; trust: Integer): Integer; cdecl; external LIBSM;
function sm_options_set_timeout_ms(options: Pointer; timeout_ms: Cardinal): Integer; cdecl; external LIBSM;
function sm_options_set_connect_timeout_ms(options: Pointer; connect_timeout_ms: Cardinal): Integer; cdecl;
  external LIBSM;
function sm_options_set_max_retries(options: Pointer; max_retries: Cardinal): Integer; cdecl; external LIBSM;
procedure sm_options_free(options: Pointer); cdecl; external LIBSM;

function sm_token_access_token(token: Pointer): PAnsiChar; cdecl; external LIBSM;
function sm_token_authorization(token: Pointer): PAnsiChar; cdecl; external LIBSM;
function sm_token_type(token: Pointer): PAnsiChar; cdecl; external LIBSM;
function sm_token_scope(token: Pointer): PAnsiChar; cdecl; external LIBSM;
function sm_token_expires_at(token: Pointer): Int64; cdecl; external LIBSM;
function sm_token_expires_in(token: Pointer): Int64; cdecl; external LIBSM;
procedure sm_token_free(token: Pointer); cdecl; external LIBSM;

function sm_token_fetch(client_id, client_secret: PAnsiChar; options: Pointer; out token: Pointer;
  out error: Pointer): Integer; cdecl; external LIBSM;

function sm_client_new(client_id, client_secret: PAnsiChar; options: Pointer; out client: Pointer;
  out error: Pointer): Integer; cdecl; external LIBSM;
function sm_client_token(client: Pointer; out token: Pointer; out error: Pointer): Integer; cdecl;
  external LIBSM;
function sm_client_authorization(client: Pointer; buffer: PAnsiChar; capacity: NativeUInt;
  out length: NativeUInt; out error: Pointer): Integer; cdecl; external LIBSM;
procedure sm_client_invalidate(client, token: Pointer); cdecl; external LIBSM;
procedure sm_client_invalidate_authorization(client: Pointer; authorization: PAnsiChar); cdecl; external LIBSM;
procedure sm_client_shutdown(client: Pointer); cdecl; external LIBSM;
procedure sm_client_free(client: Pointer); cdecl; external LIBSM;

{ ---- errors ------------------------------------------------------------------------------------ }

function Text(Value: PAnsiChar): UTF8String;
begin
  SetString(Result, Value, StrLen(Value));
end;

{ Frees the error, and raises what it said unless all is well. }
procedure Check(Status: Integer; Error: Pointer);
var
  Failure: ESMToken;
begin
  if Status = SM_OK then
    Exit;
  Failure := ESMToken.Create(string(Text(sm_error_message(Error))));
  Failure.FStatus := Status;
  Failure.FHttpStatus := sm_error_http_status(Error);
  Failure.FOAuthCode := Text(sm_error_oauth_code(Error));
  Failure.FOAuthDescription := Text(sm_error_oauth_description(Error));
  Failure.FRetryable := sm_error_is_retryable(Error) <> 0;
  Failure.FRetryAfterMs := sm_error_retry_after_ms(Error);
  sm_error_free(Error);
  raise Failure;
end;

{ A setter says no more than a status. }
procedure CheckOption(Status: Integer; const Name: string);
var
  Failure: ESMToken;
begin
  if Status = SM_OK then
    Exit;
  Failure := ESMToken.Create(Name + ': ' + string(Text(sm_status_message(Status))));
  Failure.FStatus := Status;
  Failure.FRetryAfterMs := -1;
  raise Failure;
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
function SMFetch(const ClientId, ClientSecret: UTF8String; Options: TSMOptions): TSMToken;
begin
  Result := Fetch(PAnsiChar(ClientId), PAnsiChar(ClientSecret), Options);
end;

function SMVersion: UTF8String;
begin
  Result := Text(sm_version);
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

procedure TSMOptions.SetBaseUrl(const Value: UTF8String);
begin
  CheckOption(sm_options_set_base_url(FHandle, PAnsiChar(Value)), 'BaseUrl');
end;

procedure TSMOptions.SetScope(const Value: UTF8String);
begin
  CheckOption(sm_options_set_scope(FHandle, PAnsiChar(Value)), 'Scope');
end;

procedure TSMOptions.SetUserAgent(const Value: UTF8String);
begin
  CheckOption(sm_options_set_user_agent(FHandle, PAnsiChar(Value)), 'UserAgent');
end;

procedure TSMOptions.SetProxy(const Value: UTF8String);
begin
  CheckOption(sm_options_set_proxy(FHandle, PAnsiChar(Value)), 'Proxy');
end;

procedure TSMOptions.SetCaFile(const Value: UTF8String);
begin
  CheckOption(sm_options_set_ca_file(FHandle, PAnsiChar(Value)), 'CaFile');
end;

procedure TSMOptions.SetTrust(Value: Integer);
begin
  CheckOption(sm_options_set_trust(FHandle, Value), 'Trust');
end;

procedure TSMOptions.SetTimeoutMs(Value: Cardinal);
begin
  CheckOption(sm_options_set_timeout_ms(FHandle, Value), 'TimeoutMs');
end;

procedure TSMOptions.SetConnectTimeoutMs(Value: Cardinal);
begin
  CheckOption(sm_options_set_connect_timeout_ms(FHandle, Value), 'ConnectTimeoutMs');
end;

procedure TSMOptions.SetMaxRetries(Value: Cardinal);
begin
  CheckOption(sm_options_set_max_retries(FHandle, Value), 'MaxRetries');
end;

{ ---- TSMToken ---------------------------------------------------------------------------------- }

destructor TSMToken.Destroy;
begin
  sm_token_free(FHandle);
  inherited Destroy;
end;

function TSMToken.GetAccessToken: UTF8String;
begin
  Result := Text(sm_token_access_token(FHandle));
end;

function TSMToken.GetAuthorization: UTF8String;
begin
  Result := Text(sm_token_authorization(FHandle));
end;

function TSMToken.GetTokenType: UTF8String;
begin
  Result := Text(sm_token_type(FHandle));
end;

function TSMToken.GetScope: UTF8String;
begin
  Result := Text(sm_token_scope(FHandle));
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

constructor TSMClient.Create(const ClientId, ClientSecret: UTF8String; Options: TSMOptions);
var
  Error: Pointer;
  Status: Integer;
begin
  inherited Create;
  Status := sm_client_new(PAnsiChar(ClientId), PAnsiChar(ClientSecret), HandleOf(Options), FHandle, Error);
  Check(Status, Error);
end;

destructor TSMClient.Destroy;
begin
  sm_client_free(FHandle);
  inherited Destroy;
end;

function TSMClient.Token: TSMToken;
var
  Token, Error: Pointer;
  Status: Integer;
begin
  Status := sm_client_token(FHandle, Token, Error);
  Check(Status, Error);
  Result := TokenOf(Token);
end;

function TSMClient.Authorization: UTF8String;
var
  Buffer: array[0..LONGEST_AUTHORIZATION - 1] of AnsiChar;
  Length: NativeUInt;
  Error: Pointer;
  Status: Integer;
begin
  Status := sm_client_authorization(FHandle, Buffer, SizeOf(Buffer), Length, Error);
  Check(Status, Error);
  SetString(Result, Buffer, Length);
end;

procedure TSMClient.Invalidate(Token: TSMToken);
begin
  if Token = nil then
    sm_client_invalidate(FHandle, nil)
  else
    sm_client_invalidate(FHandle, Token.FHandle);
end;

procedure TSMClient.Invalidate(const Authorization: UTF8String);
begin
  sm_client_invalidate_authorization(FHandle, PAnsiChar(Authorization));
end;

procedure TSMClient.Shutdown;
begin
  sm_client_shutdown(FHandle);
end;

end.
