package recording_test

import (
	"context"
	"strings"
	"testing"

	"latchkey/shared/account"
	"latchkey/shared/fake"
	"latchkey/shared/recording"
)

// turned seals as a key does that is not the current one any more, until it is
// asked to seal.
type turned struct {
	keys   fake.Seal
	sealed *int
}

func (k turned) Seal(ctx context.Context, token, id string) (string, error) {
	*k.sealed++
	sealed, err := k.keys.Seal(ctx, token, id)
	return "new:" + sealed, err
}

func (k turned) Open(ctx context.Context, sealed, id string) (string, bool, error) {
	old, isNew := strings.CutPrefix(sealed, "new:")
	token, _, err := k.keys.Open(ctx, old, id)
	return token, !isNew, err
}

// TestFilesAreSealedAnew once the key has turned, and lead where they did.
func TestFilesAreSealedAnew(t *testing.T) {
	w, _, a := video(t)
	p, err := w.Recordings.AddBurnIn(ctx, a, "", recording.BurnIn{}, account.Once{})
	if err != nil {
		t.Fatal(err)
	}
	first, err := w.Recordings.FileToken(ctx, p)
	if err != nil {
		t.Fatal(err)
	}
	sealed := 0
	w.Recordings.Seal = turned{sealed: &sealed}
	for range 3 { // of which one seals
		if again, err := w.Recordings.FileToken(ctx, w.product(t, p)); err != nil || again != first {
			t.Errorf("%q, %v", again, err)
		}
	}
	if sealed != 1 {
		t.Errorf("sealed %d times", sealed)
	}
	if again, err := w.Recordings.FileToken(ctx, p); err != nil || again != first { // which was read before that
		t.Errorf("%q, %v", again, err)
	}
	w.Work(t)
	if _, err := w.Recordings.Download(ctx, first); err != nil {
		t.Error(err)
	}
}
