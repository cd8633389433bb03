package e2e

import (
	"flag"
	"slices"
	"strings"
	"testing"

	"latchkey/shared/fake"
)

// mustCount fails for lines of the log that CloudWatch would read no metric
// from, and for things that all stories together do and no line counts. The
// stack must have ended.
func (r *runner) mustCount(t *testing.T) {
	t.Helper()
	lines := slices.DeleteFunc(strings.SplitAfter(r.log.String(), "\n"), func(l string) bool { return !strings.HasPrefix(l, "{") })
	got := fake.Counts(t, strings.Join(lines, ""))
	if t.Failed() || flag.Lookup("test.run").Value.String() != "" { // then not all was done
		return
	}
	for _, name := range []string{
		"Opens", "Downloads", "RefusedRevoked", "RefusedExpired", "RefusedExhausted", "RefusedUnknown",
		"MailsSent", "MailsRejected", "MailsDelivered", "MailsBounced",
	} {
		if got[name] == 0 {
			t.Errorf("no line counts %s", name)
		}
	}
}
