using System;
using System.IO;
using System.Net;
using System.Text.RegularExpressions;
using SmToken;

/// <summary>The real server, as the environment describes it.</summary>
internal static class Service
{
    internal static readonly string ClientId = Variable("SMX_CLIENT_ID");
    internal static readonly string ClientSecret = Variable("SMX_CLIENT_SECRET");
    internal static readonly string OddClientId = Variable("SM_TOKEN_ODD_CLIENT_ID");
    internal static readonly string OddClientSecret = Variable("SM_TOKEN_ODD_CLIENT_SECRET");
    internal static readonly string BaseUrl = Variable("SMX_BASE_URL");
    internal static readonly string CaFile = Variable("SM_TOKEN_CA_FILE");

    internal static SmOptions Trusted()
    {
        return new SmOptions { CaFile = CaFile };
    }

    /// <summary>How many token requests the server answers while the action runs.</summary>
    internal static int Requests(Action action)
    {
        int before = TokenRequests();
        action();
        return TokenRequests() - before;
    }

    /// <summary>No token that was handed out so far opens anything any more.</summary>
    internal static void RevokeAll()
    {
        Control("POST", "/revoke_all");
    }

    private static int TokenRequests()
    {
        return int.Parse(Regex.Match(Control("GET", "/counts"), "\"token_requests\": ([0-9]+)").Groups[1].Value);
    }

    private static string Control(string method, string path)
    {
        WebRequest request = WebRequest.Create(Variable("SM_TOKEN_CONTROL_URL") + path);
        request.Method = method;
        request.Proxy = null;
        if (method == "POST") request.ContentLength = 0;
        using (WebResponse answer = request.GetResponse())
        using (var reader = new StreamReader(answer.GetResponseStream()))
        {
            return reader.ReadToEnd();
        }
    }

    private static string Variable(string name)
    {
        string value = Environment.GetEnvironmentVariable(name);
        if (string.IsNullOrEmpty(value)) throw new Exception(name + " is not set");
        return value;
    }
}
