package recording

import (
	"context"

	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/ident"
)

// Delete removes a recording for good: its documents with all versions of
// their content, their comments, links, its media. It goes on where it
// stopped when it is repeated; NotFound when there is nothing left.
func (s *Service) Delete(ctx context.Context, who account.Principal, recordingID string) error {
	f, err := s.doomed(ctx, who, recordingID, "")
	if err != nil {
		return err
	}
	if err := s.Store.BeginDelete(ctx, f.Recording); err != nil {
		return err
	}
	// From here on it takes no document and no media. It is read again for
	// those that it took since the first read.
	if f, err = s.Store.Find(ctx, who.Organization, recordingID, ""); err != nil {
		return err
	}
	r := f.Recording
	documents, err := s.Store.Documents(ctx, r.Organization, r.ID)
	if err != nil {
		return err
	}
	for _, d := range documents {
		if err := s.deleteDocument(ctx, who, d); err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
	}
	if r.FileID != "" {
		if err := s.Files.Delete(ctx, who, r.FileID); err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
	}
	if err := s.Contents.DeleteAll(ctx, r.prefix()); err != nil {
		return err
	}
	return s.Store.FinishDelete(ctx, r)
}

// DeleteDocument removes a document for good, like Delete.
func (s *Service) DeleteDocument(ctx context.Context, who account.Principal, recordingID, documentID string) error {
	if !ident.IsChars(documentID, documentIDLength) {
		return errNotFound()
	}
	f, err := s.doomed(ctx, who, recordingID, documentID)
	if err != nil {
		return err
	}
	return s.deleteDocument(ctx, who, f.Document)
}

// doomed finds what is to be deleted, also when that has begun before.
func (s *Service) doomed(ctx context.Context, who account.Principal, recordingID, documentID string) (Found, error) {
	if err := who.Require(account.WriteRecordings); err != nil {
		return Found{}, err
	}
	if !ident.IsChars(recordingID, idLength) {
		return Found{}, errNotFound()
	}
	return s.Store.Find(ctx, who.Organization, recordingID, documentID)
}

func (s *Service) deleteDocument(ctx context.Context, who account.Principal, d Document) error {
	if err := s.Store.BeginDeleteDocument(ctx, d); err != nil {
		return err
	}
	// From here on it takes no link, no comment and no edit.
	if err := s.Shares.DeleteForDocument(ctx, who, d.ID); err != nil {
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
