// Fetches an access token and shows what came with it, the token itself masked.
//
// The credentials come from SMX_CLIENT_ID and SMX_CLIENT_SECRET, the service from SMX_BASE_URL
// where it is set: the library reads all three. SM_TOKEN_CA_FILE is this program's own.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	smtoken "github.com/standard-metrics/sm-token/bindings/go"
)

func main() {
	// A server with a private certificate authority; "", the variable not set, keeps the default.
	options := smtoken.Options{CAFile: os.Getenv("SM_TOKEN_CA_FILE")}

	token, err := smtoken.Fetch(context.Background(), options)
	if err != nil {
		fmt.Fprintf(os.Stderr, "no token: %v\n%s\n", err, advice(err))
		os.Exit(1)
	}
	defer token.Close()
	show(token)
}

func show(token *smtoken.Token) {
	text := token.AccessToken()
	fmt.Printf("  type     %s\n", token.Type())
	fmt.Printf("  scope    %s\n", token.Scope())
	fmt.Printf("  expires  in %d seconds\n", token.ExpiresIn()/time.Second)
	fmt.Printf("  token    %.4s... (%d characters)\n", text, len(text))
}

func advice(err error) string {
	var failed *smtoken.Error
	if !errors.As(err, &failed) {
		return ""
	}
	if wait, said := failed.RetryAfter(); said {
		return fmt.Sprintf("try again in %v", wait)
	}
	if failed.Retryable {
		return "this may pass: try again later"
	}
	return "trying again will not help: mend the cause first"
}
