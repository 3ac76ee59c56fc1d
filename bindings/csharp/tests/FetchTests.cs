using System;
using System.Collections.Generic;
using System.Linq;
using SmToken;

public sealed class FetchTests
{
    public void a_token_is_fetched_with_the_credentials_of_the_environment()
    {
        using (Token token = Token.Fetch(Service.Trusted()))
        {
            Expect.That(token.AccessToken.Length >= 20, "the token has a length");
        }
    }

    public void the_authorization_is_bearer_and_the_token()
    {
        using (Token token = Fetch())
        {
            Expect.That(token.Authorization == "Bearer " + token.AccessToken, "Bearer TOKEN");
        }
    }

    public void the_type_and_the_scope_are_the_servers()
    {
        using (Token token = Fetch())
        {
            Expect.Equal("Bearer all read write", token.Type + " " + token.Scope);
        }
    }

    public void the_scope_is_what_was_asked_for()
    {
        Options options = Service.Trusted();
        options.Scope = "read";
        using (Token token = Token.Fetch(options)) Expect.Equal("read", token.Scope);
    }

    public void the_time_left_and_the_expiry_agree()
    {
        using (Token token = Fetch())
        {
            TimeSpan apart = DateTime.UtcNow + token.ExpiresIn - token.ExpiresAt;
            Expect.That(Math.Abs(apart.TotalSeconds) <= 2, "2 s apart at most, not " + apart);
        }
    }

    public void the_time_left_is_that_of_the_server()
    {
        using (Token token = Fetch())
        {
            double left = token.ExpiresIn.TotalSeconds;
            Expect.That(left > 3500 && left <= 3600, left + " s are left of 3600");
        }
    }

    public void credentials_of_other_than_ascii_characters_are_accepted()
    {
        using (Token token = Token.Fetch(Service.OddClientId, Service.OddClientSecret, Service.Trusted()))
        {
            Expect.That(token.AccessToken.Length >= 20, "the token has a length");
        }
    }

    public void a_refused_secret_is_status_40()
    {
        Expect.Equal(40, (int)Refused().Status);
    }

    public void a_refused_secret_says_what_to_do()
    {
        Expect.Contains("check client_id and client_secret", Refused().Message);
    }

    public void a_refusal_tells_what_the_server_answered()
    {
        SmTokenException error = Refused();
        Expect.Equal("401 invalid_client", error.HttpStatus + " " + error.OAuthCode);
    }

    public void a_refused_secret_is_not_worth_another_try()
    {
        SmTokenException error = Refused();
        Expect.That(!error.IsRetryable && error.RetryAfter == null, "not retryable, and no time to wait");
    }

    public void a_refusal_does_not_show_the_secret()
    {
        Expect.That(!Refused().ToString().Contains("a wrong secret"), "the secret is not shown");
    }

    public void a_secret_read_with_its_newline_is_refused_by_name()
    {
        string secret = Service.ClientSecret + "\n";
        SmTokenException error = Bad(() => Token.Fetch(Service.ClientId, secret, Service.Trusted()));
        Expect.Contains("client_secret", error.Message);
    }

    public void a_secret_with_a_nul_is_refused_and_not_cut()
    {
        string secret = Service.ClientSecret + "\0";
        SmTokenException error = Bad(() => Token.Fetch(Service.ClientId, secret, Service.Trusted()));
        Expect.Contains("clientSecret", error.Message);
    }

    public void half_a_surrogate_pair_is_refused_and_not_replaced()
    {
        SmTokenException error = Bad(() => Token.Fetch("id \ud83d", "secret", Service.Trusted()));
        Expect.Contains("clientId", error.Message);
    }

    public void an_id_without_its_secret_is_a_bad_argument()
    {
        Bad(() => Token.Fetch(Service.ClientId, null, Service.Trusted()));
    }

    public void a_malformed_url_is_refused_by_the_options_name()
    {
        Expect.Contains("BaseUrl", Bad(() => Token.Fetch(new Options { BaseUrl = "https:/?" })).Message);
    }

    public void a_timeout_of_nothing_is_refused_by_the_options_name()
    {
        Expect.Contains("Timeout", Bad(() => Token.Fetch(new Options { Timeout = TimeSpan.Zero })).Message);
    }

    public void a_negative_timeout_is_refused_by_the_options_name()
    {
        var options = new Options { Timeout = TimeSpan.FromSeconds(-5) };
        Expect.Contains("Timeout", Bad(() => Token.Fetch(options)).Message);
    }

    public void a_timeout_that_the_library_cannot_hold_is_refused_and_not_cut()
    {
        var options = new Options { Timeout = TimeSpan.FromMilliseconds(uint.MaxValue + 5000.0) };
        Expect.Contains("Timeout", Bad(() => Token.Fetch(options)).Message);
    }

    public void an_unknown_trust_is_refused_by_the_options_name()
    {
        Expect.Contains("Trust", Bad(() => Token.Fetch(new Options { Trust = (Trust)9 })).Message);
    }

    public void a_fraction_of_a_millisecond_is_a_timeout_and_not_nothing()
    {
        Options options = Service.Trusted();
        options.Timeout = TimeSpan.FromTicks(1);
        Expect.Equal(Status.Timeout, Expect.Throws<SmTokenException>(() => Token.Fetch(options)).Status);
    }

    public void plain_http_to_another_machine_is_refused()
    {
        var options = new Options { BaseUrl = "http://api.standardmetrics.io" };
        Expect.Equal(Status.InsecureUrl, Expect.Throws<SmTokenException>(() => Token.Fetch(options)).Status);
    }

    public void an_unknown_authority_is_a_certificate_failure()
    {
        var options = new Options { Trust = Trust.Bundled, MaxRetries = 0, ConnectTimeout = TimeSpan.FromSeconds(5) };
        Expect.Equal(Status.Certificate, Expect.Throws<SmTokenException>(() => Token.Fetch(options)).Status);
    }

    public void a_disposed_token_says_so()
    {
        Token token = Fetch();
        token.Dispose();
        Expect.Throws<ObjectDisposedException>(() => token.AccessToken.ToString());
    }

    public void a_token_may_be_disposed_of_twice()
    {
        Token token = Fetch();
        token.Dispose();
        token.Dispose();
    }

    public void the_log_hears_of_the_token_but_not_its_text()
    {
        var heard = new List<string>();
        Options options = Logged(heard, LogLevel.Debug);
        using (Token token = Token.Fetch(options))
        {
            bool shown = heard.Any(line => line.Contains(token.AccessToken));
            Expect.That(heard.Count > 0 && !shown, "heard, without the token");
        }
    }

    public void the_log_hears_nothing_below_its_level()
    {
        var heard = new List<string>();
        Token.Fetch(Logged(heard, LogLevel.Warn)).Dispose();
        Expect.Equal(0, heard.Count);
    }

    public void a_log_that_throws_costs_no_token()
    {
        Options options = Service.Trusted();
        options.Log = (level, line) => { throw new InvalidOperationException("the log is full"); };
        options.LogLevel = LogLevel.Debug;
        Token.Fetch(options).Dispose();
    }

    private static Token Fetch()
    {
        return Token.Fetch(Service.ClientId, Service.ClientSecret, Service.Trusted());
    }

    private static SmTokenException Refused()
    {
        return Expect.Throws<SmTokenException>(
            () => Token.Fetch(Service.ClientId, "a wrong secret", Service.Trusted()));
    }

    private static SmTokenException Bad(Action fetch)
    {
        SmTokenException error = Expect.Throws<SmTokenException>(fetch);
        Expect.Equal(Status.InvalidArgument, error.Status);
        return error;
    }

    private static Options Logged(List<string> heard, LogLevel level)
    {
        Options options = Service.Trusted();
        options.Log = (_, line) => heard.Add(line);
        options.LogLevel = level;
        return options;
    }
}
