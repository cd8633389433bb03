package metric

import (
	"context"
	"maps"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTally(t *testing.T) {
	var tally Tally
	ctx := With(context.Background(), &tally)
	if !tally.Empty() {
		t.Error("a new tally has something")
	}
	Add(ctx, 0, 1) // what has no metric
	if !tally.Empty() {
		t.Error("nothing was counted, and it has something")
	}
	Add(ctx, Downloads, 1)
	Add(ctx, Downloads, 1)
	Add(ctx, MailsComplained, 0.5)
	Add(ctx, MailsSent, 0)              // as what is measured may be
	Add(context.Background(), Opens, 1) // of work that is not counted
	if tally.Empty() {
		t.Error("it has nothing")
	}
	if diff := cmp.Diff(map[Metric]float64{Downloads: 2, MailsSent: 0, MailsComplained: 0.5}, maps.Collect(tally.Counts())); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
}

func TestEveryMetricHasItsOwnName(t *testing.T) {
	seen := map[string]bool{}
	for m := range All() {
		if m.Name() == "" || m.Unit() == "" || seen[m.Name()] {
			t.Errorf("metric %d is named %q, in %q", m, m.Name(), m.Unit())
		}
		seen[m.Name()] = true
	}
	if len(seen) != int(end)-1 {
		t.Errorf("%d of %d", len(seen), end-1)
	}
}
