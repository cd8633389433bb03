package recording_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/job"
	"latchkey/shared/recording"
	"latchkey/shared/table"
)

// finished makes a recording with a transcript, in a folder, that is so long.
func (w *world) finished(t *testing.T, name, folder string, long time.Duration) recording.Access {
	t.Helper()
	a := w.made(t, recording.NewRecording{Name: name, FolderID: folder})
	if _, err := w.Recordings.AddDocument(ctx, a, recording.NewDocument{Transcript: said(name)}); err != nil {
		t.Fatal(err)
	}
	if long != 0 {
		if _, err := w.Table.Update(ctx, table.Update{
			Key: table.Key{PK: "rec#" + w.Admin.Organization, SK: a.Recording.ID}, Set: table.Item{"duration": long.Milliseconds()},
		}); err != nil {
			t.Fatal(err)
		}
	}
	return w.find(t, a.Recording.ID)
}

func (w *world) batch(t *testing.T, folder, prompt string) recording.Batch {
	t.Helper()
	b, err := w.Recordings.AddBatch(ctx, w.Admin, folder, prompt, account.Once{})
	if err != nil || b.Status != recording.Processing {
		t.Fatalf("%+v, %v", b, err)
	}
	return b
}

// TestABatch: each recording of the folder has its summary, those below not.
func TestABatch(t *testing.T) {
	w := newWorld(t)
	w.Equip()
	f := w.folder(t, "Podcasts", "", recording.Internal)
	below := w.folder(t, "Old", f.ID, recording.Internal)
	one, two := w.finished(t, "One", f.ID, 0), w.finished(t, "Second", f.ID, 0)
	w.finished(t, "Below", below.ID, 0)
	b := w.batch(t, f.ID, "Why?")
	now, made, err := w.Recordings.Batch(ctx, w.Admin, b.ID)
	if err != nil || now.Status != recording.Processing || len(made) != 0 {
		t.Errorf("%+v, %+v, %v", now, made, err)
	}
	w.Work(t)
	if now, made, err = w.Recordings.Batch(ctx, w.Admin, b.ID); err != nil || now.Status != recording.Processing || len(made) != 2 {
		t.Errorf("asked for: %+v, %+v, %v", now, made, err)
	}
	w.Work(t)
	for range 2 {
		if now, made, err = w.Recordings.Batch(ctx, w.Admin, b.ID); err != nil || now.Status != recording.Completed || now.Prompt != "Why?" {
			t.Fatalf("%+v, %v", now, err)
		}
		got := map[string]string{}
		for _, p := range made {
			got[p.Recording] = p.Text
		}
		if len(made) != 2 || got[one.Recording.ID] != "Why?: 19 characters" || got[two.Recording.ID] != "Why?: 22 characters" {
			t.Errorf("%v", got)
		}
	}
	home := w.batch(t, "", "At home")
	if len(home.Parts) != 1 {
		t.Errorf("%+v", home)
	}
	w.Clock.Advance(time.Minute)
	second := w.batch(t, f.ID, "And why?")
	list, err := w.Recordings.Batches(ctx, w.Admin, f.ID)
	if err != nil || len(list) != 2 || list[0].ID != second.ID || list[1].ID != b.ID || list[0].Status != recording.Processing || list[1].Status != recording.Completed {
		t.Errorf("%+v, %v", list, err)
	}
}

// TestBatchesGoWithTheirFolder, and leave the summaries to their recordings.
func TestBatchesGoWithTheirFolder(t *testing.T) {
	w := newWorld(t)
	w.Equip()
	w.Memory.Record(w.Clock.Now)
	f := w.folder(t, "Podcasts", "", recording.Internal)
	one := w.finished(t, "One", f.ID, 0)
	b := w.batch(t, f.ID, "Why?")
	home := ""
	if _, err := w.Recordings.Update(ctx, one, recording.Change{FolderID: &home}); err != nil {
		t.Fatal(err)
	}
	if err := w.Recordings.DeleteFolder(ctx, w.Admin, f.ID); err != nil {
		t.Fatal(err)
	}
	w.Work(t)
	w.Work(t)
	if left := w.mentions(b.ID); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
	if _, _, err := w.Recordings.Batch(ctx, w.Admin, b.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("%v", err)
	}
}

// TestWhatIsNoBatch: everything that is refused, and why.
func TestWhatIsNoBatch(t *testing.T) {
	w := newWorld(t)
	empty := w.folder(t, "Empty", "", recording.Internal)
	full := w.folder(t, "Full", "", recording.Internal)
	w.finished(t, "One", full.ID, 0)
	open := w.folder(t, "Unfinished", "", recording.Internal)
	w.finished(t, "One", open.ID, 0)
	w.made(t, recording.NewRecording{FolderID: open.ID})
	board := w.folder(t, "Board", "", recording.Restricted, "ann@acme.test")
	w.finished(t, "Secret", board.ID, 0)
	_, rival := w.Organization(t, "Rival", "eve@rival.test")
	broke, viewer := w.Admin, w.Admin
	broke.Standing, viewer.Role = account.NoCredit, account.ViewOnly
	other := account.Principal{Organization: w.Admin.Organization, User: "u", Email: "bob@acme.test", Role: account.Producer}
	for name, tt := range map[string]struct {
		who            account.Principal
		folder, prompt string
		kind           fault.Kind
		says           string
	}{
		"no folder":          {w.Admin, "zzzzzzzz", "x", fault.NotFound, "folder not found"},
		"another's folder":   {rival, full.ID, "x", fault.NotFound, "folder not found"},
		"a hidden folder":    {other, board.ID, "x", fault.NotFound, "folder not found"},
		"no prompt":          {w.Admin, full.ID, "", fault.Missing, "is missing"},
		"a prompt too long":  {w.Admin, full.ID, strings.Repeat("x", recording.MaxPrompt+1), fault.Invalid, "is longer"},
		"no credit":          {broke, full.ID, "x", fault.Forbidden, "Insufficient credit for batch processing"},
		"no credit, no file": {broke, "zzzzzzzz", "x", fault.NotFound, "folder not found"},
		"a viewer":           {viewer, full.ID, "x", fault.Forbidden, "may not"},
		"empty":              {w.Admin, empty.ID, "x", fault.Invalid, "no media"},
		"unfinished":         {w.Admin, open.ID, "x", fault.Conflict, "no transcript"},
	} {
		_, err := w.Recordings.AddBatch(ctx, tt.who, tt.folder, tt.prompt, account.Once{})
		if !fault.Is(err, tt.kind) || !strings.Contains(fault.As(err).Message, tt.says) {
			t.Errorf("%s: %v, want %s: %s", name, err, tt.kind, tt.says)
		}
	}
	if _, err := w.Recordings.Batches(ctx, other, board.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("the batches of a hidden folder: %v", err)
	}
	if len(w.jobs(t)) != 0 {
		t.Errorf("jobs: %v", w.jobs(t))
	}
}

// TestSixtyHours: exactly so many pass, and a millisecond more does not.
func TestSixtyHours(t *testing.T) {
	for over, passes := range map[time.Duration]bool{-time.Millisecond: true, 0: true, time.Millisecond: false} {
		w := newWorld(t)
		f := w.folder(t, "Long", "", recording.Internal)
		w.finished(t, "One", f.ID, 59*time.Hour+59*time.Minute)
		w.finished(t, "Two", f.ID, time.Minute+over)
		_, err := w.Recordings.AddBatch(ctx, w.Admin, f.ID, "x", account.Once{})
		if passes && err != nil || !passes && !errors.Is(err, recording.ErrBatchTooLong) {
			t.Errorf("60 h and %v: %v", over, err)
		}
	}
}

// TestOneFailedFile fails itself and not the batch, and so does one that has
// gone, or is transcribed anew.
func TestOneFailedFile(t *testing.T) {
	w := newWorld(t)
	e := w.Equip()
	f := w.folder(t, "Podcasts", "", recording.Internal)
	good, gone, busy := w.finished(t, "Good", f.ID, 0), w.finished(t, "Gone", f.ID, 0), w.finished(t, "Busy", f.ID, 0)
	bad := w.finished(t, "Bad", f.ID, 0)
	b := w.batch(t, f.ID, "Why?")
	if err := w.Recordings.Delete(ctx, w.Admin, gone.Recording.ID); err != nil {
		t.Fatal(err)
	}
	w.remove(t)
	set := func(id string, s recording.Status) {
		if _, err := w.Table.Update(ctx, table.Update{Key: table.Key{PK: "rec#" + w.Admin.Organization, SK: id}, Set: table.Item{"status": string(s)}}); err != nil {
			t.Fatal(err)
		}
	}
	set(busy.Recording.ID, recording.Transcribing)
	w.Work(t)
	e.Judge = func(what any) error {
		if strings.Contains(what.(recording.Question).Text(), "Bad") {
			return fault.New(fault.Invalid, "it is too hard")
		}
		return nil
	}
	w.Work(t)
	now, made, err := w.Recordings.Batch(ctx, w.Admin, b.ID)
	if err != nil || now.Status != recording.Completed || len(made) != 3 {
		t.Fatalf("%+v, %+v, %v", now, made, err)
	}
	for id, want := range map[string]recording.Product{
		good.Recording.ID: {Status: recording.Completed, Text: "Why?: 20 characters"},
		bad.Recording.ID:  {Status: recording.Failed, Reason: "it is too hard"},
		busy.Recording.ID: {Status: recording.Failed, Reason: "there is no transcript yet"},
	} {
		i := slices.IndexFunc(made, func(p recording.Product) bool { return p.Recording == id })
		if i < 0 || made[i].Status != want.Status || made[i].Text != want.Text || made[i].Reason != want.Reason {
			t.Errorf("%+v, want %+v", made, want)
		}
	}
	if len(w.jobs(t)) != 0 {
		t.Errorf("jobs left: %v", w.jobs(t))
	}
}

// TestWhatABatchHides: recordings that were moved to where somebody does not
// see them, and the batch of a folder that they do not see.
func TestWhatABatchHides(t *testing.T) {
	w := newWorld(t)
	w.Equip()
	f := w.folder(t, "Podcasts", "", recording.Internal)
	board := w.folder(t, "Board", "", recording.Restricted, "ann@acme.test")
	one, two := w.finished(t, "One", f.ID, 0), w.finished(t, "Two", f.ID, 0)
	b := w.batch(t, f.ID, "Why?")
	w.Work(t)
	w.Work(t)
	if _, err := w.Recordings.Update(ctx, two, recording.Change{FolderID: &board.ID}); err != nil {
		t.Fatal(err)
	}
	other := account.Principal{Organization: w.Admin.Organization, User: "u", Email: "bob@acme.test", Role: account.Producer}
	if _, made, err := w.Recordings.Batch(ctx, other, b.ID); err != nil || len(made) != 1 || made[0].Recording != one.Recording.ID {
		t.Errorf("%+v, %v", made, err)
	}
	visible := recording.Restricted
	if _, err := w.Recordings.ChangeFolder(ctx, w.Admin, f.ID, recording.FolderChange{Visible: &visible, Users: []string{"ann@acme.test"}}); err != nil {
		t.Fatal(err)
	}
	_, rival := w.Organization(t, "Rival", "eve@rival.test")
	for name, who := range map[string]account.Principal{"who is not named": other, "another organization": rival} {
		if _, _, err := w.Recordings.Batch(ctx, who, b.ID); !fault.Is(err, fault.NotFound) || fault.As(err).Message != "there is no such thing" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestABatchIsAskedForOnce: by whoever takes over from a worker that died in
// the middle, and by a request that is repeated.
func TestABatchIsAskedForOnce(t *testing.T) {
	w := newWorld(t)
	e := w.Equip()
	for _, name := range []string{"One", "Two", "Three"} {
		w.finished(t, name, "", 0)
	}
	once := account.Once{Key: "k", Digest: "d"}
	b, err := w.Recordings.AddBatch(ctx, w.Admin, "", "Why?", once)
	if err != nil || len(b.Parts) != 4 {
		t.Fatalf("%+v, %v", b, err)
	}
	if again, err := w.Recordings.AddBatch(ctx, w.Admin, "", "Why?", once); err != nil || again.ID != b.ID {
		t.Errorf("%+v, %v", again, err)
	}
	left := 2
	w.Recordings.Store = dying{w.Recordings.Store, &left}
	w.Work(t)
	w.Recordings.Store = w.Recordings.Store.(dying).Store
	w.sweep(t, 16*time.Minute)
	w.sweep(t, 16*time.Minute)
	now, made, err := w.Recordings.Batch(ctx, w.Admin, b.ID)
	if err != nil || now.Status != recording.Completed || len(made) != 4 || len(e.Asked) != 4 {
		t.Errorf("%+v, %+v, %v; %d summaries", now, made, err, len(e.Asked))
	}
	if len(w.jobs(t)) != 0 {
		t.Errorf("jobs left: %v", w.jobs(t))
	}
}

// dying takes so many products and no more.
type dying struct {
	recording.Store
	left *int
}

func (d dying) AddProduct(ctx context.Context, p recording.Product, instead string, jobs []job.Job, once account.Once) error {
	if *d.left--; *d.left < 0 {
		return errBlown
	}
	return d.Store.AddProduct(ctx, p, instead, jobs, once)
}
