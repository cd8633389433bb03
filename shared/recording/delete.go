package recording

import (
	"context"
	"errors"
	"strings"

	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/ident"
	"latchkey/shared/job"
)

// Delete removes a recording for good: its documents with all versions of
// their content, their comments, links, its media. It is hidden when this
// returns; what is in it goes by a job, which is long for much.
func (s *Service) Delete(ctx context.Context, who account.Principal, recordingID string) error {
	for attempt := 1; ; attempt++ {
		a, err := s.Own(ctx, who, account.WriteRecordings, recordingID, "")
		if err != nil {
			return err
		}
		err = s.Store.BeginDelete(ctx, s.IDs.UUID(), a.Recording, job.New(job.Delete, who, recordingID))
		if !fault.Is(err, fault.Stale) || attempt == changeAttempts {
			return err
		}
	}
}

// DeleteDocument removes a document for good, like Delete.
func (s *Service) DeleteDocument(ctx context.Context, who account.Principal, recordingID, documentID string) error {
	if !ident.IsChars(documentID, documentIDLength) {
		return errNotFound()
	}
	for attempt := 1; ; attempt++ {
		a, err := s.Own(ctx, who, account.WriteRecordings, recordingID, documentID)
		if err != nil {
			return err
		}
		err = s.Store.BeginDeleteDocument(ctx, s.IDs.UUID(), a.Recording, a.Document, job.New(job.Delete, who, recordingID+"/"+documentID))
		if !fault.Is(err, fault.Stale) || attempt == changeAttempts {
			return err
		}
	}
}

// Remover does what deletions began.
type Remover struct{ *Service }

var _ job.Worker = Remover{}

// Work implements job.Worker.
func (s Remover) Work(ctx context.Context, j job.Job) error {
	recordingID, documentID, _ := strings.Cut(j.Subject, "/")
	if id, ok := strings.CutPrefix(documentID, filePart); ok {
		shownBy := Recording{ID: recordingID, Organization: j.Organization}.lookPrefix(id)
		return errors.Join(s.file(ctx, j, id), s.Contents.DeleteAll(ctx, shownBy))
	}
	// What was hidden takes nothing new: this reads all that it took before.
	f, err := s.Store.Find(ctx, j.Organization, recordingID, documentID)
	if fault.Is(err, fault.NotFound) {
		return nil // an earlier attempt has finished, or who deleted the recording
	}
	if err != nil {
		return err
	}
	if documentID != "" {
		return s.document(ctx, j, f.Document)
	}
	return s.recording(ctx, j, f.Recording)
}

// GiveUp implements job.Worker: a deletion is never given up. Its message ends
// among the dead letters, whose alarm says that somebody has to look.
func (s Remover) GiveUp(ctx context.Context, j job.Job, _ string) error { return s.Work(ctx, j) }

func (s Remover) recording(ctx context.Context, j job.Job, r Recording) error {
	documents, err := s.Store.Documents(ctx, r.Organization, r.ID)
	if err != nil {
		return err
	}
	for _, d := range documents {
		if err := s.Store.BeginDeleteDocument(ctx, s.IDs.UUID(), r, d); err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		if err := s.document(ctx, j, d); err != nil {
			return err
		}
	}
	if err := s.products(ctx, j, r); err != nil {
		return err
	}
	if err := s.Shares.DeleteSpoken(ctx, j.Principal(), r.ID); err != nil {
		return err
	}
	for _, id := range []string{r.FileID, r.NextFile} {
		if err := s.file(ctx, j, id); err != nil {
			return err
		}
	}
	if err := s.Contents.DeleteAll(ctx, r.prefix()); err != nil {
		return err
	}
	return s.Store.FinishDelete(ctx, r)
}

// products removes what was made of a recording. One that gets its file just
// now is Stale, which has the job come again.
func (s Remover) products(ctx context.Context, j job.Job, r Recording) error {
	all, err := s.Store.Products(ctx, r.Organization, r.ID)
	if err != nil {
		return err
	}
	for _, p := range all {
		if err := s.file(ctx, j, p.File); err != nil {
			return err
		}
		if err := s.Store.DeleteProduct(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

// file removes a file, "" for none, that may be gone.
func (s Remover) file(ctx context.Context, j job.Job, id string) error {
	if id == "" {
		return nil
	}
	if err := s.Files.Delete(ctx, j.Principal(), id); !fault.Is(err, fault.NotFound) {
		return err
	}
	return nil
}

func (s Remover) document(ctx context.Context, j job.Job, d Document) error {
	if err := s.Shares.DeleteSpoken(ctx, j.Principal(), d.ID); err != nil {
		return err
	}
	if err := s.Store.ClearComments(ctx, d); err != nil {
		return err
	}
	if err := s.Contents.DeleteAll(ctx, d.prefix()); err != nil {
		return err
	}
	return s.Store.FinishDeleteDocument(ctx, d)
}
