package recording

import (
	"context"
	"io"

	"latchkey/shared/fault"
	"latchkey/shared/job"
)

// Sources opens what URLs lead to. Faults that are Invalid or TooLarge are for
// ever, and their messages fit after "it".
type Sources interface {
	Open(ctx context.Context, url string, most int64) (io.ReadCloser, error)
}

// Fetcher gets recordings' media from their sources.
type Fetcher struct {
	*Service
	Sources Sources
}

var _ job.Worker = Fetcher{}

// Work implements job.Worker. What was fetched is looked at like an upload,
// when S3 tells that it is there.
func (s Fetcher) Work(ctx context.Context, j job.Job) error {
	r, err := s.waiting(ctx, j)
	if err != nil || r.ID == "" {
		return err
	}
	if r.FileID == "" {
		if r, err = s.place(ctx, j.Principal(), r); err != nil {
			return err
		}
	}
	err = s.fetch(ctx, r)
	if fault.Is(err, fault.Unavailable) && j.Attempts >= job.MaxAttempts { // no fault of ours that operators could mend
		err = fault.Wrap(fault.Invalid, err, "%s", fault.As(err).Message)
	}
	if !fault.Is(err, fault.NotFound) {
		return err
	}
	// Its file was deleted, with it or alone.
	if r, err = s.waiting(ctx, j); err != nil || r.ID == "" {
		return err
	}
	return fault.New(fault.Invalid, "its file was deleted")
}

func (s Fetcher) fetch(ctx context.Context, r Recording) error {
	body, err := s.Sources.Open(ctx, r.Source, MaxUpload)
	if err != nil {
		return err
	}
	defer body.Close()
	return s.Files.Fill(ctx, r.Organization, r.FileID, body)
}

// waiting returns the recording of a job, or none if it needs no media any
// more.
func (s Fetcher) waiting(ctx context.Context, j job.Job) (Recording, error) {
	f, err := s.Store.Find(ctx, j.Organization, j.Subject, "")
	r := f.Recording
	if fault.Is(err, fault.NotFound) || err == nil && (r.Deleting || !r.Fetching) {
		return Recording{}, nil
	}
	return r, err
}

// GiveUp implements job.Worker.
func (s Fetcher) GiveUp(ctx context.Context, j job.Job, reason string) error {
	r, err := s.waiting(ctx, j)
	if err != nil || r.ID == "" {
		return err
	}
	now := r
	now.Fetching, now.Reason = false, "the media could not be fetched: "+reason
	if r.Documents == 0 {
		now.Status = Failed
	}
	return s.Store.ChangeMedia(ctx, r, now, s.Now(), s.ended(r, now)...)
}
