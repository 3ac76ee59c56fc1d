// Fetches an access token and shows what came with it, the token itself masked.
//
// The credentials come from SMX_CLIENT_ID and SMX_CLIENT_SECRET, the service from SMX_BASE_URL where it
// is set: the library reads all three. SM_TOKEN_CA_FILE is this program's own.
using System;
using SmToken;

internal static class Example
{
    private static int Main()
    {
        // A server with a private certificate authority; null, the variable not set, keeps the default.
        var options = new SmOptions { CaFile = Environment.GetEnvironmentVariable("SM_TOKEN_CA_FILE") };
        try
        {
            using (SmAccessToken token = SmAccessToken.Fetch(options))
            {
                Show(token);
            }
            return 0;
        }
        catch (SmTokenException error)
        {
            Console.Error.WriteLine("no token: " + error.Message);
            Console.Error.WriteLine(Advice(error));
            return 1;
        }
    }

    private static void Show(SmAccessToken token)
    {
        string text = token.AccessToken;
        Console.WriteLine("  type     {0}", token.Type);
        Console.WriteLine("  scope    {0}", token.Scope);
        Console.WriteLine("  expires  in {0} seconds", (long)token.ExpiresIn.TotalSeconds);
        string start = text.Substring(0, Math.Min(4, text.Length));
        Console.WriteLine("  token    {0}... ({1} characters)", start, text.Length);
    }

    private static string Advice(SmTokenException error)
    {
        if (error.RetryAfter.HasValue) return "try again in " + error.RetryAfter.Value;
        if (error.IsRetryable) return "this may pass: try again later";
        return "trying again will not help: mend the cause first";
    }
}
