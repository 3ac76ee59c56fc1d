package smtoken_test

import (
	"os"
	"path/filepath"
	"testing"

	smtoken "github.com/standard-metrics/sm-token/bindings/go"
)

// written tells the path of a file that holds the text.
func written(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func Test_credentials_are_read_from_files(t *testing.T) {
	options := trusted()
	options.CredentialFiles = &smtoken.CredentialFiles{
		ID: written(t, "id", odd.ID+"\n"), Secret: written(t, "secret", odd.Secret+"\n"),
	}
	fetched(t, options)
	options.CredentialFiles.Secret = written(t, "wrong", wrong.Secret)
	expectStatus(t, failed(t, options), smtoken.ErrorInvalidClient)
}

func Test_a_credential_file_that_is_missing_is_named(t *testing.T) {
	options := trusted()
	options.CredentialFiles = &smtoken.CredentialFiles{ID: "/no/such/id", Secret: "/no/such/secret"}
	expectPart(t, failed(t, options).Message, "/no/such/id")
}

func Test_new_credentials_end_a_remembered_refusal(t *testing.T) {
	client := newClient(t, trustedWith(wrong))
	_, err := client.Authorization(background)
	expectStatus(t, asError(t, err), smtoken.ErrorInvalidClient)
	if err := client.SetCredentials(known); err != nil {
		t.Fatal(err)
	}
	authorization(t, client)
}

func Test_new_credentials_leave_the_token(t *testing.T) {
	client := newClient(t, trusted())
	before := authorization(t, client)
	if err := client.SetCredentials(odd); err != nil || authorization(t, client) != before {
		t.Errorf("another token: %v", err)
	}
}

func Test_new_credentials_that_are_none_are_refused(t *testing.T) {
	client := newClient(t, trusted())
	err := client.SetCredentials(smtoken.Credentials{ID: known.ID})
	expectStatus(t, asError(t, err), smtoken.ErrorInvalidArgument)
	err = client.SetCredentials(smtoken.Credentials{ID: known.ID, Secret: "\x00"})
	expectPart(t, asError(t, err).Message, "Credentials.Secret")
}
