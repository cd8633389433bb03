package main

import (
	"context"
	"errors"
	"strings"
	"testing"

	"latchkey/shared/file"
)

// TestWhatIsNotCheckedFails: never silence, and never "Succeeded" for want of
// a check.
func TestWhatIsNotCheckedFails(t *testing.T) {
	tests := []struct {
		name string
		set  func(*stand)
		want string // in the log
	}{
		{"unknown function", func(s *stand) { s.spec = strings.Replace(s.spec, "-open", "-new", 1) }, "latchkey-staging-new version 7: there is no check of it"},
		{"no AppSpec", func(s *stand) { s.spec = "" }, "AppSpec: unexpected end"},
		{"an AppSpec of another kind", func(s *stand) { s.spec = `{"Resources":[{"S":{"Properties":{}}}]}` }, "it names no function and version"},
		{"panic", func(s *stand) { s.hook.objects = nil }, "panic: runtime error: invalid memory address"},
		{"no version of it", func(s *stand) { s.spec = strings.Replace(s.spec, "latchkey-staging-open", "gone-open", 1) }, "invoke: operation error Lambda: Invoke"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := deploy(t, "open")
			tt.set(s)
			if got := s.run(t); got != "Failed" || !strings.Contains(s.log.String(), tt.want) {
				t.Errorf("%s, want Failed, and %q in the log: %s", got, tt.want, s.log.String())
			}
			if left := s.left(t); len(left) > 0 {
				t.Errorf("left in the table: %v", left)
			}
		})
	}
}

// TestNoTimeIsAFailure: there is time for the report and no more.
func TestNoTimeIsAFailure(t *testing.T) {
	s := deploy(t, "open")
	ctx, cancel := context.WithTimeout(t.Context(), tidyTime+reportTime)
	defer cancel()
	if _, err := s.hook.Handle(ctx, event{DeploymentID: "d-1", ExecutionID: "e-1"}); err != nil {
		t.Error(err)
	}
	if got := strings.Join(s.statuses, " "); got != "Failed" || !strings.Contains(s.log.String(), "deadline exceeded") {
		t.Errorf("%s, want Failed for want of time: %s", got, s.log.String())
	}
}

// TestEndedInTheMiddle: the version does not answer in time; what was made is
// taken away all the same.
func TestEndedInTheMiddle(t *testing.T) {
	s := deploy(t, "open")
	ctx, cancel := context.WithCancel(t.Context())
	s.version = func(int, []byte, invoked) ([]byte, error) { cancel(); return []byte("{}"), nil }
	if _, err := s.hook.Handle(ctx, event{DeploymentID: "d-1", ExecutionID: "e-1"}); err != nil {
		t.Error(err)
	}
	if got := strings.Join(s.statuses, " "); got != "Failed" {
		t.Errorf("%s, want Failed: %s", got, s.log.String())
	}
	mustBeClean(t, s)
}

func TestReportThatFails(t *testing.T) {
	for refuse, again := range map[string]bool{"": false, "LifecycleEventAlreadyCompletedException": false, "DeploymentDoesNotExistException": true} {
		s := deploy(t, "sweep")
		s.refuse = refuse
		_, err := s.hook.Handle(t.Context(), event{DeploymentID: "d-1", ExecutionID: "e-1"})
		if (err != nil) != again {
			t.Errorf("%q: %v, want to be run again: %v", refuse, err, again)
		}
	}
}

// TestRevisionOfTheNewKind: CloudFormation may come to write the AppSpec where
// CodeDeploy's reference says.
func TestRevisionOfTheNewKind(t *testing.T) {
	s := deploy(t, "open")
	s.kind = "appSpecContent"
	if got := s.run(t); got != "Succeeded" {
		t.Errorf("%s: %s", got, s.log.String())
	}
}

// TestWhatCannotBeTakenAway says nothing of the version.
func TestWhatCannotBeTakenAway(t *testing.T) {
	s := deploy(t, "open")
	s.hook.objects = stuck{s.Objects}
	if got := s.run(t); got != "Succeeded" || !strings.Contains(s.log.String(), "trial not taken away") {
		t.Errorf("%s, want Succeeded and a warning: %s", got, s.log.String())
	}
	if left := s.left(t); len(left) > 0 {
		t.Errorf("left in the table: %v", left)
	}
}

type stuck struct{ file.Objects }

func (stuck) Delete(context.Context, string) error { return errors.New("access denied") }
