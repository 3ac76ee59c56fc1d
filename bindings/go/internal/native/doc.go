// Package native calls the C library libsm_token. All of cgo is here; what it means to a Go program is
// said in the package smtoken, which alone imports this one.
package native

// #cgo LDFLAGS: -lsm_token
// #include <sm_token.h>
import "C"

// Version returns the version of the C library that runs, as "MAJOR.MINOR.PATCH".
func Version() string { return C.GoString(C.sm_version()) }

// StatusMessage describes a status in one fixed sentence.
func StatusMessage(status int32) string { return C.GoString(C.sm_status_message(C.sm_status(status))) }
