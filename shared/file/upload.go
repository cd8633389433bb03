package file

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"

	"latchkey/shared/account"
	"latchkey/shared/fault"
)

// Create announces a file and returns how to upload it: a form up to
// MaxFormBytes, parts above or when asked. A replay returns the same file
// with fresh URLs.
func (s *Service) Create(ctx context.Context, who account.Principal, n New) (Upload, error) {
	if err := who.Require(account.WriteFiles); err != nil {
		return Upload{}, err
	}
	if err := n.validate(); err != nil {
		return Upload{}, err
	}
	parts := n.Parts || n.Size > MaxFormBytes
	if parts && n.SHA256 != "" {
		return Upload{}, fault.Field(fault.Invalid, "sha256", "cannot be checked for an upload in parts")
	}
	if f, done, err := s.replay(ctx, who, n.Once); err != nil || done {
		return s.uploadUnless(ctx, f, err)
	}
	f, err := s.make(ctx, who, n)
	if err != nil {
		return Upload{}, err
	}
	if parts {
		f.PartSize = partSize(n.Size)
		if f.UploadID, err = s.Objects.CreateUpload(ctx, f.Object(), f.ContentType); err != nil {
			return Upload{}, err
		}
	}
	made, err := s.add(ctx, f, n.Once)
	if err != nil {
		return Upload{}, err
	}
	if made.ID != f.ID && f.UploadID != "" {
		// The same request at the same time was first: this upload is not needed.
		if err := s.Objects.AbortUpload(ctx, f.Object(), f.UploadID); err != nil {
			return Upload{}, err
		}
	}
	return s.upload(ctx, made, 0)
}

func (s *Service) uploadUnless(ctx context.Context, f File, err error) (Upload, error) {
	if err != nil {
		return Upload{}, err
	}
	return s.upload(ctx, f, 0)
}

// replay returns the file that an earlier request with the same Once made.
func (s *Service) replay(ctx context.Context, who account.Principal, once account.Once) (File, bool, error) {
	ref, err := s.Store.Replay(ctx, once)
	if err != nil || ref == "" {
		return File{}, false, err
	}
	f, err := s.get(ctx, who.Organization, ref)
	return f, true, err
}

// CreateWithBody makes a file from a body that came through the API, and is
// ready at once. size and checksum, if announced, must match.
func (s *Service) CreateWithBody(ctx context.Context, who account.Principal, n New, body []byte) (File, error) {
	if err := who.Require(account.WriteFiles); err != nil {
		return File{}, err
	}
	if err := n.validate(); err != nil {
		return File{}, err
	}
	if len(body) > MaxBodyBytes {
		return File{}, fault.New(fault.TooLarge, "may have %d bytes when it is sent through the API: "+
			"for a larger one send its name as JSON, and upload to the URL in the answer", MaxBodyBytes)
	}
	sum := sha256.Sum256(body)
	digest := base64.StdEncoding.EncodeToString(sum[:])
	if n.SHA256 != "" && n.SHA256 != digest {
		return File{}, fault.Field(fault.Invalid, "sha256", "does not match the content")
	}
	if n.Size != 0 && n.Size != int64(len(body)) {
		return File{}, fault.Field(fault.Invalid, "size", "does not match the content")
	}
	n.SHA256, n.Size = digest, int64(len(body))
	if f, done, err := s.replay(ctx, who, n.Once); err != nil || done {
		return f, err
	}
	f, err := s.make(ctx, who, n)
	if err != nil {
		return File{}, err
	}
	// The object first: a record that says "ready" never lacks its object. An
	// object without a record can only be left behind by a crash in between.
	if err := s.Objects.Put(ctx, f.Object(), body, f.ContentType, digest); err != nil {
		return File{}, err
	}
	f.State, f.ReadyAt = Ready, f.CreatedAt
	made, err := s.add(ctx, f, n.Once)
	if err == nil && made.ID != f.ID {
		// Only now: after an error nobody knows whether the record was written.
		err = s.Objects.Delete(ctx, f.Object())
	}
	return made, err
}

func (s *Service) make(ctx context.Context, who account.Principal, n New) (File, error) {
	if err := s.room(ctx, who.Organization, AssetDocument, n.Assets...); err != nil {
		return File{}, err
	}
	now := s.Now()
	number, err := s.Store.NextMediaID(ctx, who.Organization)
	if err != nil {
		return File{}, err
	}
	return File{
		ID: s.IDs.UUID(), Organization: who.Organization, MediaID: number, AssetID: s.IDs.Chars(20),
		Name: n.Name, ContentType: n.ContentType, Size: n.Size, SHA256: n.SHA256, Kind: n.Kind,
		About: n.About, Assets: n.Assets, State: Pending, CreatedBy: who.User, CreatedAt: now, UpdatedAt: now, UpdatedBy: who.User,
	}, nil
}

// add stores f, or returns what an earlier request with the same Once made.
func (s *Service) add(ctx context.Context, f File, once account.Once) (File, error) {
	err := s.Store.AddFile(ctx, f, once)
	var replayed *account.ReplayedError
	if errors.As(err, &replayed) {
		return s.Store.File(ctx, f.Organization, replayed.Ref)
	}
	return f, err
}

// upload describes what is left to upload of f, parts from after+1 on.
func (s *Service) upload(ctx context.Context, f File, after int) (Upload, error) {
	u := Upload{File: f}
	if f.State != Pending {
		return u, nil
	}
	if f.UploadID == "" {
		var err error
		u.Method = "POST"
		u.URL, u.Fields, u.ExpiresAt, err = s.Presign.Form(ctx, f.upload(), f)
		return u, err
	}
	u.Method, u.PartSize = "PUT", f.PartSize
	last := MaxParts
	if f.Size > 0 {
		u.PartCount = int((f.Size + f.PartSize - 1) / f.PartSize)
		last = u.PartCount
	}
	for n := after + 1; n <= last && n <= after+PageParts; n++ {
		url, expires, err := s.Presign.Part(ctx, f.Object(), f.UploadID, n)
		if err != nil {
			return Upload{}, err
		}
		u.Parts, u.ExpiresAt = append(u.Parts, Part{Number: n, URL: url}), expires
	}
	return u, nil
}

// Parts returns fresh URLs for the parts after number after of a pending
// upload in parts; Conflict if the file is not one.
func (s *Service) Parts(ctx context.Context, who account.Principal, id string, after int) (Upload, error) {
	f, err := s.pending(ctx, who, id)
	if err != nil {
		return Upload{}, err
	}
	if after < 0 || after >= MaxParts {
		return Upload{}, fault.Field(fault.Invalid, "after", "must be from 0 to %d", MaxParts-1)
	}
	return s.upload(ctx, f, after)
}

// Complete joins the parts of an upload and settles the file.
func (s *Service) Complete(ctx context.Context, who account.Principal, id string, parts []Part) (File, error) {
	if err := who.Require(account.WriteFiles); err != nil {
		return File{}, err
	}
	f, err := s.get(ctx, who.Organization, id)
	if err != nil || f.State == Ready {
		return f, err // completing again is how a lost answer is repaired
	}
	if f, err = s.pending(ctx, who, id); err != nil {
		return File{}, err
	}
	if err := checkParts(parts); err != nil {
		return File{}, err
	}
	if err := s.Objects.CompleteUpload(ctx, f.Object(), f.UploadID, parts); err != nil && !fault.Is(err, fault.NotFound) {
		return File{}, err
	}
	f, err = s.settle(ctx, f, MaxBytes)
	if err == nil && f.State == Pending {
		return File{}, fault.New(fault.Conflict, "the upload is gone: create the file again")
	}
	return f, err
}

func checkParts(parts []Part) error {
	if len(parts) == 0 {
		return fault.Field(fault.Missing, "parts", "is missing")
	}
	for i, p := range parts {
		if p.Number < 1 || p.Number > MaxParts || (i > 0 && p.Number <= parts[i-1].Number) {
			return fault.Field(fault.Invalid, "parts", "must be numbered from 1 to %d in ascending order", MaxParts)
		}
		if p.ETag == "" {
			return fault.Field(fault.Missing, "parts", "part %d has no etag", p.Number)
		}
	}
	return nil
}

func (s *Service) pending(ctx context.Context, who account.Principal, id string) (File, error) {
	if err := who.Require(account.WriteFiles); err != nil {
		return File{}, err
	}
	f, err := s.get(ctx, who.Organization, id)
	if err != nil {
		return File{}, err
	}
	if f.State != Pending || f.UploadID == "" {
		return File{}, fault.New(fault.Conflict, "the file is %s and not an upload in parts that is still open", f.State)
	}
	return f, nil
}

func partSize(size int64) int64 {
	n := int64(MinPartBytes)
	for n*MaxParts < size {
		n *= 2
	}
	return n
}

func isSHA256(s string) bool {
	b, err := base64.StdEncoding.DecodeString(s)
	return err == nil && len(b) == sha256.Size
}
