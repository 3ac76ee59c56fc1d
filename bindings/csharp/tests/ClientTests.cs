using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using SmToken;

public sealed class ClientTests : IDisposable
{
    private readonly SmClient client = new SmClient(Service.ClientId, Service.ClientSecret, Service.Trusted());

    void IDisposable.Dispose()
    {
        client.Dispose();
    }

    // contract: cached
    public void two_calls_give_the_same_token()
    {
        Expect.That(TokenText() == TokenText(), "the same token");
    }

    public void two_calls_make_one_request()
    {
        Expect.Equal(1, Service.Requests(() => { TokenText(); TokenText(); }));
    }

    public void making_a_client_makes_no_request()
    {
        Expect.Equal(0, Service.Requests(() => new SmClient(Service.Trusted()).Dispose()));
    }

    public void a_client_takes_its_credentials_from_the_environment()
    {
        using (var fromEnvironment = new SmClient(Service.Trusted()))
        {
            fromEnvironment.Token().Dispose();
        }
    }

    public void a_client_sends_credentials_of_other_than_ascii_characters()
    {
        using (var odd = new SmClient(Service.OddClientId, Service.OddClientSecret, Service.Trusted()))
        {
            odd.Token().Dispose();
        }
    }

    public void the_authorization_is_that_of_the_current_token()
    {
        using (SmAccessToken token = client.Token())
        {
            Expect.That(client.Authorization() == token.Authorization, "the same authorization");
        }
    }

    // contract: authorization-whole
    public void a_long_authorization_is_given_whole()
    {
        string token = new string('t', 10000);
        using (var server = new LongTokenServer(token))
        using (var longer = new SmClient("id", "secret", new SmOptions { BaseUrl = server.Url }))
        {
            Expect.That(longer.Authorization() == "Bearer " + token, "it is whole");
        }
    }

    public void many_threads_share_one_request()
    {
        Expect.Equal(1, Service.Requests(() => Parallel.For(0, 16, _ => client.Authorization())));
    }

    // contract: invalidate
    public void an_invalidated_token_is_replaced()
    {
        using (SmAccessToken refused = client.Token())
        {
            client.Invalidate(refused);
            Expect.That(TokenText() != refused.AccessToken, "another token");
        }
    }

    public void an_invalidated_authorization_is_replaced()
    {
        string refused = client.Authorization();
        client.InvalidateAuthorization(refused);
        Expect.That(client.Authorization() != refused, "another token");
    }

    // contract: invalidate-all
    public void invalidating_nothing_drops_whichever_is_current()
    {
        string dropped = client.Authorization();
        client.Invalidate(null);
        Expect.That(client.Authorization() != dropped, "another token");
    }

    // contract: invalidate-old
    public void invalidating_an_old_token_leaves_the_current_one()
    {
        using (SmAccessToken old = client.Token())
        {
            client.Invalidate(old);
            string current = client.Authorization();
            client.Invalidate(old);
            Expect.That(client.Authorization() == current, "the same token");
        }
    }

    // contract: remembered
    public void a_refusal_is_remembered_and_tells_for_how_long()
    {
        using (SmClient wrong = WithAWrongSecret())
        {
            Expect.Throws<SmTokenException>(() => wrong.Token());
            TimeSpan? wait = Expect.Throws<SmTokenException>(() => wrong.Token()).RetryAfter;
            Expect.That(wait > TimeSpan.FromSeconds(50) && wait <= TimeSpan.FromSeconds(60), wait + " of 60 s");
        }
    }

    public void a_remembered_refusal_asks_nobody()
    {
        using (SmClient wrong = WithAWrongSecret())
        {
            Expect.Equal(1, Service.Requests(() =>
            {
                Expect.Throws<SmTokenException>(() => wrong.Token());
                Expect.Throws<SmTokenException>(() => wrong.Authorization());
            }));
        }
    }

    // contract: shutdown
    public void a_client_that_was_shut_down_answers_canceled()
    {
        client.Shutdown();
        Expect.Equal(SmStatus.Canceled, Expect.Throws<SmTokenException>(() => client.Token()).Status);
    }

    public void a_token_outlives_its_client()
    {
        SmAccessToken token = client.Token();
        client.Dispose();
        using (token) Expect.That(token.AccessToken.Length >= 20, "the token has a length");
    }

    public void a_disposed_client_says_so()
    {
        client.Dispose();
        Expect.Throws<ObjectDisposedException>(() => client.Authorization());
    }

    public void a_client_may_be_disposed_of_twice()
    {
        client.Dispose();
        client.Dispose();
    }

    public void a_client_logs_for_as_long_as_it_lives()
    {
        var heard = new List<string>();
        SmOptions options = Service.Trusted();
        options.Log = (level, line) => heard.Add(line);
        using (var logging = new SmClient(options))
        {
            options.Log = null;
            options = null;
            GC.Collect();
            logging.Token().Dispose();
        }
        Expect.That(heard.Any(), "something was heard");
    }

    public void a_log_may_dispose_of_the_client_that_it_hears()
    {
        SmClient hearing = null;
        var heard = new List<string>();
        SmOptions options = Service.Trusted();
        options.Log = (level, line) =>
        {
            hearing.Dispose();
            heard.Add(line);
        };
        hearing = new SmClient(options);
        hearing.Token().Dispose();
        Expect.That(heard.Any(), "something was heard");
    }

    private static SmClient WithAWrongSecret()
    {
        return new SmClient(Service.ClientId, "a wrong secret", Service.Trusted());
    }

    private string TokenText()
    {
        using (SmAccessToken token = client.Token()) return token.AccessToken;
    }
}
