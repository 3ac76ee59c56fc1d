using System;
using System.Collections.Generic;
using System.IO;
using System.Net;
using System.Net.Http;
using System.Threading;
using System.Threading.Tasks;
using SmToken;

/// <summary>Which requests the handler sends, and with which token.</summary>
public sealed class HandlerTests : IDisposable
{
    private static readonly Uri Api = new Uri("https://api.example.com/v1/");

    private readonly SmClient client = new SmClient(Service.Trusted());
    private readonly Recorder recorder = new Recorder();

    void IDisposable.Dispose()
    {
        client.Dispose();
    }

    public void a_request_for_the_api_gets_the_token()
    {
        Send("https://api.example.com/v1/companies/");
        Send("https://API.example.com:443/");
        Expect.That(recorder.Seen[0] == client.Authorization(), "the token");
        Expect.That(recorder.Seen[1] == recorder.Seen[0], "the token, with the port that is meant");
    }

    public void a_request_for_another_server_gets_none()
    {
        foreach (string other in new[] { "https://example.com/", "https://api.example.com:8443/", "http://api.example.com/" })
        {
            Send(other);
        }
        Expect.That(recorder.Seen.TrueForAll(seen => seen == null), "no token");
    }

    public void a_refused_token_is_replaced_and_the_request_sent_once_more()
    {
        string refused = client.Authorization();
        recorder.Refuses = seen => seen == refused;
        Expect.Equal(HttpStatusCode.OK, Send("https://api.example.com/", new StringContent("the whole body")));
        Expect.That(recorder.Seen[0] == refused && recorder.Seen[1] != refused, "another token");
        Expect.Equal("the whole body|the whole body", string.Join("|", recorder.Bodies));
    }

    public void an_api_that_refuses_every_token_is_asked_twice_and_not_again_with_the_same_one()
    {
        recorder.Refuses = _ => true;
        Expect.Equal(HttpStatusCode.Unauthorized, Send("https://api.example.com/"));
        Expect.Equal(2, recorder.Seen.Count);
        Expect.Equal(HttpStatusCode.Unauthorized, Send("https://api.example.com/"));
        Expect.Equal(3, recorder.Seen.Count);
    }

    public void a_content_that_can_be_read_once_is_not_sent_again_but_its_token_is_replaced()
    {
        string refused = client.Authorization();
        recorder.Refuses = seen => seen == refused;
        var once = new StreamContent(new MemoryStream(new byte[] { 1 }));
        Expect.Equal(HttpStatusCode.Unauthorized, Send("https://api.example.com/", once));
        Expect.Equal(1, recorder.Seen.Count);
        Expect.That(client.Authorization() != refused, "another token");
    }

    public void a_request_for_which_there_is_no_token_is_not_sent()
    {
        using (var wrong = new SmClient(Service.ClientId, "a wrong secret", Service.Trusted()))
        using (var http = new HttpClient(new SmAuthorizationHandler(wrong, Api, recorder)))
        {
            var thrown = (SmTokenException)Expect.Throws<AggregateException>(
                () => http.GetAsync(Api).Wait()).GetBaseException();
            Expect.Equal(SmStatus.InvalidClient, thrown.Status);
            Expect.Equal(0, recorder.Seen.Count);
        }
    }

    public void a_request_that_waits_for_a_token_is_canceled()
    {
        using (var hole = new Hole())
        using (var waiting = hole.Client())
        using (var http = new HttpClient(new SmAuthorizationHandler(waiting, Api, recorder)))
        using (var canceling = new CancellationTokenSource())
        {
            Task<HttpResponseMessage> sending = http.GetAsync(Api, canceling.Token);
            hole.AwaitRequest();
            canceling.Cancel();
            Expect.That(Task.WaitAny(new Task[] { sending }, TimeSpan.FromSeconds(15)) == 0, "it ended");
            Expect.That(sending.IsCanceled, "it is canceled");
        }
    }

    public void an_api_that_would_show_the_token_is_refused()
    {
        Expect.Equal(SmStatus.InsecureUrl, Refused("http://api.example.com/").Status);
        Expect.Equal(SmStatus.InsecureUrl, Refused("ftp://api.example.com/").Status);
        new SmAuthorizationHandler(client, new Uri("http://127.0.0.1:1/"), recorder).Dispose();
    }

    public void a_handler_that_follows_redirects_is_refused()
    {
        using (var following = new HttpClientHandler())
        {
            var thrown = Expect.Throws<ArgumentException>(() => new SmAuthorizationHandler(client, Api, following));
            Expect.Equal("inner", thrown.ParamName);
        }
    }

    private SmTokenException Refused(string api)
    {
        return Expect.Throws<SmTokenException>(() => new SmAuthorizationHandler(client, new Uri(api), recorder));
    }

    private HttpStatusCode Send(string url, HttpContent content = null)
    {
        // Not disposed of: that would be the end of the recorder too.
        var http = new HttpClient(new SmAuthorizationHandler(client, Api, recorder));
        var request = new HttpRequestMessage(content == null ? HttpMethod.Get : HttpMethod.Post, url);
        request.Content = content;
        return http.SendAsync(request).Result.StatusCode;
    }

    private sealed class Recorder : HttpMessageHandler
    {
        internal readonly List<string> Seen = new List<string>();
        internal readonly List<string> Bodies = new List<string>();

        internal Predicate<string> Refuses = _ => false;

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken _)
        {
            IEnumerable<string> values;
            Seen.Add(request.Headers.TryGetValues("Authorization", out values) ? string.Join(",", values) : null);
            if (request.Content != null) Bodies.Add(await request.Content.ReadAsStringAsync());
            bool refused = Refuses(Seen[Seen.Count - 1]);
            return new HttpResponseMessage(refused ? HttpStatusCode.Unauthorized : HttpStatusCode.OK);
        }
    }
}
