package smtoken_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	smtoken "github.com/standard-metrics/sm-token/bindings/go"
)

// An api is a server of the test's own, which remembers the Authorization headers that it got.
type api struct {
	*httptest.Server
	mu   sync.Mutex
	seen []string
}

func newAPI(t *testing.T, answer http.HandlerFunc) *api {
	t.Helper()
	made := &api{}
	made.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		made.mu.Lock()
		made.seen = append(made.seen, r.Header.Get("Authorization"))
		made.mu.Unlock()
		answer(w, r)
	}))
	t.Cleanup(made.Close)
	return made
}

func ok(http.ResponseWriter, *http.Request) {}

func refusing(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) }

func redirectingTo(url string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, url, http.StatusFound) }
}

func authorizing(t *testing.T, client *smtoken.Client, api string, base http.RoundTripper) *http.Client {
	t.Helper()
	transport, err := client.Transport(api, base)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Transport: transport}
}

// realAPI gives an HTTP client of the real server's API.
func realAPI(t *testing.T) *http.Client {
	t.Helper()
	return authorizing(t, newClient(t, trusted()), baseURL, trustingTransport(t))
}

func expectAnswer(t *testing.T, expected int, answer *http.Response, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != expected {
		t.Errorf("HTTP %d in place of %d", answer.StatusCode, expected)
	}
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func Test_the_api_takes_the_token(t *testing.T) {
	answer, err := realAPI(t).Get(baseURL + "/v1/companies/")
	expectAnswer(t, http.StatusOK, answer, err)
}

func Test_a_revoked_token_is_replaced_and_the_request_sent_again(t *testing.T) {
	api := realAPI(t)
	answer, err := api.Get(baseURL + "/v1/companies/")
	expectAnswer(t, http.StatusOK, answer, err)
	revokeAll(t)
	made := requests(t, func() {
		answer, err = api.Get(baseURL + "/v1/companies/")
		expectAnswer(t, http.StatusOK, answer, err)
	})
	if made != 1 {
		t.Errorf("%d token requests", made)
	}
}

func Test_a_body_is_sent_again_whole(t *testing.T) {
	api := realAPI(t)
	answer, err := api.Get(baseURL + "/v1/companies/")
	expectAnswer(t, http.StatusOK, answer, err)
	revokeAll(t)
	answer, err = api.Post(baseURL+"/v1/companies/", "text/plain", strings.NewReader("the whole body"))
	if body := expectAnswer(t, http.StatusCreated, answer, err); body != `{"received_bytes": 14}` {
		t.Error(body)
	}
}

func Test_a_body_is_sent_again_from_its_start(t *testing.T) {
	var bodies []string
	base := roundTripper(func(request *http.Request) (*http.Response, error) {
		body, err := io.ReadAll(request.Body)
		bodies = append(bodies, string(body))
		return &http.Response{StatusCode: http.StatusUnauthorized, Body: http.NoBody}, err
	})
	api := authorizing(t, newClient(t, trusted()), "https://localhost", base)
	answer, err := api.Post("https://localhost", "text/plain", strings.NewReader("the whole body"))
	expectAnswer(t, http.StatusUnauthorized, answer, err)
	if strings.Join(bodies, "|") != "the whole body|the whole body" {
		t.Error(bodies)
	}
}

func Test_a_body_that_cannot_be_sent_again_is_not(t *testing.T) {
	server := newAPI(t, refusing)
	api := authorizing(t, newClient(t, trusted()), server.URL, server.Client().Transport)
	once := io.MultiReader(strings.NewReader("read "), strings.NewReader("once"))
	answer, err := api.Post(server.URL, "text/plain", once)
	expectAnswer(t, http.StatusUnauthorized, answer, err)
	if len(server.seen) != 1 {
		t.Errorf("sent %d times", len(server.seen))
	}
}

func Test_a_token_refused_for_a_body_that_cannot_be_sent_again_is_replaced(t *testing.T) {
	server := newAPI(t, refusing)
	client := newClient(t, trusted())
	before := authorization(t, client)
	api := authorizing(t, client, server.URL, server.Client().Transport)
	answer, err := api.Post(server.URL, "text/plain", io.MultiReader(strings.NewReader("read once")))
	expectAnswer(t, http.StatusUnauthorized, answer, err)
	if authorization(t, client) == before {
		t.Error("the same token")
	}
}

func Test_an_api_that_refuses_every_token_is_asked_twice(t *testing.T) {
	server := newAPI(t, refusing)
	api := authorizing(t, newClient(t, trusted()), server.URL, server.Client().Transport)
	answer, err := api.Get(server.URL)
	expectAnswer(t, http.StatusUnauthorized, answer, err)
	if len(server.seen) != 2 || server.seen[0] == server.seen[1] {
		t.Errorf("asked %d times, or with one token", len(server.seen))
	}
}

func Test_an_api_that_refuses_every_token_is_not_asked_again_with_the_same_one(t *testing.T) {
	server := newAPI(t, refusing)
	api := authorizing(t, newClient(t, trusted()), server.URL, server.Client().Transport)
	for range [2]struct{}{} {
		answer, err := api.Get(server.URL)
		expectAnswer(t, http.StatusUnauthorized, answer, err)
	}
	if len(server.seen) != 3 {
		t.Errorf("asked %d times", len(server.seen))
	}
}

func Test_a_refusal_that_is_not_about_the_token_changes_nothing(t *testing.T) {
	client := newClient(t, trusted())
	before := authorization(t, client)
	api := authorizing(t, client, baseURL, trustingTransport(t))
	answer, err := api.Get(baseURL + "/v1/forbidden/")
	expectAnswer(t, http.StatusForbidden, answer, err)
	if authorization(t, client) != before {
		t.Error("another token")
	}
}

func Test_a_redirect_within_the_api_keeps_the_token(t *testing.T) {
	var server *api
	server = newAPI(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" {
			http.Redirect(w, r, server.URL+"/moved", http.StatusFound)
		}
	})
	api := authorizing(t, newClient(t, trusted()), server.URL, server.Client().Transport)
	answer, err := api.Get(server.URL)
	expectAnswer(t, http.StatusOK, answer, err)
	if len(server.seen) != 2 || server.seen[1] == "" {
		t.Error("not at the second request")
	}
}

func Test_a_redirect_to_another_port_does_not_carry_the_token(t *testing.T) {
	other := newAPI(t, ok)
	server := newAPI(t, redirectingTo(other.URL))
	api := authorizing(t, newClient(t, trusted()), server.URL, server.Client().Transport)
	answer, err := api.Get(server.URL)
	expectAnswer(t, http.StatusOK, answer, err)
	if len(other.seen) != 1 || other.seen[0] != "" {
		t.Errorf("%d requests, or a token", len(other.seen))
	}
}

func Test_a_redirect_to_another_host_does_not_carry_the_token(t *testing.T) {
	var server *api
	server = newAPI(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.Host, "127.0.0.1") {
			http.Redirect(w, r, strings.Replace(server.URL, "127.0.0.1", "localhost", 1), http.StatusFound)
		}
	})
	base := server.Client().Transport.(*http.Transport)
	base.TLSClientConfig.ServerName = "example.com" // that of the test server's certificate
	api := authorizing(t, newClient(t, trusted()), server.URL, base)
	answer, err := api.Get(server.URL)
	expectAnswer(t, http.StatusOK, answer, err)
	if len(server.seen) != 2 || server.seen[1] != "" {
		t.Errorf("%d requests, or a token", len(server.seen))
	}
}

func Test_a_request_to_another_host_gets_no_token(t *testing.T) {
	other := newAPI(t, refusing)
	api := authorizing(t, newClient(t, trusted()), baseURL, other.Client().Transport)
	answer, err := api.Get(other.URL)
	expectAnswer(t, http.StatusUnauthorized, answer, err)
	if len(other.seen) != 1 || other.seen[0] != "" {
		t.Errorf("%d requests, or a token", len(other.seen))
	}
}

func Test_the_callers_request_stays_as_it_is(t *testing.T) {
	server := newAPI(t, ok)
	transport, err := newClient(t, trusted()).Transport(server.URL, server.Client().Transport)
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequest(http.MethodGet, server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := transport.RoundTrip(request)
	expectAnswer(t, http.StatusOK, answer, err)
	if len(request.Header) != 0 {
		t.Error("it has a header")
	}
}

func Test_a_request_for_which_there_is_no_token_is_not_sent(t *testing.T) {
	server := newAPI(t, ok)
	api := authorizing(t, newClient(t, trustedWith(wrong)), server.URL, server.Client().Transport)
	_, err := api.Get(server.URL)
	if !errors.Is(err, smtoken.ErrorInvalidClient) || len(server.seen) != 0 {
		t.Errorf("%d requests, %v", len(server.seen), err)
	}
}

func Test_the_body_of_a_request_that_is_not_sent_is_closed(t *testing.T) {
	server := newAPI(t, ok)
	api := authorizing(t, newClient(t, trustedWith(wrong)), server.URL, server.Client().Transport)
	body := &closing{Reader: strings.NewReader("unsent")}
	_, _ = api.Post(server.URL, "text/plain", body)
	if !body.closed {
		t.Error("it is open")
	}
}

func Test_a_new_token_that_cannot_be_had_is_the_requests_error(t *testing.T) {
	server := newAPI(t, refusing)
	options := trusted()
	options.MaxRetries = -1
	client := newClient(t, options)
	authorization(t, client)
	set(t, `{"down": true}`, `{"down": false}`)
	_, err := authorizing(t, client, server.URL, server.Client().Transport).Get(server.URL)
	if !errors.Is(err, smtoken.ErrorServer) {
		t.Error(err)
	}
}

func Test_a_host_is_the_same_in_capitals_and_with_the_port_that_its_scheme_means(t *testing.T) {
	if seen := sentTo(t, "https://API.standardmetrics.io", "https://api.standardmetrics.io:443/v1/"); seen == "" {
		t.Error("no token")
	}
}

func Test_a_request_without_tls_to_the_host_and_port_of_the_api_gets_no_token(t *testing.T) {
	if seen := sentTo(t, "https://localhost:8443", "http://localhost:8443"); seen != "" {
		t.Error("it got one")
	}
}

// sentTo tells the Authorization header of a request that a transport for the API sends to a URL.
func sentTo(t *testing.T, api, url string) (seen string) {
	t.Helper()
	base := roundTripper(func(request *http.Request) (*http.Response, error) {
		seen = request.Header.Get("Authorization")
		return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
	})
	answer, err := authorizing(t, newClient(t, trusted()), api, base).Get(url)
	expectAnswer(t, http.StatusOK, answer, err)
	return seen
}

func Test_plain_http_gets_no_token(t *testing.T) {
	_, err := newClient(t, trusted()).Transport("http://api.standardmetrics.io", nil)
	expectStatus(t, asError(t, err), smtoken.ErrorInsecureURL)
}

func Test_plain_http_on_this_machine_is_fine(t *testing.T) {
	for _, api := range []string{"http://127.0.0.1:1", "http://[::1]:1", "http://localhost:1"} {
		if _, err := newClient(t, trusted()).Transport(api, nil); err != nil {
			t.Error(err)
		}
	}
}

func Test_an_api_without_a_host_is_a_bad_argument(t *testing.T) {
	_, err := newClient(t, trusted()).Transport("api.standardmetrics.io", nil)
	expectStatus(t, asError(t, err), smtoken.ErrorInvalidArgument)
}

type roundTripper func(*http.Request) (*http.Response, error)

func (send roundTripper) RoundTrip(request *http.Request) (*http.Response, error) {
	return send(request)
}

type closing struct {
	io.Reader
	closed bool
}

func (body *closing) Close() error {
	body.closed = true
	return nil
}
