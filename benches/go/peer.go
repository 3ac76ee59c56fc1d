// The Go peer: golang.org/x/oauth2's client credentials, and the ReuseTokenSource that it keeps tokens in.
//
//	peer fetch                                         one token
//	peer read GOROUTINES CALLS                         the cached token, in nanoseconds a call
//	peer herd GOROUTINES                               a source without a token, asked by many at once
//	peer refresh SECONDS CALLS_A_SECOND BLOCKED_MS     calls at an even pace for longer than a token lives
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"sync"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) < 2 {
		log.Fatal("fetch, read, herd or refresh")
	}
	source, err := newSource()
	if err == nil {
		switch os.Args[1] {
		case "fetch":
			err = fetch(source)
		case "read":
			err = read(source, argument(2), argument(3))
		case "herd":
			err = herd(source, argument(2))
		case "refresh":
			err = refresh(source, argument(2), argument(3), argument(4))
		default:
			err = errors.New("fetch, read, herd or refresh")
		}
	}
	if err != nil {
		log.Fatal(err)
	}
}

func argument(at int) int {
	if at < len(os.Args) {
		if count, err := strconv.Atoi(os.Args[at]); err == nil && count > 0 {
			return count
		}
	}
	log.Fatalf("argument %d must be a positive number", at)
	return 0
}

// Trusts the file in SM_TOKEN_CA_FILE, else the system's store, which SSL_CERT_FILE moves.
func newSource() (oauth2.TokenSource, error) {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	if file := os.Getenv("SM_TOKEN_CA_FILE"); file != "" {
		pem, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		roots := x509.NewCertPool()
		if !roots.AppendCertsFromPEM(pem) {
			return nil, errors.New("SM_TOKEN_CA_FILE holds no certificate")
		}
		transport.TLSClientConfig = &tls.Config{RootCAs: roots}
	}
	client := &http.Client{Transport: transport, Timeout: 30 * time.Second}
	config := clientcredentials.Config{
		ClientID:     os.Getenv("SMX_CLIENT_ID"),
		ClientSecret: os.Getenv("SMX_CLIENT_SECRET"),
		TokenURL:     os.Getenv("SMX_BASE_URL") + "/o/token/",
		AuthStyle:    oauth2.AuthStyleInHeader,
	}
	return config.TokenSource(context.WithValue(context.Background(), oauth2.HTTPClient, client)), nil
}

func fetch(source oauth2.TokenSource) error {
	token, err := source.Token()
	if err == nil {
		fmt.Println(token.Type(), token.AccessToken)
	}
	return err
}

func readCached(source oauth2.TokenSource, calls int) error {
	for i := 0; i < calls; i++ {
		if _, err := source.Token(); err != nil {
			return err
		}
	}
	return nil
}

func read(source oauth2.TokenSource, goroutines, calls int) error {
	runtime.GOMAXPROCS(goroutines)
	took := make([]time.Duration, goroutines)
	err := together(goroutines, func(number int, start func()) error {
		if err := readCached(source, calls/10+1); err != nil { // warm
			return err
		}
		start()
		began := time.Now()
		err := readCached(source, calls)
		took[number] = time.Since(began)
		return err
	})
	total := time.Duration(0)
	for _, one := range took {
		total += one
	}
	fmt.Printf("{\"ns\": %.3f}\n", float64(total)/float64(goroutines*calls))
	return err
}

func herd(source oauth2.TokenSource, goroutines int) error {
	took := make([]time.Duration, goroutines)
	err := together(goroutines, func(number int, start func()) error {
		start()
		began := time.Now()
		_, err := source.Token()
		took[number] = time.Since(began)
		return err
	})
	slowest := time.Duration(0)
	for _, one := range took {
		if one > slowest {
			slowest = one
		}
	}
	fmt.Printf("{\"slowest_ms\": %.3f}\n", slowest.Seconds()*1e3)
	return err
}

// Runs work on many goroutines; start holds each back until all have come to it.
func together(goroutines int, work func(number int, start func()) error) error {
	var ready, done sync.WaitGroup
	ready.Add(goroutines)
	done.Add(goroutines)
	errs := make([]error, goroutines)
	for i := 0; i < goroutines; i++ {
		go func(number int) {
			defer done.Done()
			var arrived sync.Once
			arrive := func() { arrived.Do(ready.Done) }
			defer arrive()
			errs[number] = work(number, func() {
				arrive()
				ready.Wait()
			})
		}(i)
	}
	done.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func refresh(source oauth2.TokenSource, seconds, callsASecond, blockedMs int) error {
	if _, err := source.Token(); err != nil {
		return err
	}
	calls, blocked, slowest := 0, 0, time.Duration(0)
	start := time.Now()
	for began := start; began.Sub(start) < time.Duration(seconds)*time.Second; began = time.Now() {
		if _, err := source.Token(); err != nil {
			return err
		}
		took := time.Since(began)
		calls++
		if took > time.Duration(blockedMs)*time.Millisecond {
			blocked++
		}
		if took > slowest {
			slowest = took
		}
		time.Sleep(time.Until(began.Add(time.Second / time.Duration(callsASecond))))
	}
	fmt.Printf("{\"calls\": %d, \"blocked\": %d, \"slowest_ms\": %.3f}\n", calls, blocked, slowest.Seconds()*1e3)
	return nil
}
