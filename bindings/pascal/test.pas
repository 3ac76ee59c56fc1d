{ Tests the unit against the real server, with six token requests, which `check` counts. }
program Test;

uses
  {$IFDEF UNIX} cthreads, {$ENDIF}
  SysUtils, Classes, SMToken;

var
  Failures: Integer = 0;
  Options: TSMOptions;

procedure Expect(IsSo: Boolean; const Name: string);
begin
  if IsSo then
    WriteLn('ok ', Name)
  else
  begin
    WriteLn('FAILED ', Name);
    Inc(Failures);
  end;
end;

procedure ExpectFailure(Failure: ESMToken; Status: Integer; const Says, Name: string);
begin
  Expect((Failure.Status = Status) and (Pos(Says, Failure.Message) > 0), Name);
  if (Failure.Status <> Status) or (Pos(Says, Failure.Message) = 0) then
    WriteLn('    ', Failure.Status, ' ', Failure.Message);
end;

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

procedure RefusedSecret;
begin
  try
    SMFetch(GetEnvironmentVariable('SMX_CLIENT_ID'), 'wrong', Options).Free;
    Expect(False, 'a refused secret raises');
  except
    on Failure: ESMToken do
    begin
      ExpectFailure(Failure, SM_ERROR_INVALID_CLIENT, 'check client_id and client_secret',
        'a refusal says what to do');
      Expect((Failure.HttpStatus = 401) and (Failure.OAuthCode = 'invalid_client') and not Failure.Retryable
        and (Failure.RetryAfterMs = -1), 'a refusal tells what the server said');
    end;
  end;
end;

procedure OddCredentials;
var
  Token: TSMToken;
begin
  Token := SMFetch(GetEnvironmentVariable('SM_TOKEN_ODD_CLIENT_ID'),
    GetEnvironmentVariable('SM_TOKEN_ODD_CLIENT_SECRET'), Options);
  try
    Expect(Length(Token.AccessToken) > 20, 'reserved and accented characters pass');
  finally
    Token.Free;
  end;
end;

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
        ExpectFailure(Failure, SM_ERROR_INSECURE_URL, 'BaseUrl: ', 'a URL must be secure');
    end;
    try
      Bad.TimeoutMs := 0;
      Expect(False, 'no timeout raises');
    except
      on Failure: ESMToken do
        ExpectFailure(Failure, SM_ERROR_INVALID_ARGUMENT, 'TimeoutMs: ', 'a timeout must be positive');
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

procedure GoodOptions;
var
  Good: TSMOptions;
  Token: TSMToken;
begin
  Good := TSMOptions.Create;
  try
    Good.BaseUrl := GetEnvironmentVariable('SMX_BASE_URL');
    Good.CaFile := GetEnvironmentVariable('SM_TOKEN_CA_FILE');
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

procedure CachedClient;
var
  Client: TSMClient;
  Token: TSMToken;
  First: UTF8String;
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

    Client.Invalidate('Bearer of another token');
    Expect(Client.Authorization <> '', 'what is no longer current is not dropped');

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

procedure AllTests;
begin
  Options := TSMOptions.Create;
  try
    Options.CaFile := GetEnvironmentVariable('SM_TOKEN_CA_FILE');
    OneCall;
    RefusedSecret;
    OddCredentials;
    EmptySecret;
    BadOptions;
    GoodOptions;
    CachedClient;
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
