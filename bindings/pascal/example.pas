{ Fetches an access token and shows what came with it, the token itself masked.

      fpc -Mdelphi example.pas

  The library takes the credentials from SMX_CLIENT_ID and SMX_CLIENT_SECRET and the service from
  SMX_BASE_URL where it is set. SM_TOKEN_CA_FILE is this program's own. }
program Example;

uses
  SysUtils, SMToken;

procedure ShowToken(Token: TSMToken);
var
  Text: UTF8String;
begin
  Text := Token.AccessToken;
  WriteLn('  type     ', Token.TokenType);
  WriteLn('  scope    ', Token.Scope);
  WriteLn('  expires  in ', Token.ExpiresIn, ' seconds');
  WriteLn('  token    ', Copy(Text, 1, 4), '... (', Length(Text), ' characters)');
end;

procedure FetchToken;
var
  Options: TSMOptions;
  Token: TSMToken;
begin
  Options := TSMOptions.Create;
  try
    if GetEnvironmentVariable('SM_TOKEN_CA_FILE') <> '' then
      Options.CaFile := GetEnvironmentVariable('SM_TOKEN_CA_FILE');
    Token := SMFetch(Options);
    try
      ShowToken(Token);
    finally
      Token.Free;
    end;
  finally
    Options.Free;
  end;
end;

begin
  try
    FetchToken;
  except
    on Failure: ESMToken do
    begin
      WriteLn(ErrOutput, 'no token: ', Failure.Message);
      ExitCode := 1;
    end;
  end;
end.
