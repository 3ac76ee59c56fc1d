{ Tests the unit against the real server, with twelve token requests, which `check` counts, and against one that
  misbehaves. It compiles without a warning whether text is UTF8String or UnicodeString. }
program Test;

uses
  {$IFDEF UNIX} cthreads, {$ENDIF} {$IFDEF MSWINDOWS} Windows, {$ENDIF}
  SysUtils, Classes, SMToken;

var
  Failures: Integer = 0;
  Options: TSMOptions;

{$IFDEF MSWINDOWS}
{ Whole: what the run-time library gives is in the system's code page. }
function Variable(const Name: AnsiString): TSMText;
var
  Value: array[0..2047] of WideChar;
  Wide: UnicodeString;
begin
  SetString(Wide, Value, GetEnvironmentVariableW(PWideChar(UnicodeString(Name)), Value, Length(Value)));
{$IFDEF UNICODE}
  Result := Wide;
{$ELSE}
  Result := UTF8Encode(Wide);
{$ENDIF}
end;
{$ELSE}
{ The run-time library's own text has no code page that is known; the environment's is UTF-8. }
function Variable(const Name: AnsiString): TSMText;
var
  Value: RawByteString;
begin
  Value := GetEnvironmentVariable(Name);
  SetCodePage(Value, CP_UTF8, False);
{$IFDEF UNICODE}
  Result := UTF8Decode(Value);
{$ELSE}
  Result := Value;
{$ENDIF}
end;
{$ENDIF}

procedure Expect(IsSo: Boolean; const Name: AnsiString);
begin
  if IsSo then
    WriteLn('ok ', Name)
  else
  begin
    WriteLn('FAILED ', Name);
    Inc(Failures);
  end;
end;

procedure ExpectFailure(Failure: ESMToken; Status: Integer; const Says, Name: AnsiString);
begin
  Expect((Failure.Status = Status) and (Pos(Says, Failure.Message) > 0), Name);
  if (Failure.Status <> Status) or (Pos(Says, Failure.Message) = 0) then
    WriteLn('    ', Failure.Status, ' ', Failure.Message);
end;

{ contract: token expiry environment }
procedure OneCall;
var
  Token: TSMToken;
begin
  Token := SMFetch(Options);
  try
    Expect((Token.TokenType = 'Bearer') and (Token.Scope = 'all read write'), 'one call brings a token');
    Expect(Token.Authorization = 'Bearer ' + Token.AccessToken, 'a token gives its authorization');
    Expect((Token.ExpiresIn > 3500) and (Token.ExpiresIn <= 3600), 'it tells how long it is good');
    Expect((Token.ExpiresAt > 1700000000) and (Token.ExpiresAt < 4102444800), 'it tells when it expires');
  finally
    Token.Free;
  end;
end;

{ contract: refused refused-fields no-secret }
procedure RefusedSecret;
begin
  try
    SMFetch(Variable('SMX_CLIENT_ID'), 'this-secret-is-refused', Options).Free;
    Expect(False, 'a refused secret raises');
  except
    on Failure: ESMToken do
    begin
      ExpectFailure(Failure, SM_ERROR_INVALID_CLIENT, 'check client_id and client_secret',
        'a refusal says what to do');
      Expect(Pos('this-secret-is-refused', Failure.Message) = 0, 'a refusal does not show the secret');
      Expect((Failure.HttpStatus = 401) and (Failure.OAuthCode = 'invalid_client') and not Failure.Retryable
        and (Failure.RetryAfterMs = -1), 'a refusal tells what the server said');
    end;
  end;
end;

function NamesOf(const Steps: TSMCheckSteps): TSMText;
var
  Number: Integer;
begin
  Result := '';
  for Number := 0 to High(Steps) do
    Result := Result + Steps[Number].Name + ';';
end;

{ contract: check }
procedure Steps;
const
  NAMES = 'credentials;base URL;proxy;name;connection;TLS;certificate;clock;answer;';
var
  Taken: TSMCheckSteps;
  Number, Right: Integer;
begin
  SMCheck(Taken, Options);
  Expect(NamesOf(Taken) = NAMES, 'a check takes every step in order');
  Right := 0;
  for Number := 0 to High(Taken) do
    if (Taken[Number].Verdict = SM_CHECK_OK) and (Taken[Number].Text <> '') then
      Inc(Right);
  Expect(Right = 9, 'every step to the real server is right');
  try
    SMCheck(Taken, Variable('SMX_CLIENT_ID'), 'this-secret-is-refused', Options);
    Expect(False, 'a check with a refused secret raises');
  except
    on Failure: ESMToken do
      ExpectFailure(Failure, SM_ERROR_INVALID_CLIENT, 'client_secret', 'a check raises what is wrong with a step');
  end;
  Expect(NamesOf(Taken) = NAMES, 'the steps are there after a failure');
  for Number := 0 to High(Taken) do
    Expect((Taken[Number].Verdict = SM_CHECK_WRONG) = (Taken[Number].Name = 'answer'), 'the answer alone is wrong');
  Expect((Length(Taken) = 9) and (Taken[8].Advice <> ''), 'a step that is wrong tells what to do');
end;

{ contract: odd-text }
procedure OddCredentials;
var
  Token: TSMToken;
begin
  Token := SMFetch(Variable('SM_TOKEN_ODD_CLIENT_ID'),
    Variable('SM_TOKEN_ODD_CLIENT_SECRET'), Options);
  try
    Expect(Length(Token.AccessToken) > 20, 'reserved and accented characters pass');
  finally
    Token.Free;
  end;
end;

{ contract: half-credentials }
procedure EmptySecret;
begin
  try
    SMFetch('an id alone', '', Options).Free;
    Expect(False, 'an empty secret raises');
  except
    on Failure: ESMToken do
      ExpectFailure(Failure, SM_ERROR_INVALID_ARGUMENT, 'client_secret', 'an empty secret is a bad argument');
  end;
end;

{ contract: not-text }
procedure SecretThatIsNotWhole;
var
  NoText: TSMText;
begin
{$IFDEF UNICODE}
  NoText := 'half of a pair: ';
  NoText := NoText + WideChar($D800);
{$ELSE}
  NoText := PAnsiChar(#$E9);
{$ENDIF}
  try
    SMFetch('id', NoText, Options).Free;
    Expect(False, 'a secret that is no text raises');
  except
    on Failure: ESMToken do
      ExpectFailure(Failure, SM_ERROR_INVALID_ARGUMENT, 'client_secret', 'a secret that is no text is refused');
  end;
  NoText := 'half' + #0 + 'of it';
  try
    TSMClient.Create('id', NoText, Options).Free;
    Expect(False, 'a secret that holds a NUL raises');
  except
    on Failure: ESMToken do
      ExpectFailure(Failure, SM_ERROR_INVALID_ARGUMENT, 'client_secret holds a NUL', 'a secret is not cut at a NUL');
  end;
end;

{ contract: number-range }
procedure NumbersOutOfRange;
var
  Bad: TSMOptions;
  Number: Integer;
begin
  Number := -1;
  Bad := TSMOptions.Create;
  try
    try
      Bad.TimeoutMs := Number;
      Expect(False, 'a timeout below zero raises');
    except
      on Failure: ESMToken do
        ExpectFailure(Failure, SM_ERROR_INVALID_ARGUMENT, 'timeout is not', 'a timeout below zero is refused');
    end;
    try
      Bad.ConnectTimeoutMs := Int64(High(Cardinal)) + 2;
      Expect(False, 'a long timeout raises');
    except
      on Failure: ESMToken do
        ExpectFailure(Failure, SM_ERROR_INVALID_ARGUMENT, 'connect_timeout is not', 'a long timeout is not cut');
    end;
    try
      Bad.MaxRetries := Number;
      Expect(False, 'retries below zero raise');
    except
      on Failure: ESMToken do
        ExpectFailure(Failure, SM_ERROR_INVALID_ARGUMENT, 'max_retries', 'retries below zero are refused');
    end;
  finally
    Bad.Free;
  end;
end;

{ The files count before the environment, whose secret is the right one. }
procedure CredentialsThatChange;
var
  Its: TSMOptions;
  Client: TSMClient;
  Files: TSMText;
begin
  Files := Variable('SM_TOKEN_FILES');
  Client := nil;
  Its := TSMOptions.Create;
  try
    Its.CaFile := Variable('SM_TOKEN_CA_FILE');
    try
      Its.SetCredentialFiles(Files + '/client_id', '');
      Expect(False, 'one file without the other raises');
    except
      on Failure: ESMToken do
        ExpectFailure(Failure, SM_ERROR_INVALID_ARGUMENT, 'client_secret_file', 'one file alone is refused');
    end;
    Its.SetCredentialFiles(Files + '/client_id', Files + '/refused_secret');
    Client := TSMClient.Create(Its);
    try
      Client.Authorization;
      Expect(False, 'a refused secret of a file raises');
    except
      on Failure: ESMToken do
        ExpectFailure(Failure, SM_ERROR_INVALID_CLIENT, 'client_secret', 'credentials come from files');
    end;
    try
      Client.SetCredentials(Variable('SMX_CLIENT_ID'), '');
      Expect(False, 'half of the credentials raises');
    except
      on Failure: ESMToken do
        ExpectFailure(Failure, SM_ERROR_INVALID_ARGUMENT, 'client_secret', 'half of the credentials is not set');
    end;
    Client.SetCredentials(Variable('SMX_CLIENT_ID'), Variable('SMX_CLIENT_SECRET'));
    Expect(Pos('Bearer ', Client.Authorization) = 1, 'other credentials are used at once');
  finally
    Client.Free;
    Its.Free;
  end;
end;

function ClientOf(const Script: TSMText): TSMClient;
var
  Its: TSMOptions;
begin
  Its := TSMOptions.Create;
  try
    Its.BaseUrl := Variable('SM_TOKEN_MISBEHAVING_URL') + Script;
    Its.CaFile := Variable('SM_TOKEN_CA_FILE');
    Its.TimeoutMs := 600000;
    Result := TSMClient.Create(Its);
  finally
    Its.Free;
  end;
end;

{ The server answers after 0.3 s. }
procedure RequestGoesOn;
var
  Client: TSMClient;
begin
  Client := ClientOf('/slow-token');
  try
    try
      Client.Authorization(0);
    except
      on ESMToken do;
    end;
    Expect(Pos('Bearer ', Client.Authorization) = 1, 'the request goes on for the next call');
  finally
    Client.Free;
  end;
end;

type
  TShutdown = class(TThread)
  public
    Client: TSMClient;
    procedure Execute; override;
  end;

procedure TShutdown.Execute;
begin
  Sleep(300);
  Client.Shutdown;
end;

{ contract: wait-interrupted }
procedure ShutdownOfAClientThatWaits;
var
  Client: TSMClient;
  Shutdown: TShutdown;
begin
  Client := ClientOf('/hang-before-headers');
  Shutdown := TShutdown.Create(True);
  try
    Shutdown.Client := Client;
    Shutdown.Start;
    try
      Client.Authorization;
      Expect(False, 'a caller that is let go raises');
    except
      on Failure: ESMToken do
        ExpectFailure(Failure, SM_ERROR_CANCELED, 'canceled', 'shutdown lets a caller go that waits');
    end;
    Shutdown.WaitFor;
  finally
    Shutdown.Free;
    Client.Free;
  end;
end;

{ The server accepts the request, and never answers it. The text is that of the wait, not that of the timeout.
  contract: wait-bounded }
procedure BoundedWaits;
const
  END_OF_WAIT = 'no token came within the wait';
var
  Client: TSMClient;
begin
  RequestGoesOn;
  Client := ClientOf('/hang-before-headers');
  try
    try
      Client.Authorization(0);
      Expect(False, 'a wait of 0 raises');
    except
      on Failure: ESMToken do
        ExpectFailure(Failure, SM_ERROR_TIMEOUT, END_OF_WAIT, 'a wait of 0 starts a request and returns');
    end;
    try
      Client.Token(200).Free;
      Expect(False, 'a wait that ends raises');
    except
      on Failure: ESMToken do
      begin
        ExpectFailure(Failure, SM_ERROR_TIMEOUT, END_OF_WAIT, 'a wait for a token is bounded');
        Expect(Failure.Retryable and (Failure.RetryAfterMs = -1), 'a wait that ended may be repeated at once');
      end;
    end;
    try
      Client.Authorization(-2);
      Expect(False, 'a wait below -1 raises');
    except
      on Failure: ESMToken do
        ExpectFailure(Failure, SM_ERROR_INVALID_ARGUMENT, 'wait_ms', 'a wait below -1 is refused');
    end;
  finally
    Client.Free;
  end;
  Expect(SMStatusIsRetryable(SM_ERROR_TIMEOUT) and not SMStatusIsRetryable(SM_ERROR_INVALID_CLIENT),
    'a status tells whether to try again');
end;

{ contract: option-reason insecure-url trust-roots }
procedure BadOptions;
var
  Bad: TSMOptions;
begin
  Bad := TSMOptions.Create;
  try
    try
      Bad.BaseUrl := 'http://example.com';
      Expect(False, 'an insecure URL raises');
    except
      on Failure: ESMToken do
        ExpectFailure(Failure, SM_ERROR_INSECURE_URL, 'base_url would send', 'a URL must be secure');
    end;
    try
      Bad.TimeoutMs := 0;
      Expect(False, 'no timeout raises');
    except
      on Failure: ESMToken do
        ExpectFailure(Failure, SM_ERROR_INVALID_ARGUMENT, 'timeout is not between', 'a timeout must be positive');
    end;
    Bad.CaFile := '/nowhere/at/all.pem';
    try
      TSMClient.Create(Bad).Free;
      Expect(False, 'a missing CA file raises');
    except
      on Failure: ESMToken do
        ExpectFailure(Failure, SM_ERROR_NO_TRUST_ROOTS, '/nowhere/at/all.pem', 'a CA file must be there');
    end;
  finally
    Bad.Free;
  end;
end;

{ contract: option-sent }
procedure GoodOptions;
var
  Good: TSMOptions;
  Token: TSMToken;
begin
  Good := TSMOptions.Create;
  try
    Good.BaseUrl := Variable('SMX_BASE_URL');
    Good.CaFile := Variable('SM_TOKEN_CA_FILE');
    Good.Scope := 'read';
    Good.UserAgent := 'nightly/1.0';
    Good.Proxy := '';
    Good.Trust := SM_TRUST_BUNDLED;
    Good.TimeoutMs := 20000;
    Good.ConnectTimeoutMs := 5000;
    Good.MaxRetries := 0;
    Token := SMFetch(Good);
    try
      Expect(Token.Scope = 'read', 'options reach the request');
    finally
      Token.Free;
    end;
  finally
    Good.Free;
  end;
end;

{ contract: cached invalidate invalidate-old invalidate-all shutdown }
procedure CachedClient;
var
  Client: TSMClient;
  Token: TSMToken;
  First: TSMText;
begin
  Client := TSMClient.Create(Options);
  try
    First := Client.Authorization;
    Expect((Pos('Bearer ', First) = 1) and (Length(First) > 20) and (Client.Authorization = First),
      'a client gives the same token twice');

    Token := Client.Token;
    try
      Expect(Token.Authorization = First, 'a client hands its token out');
      Client.Invalidate(Token);
    finally
      Token.Free;
    end;
    Expect(Client.Authorization <> First, 'an invalidated token is replaced');

    First := Client.Authorization;
    Client.Invalidate('Bearer of another token');
    Expect(Client.Authorization = First, 'what is no longer current is not dropped');
    Client.Invalidate(TSMToken(nil));
    Expect(Client.Authorization <> First, 'without a token whichever is current is dropped');

    Client.Shutdown;
    try
      Client.Authorization;
      Expect(False, 'a client that was shut down raises');
    except
      on Failure: ESMToken do
        ExpectFailure(Failure, SM_ERROR_CANCELED, 'canceled', 'a client that was shut down says so');
    end;
  finally
    Client.Free;
  end;
end;

{ contract: remembered }
procedure RefusedClient;
var
  Client: TSMClient;
  Call: Integer;
begin
  Client := TSMClient.Create(Variable('SMX_CLIENT_ID'), 'this-secret-is-refused', Options);
  try
    for Call := 1 to 2 do
      try
        Client.Authorization;
        Expect(False, 'a refused client raises');
      except
        on Failure: ESMToken do
          if Call = 2 then
            Expect((Failure.Status = SM_ERROR_INVALID_CLIENT) and (Failure.RetryAfterMs > 50000)
              and (Failure.RetryAfterMs <= 60000), 'a client remembers its refusal');
      end;
  finally
    Client.Free;
  end;
end;

procedure AllTests;
begin
  Options := TSMOptions.Create;
  try
    Options.CaFile := Variable('SM_TOKEN_CA_FILE');
    OneCall;
    RefusedSecret;
    Steps;
    OddCredentials;
    EmptySecret;
    SecretThatIsNotWhole;
    NumbersOutOfRange;
    CredentialsThatChange;
    BoundedWaits;
    ShutdownOfAClientThatWaits;
    BadOptions;
    GoodOptions;
    CachedClient;
    RefusedClient;
    { contract: version }
    Expect(Pos('.', SMVersion) > 0, 'the library tells its version');
  finally
    Options.Free;
  end;
end;

begin
  AllTests;
  if Failures > 0 then
    Halt(1);
end.
