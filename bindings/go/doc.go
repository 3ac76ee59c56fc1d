// Package smtoken gets and keeps access tokens for the Standard Metrics API, through the C library
// libsm_token.
//
// Fetch asks for one token. A Client keeps one: served from memory, refreshed in time, fetched once
// however many goroutines wait, none of which holds a thread. Its Transport is an http.RoundTripper
// that adds it to requests; the package tokensource, a module of its own, makes it an
// oauth2.TokenSource.
//
// No error, log message or String method shows a secret or a token.
package smtoken

import "github.com/standard-metrics/sm-token/bindings/go/internal/native"

// PackageVersion is the version of this package. Version is that of the C library.
const PackageVersion = "0.1.1"

// Version returns the version of the C library that runs, as "MAJOR.MINOR.PATCH".
func Version() string { return native.Version() }
