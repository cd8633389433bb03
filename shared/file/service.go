package file

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
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
	Hidden  Hidden // of those who ask by name
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
	if f, err = s.seen(ctx, who, f, err); err != nil {
		return File{}, err
	}
	return s.settle(ctx, f, maxAtOnce)
}

// ByMediaID returns a file by its number, looked at like Get does.
func (s *Service) ByMediaID(ctx context.Context, who account.Principal, mediaID int64) (File, error) {
	if err := who.Require(account.ReadFiles); err != nil {
		return File{}, err
	}
	f, err := s.Store.FileByMediaID(ctx, who.Organization, mediaID)
	if f, err = s.seen(ctx, who, f, err); err != nil {
		return File{}, err
	}
	if f.State == Deleting {
		return File{}, errNotFound()
	}
	return s.settle(ctx, f, maxAtOnce)
}

func errNotFound() error { return fault.New(fault.NotFound, "file not found") }

func (s *Service) get(ctx context.Context, organization, id string) (File, error) {
	if !ident.IsUUID(id) {
		return File{}, errNotFound()
	}
	f, err := s.Store.File(ctx, organization, id)
	if err == nil && f.State == Deleting {
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
	hidden, err := s.Hidden.From(ctx, who)
	if err != nil {
		return nil, "", err
	}
	files, next, err := s.Store.Files(ctx, who.Organization, p)
	shown := files[:0]
	for _, f := range files {
		if f.State != Deleting && !hidden(f.Recording) {
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
	if f, err = s.seen(ctx, who, f, err); err != nil {
		return err
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
	if f.UploadID == "" && f.Version == "" {
		if err := s.Objects.Delete(ctx, f.upload()); err != nil { // one that was not settled yet
			return err
		}
	}
	if err := s.Objects.Delete(ctx, f.Object()); err != nil {
		return err
	}
	return s.Store.FinishDelete(ctx, f)
}

// Uploaded settles the file of an object that S3 says was created, and
// returns it as it is now. What was uploaded for a file that is deleted, it
// removes; other objects that are no file's are none of its business. For both
// the file is zero.
func (s *Service) Uploaded(ctx context.Context, object string) (File, error) {
	organization, id, ok := ParseUpload(object)
	if !ok {
		return File{}, nil
	}
	f, err := s.Store.File(ctx, organization, id)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return File{}, err
	}
	if err != nil || f.State == Deleting {
		if !strings.HasPrefix(object, UploadPrefix) {
			return File{}, nil
		}
		// It came after its file was deleted: what is deleted is gone.
		return File{}, s.Objects.Delete(ctx, object)
	}
	return s.settle(ctx, f, MaxBytes)
}

// maxAtOnce bounds what a request that asks about a file copies: a larger one
// is left to the event, which has more time.
const maxAtOnce = 256 << 20

// settle looks at the upload of a pending file and marks it ready or
// rejected. Without an upload, or with one over most bytes, it stays pending.
func (s *Service) settle(ctx context.Context, f File, most int64) (File, error) {
	if f.State != Pending {
		return f, nil
	}
	o, err := s.Objects.Head(ctx, f.upload())
	if fault.Is(err, fault.NotFound) || err == nil && o.Size > most {
		return f, nil
	}
	if err != nil {
		return File{}, err
	}
	judged, err := s.look(ctx, f, o)
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Conflict) {
		return s.get(ctx, f.Organization, f.ID) // settled meanwhile, or replaced, which is an event of its own
	}
	if err != nil {
		return File{}, err
	}
	judged.ReadyAt = s.Now()
	if judged.State == Ready && f.UploadID == "" {
		judged.Version = version(o.ETag)
		// What was looked at is what stays: the form may be sent again.
		err := s.Objects.Copy(ctx, f.upload(), o.ETag, judged.Object())
		if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Conflict) {
			return s.get(ctx, f.Organization, f.ID) // settled meanwhile, or replaced, which is an event of its own
		}
		if err != nil {
			return File{}, err
		}
	}
	return s.settled(ctx, f, judged)
}

// settled writes what was found, and cleans up behind it.
func (s *Service) settled(ctx context.Context, f, judged File) (File, error) {
	err := s.Store.SettleFile(ctx, judged)
	if fault.Is(err, fault.Conflict) {
		now, err := s.get(ctx, f.Organization, f.ID)
		if judged.Version != "" && now.Version != judged.Version {
			// Someone else was first, with another upload: our copy is nobody's.
			err = errors.Join(err, s.Objects.Delete(ctx, judged.Object()))
		}
		return now, err
	}
	if err != nil {
		return File{}, err
	}
	if judged.Version != "" {
		// It goes by itself if this fails, see UploadPrefix.
		_ = s.Objects.Delete(ctx, f.upload())
	}
	return judged, nil
}

// version names an object by its content, so that settling the same upload
// again makes the same copy.
func version(etag string) string {
	sum := sha256.Sum256([]byte(etag))
	return hex.EncodeToString(sum[:8])
}

// judge compares an upload with what was announced.
func (f File) judge(o Object) File {
	f.State = Ready
	switch {
	case f.Size != 0 && f.Size != o.Size:
		f.State, f.Reason = Rejected, "its size is not the one announced"
	case f.SHA256 != "" && o.SHA256 != "" && f.SHA256 != o.SHA256:
		f.State, f.Reason = Rejected, "its SHA-256 is not the one announced"
	case f.UploadID == "" && o.ContentType != f.ContentType:
		f.State, f.Reason = Rejected, "its type is not the one announced"
	}
	f.Size = o.Size
	return f
}
