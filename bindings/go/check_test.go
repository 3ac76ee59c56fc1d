package smtoken_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	smtoken "github.com/standard-metrics/sm-token/bindings/go"
)

const stepNames = "credentials, base URL, proxy, name, connection, TLS, certificate, clock, answer"

// contract: check
func Test_every_step_to_the_real_server_is_right(t *testing.T) {
	steps, err := smtoken.Check(background, trusted())
	if err != nil {
		t.Error(err)
	}
	if names := namesOf(steps); names != stepNames {
		t.Error(names)
	}
	for _, step := range steps {
		if step.Verdict != smtoken.VerdictOK || step.Text == "" {
			t.Errorf("%s is %v: %q", step.Name, step.Verdict, step.Text)
		}
	}
}

func Test_a_check_names_the_answer_to_a_refused_secret(t *testing.T) {
	steps, err := smtoken.Check(background, trustedWith(wrong))
	if status := asError(t, err).Status; status != 40 {
		t.Errorf("status %d", int(status))
	}
	if names := namesOf(steps); names != stepNames {
		t.Error(names)
	}
	for _, step := range steps {
		isWrong := step.Verdict == smtoken.VerdictWrong
		if isWrong != (step.Name == "answer") || isWrong && step.Advice == "" {
			t.Errorf("%s is %v: %q, %q", step.Name, step.Verdict, step.Text, step.Advice)
		}
		if strings.Contains(step.Text, wrong.Secret) {
			t.Error("the secret is shown")
		}
	}
}

func Test_a_check_with_a_refused_option_takes_no_step(t *testing.T) {
	steps, err := smtoken.Check(background, smtoken.Options{BaseURL: "https:/?"})
	if !errors.Is(err, smtoken.ErrorInvalidArgument) || len(steps) != 0 {
		t.Errorf("%v: %v", steps, err)
	}
}

func Test_a_check_ends_with_its_context_and_tells_what_it_saw(t *testing.T) {
	options, reached := hanging(t)
	options.Credentials = &known
	ctx, cancel := context.WithCancel(background)
	defer cancel()
	go func() {
		<-reached
		cancel()
	}()
	steps, err := smtoken.Check(ctx, options)
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if names := namesOf(steps); names == "" || !strings.HasPrefix(stepNames, names) {
		t.Error(names)
	}
}

func namesOf(steps []smtoken.CheckStep) string {
	names := make([]string, len(steps))
	for i, step := range steps {
		names[i] = step.Name
	}
	return strings.Join(names, ", ")
}
