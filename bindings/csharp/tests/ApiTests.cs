using System;
using System.Net;
using System.Net.Http;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Tasks;
using SmToken;

/// <summary>The token opens the API, handed over as the README shows it.</summary>
public sealed class ApiTests : IDisposable
{
    private static readonly HttpClient http = new HttpClient(new HttpClientHandler
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        ServerCertificateCustomValidationCallback = IssuedByTheTestsAuthority,
    });

    private readonly Client client = new Client(Service.Trusted());

    void IDisposable.Dispose()
    {
        client.Dispose();
    }

    public void the_api_takes_the_token()
    {
        Expect.Equal(HttpStatusCode.OK, Companies(Service.BaseUrl).Result);
    }

    public void a_revoked_token_is_replaced_after_the_401()
    {
        Companies(Service.BaseUrl).Wait();
        Service.RevokeAll();
        Expect.Equal(HttpStatusCode.Unauthorized, Companies(Service.BaseUrl).Result);
        Expect.Equal(HttpStatusCode.OK, Companies(Service.BaseUrl).Result);
    }

    private async Task<HttpStatusCode> Companies(string baseUrl)
    {
        string authorization = client.Authorization();
        var request = new HttpRequestMessage(HttpMethod.Get, baseUrl + "/v1/companies/");
        request.Headers.TryAddWithoutValidation("Authorization", authorization);
        using (HttpResponseMessage answer = await http.SendAsync(request))
        {
            // The next call gets another token, and can try again.
            if (answer.StatusCode == HttpStatusCode.Unauthorized) client.InvalidateAuthorization(authorization);
            return answer.StatusCode;
        }
    }

    // Mono has a trust store of its own, in which the tests' authority is not.
    private static bool IssuedByTheTestsAuthority(
        HttpRequestMessage _, X509Certificate2 certificate, X509Chain __, SslPolicyErrors ___)
    {
        return certificate.Issuer == new X509Certificate2(Service.CaFile).Subject;
    }
}
