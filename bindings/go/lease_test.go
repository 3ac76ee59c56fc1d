package smtoken_test

import (
	"runtime"
	"sync"
	"testing"
	"time"

	smtoken "github.com/standard-metrics/sm-token/bindings/go"
)

// perCall tells how long a call takes: the best of some rounds, since others use the machine too.
func perCall(call func()) time.Duration {
	const rounds, calls = 20, 2_000
	best := time.Hour
	for round := 0; round < rounds; round++ {
		began := time.Now()
		for i := 0; i < calls; i++ {
			call()
		}
		if took := time.Since(began) / calls; took < best {
			best = took
		}
	}
	return best
}

func Test_a_cached_authorization_costs_less_than_any_call_of_c(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("reading the clock takes longer there than a short call of C")
	}
	client := newClient(t, trusted())
	authorization(t, client)
	cached := perCall(func() { _, _ = client.Authorization(background) })
	c := perCall(func() { _ = smtoken.Version() })
	t.Logf("%v a cached authorization, %v a call of C that returns a text", cached, c)
	if cached > c && cached > 100*time.Nanosecond {
		t.Errorf("%v, and a call of C %v", cached, c)
	}
}

func Test_a_cached_authorization_allocates_nothing(t *testing.T) {
	client := newClient(t, trusted())
	authorization(t, client)
	if count := testing.AllocsPerRun(10_000, func() { _, _ = client.Authorization(background) }); count != 0 {
		t.Errorf("%v allocations", count)
	}
}

func Test_what_is_invalidated_is_returned_to_no_later_call(t *testing.T) {
	client := newClient(t, trusted())
	var readers sync.WaitGroup
	done := make(chan struct{})
	for range [4]struct{}{} {
		readers.Add(1)
		go func() {
			defer readers.Done()
			for {
				select {
				case <-done:
					return
				default:
					_, _ = client.Authorization(background)
				}
			}
		}()
	}
	for range [20]struct{}{} {
		// All of it: an invalidation that comes soon after another is ignored.
		dropped := authorization(t, client)
		client.Invalidate(nil)
		if authorization(t, client) == dropped {
			t.Error("the same token")
		}
	}
	close(done)
	readers.Wait()
}

func Test_a_client_that_was_shut_down_returns_no_authorization_from_memory(t *testing.T) {
	client := newClient(t, trusted())
	authorization(t, client)
	client.Shutdown()
	if text, err := client.Authorization(background); err == nil || text != "" {
		t.Error("it returns one")
	}
}

func Test_a_token_that_was_replaced_is_read_soon(t *testing.T) {
	client := newClient(t, trusted())
	old := authorization(t, client)
	time.Sleep(20 * time.Millisecond)
	if authorization(t, client) != old {
		t.Error("another token")
	}
	client.InvalidateAuthorization(old)
	if authorization(t, client) == old {
		t.Error("the same token")
	}
}

func Benchmark_a_cached_authorization(b *testing.B) {
	client, err := smtoken.NewClient(trusted())
	if err != nil {
		b.Fatal(err)
	}
	defer client.Close()
	b.ReportAllocs()
	for i := 0; i < b.N; i++ {
		if _, err := client.Authorization(background); err != nil {
			b.Fatal(err)
		}
	}
}
