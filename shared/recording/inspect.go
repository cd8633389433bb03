package recording

import (
	"context"
	"strings"

	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/job"
)

// What a recording's media is shown by lies beside its documents, under the id
// of the file that it was made of.
const (
	peaksName     = "peaks.gz"
	thumbnailName = "thumbnail.jpg.gz"
)

func (r Recording) lookPrefix(file string) string { return r.prefix() + file + "/" }

// inspect is the job of looking into the media that a recording has got.
func (r Recording) inspect() job.Job {
	who := account.Principal{Organization: r.Organization, User: r.CreatedBy}
	return job.New(job.Inspect, who, r.ID+"-"+r.FileID).About(r.ID)
}

// Examiner looks into media. Nobody waits for what it finds: without an
// Inspector, and where that finds nothing, a recording stays as it is.
type Examiner struct {
	*Service
	Inspector Inspector
}

var _ job.Worker = Examiner{}

// Work implements job.Worker.
func (s Examiner) Work(ctx context.Context, j job.Job) error {
	if s.Inspector == nil {
		return nil
	}
	id, file, _ := strings.Cut(j.Subject, "-")
	f, err := s.Store.Find(ctx, j.Organization, id, "")
	r := f.Recording
	if fault.Is(err, fault.NotFound) || err == nil && (r.Deleting || r.FileID != file) {
		return s.forget(ctx, j) // an earlier attempt may have left something
	}
	if err != nil {
		return err
	}
	media, err := s.Files.Get(ctx, j.Principal(), file)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	facts, err := s.Inspector.Inspect(ctx, Media{Object: media.Object(), Type: media.ContentType, Video: r.Video})
	if err != nil {
		return err
	}
	if r, err = s.shown(ctx, r, facts); err != nil {
		return err
	}
	err = s.Store.NoteFacts(ctx, r, s.Now())
	if fault.Is(err, fault.Stale) { // it has other media, or is gone
		return s.forget(ctx, j)
	}
	return err
}

// shown stores what r's media is shown by, and is r with what it is.
func (s Examiner) shown(ctx context.Context, r Recording, f Facts) (Recording, error) {
	r.Video, r.Channels = f.Video, f.Channels
	if f.Duration > 0 {
		r.Duration = f.Duration
	}
	if r.Duration == 0 {
		f.Peaks = nil // of parts that last nobody knows how long
	}
	for _, look := range []struct {
		body []byte
		name string
		key  *string
	}{{f.Peaks, peaksName, &r.Peaks}, {f.Thumbnail, thumbnailName, &r.Thumbnail}} {
		if look.body == nil {
			continue
		}
		*look.key = r.lookPrefix(r.FileID) + look.name
		if err := s.pack(ctx, *look.key, look.body); err != nil {
			return r, err
		}
	}
	return r, nil
}

// forget removes what media was shown by that is not its recording's any more.
func (s Examiner) forget(ctx context.Context, j job.Job) error {
	id, file, _ := strings.Cut(j.Subject, "-")
	return s.Contents.DeleteAll(ctx, Recording{ID: id, Organization: j.Organization}.lookPrefix(file))
}

// GiveUp implements job.Worker.
func (s Examiner) GiveUp(context.Context, job.Job, string) error { return nil }

// Waveform is how loud a's recording is, as Facts.Peaks; nil while it is not
// known, or if it has no sound.
func (s *Service) Waveform(ctx context.Context, a Access) ([]byte, error) {
	if a.Recording.Peaks == "" {
		return nil, nil
	}
	peaks, err := s.unpack(ctx, a.Recording.Peaks)
	if fault.Is(err, fault.NotFound) { // its media was replaced meanwhile
		return nil, nil
	}
	return peaks, err
}

// Thumbnail is a JPEG of what a's recording shows; NotFound if it has none.
func (s *Service) Thumbnail(ctx context.Context, a Access) ([]byte, error) {
	if a.Recording.Thumbnail == "" {
		return nil, fault.New(fault.NotFound, "the recording has no picture")
	}
	return s.unpack(ctx, a.Recording.Thumbnail)
}
