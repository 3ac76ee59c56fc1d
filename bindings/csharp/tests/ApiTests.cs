using System;
using System.Net;
using System.Net.Http;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Tasks;
using SmToken;

/// <summary>The token opens the API, handed over by the handler.</summary>
public sealed class ApiTests : IDisposable
{
    private readonly SmClient client = new SmClient(Service.Trusted());

    void IDisposable.Dispose()
    {
        client.Dispose();
    }

    public void the_api_takes_the_token()
    {
        using (HttpClient http = Authorized()) Expect.Equal(HttpStatusCode.OK, Companies(http));
    }

    public void a_revoked_token_is_replaced_after_the_401()
    {
        using (HttpClient http = Authorized())
        {
            Companies(http);
            Service.RevokeAll();
            Expect.Equal(HttpStatusCode.OK, Companies(http));
        }
    }

    public void the_readmes_client_reaches_the_api()
    {
        Expect.Equal(HttpStatusCode.OK, Companies(Service.Trusted(), Service.BaseUrl, Trusting()).Result);
    }

    private static async Task<HttpStatusCode> Companies(SmOptions options, string baseUrl, HttpMessageHandler inner)
    {
        using (var client = new SmClient(options))
        using (var http = new HttpClient(new SmAuthorizationHandler(client, new Uri(baseUrl), inner)))
        {
            HttpResponseMessage answer = await http.GetAsync(baseUrl + "/v1/companies/");
            return answer.StatusCode;
        }
    }

    private HttpClient Authorized()
    {
        return new HttpClient(new SmAuthorizationHandler(client, new Uri(Service.BaseUrl), Trusting()));
    }

    private static HttpMessageHandler Trusting()
    {
        return new HttpClientHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            ServerCertificateCustomValidationCallback = IssuedByTheTestsAuthority,
        };
    }

    private static HttpStatusCode Companies(HttpClient http)
    {
        return http.GetAsync(Service.BaseUrl + "/v1/companies/").Result.StatusCode;
    }

    // Mono has a trust store of its own, in which the tests' authority is not.
    private static bool IssuedByTheTestsAuthority(
        HttpRequestMessage _, X509Certificate2 certificate, X509Chain __, SslPolicyErrors ___)
    {
        return certificate.Issuer == new X509Certificate2(Service.CaFile).Subject;
    }
}
