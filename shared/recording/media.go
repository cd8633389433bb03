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
	"latchkey/shared/webhook"
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
func (s *Service) place(ctx context.Context, who account.Principal, r Recording, jobs ...job.Job) (Recording, error) {
	now := r
	if r.Status != Blocked {
		now.Reason = ""
	}
	if r.Status == Failed {
		now.Status = New
	}
	return s.receive(ctx, who, r, now, firstFile, jobs...)
}

// PutMedia uploads the media of a recording that was just made, for those who
// send it along. If it cannot be stored the recording is deleted again; if it
// is cut off, the recording fails in the end.
func (s *Service) PutMedia(ctx context.Context, who account.Principal, r Recording, body []byte) (Recording, error) {
	placed, err := s.place(ctx, who, r, job.New(job.Fetch, who, r.ID))
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
		if fault.Is(err, fault.NotFound) || err == nil && (r.Deleting || !r.awaits(f.ID)) {
			return nil
		}
		if err != nil {
			return err
		}
		now, jobs, err := s.with(ctx, r, f)
		if err != nil {
			return err
		}
		err = s.Store.ChangeMedia(ctx, r, now, s.Now(), jobs...)
		if !fault.Is(err, fault.Stale) || attempt == changeAttempts {
			return err
		}
	}
}

// awaits reports whether a file is to be the recording's media.
func (r Recording) awaits(file string) bool {
	return file == r.NextFile || file == r.FileID && !r.HasMedia()
}

// awaited is the file that is to be the recording's media next, or "".
func (r Recording) awaited() string {
	if r.NextFile == "" && !r.HasMedia() {
		return r.FileID
	}
	return r.NextFile
}

// with is the recording with its media, which is to be transcribed unless
// there is a transcript or will be; or without what was rejected.
func (s *Service) with(ctx context.Context, r Recording, f file.File) (Recording, []job.Job, error) {
	if f.State == file.Rejected {
		return s.inVain(ctx, r, "the media that was uploaded cannot be used: "+f.Reason)
	}
	r.Fetching = false
	anew, jobs := f.ID == r.NextFile, []job.Job(nil)
	if anew {
		jobs = s.replaced(&r)
	}
	r.MediaType, r.Video, r.Duration = f.ContentType, strings.HasPrefix(f.ContentType, "video/"), f.Duration
	r.Channels, r.Peaks, r.Thumbnail = 0, "", ""
	jobs = append(jobs, r.inspect())
	if r.Status == Blocked {
		return r, jobs, nil
	}
	r.Reason = ""
	given := r.Documents > 0 && (!anew || r.Status == Completed)
	if given || !anew && r.Align && r.Script == "" {
		return r, jobs, nil
	}
	return r, append(jobs, s.transcribe(&r, r.CreatedBy)), nil
}

// inVain is a recording on which the work that had begun failed: the media and
// the transcripts that it had stay.
func (s *Service) inVain(ctx context.Context, r Recording, reason string) (now Recording, jobs []job.Job, err error) {
	now, jobs = r, s.unwanted(r, r.NextFile)
	now.Status, now.Reason, now.Fetching, now.NextSource, now.NextFile = Failed, reason, false, "", ""
	if r.Documents > 0 {
		now.Status = Completed
	}
	if now.Status == r.Status {
		return now, jobs, nil
	}
	if now.Status == Completed {
		documents, err := s.documents(ctx, r)
		if err != nil {
			return now, nil, err
		}
		if d, ok := mainOf(r, documents, ""); ok { // another language may have been asked for
			now.Language = d.Language
		}
	}
	return now, append(jobs, s.announce(now, webhook.TranscriptionFailed, "")), nil
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
