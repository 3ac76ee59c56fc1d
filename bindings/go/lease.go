package smtoken

import (
	"sync/atomic"
	"time"
)

// For so long an authorization is returned without asking the library. The library returns none that
// expires sooner than 100 ms from then (a tenth of its life, of at least 1 s, or 10 s).
const leaseDuration = 10 * time.Millisecond

// Times are read from here on, by the monotonic clock alone, which is quicker than a time.Now each.
var epoch = time.Now()

// A lease is an authorization that may be returned without asking the library.
type lease struct {
	authorization string
	generation    uint64
	until         time.Duration
}

// A leaseholder holds the current lease. The zero value holds none.
type leaseholder struct {
	lease atomic.Pointer[lease]
	// Counts what made every earlier lease void: a renewal that began before does not hold.
	generation atomic.Uint64
}

func (holder *leaseholder) current() (authorization string, holds bool) {
	lease := holder.lease.Load()
	if lease == nil || lease.generation != holder.generation.Load() || time.Since(epoch) >= lease.until {
		return "", false
	}
	return lease.authorization, true
}

// A renewal is begun before the library is asked.
type renewal struct {
	previous   string
	generation uint64
	began      time.Duration
}

func (holder *leaseholder) renewal() renewal {
	begun := renewal{generation: holder.generation.Load(), began: time.Since(epoch)}
	if last := holder.lease.Load(); last != nil {
		begun.previous = last.authorization
	}
	return begun
}

func (holder *leaseholder) renew(begun renewal, authorization string) {
	holder.lease.Store(&lease{authorization, begun.generation, begun.began + leaseDuration})
}

// end makes the lease void, and each renewal that is under way.
func (holder *leaseholder) end() {
	holder.generation.Add(1)
	holder.lease.Store(nil)
}
