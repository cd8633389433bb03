package recording_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/account"
	"latchkey/shared/fake"
	"latchkey/shared/fault"
	"latchkey/shared/recording"
	"latchkey/shared/transcript"
)

const mp4 = "\x00\x00\x00\x20ftypisom"

// video is the access to a recording with a video and a transcript, and the
// engines behind.
func video(t *testing.T) (*world, *fake.Engine, recording.Access) {
	t.Helper()
	w := newWorld(t)
	e := w.Equip()
	w.put(t, w.uploadURL(t, w.find(t, w.rec.ID)), mp4)
	return w, e, w.find(t, w.rec.ID)
}

// product reads one anew.
func (w *world) product(t *testing.T, p recording.Product) recording.Product {
	t.Helper()
	p, err := w.Recordings.Product(ctx, w.Admin, p.Kind, p.ID)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (w *world) download(t *testing.T, p recording.Product) (string, error) {
	t.Helper()
	token, err := w.Recordings.FileToken(ctx, p)
	if err != nil {
		t.Fatal(err)
	}
	return w.Recordings.Download(ctx, token)
}

// asked asks for one of each kind.
func asked(t *testing.T, w *world, a recording.Access) map[recording.ProductKind]recording.Product {
	t.Helper()
	out := map[recording.ProductKind]recording.Product{}
	for kind, add := range adding(w, a) {
		p, err := add(account.Once{})
		if err != nil || p.Kind != kind || p.Status != recording.Queued || p.Recording != a.Recording.ID {
			t.Fatalf("%s: %+v, %v", kind, p, err)
		}
		out[kind] = p
	}
	return out
}

func adding(w *world, a recording.Access) map[recording.ProductKind]func(account.Once) (recording.Product, error) {
	return map[recording.ProductKind]func(account.Once) (recording.Product, error){
		recording.Translated: func(account.Once) (recording.Product, error) { return w.Recordings.AddTranslation(ctx, a, "es") },
		recording.Summarized: func(o account.Once) (recording.Product, error) {
			return w.Recordings.AddSummary(ctx, a, "Summarize", recording.Hints{Subtype: "chapters", Sentences: 3}, o)
		},
		recording.BurnedIn: func(o account.Once) (recording.Product, error) {
			return w.Recordings.AddBurnIn(ctx, a, "", recording.BurnIn{Bold: true}, o)
		},
		recording.Exported: func(o account.Once) (recording.Product, error) {
			return w.Recordings.AddExport(ctx, a, recording.Export{}, o)
		},
	}
}

// TestEveryKindCompletes: with engines all of it is made, and told of once.
func TestEveryKindCompletes(t *testing.T) {
	w, e, a := video(t)
	all := asked(t, w, a)
	w.Work(t)
	for kind, p := range all {
		if p = w.product(t, p); p.Status != recording.Completed || p.Reason != "" {
			t.Errorf("%s: %s %q", kind, p.Status, p.Reason)
		}
		all[kind] = p
	}
	if left := w.jobs(t); len(left) != 0 {
		t.Errorf("jobs left: %v", left)
	}
	main, err := w.Recordings.Main(ctx, w.find(t, a.Recording.ID), "ES")
	if err != nil {
		t.Fatal(err)
	}
	read, err := w.Recordings.Reread(ctx, main)
	want := transcript.Transcript{Segments: []transcript.Segment{
		transcript.FromText("Ann", 0, 900, "es:hello"), transcript.FromText("Ann", 1000, 1900, "es:world"),
	}}
	if diff := cmp.Diff(want, read.Transcript); err != nil || diff != "" || read.Language != "es" || read.Filename != "Minutes" {
		t.Errorf("%+v, %v (-want +got):\n%s", read.Document, err, diff)
	}
	if text, err := w.Recordings.Told(ctx, all[recording.Summarized]); err != nil || text != "Summarize: 27 characters" {
		t.Errorf("%q, %v", text, err)
	}
	for kind, want := range map[recording.ProductKind]string{recording.BurnedIn: "type=video/mp4", recording.Exported: "type=audio/mpeg"} {
		if url, err := w.download(t, all[kind]); err != nil || !strings.Contains(url, want) {
			t.Errorf("%s: %q, %v", kind, url, err)
		}
	}
	if n := len(e.Asked); n != 4 {
		t.Errorf("%d things were made", n)
	}
	for _, what := range e.Asked {
		switch v := what.(type) {
		case recording.BurnIn:
			if d := recording.DefaultBurnIn; v.Font != d.Font || v.FontSize != 16 || !v.Bold {
				t.Errorf("%+v", v)
			}
		case []recording.Span:
			if diff := cmp.Diff([]recording.Span{{Start: 0, End: 1900}}, v); diff != "" {
				t.Error(diff)
			}
		case recording.Question:
			if v.Text() != "[00:00:00] Ann: hello world" || v.Language != "en" || v.Hints.Sentences != 3 {
				t.Errorf("%+v", v)
			}
		}
	}
	if r := w.find(t, a.Recording.ID).Recording; r.Documents != 2 || r.Status != recording.Completed {
		t.Errorf("%+v", r)
	}
}

// TestWithoutEngines: it is worked on, fails for its reason, and no job stays.
func TestWithoutEngines(t *testing.T) {
	w := newWorld(t)
	w.put(t, w.uploadURL(t, w.find(t, w.rec.ID)), mp4)
	all := asked(t, w, w.find(t, w.rec.ID))
	seen := map[recording.Status]bool{}
	w.Recordings.Store = changing{w.Recordings.Store, func(p recording.Product) { seen[p.Status] = true }}
	w.Work(t)
	for kind, reason := range map[recording.ProductKind]string{
		recording.Translated: "no translation engine is set up", recording.Summarized: "no summary engine is set up",
		recording.BurnedIn: "no video engine is set up", recording.Exported: "no video engine is set up",
	} {
		if p := w.product(t, all[kind]); p.Status != recording.Failed || p.Reason != reason {
			t.Errorf("%s: %s %q", kind, p.Status, p.Reason)
		}
	}
	if !seen[recording.Processing] || !seen[recording.Failed] {
		t.Errorf("states: %v", seen)
	}
	if _, err := w.download(t, all[recording.BurnedIn]); !fault.Is(err, fault.NotFound) {
		t.Errorf("what failed: %v", err)
	}
	if left := w.jobs(t); len(left) != 0 {
		t.Errorf("jobs left: %v", left)
	}
}

// changing tells of changes of products.
type changing struct {
	recording.Store
	told func(now recording.Product)
}

func (c changing) ChangeProduct(ctx context.Context, was, now recording.Product) error {
	c.told(now)
	return c.Store.ChangeProduct(ctx, was, now)
}

// TestWhatCannotBeAsked: everything that is refused, and why.
func TestWhatCannotBeAsked(t *testing.T) {
	w, _, a := video(t)
	audio := w.made(t, recording.NewRecording{})
	w.put(t, w.uploadURL(t, audio), wav)
	if _, err := w.Recordings.AddDocument(ctx, audio, recording.NewDocument{Transcript: plain("nothing", "marked")}); err != nil {
		t.Fatal(err)
	}
	audio = w.find(t, audio.Recording.ID)
	waiting, mute := w.made(t, recording.NewRecording{}), a
	mute.Recording.MediaType, mute.Recording.Video = "", false
	viewer := a
	viewer.Manage = false
	r := w.Recordings
	for name, tt := range map[string]struct {
		kind  fault.Kind
		field string
		do    func() error
	}{
		"its own language": {fault.Invalid, "language", func() error { _, err := r.AddTranslation(ctx, a, "EN"); return err }},
		"no language":      {fault.Missing, "language", func() error { _, err := r.AddTranslation(ctx, a, ""); return err }},
		"what is none":     {fault.Invalid, "language", func() error { _, err := r.AddTranslation(ctx, a, "klingon!"); return err }},
		"no prompt":        {fault.Missing, "prompt", func() error { _, err := r.AddSummary(ctx, a, " ", recording.Hints{}, account.Once{}); return err }},
		"a long prompt": {fault.Invalid, "prompt", func() error {
			_, err := r.AddSummary(ctx, a, strings.Repeat("x", recording.MaxPrompt+1), recording.Hints{}, account.Once{})
			return err
		}},
		"no subtype": {fault.Invalid, "subtype", func() error {
			_, err := r.AddSummary(ctx, a, "x", recording.Hints{Subtype: "y"}, account.Once{})
			return err
		}},
		"no number": {fault.Invalid, "sentence_count", func() error {
			_, err := r.AddSummary(ctx, a, "x", recording.Hints{Sentences: -1}, account.Once{})
			return err
		}},
		"burnt into sound":             {fault.Invalid, "", func() error { _, err := r.AddBurnIn(ctx, audio, "", recording.BurnIn{}, account.Once{}); return err }},
		"burnt in an unknown language": {fault.NotFound, "language", func() error { _, err := r.AddBurnIn(ctx, a, "fr", recording.BurnIn{}, account.Once{}); return err }},
		"a video of sound": {fault.Invalid, "media_format", func() error {
			_, err := r.AddExport(ctx, audio, recording.Export{Format: "mp4", Whole: true}, account.Once{})
			return err
		}},
		"no format": {fault.Invalid, "media_format", func() error {
			_, err := r.AddExport(ctx, a, recording.Export{Format: "ogg"}, account.Once{})
			return err
		}},
		"no highlight": {fault.Invalid, "remove_strikethrough", func() error { _, err := r.AddExport(ctx, audio, recording.Export{}, account.Once{}); return err }},
		"no media":     {fault.Invalid, "", func() error { _, err := r.AddExport(ctx, mute, recording.Export{}, account.Once{}); return err }},
	} {
		err := tt.do()
		if !fault.Is(err, tt.kind) || fault.As(err).Field != tt.field {
			t.Errorf("%s: %v, want %s of %q", name, err, tt.kind, tt.field)
		}
	}
	for kind, add := range adding(w, waiting) {
		if _, err := add(account.Once{}); !fault.Is(err, fault.Conflict) || !errors.Is(err, recording.ErrNoTranscript) {
			t.Errorf("%s of what is not completed: %v", kind, err)
		}
	}
	for kind, add := range adding(w, viewer) {
		if _, err := add(account.Once{}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("%s by a viewer: %v", kind, err)
		}
	}
	if _, err := r.AddExport(ctx, audio, recording.Export{Format: "wav", Whole: true}, account.Once{}); err != nil {
		t.Errorf("the whole: %v", err)
	}
	if left := w.jobs(t); len(left) != 2 { // and the one of the transcript that was given instead
		t.Errorf("what was refused left jobs: %v", left)
	}
}

func plain(words ...string) *transcript.Transcript {
	t := said(words...)
	for i := range t.Segments {
		t.Segments[i].Words[0].Highlight, t.Segments[i].Words[0].Strikethrough = "", false
	}
	return t
}

// TestOneTranslation: there is one into each language, whoever asks and
// however often, until it failed or its document is gone.
func TestOneTranslation(t *testing.T) {
	w, e, a := video(t)
	ids := make([]string, 8)
	var all sync.WaitGroup
	for i := range ids {
		all.Go(func() {
			p, err := w.Recordings.AddTranslation(ctx, a, []string{"es", "ES"}[i%2])
			if err != nil {
				t.Error(err)
			}
			ids[i] = p.ID
		})
	}
	all.Wait()
	if len(slices.Compact(ids)) != 1 {
		t.Errorf("two translations: %v", ids)
	}
	_, err := w.Recordings.Main(ctx, a, "es")
	kind(t, "read while it is made", err, fault.Conflict)
	e.Err = fault.New(fault.Invalid, "it is too hard")
	w.Work(t)
	p, err := w.Recordings.Translation(ctx, a, "es")
	if err != nil || p.Status != recording.Failed || p.Reason != "it is too hard" {
		t.Fatalf("%+v, %v", p, err)
	}
	_, err = w.Recordings.Main(ctx, a, "es")
	kind(t, "read after it failed", err, fault.NotFound)
	e.Err = nil
	again, err := w.Recordings.AddTranslation(ctx, a, "es")
	if err != nil || again.ID == p.ID || again.Status != recording.Queued {
		t.Errorf("a failed one is tried again: %+v, %v", again, err)
	}
	if _, err := w.Recordings.Product(ctx, w.Admin, recording.Translated, p.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("the failed one: %v", err)
	}
	w.Work(t)
	if p, err = w.Recordings.AddTranslation(ctx, a, "es"); err != nil || p.Status != recording.Completed || p.Document == "" {
		t.Errorf("%+v, %v", p, err)
	}
	if err := w.Recordings.DeleteDocument(ctx, w.Admin, a.Recording.ID, p.Document); err != nil {
		t.Fatal(err)
	}
	_, err = w.Recordings.Translation(ctx, a, "es")
	kind(t, "its document was deleted", err, fault.NotFound)
	if p, err = w.Recordings.AddTranslation(ctx, a, "es"); err != nil || p.Status != recording.Queued {
		t.Errorf("asked for again: %+v, %v", p, err)
	}
	if _, err := w.Recordings.AddDocument(ctx, a, recording.NewDocument{Transcript: said("Hallo"), Language: "de"}); err != nil {
		t.Fatal(err)
	}
	if p, err = w.Recordings.AddTranslation(ctx, a, "de"); err != nil || p.Status != recording.Completed {
		t.Errorf("one that was given: %+v, %v", p, err)
	}
}

// TestProductsOnce: a request that is repeated makes one thing.
func TestProductsOnce(t *testing.T) {
	w, _, a := video(t)
	for kind, add := range adding(w, a) {
		once := account.Once{Key: string(kind), Digest: "d"}
		first, err := add(once)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := add(once); err != nil || again.ID != first.ID {
			t.Errorf("%s: %+v, %v", kind, again, err)
		}
	}
	if jobs := w.jobs(t); len(jobs) != 4 {
		t.Errorf("%v", jobs)
	}
}

// TestProductsAreHidden from whom the recording is hidden.
func TestProductsAreHidden(t *testing.T) {
	w, _, a := video(t)
	all := asked(t, w, a)
	_, rival := w.Organization(t, "Rival", "eve@rival.test")
	f := w.folder(t, "Board", "", recording.Restricted, "ann@acme.test")
	w.set(t, recording.Change{FolderID: &f.ID})
	other := account.Principal{Organization: w.Admin.Organization, User: "u", Email: "bob@acme.test", Role: account.Producer}
	named := other
	named.Email = "ann@acme.test"
	for kind, p := range all {
		for name, who := range map[string]account.Principal{"another organization": rival, "who is not named": other} {
			if _, err := w.Recordings.Product(ctx, who, kind, p.ID); !fault.Is(err, fault.NotFound) || fault.As(err).Message != "there is no such thing" {
				t.Errorf("%s of %s: %v", kind, name, err)
			}
		}
		if _, err := w.Recordings.Product(ctx, named, kind, p.ID); err != nil {
			t.Errorf("%s of who is named: %v", kind, err)
		}
		for otherKind := range all {
			if _, err := w.Recordings.Product(ctx, w.Admin, otherKind, p.ID); (err == nil) != (kind == otherKind) {
				t.Errorf("%s as %s: %v", kind, otherKind, err)
			}
		}
	}
	for _, id := range []string{"", "zzzzzzzz", "../../../"} {
		if _, err := w.Recordings.Product(ctx, w.Admin, recording.BurnedIn, id); !fault.Is(err, fault.NotFound) {
			t.Errorf("%q: %v", id, err)
		}
	}
}
