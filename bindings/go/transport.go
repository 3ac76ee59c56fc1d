package smtoken

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// drained is how much of a refusal is read so that its connection can be used again.
const drained = 64 * 1024

// A Transport is an http.RoundTripper that adds the current token to each request for its API, and
// to no other. Where the API refuses the token (401) it drops that and sends the request once more,
// if its body can be sent again.
type Transport struct {
	client *Client
	api    origin
	base   http.RoundTripper
}

// Transport makes an http.RoundTripper for the API at a URL such as
// https://api.standardmetrics.io, of which scheme, host and port count. base makes the requests;
// nil means http.DefaultTransport.
func (client *Client) Transport(api string, base http.RoundTripper) (*Transport, error) {
	parsed, err := url.Parse(api)
	if err != nil || parsed.Hostname() == "" {
		return nil, refused("the API's URL has no host")
	}
	if parsed.Scheme != "https" && !(parsed.Scheme == "http" && isLoopback(parsed.Hostname())) {
		message := fmt.Sprintf("%s: to %s would show the token to the network; give an https: URL",
			parsed.Scheme, parsed.Hostname())
		return nil, &Error{Status: ErrorInsecureURL, Message: message, retryAfterMS: -1}
	}
	if base == nil {
		base = http.DefaultTransport
	}
	return &Transport{client: client, api: originOf(parsed), base: base}, nil
}

// RoundTrip sends one request, or two.
func (transport *Transport) RoundTrip(request *http.Request) (*http.Response, error) {
	if originOf(request.URL) != transport.api {
		return transport.base.RoundTrip(request)
	}

	authorization, err := transport.client.Authorization(request.Context())
	if err != nil {
		closeBody(request)
		return nil, err
	}
	answer, err := transport.base.RoundTrip(authorized(request, authorization))
	if err != nil || answer.StatusCode != http.StatusUnauthorized {
		return answer, err
	}

	transport.client.InvalidateAuthorization(authorization)
	again, ok := repeated(request)
	if !ok {
		return answer, nil
	}
	another, err := transport.client.Authorization(request.Context())
	if err == nil && another == authorization {
		// An API that refuses every token: the client spreads its requests for new ones out.
		closeBody(again)
		return answer, nil
	}
	_, _ = io.CopyN(io.Discard, answer.Body, drained)
	answer.Body.Close()
	if err != nil {
		closeBody(again)
		return nil, err
	}
	return transport.base.RoundTrip(authorized(again, another))
}

// CloseIdleConnections passes on what an http.Client asks for.
func (transport *Transport) CloseIdleConnections() {
	if base, ok := transport.base.(interface{ CloseIdleConnections() }); ok {
		base.CloseIdleConnections()
	}
}

// authorized leaves the caller's request, whose headers a redirect would take elsewhere, as it is.
func authorized(request *http.Request, authorization string) *http.Request {
	sent := request.Clone(request.Context())
	sent.Header.Set("Authorization", authorization)
	return sent
}

// repeated is the request with its body from the start, where there is a way to it.
func repeated(request *http.Request) (*http.Request, bool) {
	if request.Body == nil || request.Body == http.NoBody {
		return request, true
	}
	if request.GetBody == nil {
		return nil, false
	}
	body, err := request.GetBody()
	if err != nil {
		return nil, false
	}
	again := request.Clone(request.Context())
	again.Body = body
	return again, true
}

func closeBody(request *http.Request) {
	if request.Body != nil {
		request.Body.Close()
	}
}

// origin is what two URLs share where the same server answers them.
type origin struct {
	scheme, host, port string
}

func originOf(address *url.URL) origin {
	port := address.Port()
	if port == "" {
		port = map[string]string{"https": "443", "http": "80"}[address.Scheme]
	}
	return origin{address.Scheme, strings.ToLower(address.Hostname()), port}
}

func isLoopback(host string) bool {
	address := net.ParseIP(host)
	return host == "localhost" || (address != nil && address.IsLoopback())
}
