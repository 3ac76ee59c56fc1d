package smtoken_test

import (
	"errors"
	"fmt"
	"log"
	"net/http"
	"testing"

	smtoken "github.com/standard-metrics/sm-token/bindings/go"
)

func companies(client *smtoken.Client, baseURL string, base http.RoundTripper) (*http.Response, error) {
	transport, err := client.Transport(baseURL, base)
	if err != nil {
		return nil, err
	}
	api := http.Client{Transport: transport}
	return api.Get(baseURL + "/v1/companies/")
}

func explained(err error) string {
	var failed *smtoken.Error
	switch {
	case errors.Is(err, smtoken.ErrorInvalidClient):
		return "a person has to look: " + err.Error()
	case errors.As(err, &failed) && failed.Retryable:
		wait, _ := failed.RetryAfter()
		return fmt.Sprintf("later, after %v: %v", wait, failed)
	}
	return err.Error()
}

func Test_the_readmes_client_reaches_the_api(t *testing.T) {
	answer, err := companies(newClient(t, trusted()), baseURL, trustingTransport(t))
	expectAnswer(t, http.StatusOK, answer, err)
}

func Test_the_readmes_explanation_tells_a_wrong_secret_from_a_failing_server(t *testing.T) {
	expectPart(t, explained(failed(t, trustedWith(wrong))), "a person has to look")
	set(t, `{"down": true}`, `{"down": false}`)
	options := trusted()
	options.MaxRetries = -1
	expectPart(t, explained(failed(t, options)), "later")
}

func ExampleNewClient() {
	client, err := smtoken.NewClient(smtoken.Options{CAFile: caFile})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	token, err := client.Token(background)
	if err != nil {
		log.Fatal(err)
	}
	defer token.Close()
	fmt.Println(token.Type(), token.Scope())
	// Output: Bearer all read write
}
