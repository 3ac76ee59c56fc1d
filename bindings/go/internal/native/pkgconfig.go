//go:build sm_token_pkgconfig

package native

// #cgo pkg-config: sm_token
import "C"
