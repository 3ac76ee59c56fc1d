using System;
using System.Net;
using System.Net.Http;
using System.Threading;
using System.Threading.Tasks;

namespace SmToken
{
    /// <summary>
    /// Adds the current token to each request for one API, and to no other. Where the API refuses the token (401) it
    /// gets another and sends the request once more, if the content can be sent again: none, or a
    /// <see cref="ByteArrayContent"/>, such as text or a form. Else the caller gets the 401, and the next request
    /// another token. No thread of the pool waits for a token.
    /// </summary>
    public sealed class SmAuthorizationHandler : DelegatingHandler
    {
        private readonly SmClient client;
        private readonly Uri api;

        /// <summary>For an <see cref="HttpClient"/> of its own: follows no redirect, since it could lead to another
        /// host.</summary>
        /// <param name="client">It stays the caller's, who disposes of it.</param>
        /// <param name="api">Scheme, host and port count.</param>
        /// <exception cref="ArgumentNullException">The client or the API is null.</exception>
        /// <exception cref="SmTokenException">The API's URL is no https: one, and does not lead to this
        /// machine.</exception>
        public SmAuthorizationHandler(SmClient client, Uri api)
            : this(client, api, new HttpClientHandler { AllowAutoRedirect = false }) { }

        /// <summary>In front of another handler, which must not follow redirects.</summary>
        /// <param name="client">It stays the caller's, who disposes of it.</param>
        /// <param name="api">Scheme, host and port count.</param>
        /// <param name="inner">Makes the requests; null where a factory sets
        /// <see cref="DelegatingHandler.InnerHandler"/>.</param>
        /// <exception cref="ArgumentNullException">The client or the API is null.</exception>
        /// <exception cref="ArgumentException">The inner handler follows redirects.</exception>
        /// <exception cref="SmTokenException">The API's URL is no https: one, and does not lead to this
        /// machine.</exception>
        public SmAuthorizationHandler(SmClient client, Uri api, HttpMessageHandler inner)
        {
            if (client == null) throw new ArgumentNullException("client");
            if (api == null) throw new ArgumentNullException("api");
            var following = inner as HttpClientHandler;
            if (following != null && following.AllowAutoRedirect)
                throw new ArgumentException("it follows redirects: set AllowAutoRedirect to false", "inner");
            if (!api.IsAbsoluteUri || api.Host == "")
                throw new SmTokenException(SmStatus.InvalidArgument, "the API's URL has no host");
            if (api.Scheme != Uri.UriSchemeHttps && !(api.Scheme == Uri.UriSchemeHttp && api.IsLoopback))
            {
                throw new SmTokenException(
                    SmStatus.InsecureUrl,
                    api.Scheme + ": to " + api.Host + " would show the token to the network; give an https: URL");
            }
            this.client = client;
            this.api = api;
            if (inner != null) InnerHandler = inner;
        }

        /// <summary>Sends one request, or two.</summary>
        protected override async Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (!IsOfTheApi(request.RequestUri)) return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);

            string authorization = await client.AuthorizationAsync(cancellationToken).ConfigureAwait(false);
            Authorize(request, authorization);
            HttpResponseMessage answer = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
            if (answer.StatusCode != HttpStatusCode.Unauthorized) return answer;

            client.InvalidateAuthorization(authorization);
            if (request.Content != null && !(request.Content is ByteArrayContent)) return answer;
            string another;
            try
            {
                another = await client.AuthorizationAsync(cancellationToken).ConfigureAwait(false);
            }
            catch
            {
                answer.Dispose();
                throw;
            }
            // An API that refuses every token: the client spreads its requests for new ones out.
            if (another == authorization) return answer;
            answer.Dispose();
            Authorize(request, another);
            return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }

        private static void Authorize(HttpRequestMessage request, string authorization)
        {
            request.Headers.Remove("Authorization");
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        }

        private bool IsOfTheApi(Uri address)
        {
            return Uri.Compare(
                address, api, UriComponents.SchemeAndServer | UriComponents.StrongPort, UriFormat.Unescaped,
                StringComparison.OrdinalIgnoreCase) == 0;
        }
    }
}
