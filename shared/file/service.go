package file

import (
	"context"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/ident"
)

// Service is what can be done with files.
type Service struct {
	Store   Store
	Objects Objects
	Presign Presigner
	Links   Links
	IDs     ident.Source
	Now     func() time.Time
}

// Get returns a file. One that is still pending is looked at first, so that
// an upload is noticed even before its event arrives.
func (s *Service) Get(ctx context.Context, who account.Principal, id string) (File, error) {
	if err := who.Require(account.ReadFiles); err != nil {
		return File{}, err
	}
	f, err := s.get(ctx, who.Organization, id)
	if err != nil {
		return File{}, err
	}
	return s.settle(ctx, f)
}

// ByMediaID returns a file by its number, looked at like Get does.
func (s *Service) ByMediaID(ctx context.Context, who account.Principal, mediaID int64) (File, error) {
	if err := who.Require(account.ReadFiles); err != nil {
		return File{}, err
	}
	f, err := s.Store.FileByMediaID(ctx, who.Organization, mediaID)
	if err != nil {
		return File{}, err
	}
	if f.gone() {
		return File{}, errNotFound()
	}
	return s.settle(ctx, f)
}

func errNotFound() error { return fault.New(fault.NotFound, "file not found") }

func (s *Service) get(ctx context.Context, organization, id string) (File, error) {
	if !ident.IsUUID(id) {
		return File{}, errNotFound()
	}
	f, err := s.Store.File(ctx, organization, id)
	if err == nil && f.gone() {
		return File{}, errNotFound()
	}
	return f, err
}

// List returns a page of files, newest first. A page may be short, even
// empty, and still have a next one.
func (s *Service) List(ctx context.Context, who account.Principal, p Page) ([]File, string, error) {
	if err := who.Require(account.ReadFiles); err != nil {
		return nil, "", err
	}
	files, next, err := s.Store.Files(ctx, who.Organization, p)
	shown := files[:0]
	for _, f := range files {
		if !f.gone() {
			shown = append(shown, f)
		}
	}
	return shown, next, err
}

// Delete removes a file for good: its links, its object, its record. It can
// be repeated after a failure in the middle, and goes on where that stopped.
func (s *Service) Delete(ctx context.Context, who account.Principal, id string) error {
	if err := who.Require(account.WriteFiles); err != nil {
		return err
	}
	if !ident.IsUUID(id) {
		return errNotFound()
	}
	f, err := s.Store.File(ctx, who.Organization, id)
	if err != nil {
		return err
	}
	if f.State == Deleted {
		return errNotFound()
	}
	if err := s.Store.BeginDelete(ctx, f); err != nil {
		return err
	}
	// From here on nobody can make a new link to it.
	if err := s.Links.DeleteForFile(ctx, who, f.ID); err != nil {
		return err
	}
	if f.UploadID != "" {
		if err := s.Objects.AbortUpload(ctx, f.Object(), f.UploadID); err != nil {
			return err
		}
	}
	if err := s.Objects.Delete(ctx, f.Object()); err != nil {
		return err
	}
	return s.Store.FinishDelete(ctx, f)
}

// Uploaded settles the file of an object that S3 says was created, and anew
// when another upload replaced it. What arrives for a file that was deleted
// meanwhile is deleted too. Objects of no file are none of its business: one
// sent through the API is there before its record.
func (s *Service) Uploaded(ctx context.Context, object string) error {
	organization, id, ok := ParseObject(object)
	if !ok {
		return nil
	}
	f, err := s.Store.File(ctx, organization, id)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	switch {
	case f.gone():
		return s.Objects.Delete(ctx, object)
	case f.State == Pending:
		_, err = s.settle(ctx, f)
	case f.ETag != "":
		_, err = s.look(ctx, f)
	}
	return err
}

// settle looks at the object of a pending file and marks it ready or
// rejected. Without an object the file stays pending.
func (s *Service) settle(ctx context.Context, f File) (File, error) {
	if f.State != Pending {
		return f, nil
	}
	return s.look(ctx, f)
}

func (s *Service) look(ctx context.Context, f File) (File, error) {
	o, err := s.Objects.Head(ctx, f.Object())
	if fault.Is(err, fault.NotFound) {
		return f, nil
	}
	if err != nil || o.ETag == f.ETag && o.ETag != "" {
		return f, err
	}
	judged := f.judge(o)
	judged.ReadyAt = s.Now()
	if err := s.Store.SettleFile(ctx, judged, f.State); fault.Is(err, fault.Conflict) {
		// Someone else settled it between our read and our write.
		return s.get(ctx, f.Organization, f.ID)
	} else if err != nil {
		return File{}, err
	}
	return judged, nil
}

// judge compares an object with what was announced.
func (f File) judge(o Object) File {
	announced := f.Size
	if f.State != Pending {
		announced = 0 // Size was measured: only the form knew what was announced
	}
	f.State, f.Reason, f.ETag = Ready, "", o.ETag
	switch {
	case announced != 0 && announced != o.Size:
		f.State, f.Reason = Rejected, "its size is not the one announced"
	case f.SHA256 != "" && o.SHA256 != "" && f.SHA256 != o.SHA256:
		f.State, f.Reason = Rejected, "its SHA-256 is not the one announced"
	case f.UploadID == "" && o.ContentType != f.ContentType:
		f.State, f.Reason = Rejected, "its type is not the one announced"
	}
	f.Size = o.Size
	return f
}
