package smtoken_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"

	smtoken "github.com/standard-metrics/sm-token/bindings/go"
)

// The real server, as the environment describes it.
var (
	known   = smtoken.Credentials{ID: os.Getenv("SMX_CLIENT_ID"), Secret: os.Getenv("SMX_CLIENT_SECRET")}
	odd     = smtoken.Credentials{ID: os.Getenv("SM_TOKEN_ODD_CLIENT_ID"), Secret: os.Getenv("SM_TOKEN_ODD_CLIENT_SECRET")}
	wrong   = smtoken.Credentials{ID: os.Getenv("SMX_CLIENT_ID"), Secret: "a wrong secret"}
	baseURL = os.Getenv("SMX_BASE_URL")
	caFile  = os.Getenv("SM_TOKEN_CA_FILE")
)

var background = context.Background()

func trusted() smtoken.Options {
	return smtoken.Options{CAFile: caFile}
}

func trustedWith(credentials smtoken.Credentials) smtoken.Options {
	return smtoken.Options{CAFile: caFile, Credentials: &credentials}
}

// fetched gives a token that lives as long as the test.
func fetched(t *testing.T, options smtoken.Options) *smtoken.Token {
	t.Helper()
	token, err := smtoken.Fetch(background, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { token.Close() })
	return token
}

// failed gives the error of a fetch that must fail.
func failed(t *testing.T, options smtoken.Options) *smtoken.Error {
	t.Helper()
	_, err := smtoken.Fetch(background, options)
	return asError(t, err)
}

func asError(t *testing.T, err error) *smtoken.Error {
	t.Helper()
	var failure *smtoken.Error
	if !errors.As(err, &failure) {
		t.Fatalf("not a smtoken.Error: %v", err)
	}
	return failure
}

// requests tells how many token requests the server answers while the action runs.
func requests(t *testing.T, action func()) int {
	t.Helper()
	before := tokenRequests(t)
	action()
	return tokenRequests(t) - before
}

func tokenRequests(t *testing.T) int {
	t.Helper()
	var counts struct {
		TokenRequests int `json:"token_requests"`
	}
	if err := json.Unmarshal(control(t, http.MethodGet, "/counts", ""), &counts); err != nil {
		t.Fatal(err)
	}
	return counts.TokenRequests
}

// revokeAll lets no token that was handed out so far open anything any more.
func revokeAll(t *testing.T) {
	t.Helper()
	control(t, http.MethodPost, "/revoke_all", "")
}

// set changes how the server behaves until the test ends.
func set(t *testing.T, settings, back string) {
	t.Helper()
	control(t, http.MethodPost, "/settings", settings)
	t.Cleanup(func() { control(t, http.MethodPost, "/settings", back) })
}

// hanging starts a server that accepts connections, tells of each, and never answers.
func hanging(t *testing.T) (options smtoken.Options, reached <-chan net.Conn) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	connections := make(chan net.Conn, 10)
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { connection.Close() })
			connections <- connection
		}
	}()
	return smtoken.Options{BaseURL: "http://" + listener.Addr().String(), MaxRetries: -1}, connections
}

// throughNoProxy speaks with the server's control port.
var throughNoProxy = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}

func control(t *testing.T, method, path, body string) []byte {
	t.Helper()
	request, err := http.NewRequest(method, os.Getenv("SM_TOKEN_CONTROL_URL")+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	answer, err := throughNoProxy.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	said, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s %s: HTTP %d, %v", method, path, answer.StatusCode, err)
	}
	return said
}

// trustingTransport speaks with the real server.
func trustingTransport(t *testing.T) *http.Transport {
	t.Helper()
	pem, err := os.ReadFile(caFile)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		t.Fatalf("no certificate in %s", caFile)
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}
	t.Cleanup(transport.CloseIdleConnections)
	return transport
}
