package recording

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/file"
	"latchkey/shared/job"
)

// MaxUpload is the size of the largest upload of a recording's media, in
// bytes: S3's own limit for one PUT.
const MaxUpload = file.MaxFormBytes

// noEngine is why a recording fails that has media and no transcript.
const noEngine = "no speech engine is set up: its transcript has to be given"

// HasMedia reports whether there is something to play.
func (r Recording) HasMedia() bool { return r.MediaType != "" }

// Upload is where the media of a recording goes.
type Upload struct {
	URL       string // takes one PUT, whatever its headers
	ExpiresAt time.Time
}

// UploadURL returns where a recording's media is uploaded. Asked again before
// that is done it returns another URL of the same place. Conflict once there
// is media, or while it is fetched from a source.
func (s *Service) UploadURL(ctx context.Context, a Access) (Upload, error) {
	if !a.Manage {
		return Upload{}, errForbidden("upload media")
	}
	for attempt := 1; ; attempt++ {
		u, err := s.uploadURL(ctx, a)
		if !fault.Is(err, fault.Stale) || attempt == changeAttempts {
			return u, err
		}
		// The same was asked for at the same time: there is a place now.
		f, err := s.Store.Find(ctx, a.Recording.Organization, a.Recording.ID, "")
		if err == nil && f.hidden() {
			err = errNotFound()
		}
		if err != nil {
			return Upload{}, err
		}
		a.Recording = f.Recording
	}
}

func (s *Service) uploadURL(ctx context.Context, a Access) (u Upload, err error) {
	r := a.Recording
	switch {
	case r.HasMedia():
		return u, fault.New(fault.Conflict, "the recording has its media")
	case r.Fetching:
		return u, fault.New(fault.Conflict, "the recording's media is being fetched")
	case r.FileID != "":
		u.URL, u.ExpiresAt, err = s.Files.PutURL(ctx, r.Organization, r.FileID)
		if !fault.Is(err, fault.NotFound) && !fault.Is(err, fault.Conflict) {
			return u, err
		} // else it was rejected, or given up long ago
	}
	if r, err = s.place(ctx, a.Who, r); err != nil {
		return u, err
	}
	u.URL, u.ExpiresAt, err = s.Files.PutURL(ctx, r.Organization, r.FileID)
	return u, err
}

// place gives a recording a file for its media to be uploaded to; Stale if
// others change the recording meanwhile.
func (s *Service) place(ctx context.Context, who account.Principal, r Recording) (Recording, error) {
	f, err := s.Files.Receive(ctx, who, r.Name, r.ID)
	if err != nil {
		return r, err
	}
	now := r
	now.FileID = f.ID
	if r.Status != Blocked {
		now.Reason = ""
	}
	if r.Status == Failed {
		now.Status = New
	}
	if err := s.Store.ChangeMedia(ctx, r, now, s.Now()); err != nil {
		if refused(err) { // nobody will ask for this file, and it goes by itself if it cannot be deleted
			_ = s.Files.Delete(ctx, who, f.ID)
		}
		return r, err
	}
	return now, nil
}

// PutMedia uploads the media of a recording that was just made, for those who
// send it along. If it cannot be stored the recording is deleted again.
func (s *Service) PutMedia(ctx context.Context, who account.Principal, r Recording, body []byte) (Recording, error) {
	placed, err := s.place(ctx, who, r)
	if err == nil {
		err = s.Files.Fill(ctx, r.Organization, placed.FileID, bytes.NewReader(body))
	}
	if err != nil {
		return r, errors.Join(err, s.Delete(context.WithoutCancel(ctx), who, r.ID))
	}
	return placed, nil
}

// Arrived notes that the media of a recording was uploaded and looked at. A
// file that is not, or no more, its recording's is passed over. It may be
// repeated.
func (s *Service) Arrived(ctx context.Context, f file.File) error {
	if f.Recording == "" || f.State != file.Ready && f.State != file.Rejected {
		return nil
	}
	for attempt := 1; ; attempt++ {
		found, err := s.Store.Find(ctx, f.Organization, f.Recording, "")
		r := found.Recording
		if fault.Is(err, fault.NotFound) || err == nil && (r.Deleting || r.FileID != f.ID || r.HasMedia()) {
			return nil
		}
		if err != nil {
			return err
		}
		now, jobs := s.with(r, f)
		err = s.Store.ChangeMedia(ctx, r, now, s.Now(), append(jobs, s.ended(r, now)...)...)
		if !fault.Is(err, fault.Stale) || attempt == changeAttempts {
			return err
		}
	}
}

// with is the recording with its media, which is to be transcribed unless
// there is a transcript or will be; or without what was rejected.
func (s *Service) with(r Recording, f file.File) (Recording, []job.Job) {
	r.Fetching = false
	if f.State == file.Rejected {
		r.Reason = "the media that was uploaded cannot be used: " + f.Reason
		if r.Documents == 0 {
			r.Status = Failed
		}
		return r, nil
	}
	r.MediaType, r.Video, r.Duration = f.ContentType, strings.HasPrefix(f.ContentType, "video/"), f.Duration
	r.Channels, r.Peaks, r.Thumbnail = 0, "", ""
	jobs := []job.Job{r.inspect()}
	if r.Status == Blocked {
		return r, jobs
	}
	r.Reason = ""
	if r.Documents > 0 || r.Align && r.Script == "" {
		return r, jobs
	}
	return r, append(jobs, s.transcribe(&r, r.CreatedBy))
}

// Emptied is the status that r has without documents: one that was given its
// transcripts waits again for what it waited for before. One whose media was
// transcribed stays Completed: nothing is going to be done with it.
func (r Recording) Emptied() Status {
	switch {
	case r.Status != Completed:
		return r.Status
	case r.Fetching:
		return Preparing
	case !r.HasMedia() && r.Reason != "":
		return Failed
	case r.Align && r.Script == "":
		return Created
	case !r.HasMedia():
		return New
	}
	return Completed
}

// Play returns a URL of the recording's media: to play it, or with download
// to save it, which needs the right to export.
func (s *Service) Play(ctx context.Context, a Access, download bool) (string, error) {
	if download {
		if err := a.Exportable(); err != nil {
			return "", err
		}
	}
	if !a.Recording.HasMedia() {
		return "", fault.New(fault.NotFound, "the recording has no media")
	}
	return s.Files.Play(ctx, a.Recording.Organization, a.Recording.FileID, download)
}
