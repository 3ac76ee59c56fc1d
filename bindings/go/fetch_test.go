package smtoken_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	smtoken "github.com/standard-metrics/sm-token/bindings/go"
)

// contract: environment
func Test_a_token_is_fetched_with_the_credentials_of_the_environment(t *testing.T) {
	if length := len(fetched(t, trusted()).AccessToken()); length < 20 {
		t.Errorf("a token of %d characters", length)
	}
}

func Test_the_authorization_is_bearer_and_the_token(t *testing.T) {
	token := fetched(t, trustedWith(known))
	if token.Authorization() != "Bearer "+token.AccessToken() {
		t.Error("not Bearer TOKEN")
	}
}

// contract: token
func Test_the_type_and_the_scope_are_the_servers(t *testing.T) {
	token := fetched(t, trusted())
	if said := token.Type() + " " + token.Scope(); said != "Bearer all read write" {
		t.Error(said)
	}
}

// contract: option-sent
func Test_the_scope_is_what_was_asked_for(t *testing.T) {
	options := trusted()
	options.Scope = "read"
	if scope := fetched(t, options).Scope(); scope != "read" {
		t.Error(scope)
	}
}

// contract: expiry
func Test_the_time_left_and_the_expiry_agree(t *testing.T) {
	token := fetched(t, trusted())
	apart := time.Until(token.ExpiresAt()) - token.ExpiresIn()
	if apart.Abs() > 2*time.Second {
		t.Errorf("%v apart", apart)
	}
}

func Test_the_time_left_is_that_of_the_server(t *testing.T) {
	if left := fetched(t, trusted()).ExpiresIn(); left <= 3500*time.Second || left > time.Hour {
		t.Errorf("%v left of an hour", left)
	}
}

// contract: odd-text
func Test_credentials_of_other_than_ascii_characters_are_accepted(t *testing.T) {
	fetched(t, trustedWith(odd))
}

func Test_a_refused_secret_is_status_40(t *testing.T) {
	if status := failed(t, trustedWith(wrong)).Status; status != 40 {
		t.Errorf("status %d", int(status))
	}
}

func Test_a_refused_secret_is_known_by_name(t *testing.T) {
	_, err := smtoken.Fetch(background, trustedWith(wrong))
	if !errors.Is(err, smtoken.ErrorInvalidClient) {
		t.Error(err)
	}
}

// contract: refused
func Test_a_refused_secret_says_what_to_do(t *testing.T) {
	expectPart(t, failed(t, trustedWith(wrong)).Error(), "check client_id and client_secret")
}

// contract: refused-fields
func Test_a_refusal_tells_what_the_server_answered(t *testing.T) {
	err := failed(t, trustedWith(wrong))
	if err.HTTPStatus != 401 || err.OAuthCode != "invalid_client" {
		t.Errorf("HTTP %d, %q", err.HTTPStatus, err.OAuthCode)
	}
}

func Test_a_refused_secret_is_not_worth_another_try(t *testing.T) {
	err := failed(t, trustedWith(wrong))
	if wait, said := err.RetryAfter(); err.Retryable || said {
		t.Errorf("retryable: %v, after %v", err.Retryable, wait)
	}
}

// contract: no-secret
func Test_a_refusal_does_not_show_the_secret(t *testing.T) {
	err := failed(t, trustedWith(wrong))
	if strings.Contains(fmt.Sprintf("%v %+v %#v", err, err, err), wrong.Secret) {
		t.Error("the secret is shown")
	}
}

func Test_credentials_are_not_shown_by_any_verb(t *testing.T) {
	shown := fmt.Sprintf("%v %+v %#v %s", known, known, known, known)
	if strings.Contains(shown, known.Secret) {
		t.Error("the secret is shown")
	}
}

func Test_a_token_is_not_shown_by_any_verb(t *testing.T) {
	token := fetched(t, trusted())
	if strings.Contains(fmt.Sprintf("%v %+v %#v %s", token, token, token, token), token.AccessToken()) {
		t.Error("the token is shown")
	}
}

func Test_a_secret_read_with_its_newline_is_refused_by_name(t *testing.T) {
	err := failed(t, trustedWith(smtoken.Credentials{ID: known.ID, Secret: known.Secret + "\n"}))
	expectStatus(t, err, smtoken.ErrorInvalidArgument)
	expectPart(t, err.Message, "client_secret")
}

func Test_a_secret_with_a_nul_is_refused_and_not_cut(t *testing.T) {
	err := failed(t, trustedWith(smtoken.Credentials{ID: known.ID, Secret: known.Secret + "\x00"}))
	expectPart(t, err.Message, "Credentials.Secret")
}

// contract: half-credentials
func Test_an_empty_secret_is_refused_and_not_taken_from_the_environment(t *testing.T) {
	expectStatus(t, failed(t, trustedWith(smtoken.Credentials{})), smtoken.ErrorInvalidArgument)
}

// contract: not-text
func Test_a_secret_that_is_not_utf_8_is_refused(t *testing.T) {
	err := failed(t, trustedWith(smtoken.Credentials{ID: known.ID, Secret: "\xff"}))
	expectStatus(t, err, smtoken.ErrorInvalidArgument)
}

// contract: option-reason
func Test_a_malformed_url_is_refused_by_the_options_name(t *testing.T) {
	err := failed(t, smtoken.Options{BaseURL: "https:/?"})
	expectStatus(t, err, smtoken.ErrorInvalidArgument)
	expectPart(t, err.Message, "base_url")
}

func Test_a_negative_timeout_is_refused_by_the_options_name(t *testing.T) {
	expectPart(t, failed(t, smtoken.Options{Timeout: -time.Second}).Message, "timeout is not between")
}

// contract: number-range
func Test_a_timeout_that_the_library_cannot_hold_is_refused_and_not_cut(t *testing.T) {
	expectPart(t, failed(t, smtoken.Options{Timeout: 1<<32*time.Millisecond + time.Minute}).Message, "timeout is not between")
}

func Test_an_unknown_trust_is_refused_by_the_options_name(t *testing.T) {
	expectPart(t, failed(t, smtoken.Options{Trust: 9}).Message, "trust is none")
}

func Test_a_fraction_of_a_millisecond_is_a_timeout_and_not_nothing(t *testing.T) {
	options := trusted()
	options.Timeout = time.Nanosecond
	expectStatus(t, failed(t, options), smtoken.ErrorTimeout)
}

// contract: insecure-url
func Test_plain_http_to_another_machine_is_refused(t *testing.T) {
	expectStatus(t, failed(t, smtoken.Options{BaseURL: "http://api.standardmetrics.io"}), smtoken.ErrorInsecureURL)
}

// contract: trust-roots
func Test_a_missing_ca_file_is_named_with_its_path(t *testing.T) {
	err := failed(t, smtoken.Options{CAFile: "/no/such/ca.pem"})
	expectStatus(t, err, smtoken.ErrorNoTrustRoots)
	expectPart(t, err.Message, "/no/such/ca.pem")
}

// contract: version
func Test_the_version_is_the_librarys(t *testing.T) {
	if parts := strings.Split(smtoken.Version(), "."); len(parts) != 3 {
		t.Error(smtoken.Version())
	}
}

func Test_an_unknown_authority_is_a_certificate_failure(t *testing.T) {
	expectStatus(t, failed(t, smtoken.Options{Trust: smtoken.TrustBundled, MaxRetries: -1}), smtoken.ErrorCertificate)
}

func Test_retries_happen_unless_they_are_turned_off(t *testing.T) {
	set(t, `{"down": true}`, `{"down": false}`)
	options := trusted()
	options.MaxRetries = 1
	once := requests(t, func() { failed(t, options) })
	options.MaxRetries = -1
	if never := requests(t, func() { failed(t, options) }); once != 2 || never != 1 {
		t.Errorf("%d requests with one retry, %d with none", once, never)
	}
}

func Test_a_malformed_proxy_is_refused_by_the_options_name(t *testing.T) {
	options := smtoken.Options{CAFile: caFile, Proxy: "socks9://localhost"}
	expectPart(t, failed(t, options).Message, "proxy has a scheme")
}

func Test_a_fetch_ends_with_its_context(t *testing.T) {
	options, reached := hanging(t)
	ctx, cancel := context.WithCancel(background)
	go func() {
		<-reached
		cancel()
	}()
	if _, err := smtoken.Fetch(ctx, options); err != context.Canceled {
		t.Error(err)
	}
}

func Test_a_closed_token_has_no_text(t *testing.T) {
	token := fetched(t, trusted())
	token.Close()
	if token.AccessToken() != "" || token.ExpiresIn() != 0 {
		t.Error("it has one")
	}
}

func Test_a_token_may_be_closed_twice(t *testing.T) {
	token := fetched(t, trusted())
	token.Close()
	token.Close()
}

// contract: log log-no-secret
func Test_the_log_hears_of_the_token_but_not_its_text(t *testing.T) {
	var heard []string
	options := trusted()
	options.LogLevel = smtoken.LogDebug
	options.Log = func(_ smtoken.LogLevel, message string) { heard = append(heard, message) }
	token := fetched(t, options)
	if len(heard) == 0 || strings.Contains(strings.Join(heard, "\n"), token.AccessToken()) {
		t.Errorf("%d messages, or the token in one", len(heard))
	}
}

func Test_the_log_hears_nothing_below_its_level(t *testing.T) {
	options := trusted()
	options.LogLevel = smtoken.LogWarn
	options.Log = func(level smtoken.LogLevel, message string) { t.Errorf("%d: %s", level, message) }
	fetched(t, options)
}

// contract: log-raises
func Test_a_log_that_panics_costs_no_token(t *testing.T) {
	options := trusted()
	options.Log = func(smtoken.LogLevel, string) { panic("the log is full") }
	fetched(t, options)
}

func expectStatus(t *testing.T, err *smtoken.Error, expected smtoken.Status) {
	t.Helper()
	if err.Status != expected {
		t.Errorf("status %d in place of %d: %v", int(err.Status), int(expected), err)
	}
}

func expectPart(t *testing.T, text, part string) {
	t.Helper()
	if !strings.Contains(text, part) {
		t.Errorf("%q does not contain %q", text, part)
	}
}
