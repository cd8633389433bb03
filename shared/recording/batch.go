package recording

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/ident"
	"latchkey/shared/job"
)

// MaxBatch is how long the recordings of a folder may be together that are
// summarised at once.
const MaxBatch = 60 * time.Hour

// ErrBatchTooLong is the cause of a fault that says that a folder's recordings
// are longer than MaxBatch together.
var ErrBatchTooLong = fault.New(fault.Invalid, "Folder is too large for batch processing (>60 hours)")

// Batch is the same question about every recording that is in a folder when
// it is asked.
type Batch struct {
	ID           string // 8 characters of base62
	Organization string
	Folder       string // id, "" for home
	Prompt       string
	Status       Status // Processing until each summary has ended, then Completed; Failed if they could not be asked for
	Parts        []Part
	Asked        bool // each part was asked for: one that is not there is gone
	CreatedBy    string
	CreatedAt    time.Time
}

// Part is one recording of a batch, with the id of its summary.
type Part struct{ Recording, Product string }

// AddBatch has every recording of a folder ("" is home) summarised, those in
// folders inside it not among them. NotFound without such a folder; Forbidden
// without credit; Invalid if it is empty, or too large (ErrBatchTooLong);
// Conflict (ErrNoTranscript) unless each recording is Completed.
func (s *Service) AddBatch(ctx context.Context, who account.Principal, folder, prompt string, once account.Once) (Batch, error) {
	if err := who.Require(account.WriteRecordings); err != nil {
		return Batch{}, err
	}
	if err := s.inFolder(ctx, who, folder); err != nil {
		return Batch{}, err
	}
	if err := checkText("prompt", prompt, MaxPrompt); err != nil {
		return Batch{}, err
	}
	if who.Standing == account.NoCredit {
		return Batch{}, fault.New(fault.Forbidden, "Insufficient credit for batch processing")
	}
	if ref, err := s.Store.Replay(ctx, once); err != nil || ref != "" {
		return s.replayedBatch(ctx, who, ref, err)
	}
	parts, err := s.parts(ctx, who, folder)
	if err != nil {
		return Batch{}, err
	}
	b := Batch{
		ID: s.IDs.Chars(idLength), Organization: who.Organization, Folder: folder, Prompt: prompt, Status: Processing,
		Parts: parts, CreatedBy: who.User, CreatedAt: s.Now(),
	}
	err = s.Store.AddBatch(ctx, b, job.New(job.Batch, who, b.ID), once)
	var replayed *account.ReplayedError
	if errors.As(err, &replayed) {
		return s.replayedBatch(ctx, who, replayed.Ref, nil)
	}
	return b, err
}

func (s *Service) replayedBatch(ctx context.Context, who account.Principal, ref string, err error) (Batch, error) {
	if err != nil {
		return Batch{}, err
	}
	return s.Store.Batch(ctx, who.Organization, ref)
}

// inFolder returns NotFound unless somebody sees what is in a folder.
func (s *Service) inFolder(ctx context.Context, who account.Principal, folder string) error {
	ok, err := s.shows(ctx, Recording{FolderID: folder}, who)
	if err == nil && !ok {
		err = errFolder("")
	}
	return err
}

// parts are the recordings of a folder, if a batch can be made of them.
func (s *Service) parts(ctx context.Context, who account.Principal, folder string) (out []Part, _ error) {
	all, err := s.Store.Recordings(ctx, who.Organization)
	if err != nil {
		return nil, err
	}
	var long time.Duration
	var unwritten error
	for _, r := range all {
		if r.Deleting || r.FolderID != folder {
			continue
		}
		out = append(out, Part{Recording: r.ID, Product: s.IDs.Chars(idLength)})
		long += time.Duration(r.Duration) * time.Millisecond
		if r.Status == Failed || unwritten == nil && (r.Status != Completed || r.Documents == 0) {
			unwritten = r.unwritten()
		}
	}
	switch {
	case len(out) == 0:
		return nil, fault.New(fault.Invalid, "the folder has no media")
	case unwritten != nil:
		return nil, unwritten
	case long > MaxBatch:
		return nil, fault.Wrap(fault.Invalid, ErrBatchTooLong, "%s", ErrBatchTooLong.Message)
	}
	slices.SortFunc(out, func(a, b Part) int { return strings.Compare(a.Recording, b.Recording) })
	return out, nil
}

// Batches returns the batches of a folder that somebody sees, newest first.
func (s *Service) Batches(ctx context.Context, who account.Principal, folder string) ([]Batch, error) {
	if err := who.Require(account.ReadRecordings); err != nil {
		return nil, err
	}
	if err := s.inFolder(ctx, who, folder); err != nil {
		return nil, err
	}
	all, err := s.Store.Batches(ctx, who.Organization, folder)
	if err != nil {
		return nil, err
	}
	for i := range all {
		if all[i], _, err = s.progress(ctx, all[i]); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(all, func(a, b Batch) int {
		if c := b.CreatedAt.Compare(a.CreatedAt); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return all, nil
}

// Batch returns a batch, and those of its summaries that are there and whose
// recordings somebody sees, in the order of its parts; NotFound unless they
// see its folder.
func (s *Service) Batch(ctx context.Context, who account.Principal, id string) (Batch, []Product, error) {
	b, err := s.batch(ctx, who, id)
	if err != nil {
		return b, nil, err
	}
	b, made, err := s.progress(ctx, b)
	if err != nil {
		return b, nil, err
	}
	if made == nil {
		if made, err = s.Store.Parts(ctx, b.Organization, b.Parts); err != nil {
			return b, nil, err
		}
	}
	seen, err := s.seen(ctx, who)
	if err != nil {
		return b, nil, err
	}
	return b, slices.DeleteFunc(made, func(p Product) bool { return p.ID == "" || !seen[p.Recording] }), nil
}

func (s *Service) batch(ctx context.Context, who account.Principal, id string) (Batch, error) {
	if err := who.Require(account.ReadRecordings); err != nil {
		return Batch{}, err
	}
	if !ident.IsChars(id, idLength) {
		return Batch{}, errNoProduct()
	}
	b, err := s.Store.Batch(ctx, who.Organization, id)
	if err != nil {
		return Batch{}, err
	}
	if err := s.inFolder(ctx, who, b.Folder); err != nil {
		if fault.Is(err, fault.NotFound) {
			err = errNoProduct()
		}
		return Batch{}, err
	}
	return b, nil
}

// seen are the ids of all recordings that somebody sees.
func (s *Service) seen(ctx context.Context, who account.Principal) (map[string]bool, error) {
	t, err := s.Store.Tree(ctx, who.Organization)
	if err != nil {
		return nil, err
	}
	all, err := s.Store.Recordings(ctx, who.Organization)
	shown, out := t.shown(who), make(map[string]bool, len(all))
	for _, r := range all {
		out[r.ID] = !r.Deleting && shown[r.FolderID]
	}
	return out, err
}

// progress is a batch as it is now, with its summaries if it was not known to
// have ended. That it has is noted, so that nobody counts again.
func (s *Service) progress(ctx context.Context, b Batch) (Batch, []Product, error) {
	if b.Status != Processing {
		return b, nil, nil
	}
	made, err := s.Store.Parts(ctx, b.Organization, b.Parts)
	if err != nil {
		return b, nil, err
	}
	if slices.ContainsFunc(made, func(p Product) bool { return p.ID == "" && !b.Asked || p.ID != "" && !p.Ended() }) {
		return b, made, nil
	}
	b.Status = Completed
	return b, made, s.Store.ChangeBatch(ctx, b)
}

// Batcher asks for the summaries of batches.
type Batcher struct{ *Service }

var _ job.Worker = Batcher{}

// Work implements job.Worker. What was asked for before it was stopped is not
// asked for again: a part has its id.
func (s Batcher) Work(ctx context.Context, j job.Job) error {
	b, err := s.Store.Batch(ctx, j.Organization, j.Subject)
	if fault.Is(err, fault.NotFound) || err == nil && b.Asked {
		return nil
	}
	if err != nil {
		return err
	}
	for _, part := range b.Parts {
		if err := s.ask(ctx, j, b, part); err != nil {
			return err
		}
	}
	b.Asked = true
	return s.Store.ChangeBatch(ctx, b)
}

// ask writes one summary, or that it cannot be made. A recording that is gone
// has none.
func (s Batcher) ask(ctx context.Context, j job.Job, b Batch, part Part) error {
	p := Product{
		ID: part.Product, Organization: b.Organization, Recording: part.Recording, Kind: Summarized, Status: Queued, Prompt: b.Prompt, Batch: b.ID,
		CreatedBy: b.CreatedBy, CreatedAt: b.CreatedAt, UpdatedAt: s.Now(),
	}
	_, err := s.addProduct(ctx, j.Principal(), p, "", account.Once{})
	if fault.Is(err, fault.Conflict) {
		p.Status, p.Reason = Failed, fault.As(err).Message
		err = s.Store.AddProduct(ctx, p, "", nil, account.Once{})
	}
	if refused(err) {
		return nil
	}
	return err
}

// GiveUp implements job.Worker.
func (s Batcher) GiveUp(ctx context.Context, j job.Job, _ string) error {
	b, err := s.Store.Batch(ctx, j.Organization, j.Subject)
	if fault.Is(err, fault.NotFound) || err == nil && b.Asked {
		return nil
	}
	if err != nil {
		return err
	}
	b.Status = Failed
	return s.Store.ChangeBatch(ctx, b)
}
