package recording

import (
	"bytes"
	"context"
	"errors"

	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/job"
)

// replaces reports whether new media comes with it.
func (n Retranscription) replaces() bool { return n.Source != "" || n.Media != nil }

// restart has a recording transcribed: at once, or when its new media is there.
// Until then it keeps the media that it has.
func (s *Service) restart(ctx context.Context, who account.Principal, was, now Recording, n Retranscription) (Recording, error) {
	now.UpdatedAt, now.NextFile = s.Now(), ""
	jobs := s.unwanted(was, was.NextFile) // whoever sends it is overtaken
	if !n.replaces() {
		jobs = append(jobs, s.transcribe(&now, who.User))
		return now, s.Store.ChangeMedia(ctx, was, now, now.UpdatedAt, jobs...)
	}
	now.Run, now.Status, now.Reason = s.IDs.Chars(idLength), Preparing, ""
	if !was.HasMedia() {
		jobs, now.FileID = append(jobs, s.unwanted(was, was.FileID)...), ""
	}
	jobs = append(jobs, job.New(job.Fetch, who, now.ID+"/"+now.Run))
	if n.Source != "" {
		now.NextSource, now.Fetching = n.Source, true
		return now, s.Store.ChangeMedia(ctx, was, now, now.UpdatedAt, jobs...)
	}
	return s.send(ctx, who, was, now, n.Media, jobs)
}

// send uploads new media of a recording. If it cannot be stored nothing has
// happened; nor in the end, if it is cut off.
func (s *Service) send(ctx context.Context, who account.Principal, was, now Recording, body []byte, jobs []job.Job) (Recording, error) {
	sent, err := s.receive(ctx, who, was, now, nextFile, jobs...)
	if err != nil {
		return was, err
	}
	if err = s.Files.Fill(ctx, sent.Organization, sent.NextFile, bytes.NewReader(body)); err == nil {
		return sent, nil
	}
	if fault.Is(err, fault.NotFound) {
		err = errWorkedOn() // with what somebody else sent
	}
	was.FileID, was.NextFile = now.FileID, ""
	undo := s.Store.ChangeMedia(context.WithoutCancel(ctx), sent, was, s.Now(), s.unwanted(sent, sent.NextFile)...)
	if fault.Is(undo, fault.Stale) {
		undo = nil
	}
	return was, errors.Join(err, undo)
}

func errWorkedOn() error { return fault.New(fault.Conflict, "the recording is being worked on") }

// receive makes a file for media that is awaited, and changes a recording that
// has it then; Stale if others change the recording meanwhile.
func (s *Service) receive(ctx context.Context, who account.Principal, was, now Recording, at func(*Recording) *string, jobs ...job.Job) (Recording, error) {
	f, err := s.Files.Receive(ctx, who, was.Name, was.ID)
	if err != nil {
		return was, err
	}
	*at(&now) = f.ID
	if err := s.Store.ChangeMedia(ctx, was, now, s.Now(), jobs...); err != nil {
		if refused(err) { // nobody will ask for this file, and it goes by itself if it cannot be deleted
			_ = s.Files.Delete(ctx, who, f.ID)
		}
		return was, err
	}
	return now, nil
}

func firstFile(r *Recording) *string { return &r.FileID }

func nextFile(r *Recording) *string { return &r.NextFile }

// replaced makes the new media that was awaited a recording's, and returns the
// job of removing what was.
func (s *Service) replaced(r *Recording) []job.Job {
	jobs := s.unwanted(*r, r.FileID)
	r.FileID, r.Source, r.NextFile, r.NextSource = r.NextFile, r.NextSource, "", ""
	return jobs
}

// filePart is between the ids of a recording and a file of it in the subject
// of the job that removes the file.
const filePart = "file/"

// unwanted is the job of removing a file that is not a recording's any more,
// none for "".
func (s *Service) unwanted(r Recording, file string) []job.Job {
	if file == "" {
		return nil
	}
	who := account.Principal{Organization: r.Organization, User: r.CreatedBy}
	return []job.Job{job.New(job.Delete, who, r.ID+"/"+filePart+file)}
}
