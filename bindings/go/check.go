package smtoken

import (
	"context"
	"fmt"

	"github.com/standard-metrics/sm-token/bindings/go/internal/native"
)

// Verdict says what became of a step of Check.
type Verdict int32

const (
	// VerdictOK: nothing is wrong with it.
	VerdictOK Verdict = 0
	// VerdictWrong: it keeps a token from coming.
	VerdictWrong Verdict = 1
	// VerdictUnknown: it was not reached, does not apply, or can't be judged.
	VerdictUnknown Verdict = 2
)

// String returns "ok", "wrong" or "unknown".
func (verdict Verdict) String() string {
	switch verdict {
	case VerdictOK:
		return "ok"
	case VerdictWrong:
		return "wrong"
	case VerdictUnknown:
		return "unknown"
	}
	return fmt.Sprintf("verdict %d", int32(verdict))
}

// A CheckStep is one step to a token. Its texts hold no secret.
type CheckStep struct {
	// Name is "credentials", "base URL", "proxy", "name", "connection", "TLS", "certificate", "clock" or
	// "answer".
	Name    string
	Verdict Verdict
	// Text is one line that says what is.
	Text string
	// Advice is one thing to do; "" where there is nothing to do.
	Advice string
}

// Check takes the steps to a token, one by one, so that an operator sees what is wrong: all of them, in the
// order of the names of CheckStep, at most within the timeout. One request is sent, and the token that it may
// bring is dropped.
//
// The error is that of the first step that is wrong; of "clock", which no fetch fails for, it is
// ErrorCertificate. When ctx ends first, so does the check, within 100 ms: the error is that of ctx, and the
// steps are those that were taken. Each Check holds a thread while it waits.
func Check(ctx context.Context, options Options) ([]CheckStep, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	letGo := native.NewLetGo()
	ended := make(chan struct{})
	defer close(ended)
	go func() {
		select {
		case <-ctx.Done():
			letGo.Now()
		case <-ended:
		}
	}()

	chosen := options.native()
	defer chosen.Free()
	taken, failure := native.Check(chosen, letGo)
	steps := make([]CheckStep, len(taken))
	for i, step := range taken {
		steps[i] = CheckStep{step.Name, Verdict(step.Verdict), step.Text, step.Advice}
	}
	if failure != nil && Status(failure.Status) == ErrorCanceled && ctx.Err() != nil {
		return steps, ctx.Err()
	}
	return steps, errorOf(failure)
}
