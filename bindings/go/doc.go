// Package smtoken gets and keeps access tokens for the Standard Metrics API, through the C library
// libsm_token.
//
// Fetch asks for one token. A Client keeps one: served from memory, refreshed in time, fetched once
// however many goroutines wait. Its Transport is an http.RoundTripper that adds it to requests.
//
// No error, log message or String method shows a secret or a token.
package smtoken

// #cgo LDFLAGS: -lsm_token
// #include <sm_token.h>
import "C"

// Version tells the version of the C library that runs, as "MAJOR.MINOR.PATCH".
func Version() string { return C.GoString(C.sm_version()) }
