package recording_test

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/file"
	"latchkey/shared/job"
	"latchkey/shared/recording"
	"latchkey/shared/store"
)

const source = "https://example.com/a/talk.mp3"

// told runs what the queue tells of, each message twice, and what S3 tells of
// what was uploaded.
func (w *world) told(t *testing.T) {
	t.Helper()
	for _, m := range w.Queue.Take() {
		for range 2 {
			if err := w.Jobs.Run(ctx, m); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, key := range w.Objects.Keys() {
		f, err := w.Files.Uploaded(ctx, key)
		if err == nil {
			err = w.Recordings.Arrived(ctx, f)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// sweep is what happens at the next moment that something may be due.
func (w *world) sweep(t *testing.T, later time.Duration) {
	t.Helper()
	w.Clock.Advance(later)
	if _, err := w.Jobs.TellDue(ctx, w.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	w.told(t)
}

// tell has the queue tell of every job that has not begun or is due.
func (w *world) tell(t *testing.T) {
	t.Helper()
	if _, err := w.Jobs.TellDue(ctx, w.Clock.Now().Add(job.FirstDue)); err != nil && !errors.Is(err, errBlown) {
		t.Fatal(err)
	}
}

// fetching is a stack with a recording whose media is to be fetched, and with
// the stream having told of it.
func fetching(t *testing.T) (*world, string) {
	t.Helper()
	w := newWorld(t)
	w.Sources.Contents = map[string]string{source: "ID3\x04\x00\x00"}
	w.Memory.Record(w.Clock.Now)
	a := w.made(t, recording.NewRecording{Source: source})
	if a.Recording.Status != recording.Preparing {
		t.Fatalf("%s", a.Recording.Status)
	}
	if err := w.Jobs.Tell(ctx, store.NewJobs(w.Memory.Changes())); err != nil {
		t.Fatal(err)
	}
	return w, a.Recording.ID
}

// jobs are those that are left, but for those of each that nobody waits for.
func (w *world) jobs(t *testing.T) []job.Job {
	t.Helper()
	return slices.DeleteFunc(w.due(t), func(j job.Job) bool {
		return strings.HasPrefix(j.ID, string(job.Announce)) || strings.HasPrefix(j.ID, string(job.Inspect))
	})
}

func (w *world) due(t *testing.T) []job.Job {
	t.Helper()
	due, err := store.Jobs{Table: w.Table, Now: w.Clock.Now}.Due(ctx, w.Clock.Now().AddDate(1, 0, 0), 100)
	if err != nil {
		t.Fatal(err)
	}
	return due
}

func TestMediaIsFetched(t *testing.T) {
	w, id := fetching(t)
	w.told(t)
	w.Work(t)
	r := w.find(t, id).Recording
	if r.MediaType != "audio/mpeg" || r.Status != recording.Failed || !strings.Contains(r.Reason, "no speech engine") || r.Name != "talk.mp3" {
		t.Errorf("%+v", r)
	}
	if left := w.jobs(t); len(left) != 0 {
		t.Errorf("jobs left: %v", left)
	}
	if keys := w.Objects.Keys(); len(keys) != 1 || !strings.HasPrefix(keys[0], "media/") {
		t.Errorf("%v", keys)
	}
	if err := w.Recordings.Delete(ctx, w.Admin, id); err != nil {
		t.Fatal(err)
	}
	if w.Work(t); len(w.Objects.Keys()) != 0 {
		t.Errorf("left: %v", w.Objects.Keys())
	}
}

func TestALostMessageIsToldAgain(t *testing.T) {
	w, id := fetching(t)
	w.Queue.Take() // lost
	w.sweep(t, time.Minute)
	if r := w.find(t, id).Recording; r.HasMedia() {
		t.Error("told of a job that is not due")
	}
	w.sweep(t, job.FirstDue)
	if r := w.find(t, id).Recording; !r.HasMedia() {
		t.Errorf("%+v", r)
	}
}

// TestADeadWorkerIsReplaced: nobody else works while a lease holds, and
// somebody does when it has ended.
func TestADeadWorkerIsReplaced(t *testing.T) {
	w, id := fetching(t)
	jobs := store.Jobs{Table: w.Table, Now: w.Clock.Now}
	m := w.Queue.Take()[0]
	if _, err := jobs.Begin(ctx, m, w.Clock.Now().Add(job.Lease)); err != nil { // and dies
		t.Fatal(err)
	}
	if _, err := jobs.Begin(ctx, m, w.Clock.Now().Add(job.Lease)); !fault.Is(err, fault.Conflict) {
		t.Errorf("begun twice: %v", err)
	}
	w.sweep(t, job.Lease-time.Second)
	if w.find(t, id).Recording.HasMedia() {
		t.Error("two workers at once")
	}
	w.sweep(t, 2*time.Minute)
	if !w.find(t, id).Recording.HasMedia() {
		t.Error("nobody took over")
	}
}

func TestWhatCannotBeFetched(t *testing.T) {
	for name, tt := range map[string]struct {
		err      error
		attempts int
		reason   string
	}{
		"for ever":    {fault.New(fault.Invalid, "the server answered 404"), 1, "the media could not be fetched: the server answered 404"},
		"too large":   {fault.New(fault.TooLarge, "it is larger than 5 bytes"), 1, "the media could not be fetched: it is larger than 5 bytes"},
		"unavailable": {fault.New(fault.Unavailable, "the server took too long"), job.MaxAttempts, "the media could not be fetched: the server took too long"},
		"ours":        {errors.New("table: 10.1.2.3 refused"), job.MaxAttempts, "the media could not be fetched: it failed on our side"},
	} {
		t.Run(name, func(t *testing.T) {
			w, id := fetching(t)
			w.Sources.Err = tt.err
			w.told(t)
			n := 1
			for ; w.find(t, id).Recording.Status == recording.Preparing && n < 10; n++ {
				w.sweep(t, 2*time.Hour)
			}
			r := w.find(t, id).Recording
			if n != tt.attempts || r.Status != recording.Failed || r.Reason != tt.reason {
				t.Errorf("after %d attempts: %s %q, want %d: %q", n, r.Status, r.Reason, tt.attempts, tt.reason)
			}
			if left := w.jobs(t); len(left) != 0 {
				t.Errorf("jobs left: %v", left)
			}
			if letters := w.Queue.Buried(); len(letters) == 1 != (name == "ours") {
				t.Errorf("operators are told of %v", letters)
			}
			// It may be uploaded instead.
			w.put(t, w.uploadURL(t, w.find(t, id)), wav)
			if r := w.find(t, id).Recording; !r.HasMedia() {
				t.Errorf("%+v", r)
			}
		})
	}
}

func TestOutagesPass(t *testing.T) {
	w, id := fetching(t)
	w.Sources.Err = fault.New(fault.Unavailable, "the server answered 503")
	w.told(t)
	w.Sources.Err = nil
	w.sweep(t, 30*time.Second)
	if w.find(t, id).Recording.HasMedia() {
		t.Error("tried again at once")
	}
	w.sweep(t, time.Minute)
	if !w.find(t, id).Recording.HasMedia() {
		t.Error("not tried again")
	}
}

// TestDeletedWhileFetched: what is fetched for nobody is not kept, and no job
// stays.
func TestDeletedWhileFetched(t *testing.T) {
	w, id := fetching(t)
	fetcher := w.Jobs.Workers[job.Fetch]
	w.Jobs.Workers[job.Fetch] = during{fetcher, func() {
		if err := w.Recordings.Delete(ctx, w.Admin, id); err != nil {
			t.Error(err)
		}
	}}
	w.told(t)
	w.Work(t)
	if slices.ContainsFunc(w.Objects.Keys(), func(key string) bool { return strings.HasPrefix(key, "media/") }) {
		t.Errorf("left: %v", w.Objects.Keys())
	}
	if left := w.jobs(t); len(left) != 0 {
		t.Errorf("jobs left: %v", left)
	}
	if left := w.mentions(id); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}

// during does something before the work.
type during struct {
	job.Worker
	first func()
}

func (d during) Work(ctx context.Context, j job.Job) error {
	d.first()
	return d.Worker.Work(ctx, j)
}

// TestItsFileDeletedAlone: a recording does not wait for ever.
func TestItsFileDeletedAlone(t *testing.T) {
	w, id := fetching(t)
	w.Jobs.Workers[job.Fetch] = recording.Fetcher{Service: w.Recordings, Sources: opening{w.Sources, func() {
		if err := w.Files.Delete(ctx, w.Admin, w.find(t, id).Recording.FileID); err != nil {
			t.Error(err)
		}
	}}}
	w.told(t)
	if r := w.find(t, id).Recording; r.Status != recording.Failed || !strings.Contains(r.Reason, "its file was deleted") {
		t.Errorf("%s %q", r.Status, r.Reason)
	}
	w.put(t, w.uploadURL(t, w.find(t, id)), wav)
	if r := w.find(t, id).Recording; !r.HasMedia() {
		t.Errorf("%+v", r)
	}
}

// opening does something when a source is opened.
type opening struct {
	recording.Sources
	first func()
}

func (o opening) Open(ctx context.Context, url string, most int64) (io.ReadCloser, error) {
	o.first()
	return o.Sources.Open(ctx, url, most)
}

// TestATranscriptBeforeItsMedia: a given transcript does not end the fetch.
func TestATranscriptBeforeItsMedia(t *testing.T) {
	w, id := fetching(t)
	if _, err := w.Recordings.AddDocument(ctx, w.find(t, id), recording.NewDocument{Transcript: said("Hello")}); err != nil {
		t.Fatal(err)
	}
	w.told(t)
	if r := w.find(t, id).Recording; !r.HasMedia() || r.Status != recording.Completed {
		t.Errorf("%+v", r)
	}
}

// TestAJobThatKillsItsWorkers is given up like one that fails.
func TestAJobThatKillsItsWorkers(t *testing.T) {
	w, id := fetching(t)
	jobs, began := store.Jobs{Table: w.Table, Now: w.Clock.Now}, 0
	for range job.MaxAttempts {
		for _, m := range w.Queue.Take() {
			if _, err := jobs.Begin(ctx, m, w.Clock.Now().Add(job.Lease)); err != nil { // and dies
				t.Fatal(err)
			}
			if strings.HasPrefix(m.ID, string(job.Fetch)) {
				began++
			}
		}
		w.Clock.Advance(2 * job.Lease)
		if _, err := w.Jobs.TellDue(ctx, w.Clock.Now()); err != nil {
			t.Fatal(err)
		}
	}
	w.told(t)
	if r := w.find(t, id).Recording; began != job.MaxAttempts || r.Status != recording.Failed || !strings.HasSuffix(r.Reason, "it failed on our side") {
		t.Errorf("begun %d times: %s %q", began, r.Status, r.Reason)
	}
	if left := w.jobs(t); len(left) != 0 {
		t.Errorf("jobs left: %v", left)
	}
}

// TestDeletedWhileBytesCome: what arrives for a recording that is gone goes too.
func TestDeletedWhileBytesCome(t *testing.T) {
	w, id := fetching(t)
	w.Recordings.Files = delaying{w.Recordings.Files, func() {
		if err := w.Recordings.Delete(ctx, w.Admin, id); err != nil {
			t.Error(err)
		}
		w.Work(t)
	}}
	w.told(t)
	if keys := w.Objects.Keys(); len(keys) != 0 {
		t.Errorf("left: %v", keys)
	}
}

// delaying does something after a pending file was found and before its bytes come.
type delaying struct {
	recording.Files
	first func()
}

func (d delaying) Fill(ctx context.Context, organization, id string, from io.Reader) error {
	return d.Files.Fill(ctx, organization, id, io.MultiReader(doing(d.first), from))
}

// doing is a reader of nothing that does something when it is read.
type doing func()

func (d doing) Read([]byte) (int, error) {
	d()
	return 0, io.EOF
}

// TestMediaAskedForWhileDeleted: a place that a recording got while its
// deletion began goes with it.
func TestMediaAskedForWhileDeleted(t *testing.T) {
	w := newWorld(t)
	a := w.made(t, recording.NewRecording{})
	w.Recordings.Store = beginning{w.Recordings.Store, func() { w.uploadURL(t, a) }}
	if err := w.Recordings.Delete(ctx, w.Admin, a.Recording.ID); err != nil {
		t.Fatal(err)
	}
	w.Work(t)
	if files, _, err := w.Files.Store.Files(ctx, w.Admin.Organization, file.Page{Limit: 50}); err != nil || len(files) != 0 {
		t.Errorf("left: %+v, %v", files, err)
	}
}

// beginning does something just before a deletion begins.
type beginning struct {
	recording.Store
	first func()
}

func (b beginning) BeginDelete(ctx context.Context, writer string, r recording.Recording, j job.Job) error {
	b.first()
	return b.Store.BeginDelete(ctx, writer, r, j)
}

// TestUnreachable: what could never be fetched or called back is refused by
// name, and what was made once is answered whatever has become of its host.
func TestUnreachable(t *testing.T) {
	w, a := transcribed(t)
	once := account.Once{Key: "one", Digest: "d"}
	n := recording.NewRecording{Language: "en", Source: source, Callback: "https://example.com/told", Once: once}
	made, err := w.Recordings.Create(ctx, w.Admin, n)
	if err != nil {
		t.Fatal(err)
	}
	var refused string
	w.Recordings.Reach = func(_ context.Context, url string) error {
		if url == refused {
			return fault.New(fault.Invalid, "it is inside")
		}
		return nil
	}
	for field, url := range map[string]string{"source": n.Source, "callback": n.Callback} {
		refused = url
		if again, err := w.Recordings.Create(ctx, w.Admin, n); err != nil || again.ID != made.ID {
			t.Errorf("%s, once more: %+v, %v", field, again, err)
		}
		other := n
		other.Once = account.Once{}
		_, err := w.Recordings.Create(ctx, w.Admin, other)
		_, anew := w.Recordings.Retranscribe(ctx, a, recording.Retranscription{Source: n.Source, Callback: &n.Callback})
		for _, err := range []error{err, anew} {
			if f := fault.As(err); f == nil || f.Kind != fault.Invalid || f.Field != field || !strings.HasSuffix(f.Message, "it is inside") {
				t.Errorf("%s: %v", field, err)
			}
		}
	}
}
