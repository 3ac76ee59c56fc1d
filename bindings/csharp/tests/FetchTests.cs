using System;
using System.Collections.Generic;
using System.Linq;
using SmToken;

public sealed class FetchTests
{
    // contract: environment
    public void a_token_is_fetched_with_the_credentials_of_the_environment()
    {
        using (SmAccessToken token = SmAccessToken.Fetch(Service.Trusted()))
        {
            Expect.That(token.AccessToken.Length >= 20, "the token has a length");
        }
    }

    public void the_authorization_is_bearer_and_the_token()
    {
        using (SmAccessToken token = Fetch())
        {
            Expect.That(token.Authorization == "Bearer " + token.AccessToken, "Bearer TOKEN");
        }
    }

    // contract: token
    public void the_type_and_the_scope_are_the_servers()
    {
        using (SmAccessToken token = Fetch())
        {
            Expect.Equal("Bearer all read write", token.Type + " " + token.Scope);
        }
    }

    // contract: option-sent
    public void the_scope_is_what_was_asked_for()
    {
        SmOptions options = Service.Trusted();
        options.Scope = "read";
        using (SmAccessToken token = SmAccessToken.Fetch(options)) Expect.Equal("read", token.Scope);
    }

    // contract: expiry
    public void the_time_left_and_the_expiry_agree()
    {
        using (SmAccessToken token = Fetch())
        {
            TimeSpan apart = DateTime.UtcNow + token.ExpiresIn - token.ExpiresAt;
            Expect.That(Math.Abs(apart.TotalSeconds) <= 2, "2 s apart at most, not " + apart);
        }
    }

    public void the_time_left_is_that_of_the_server()
    {
        using (SmAccessToken token = Fetch())
        {
            double left = token.ExpiresIn.TotalSeconds;
            Expect.That(left > 3500 && left <= 3600, left + " s are left of 3600");
        }
    }

    // contract: odd-text
    public void credentials_of_other_than_ascii_characters_are_accepted()
    {
        using (SmAccessToken token = SmAccessToken.Fetch(Service.OddClientId, Service.OddClientSecret, Service.Trusted()))
        {
            Expect.That(token.AccessToken.Length >= 20, "the token has a length");
        }
    }

    public void a_refused_secret_is_status_40()
    {
        Expect.Equal(40, (int)Refused().Status);
    }

    // contract: refused
    public void a_refused_secret_says_what_to_do()
    {
        Expect.Contains("check client_id and client_secret", Refused().Message);
    }

    // contract: refused-fields
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

    // contract: no-secret
    public void a_refusal_does_not_show_the_secret()
    {
        Expect.That(!Refused().ToString().Contains("a wrong secret"), "the secret is not shown");
    }

    public void a_secret_read_with_its_newline_is_refused_by_name()
    {
        string secret = Service.ClientSecret + "\n";
        SmTokenException error = Bad(() => SmAccessToken.Fetch(Service.ClientId, secret, Service.Trusted()));
        Expect.Contains("client_secret", error.Message);
    }

    public void a_secret_with_a_nul_is_refused_and_not_cut()
    {
        string secret = Service.ClientSecret + "\0";
        SmTokenException error = Bad(() => SmAccessToken.Fetch(Service.ClientId, secret, Service.Trusted()));
        Expect.Contains("clientSecret", error.Message);
    }

    // contract: not-text
    public void half_a_surrogate_pair_is_refused_and_not_replaced()
    {
        SmTokenException error = Bad(() => SmAccessToken.Fetch("id \ud83d", "secret", Service.Trusted()));
        Expect.Contains("clientId", error.Message);
    }

    // contract: half-credentials
    public void an_id_without_its_secret_is_a_bad_argument()
    {
        Bad(() => SmAccessToken.Fetch(Service.ClientId, null, Service.Trusted()));
    }

    // contract: option-reason
    public void a_malformed_url_is_refused_by_the_options_name()
    {
        Expect.Contains("base_url", Bad(() => SmAccessToken.Fetch(new SmOptions { BaseUrl = "https:/?" })).Message);
    }

    public void a_timeout_of_nothing_is_refused_by_the_options_name()
    {
        Expect.Contains("timeout is not between", Bad(() => SmAccessToken.Fetch(new SmOptions { Timeout = TimeSpan.Zero })).Message);
    }

    public void a_negative_timeout_is_refused_by_the_options_name()
    {
        var options = new SmOptions { Timeout = TimeSpan.FromSeconds(-5) };
        Expect.Contains("timeout is not between", Bad(() => SmAccessToken.Fetch(options)).Message);
    }

    // contract: number-range
    public void a_timeout_that_the_library_cannot_hold_is_refused_and_not_cut()
    {
        var options = new SmOptions { Timeout = TimeSpan.FromMilliseconds(uint.MaxValue + 5000.0) };
        Expect.Contains("timeout is not between", Bad(() => SmAccessToken.Fetch(options)).Message);
    }

    public void an_unknown_trust_is_refused_by_the_options_name()
    {
        Expect.Contains("trust is none", Bad(() => SmAccessToken.Fetch(new SmOptions { Trust = (SmTrust)9 })).Message);
    }

    public void a_fraction_of_a_millisecond_is_a_timeout_and_not_nothing()
    {
        SmOptions options = Service.Trusted();
        options.Timeout = TimeSpan.FromTicks(1);
        Expect.Equal(SmStatus.Timeout, Expect.Throws<SmTokenException>(() => SmAccessToken.Fetch(options)).Status);
    }

    // contract: insecure-url
    public void plain_http_to_another_machine_is_refused()
    {
        var options = new SmOptions { BaseUrl = "http://api.standardmetrics.io" };
        Expect.Equal(SmStatus.InsecureUrl, Expect.Throws<SmTokenException>(() => SmAccessToken.Fetch(options)).Status);
    }

    // contract: trust-roots
    public void a_missing_ca_file_is_named_with_its_path()
    {
        var options = new SmOptions { CaFile = "/no/such/ca.pem" };
        SmTokenException error = Expect.Throws<SmTokenException>(() => SmAccessToken.Fetch(options));
        Expect.Equal(SmStatus.NoTrustRoots, error.Status);
        Expect.Contains("/no/such/ca.pem", error.Message);
    }

    // contract: version
    public void the_version_is_the_librarys()
    {
        Expect.Equal(3, SmClient.LibraryVersion.Split('.').Length);
    }

    public void an_unknown_authority_is_a_certificate_failure()
    {
        var options = new SmOptions { Trust = SmTrust.Bundled, MaxRetries = 0, ConnectTimeout = TimeSpan.FromSeconds(5) };
        Expect.Equal(SmStatus.Certificate, Expect.Throws<SmTokenException>(() => SmAccessToken.Fetch(options)).Status);
    }

    public void a_disposed_token_says_so()
    {
        SmAccessToken token = Fetch();
        token.Dispose();
        Expect.Throws<ObjectDisposedException>(() => token.AccessToken.ToString());
    }

    public void a_token_may_be_disposed_of_twice()
    {
        SmAccessToken token = Fetch();
        token.Dispose();
        token.Dispose();
    }

    // contract: log log-no-secret
    public void the_log_hears_of_the_token_but_not_its_text()
    {
        var heard = new List<string>();
        SmOptions options = Logged(heard, SmLogLevel.Debug);
        using (SmAccessToken token = SmAccessToken.Fetch(options))
        {
            bool shown = heard.Any(line => line.Contains(token.AccessToken));
            Expect.That(heard.Count > 0 && !shown, "heard, without the token");
        }
    }

    public void the_log_hears_nothing_below_its_level()
    {
        var heard = new List<string>();
        SmAccessToken.Fetch(Logged(heard, SmLogLevel.Warn)).Dispose();
        Expect.Equal(0, heard.Count);
    }

    // contract: log-raises
    public void a_log_that_throws_costs_no_token()
    {
        SmOptions options = Service.Trusted();
        options.Log = (level, line) => { throw new InvalidOperationException("the log is full"); };
        options.LogLevel = SmLogLevel.Debug;
        SmAccessToken.Fetch(options).Dispose();
    }

    private static SmAccessToken Fetch()
    {
        return SmAccessToken.Fetch(Service.ClientId, Service.ClientSecret, Service.Trusted());
    }

    private static SmTokenException Refused()
    {
        return Expect.Throws<SmTokenException>(
            () => SmAccessToken.Fetch(Service.ClientId, "a wrong secret", Service.Trusted()));
    }

    private static SmTokenException Bad(Action fetch)
    {
        SmTokenException error = Expect.Throws<SmTokenException>(fetch);
        Expect.Equal(SmStatus.InvalidArgument, error.Status);
        return error;
    }

    private static SmOptions Logged(List<string> heard, SmLogLevel level)
    {
        SmOptions options = Service.Trusted();
        options.Log = (_, line) => heard.Add(line);
        options.LogLevel = level;
        return options;
    }
}
