package recording

import (
	"context"
	"io"
	"strings"

	"latchkey/shared/account"
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
	if !r.Fetching {
		return s.sent(ctx, r)
	}
	if r, err = s.placed(ctx, j.Principal(), r); err != nil {
		return err
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
	url, id := r.Source, r.FileID
	if r.NextSource != "" {
		url, id = r.NextSource, r.NextFile
	}
	body, err := s.Sources.Open(ctx, url, MaxUpload)
	if err != nil {
		return err
	}
	defer body.Close()
	return s.Files.Fill(ctx, r.Organization, id, body)
}

// sent fails until the media that somebody is sending is there: they may have
// been cut off.
func (s Fetcher) sent(ctx context.Context, r Recording) error {
	waits, err := s.Files.Waits(ctx, r.Organization, r.awaited())
	switch {
	case fault.Is(err, fault.NotFound):
		return fault.Wrap(fault.Invalid, err, "its file was deleted")
	case waits:
		return fault.Wrap(fault.Unavailable, job.ErrWaits, "its upload did not arrive")
	}
	return err
}

// placed is the recording with a file for what is fetched, the same to each
// attempt.
func (s Fetcher) placed(ctx context.Context, who account.Principal, r Recording) (Recording, error) {
	switch {
	case r.NextSource == "" && r.FileID == "":
		return s.place(ctx, who, r)
	case r.NextSource != "" && r.NextFile == "":
		return s.receive(ctx, who, r, r, nextFile)
	}
	return r, nil
}

// waiting returns the recording of a job, or none if it needs no media any
// more, or that of another job.
func (s Fetcher) waiting(ctx context.Context, j job.Job) (Recording, error) {
	id, run, _ := strings.Cut(j.Subject, "/")
	f, err := s.Store.Find(ctx, j.Organization, id, "")
	r := f.Recording
	if fault.Is(err, fault.NotFound) || err == nil && (r.Deleting || r.Run != run || !r.Fetching && r.awaited() == "") {
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
	now, jobs, err := s.inVain(ctx, r, "the media could not be fetched: "+reason)
	if err != nil {
		return err
	}
	return s.Store.ChangeMedia(ctx, r, now, s.Now(), jobs...)
}
