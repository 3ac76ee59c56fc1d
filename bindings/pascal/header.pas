{ Writes the Authorization header of a request, for a pipe to the program that sends it. }
program Header;

uses
  SysUtils, SMToken;

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
      WriteLn('Authorization: ', Token.Authorization);
    finally
      Token.Free;
    end;
  finally
    Options.Free;
  end;
end.
