package share

import (
	"context"
	"errors"
	"slices"
	"time"
	"unicode/utf8"

	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/file"
	"latchkey/shared/ident"
)

// Service is what can be done with shares. A function sets only what its
// routes use: following needs no Files, Seal or Post.
type Service struct {
	Store   Store
	Files   Files
	Presign Presigner
	Seal    Sealer
	Post    Post
	Audit   Auditor
	Hidden  file.Hidden // of those who ask by id, or for a list
	IDs     ident.Source
	Now     func() time.Time
}

// Files finds what is to be shared.
type Files interface {
	Get(ctx context.Context, who account.Principal, id string) (file.File, error)
	ByMediaID(ctx context.Context, who account.Principal, mediaID int64) (file.File, error)
}

// Presigner makes the URL that a use is worth, without any network. It
// forces a download under the target's name and a safe content type.
type Presigner interface {
	Download(ctx context.Context, t Target, life time.Duration) (string, error)
}

// Sealer keeps tokens readable for the owner and for nobody who reads the
// store. id is bound into the result.
type Sealer interface {
	Seal(ctx context.Context, token, id string) (string, error)
	// Open returns the token, and whether a key sealed it that is not the
	// current one any more; ErrSealed if no key opens it.
	Open(ctx context.Context, sealed, id string) (token string, stale bool, err error)
}

// New describes a share to be made.
type New struct {
	FileID    string
	Name      string    // what the download is called; "" for the file's own name
	ExpiresAt time.Time // zero: never
	Limit     int64     // 0: unlimited
	Note      string
	Once      account.Once
}

// Create makes a download link to a file of the principal's organization.
// It returns the share and its token; a replay returns the same ones.
func (s *Service) Create(ctx context.Context, who account.Principal, n New) (Share, string, error) {
	if err := who.Require(account.WriteLinks); err != nil {
		return Share{}, "", err
	}
	f, err := s.Files.Get(ctx, who, n.FileID)
	if err != nil {
		return Share{}, "", err
	}
	return s.CreateFor(ctx, who, f, n)
}

// CreateFor is Create for a file that was already looked up.
func (s *Service) CreateFor(ctx context.Context, who account.Principal, f file.File, n New) (Share, string, error) {
	if err := who.Require(account.WriteLinks); err != nil {
		return Share{}, "", err
	}
	if ref, err := s.Store.Replay(ctx, n.Once); err != nil || ref != "" {
		return s.replayed(ctx, who, ref, err)
	}
	if err := s.validate(n.ExpiresAt, n.Limit, n.Note); err != nil {
		return Share{}, "", err
	}
	if len(n.Name) > file.MaxNameLength {
		return Share{}, "", fault.Field(fault.Invalid, "filename", "is longer than %d bytes", file.MaxNameLength)
	}
	if f.State != file.Ready {
		return Share{}, "", fault.New(fault.Conflict, "the file is %s, not ready", f.State)
	}
	number, err := s.Store.NextNumber(ctx, who.Organization)
	if err != nil {
		return Share{}, "", err
	}
	token, ref := NewToken(s.IDs, Download, n.Limit)
	sh := Share{
		ID: s.IDs.UUID(), Organization: who.Organization, Number: number, Kind: Download, Ref: ref,
		Target: target(f, n.Name), Note: n.Note, ExpiresAt: n.ExpiresAt, Limit: n.Limit,
		Counting: countingFor(n.Limit), CreatedBy: who.User, CreatedAt: s.Now(),
	}
	if sh.Sealed, err = s.Seal.Seal(ctx, token, sh.ID); err != nil {
		return Share{}, "", err
	}
	err = s.Store.Add(ctx, sh, s.event(sh, Created, who.User), n.Once)
	var replayed *account.ReplayedError
	if errors.As(err, &replayed) { // by the same request at the same time
		return s.replayed(ctx, who, replayed.Ref, nil)
	}
	return sh, token, err
}

// replayed answers what an earlier request with the same Once made.
func (s *Service) replayed(ctx context.Context, who account.Principal, ref string, err error) (Share, string, error) {
	if err != nil {
		return Share{}, "", err
	}
	return s.Get(ctx, who, ref)
}

func target(f file.File, name string) Target {
	if name == "" {
		name = f.Name
	}
	return Target{FileID: f.ID, MediaID: f.MediaID, Object: f.Object(), Name: name, ContentType: f.ContentType, RecordingID: f.Recording}
}

func (s *Service) validate(expires time.Time, limit int64, note string) error {
	switch {
	case !expires.IsZero() && !s.Now().Before(expires):
		return fault.Field(fault.Invalid, "expires_at", "is in the past")
	case limit < 0 || limit > MaxLimit:
		return fault.Field(fault.Invalid, "limit", "must be an integer from 0 (unlimited) to %d", MaxLimit)
	case utf8.RuneCountInString(note) > MaxNoteLength:
		return fault.Field(fault.Invalid, "note", "is longer than %d characters", MaxNoteLength)
	}
	return nil
}

// Get returns a share of the principal's organization and its token.
func (s *Service) Get(ctx context.Context, who account.Principal, id string) (Share, string, error) {
	if err := who.Require(account.ReadLinks); err != nil {
		return Share{}, "", err
	}
	sh, err := s.byID(ctx, who, id)
	if err != nil {
		return Share{}, "", err
	}
	one := []Share{sh}
	if err := s.inherit(ctx, one); err != nil {
		return Share{}, "", err
	}
	token, err := s.told(ctx, who, sh)
	return one[0], token, err
}

// told is reveal for who may do what the link may: others could do more by it
// than by their role.
func (s *Service) told(ctx context.Context, who account.Principal, sh Share) (string, error) {
	if sh.Target.Spoken() && sh.Kind != Public && !who.Role.May(account.EditRecordings) {
		return "", nil
	}
	return s.reveal(ctx, sh)
}

// reveal opens a share's token; "" of one whose token was not kept. One that
// an older key sealed is sealed anew: after a rotation, looking at all links
// is what makes the old key useless.
func (s *Service) reveal(ctx context.Context, sh Share) (string, error) {
	if sh.Kind == Person {
		return "", nil
	}
	token, stale, err := s.Seal.Open(ctx, sh.Sealed, sh.ID)
	if err != nil || !stale {
		return token, err
	}
	sealed, err := s.Seal.Seal(ctx, token, sh.ID)
	if err != nil {
		return "", err
	}
	return token, s.Store.Reseal(ctx, sh, sealed)
}

// inherit gives recipients' shares the expiry, the limit, the uses and the
// revocation of their parents, so that their owner sees what they are worth.
func (s *Service) inherit(ctx context.Context, shares []Share) error {
	var refs []Ref
	for _, sh := range shares {
		if sh.Kind == Recipient && !slices.Contains(refs, sh.Parent) {
			refs = append(refs, sh.Parent)
		}
	}
	parents, err := s.Store.ByRefs(ctx, refs)
	if err != nil {
		return err
	}
	if err := s.live(ctx, shares); err != nil {
		return err
	}
	for i := range shares {
		sh := &shares[i]
		p, ok := parents[sh.Parent]
		if !ok {
			continue
		}
		sh.ExpiresAt, sh.Limit, sh.Used = p.ExpiresAt, p.Limit, p.Used
		if sh.RevokedAt.IsZero() {
			sh.RevokedAt = p.RevokedAt
		}
	}
	return nil
}

func (s *Service) byID(ctx context.Context, who account.Principal, id string) (Share, error) {
	if !ident.IsUUID(id) {
		return Share{}, errNoLink()
	}
	sh, err := s.Store.ByID(ctx, who.Organization, id)
	if err != nil {
		return Share{}, err
	}
	seen, err := s.seen(ctx, who, []Share{sh})
	if err == nil && len(seen) == 0 {
		err = errNoLink()
	}
	return sh, err
}

// seen returns those of the shares whose recordings, if they are of any,
// somebody sees.
func (s *Service) seen(ctx context.Context, who account.Principal, shares []Share) ([]Share, error) {
	if !slices.ContainsFunc(shares, func(sh Share) bool { return sh.Target.RecordingID != "" }) {
		return shares, nil
	}
	hidden, err := s.Hidden.From(ctx, who)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(shares, func(sh Share) bool { return hidden(sh.Target.RecordingID) }), nil
}

func errNoLink() error { return fault.New(fault.NotFound, "link not found") }

// Listed is a share of a list, with its token; "" for a named person's, whose
// links are the recipient shares under it.
type Listed struct {
	Share
	Token string
}

// maxRounds bounds the queries that one page of a filtered list makes.
const maxRounds = 10

// List returns a page of the organization's shares, newest first. With a
// filter that matches few, a page may be short and still have a next one.
func (s *Service) List(ctx context.Context, who account.Principal, f Filter, p file.Page) ([]Listed, string, error) {
	if err := who.Require(account.ReadLinks); err != nil {
		return nil, "", err
	}
	hidden, err := s.Hidden.From(ctx, who)
	if err != nil {
		return nil, "", err
	}
	var out []Listed
	limit, now := p.Limit, s.Now()
	for round := 1; ; round++ {
		p.Limit = limit - len(out)
		page, next, err := s.Store.List(ctx, who.Organization, f, p)
		if err != nil {
			return nil, "", err
		}
		if err := s.inherit(ctx, page); err != nil {
			return nil, "", err
		}
		for _, sh := range page {
			if f.State != "" && sh.State(now) != f.State || hidden(sh.Target.RecordingID) {
				continue
			}
			token, err := s.told(ctx, who, sh)
			if err != nil {
				return nil, "", err
			}
			out = append(out, Listed{sh, token})
		}
		if next == "" || len(out) >= limit || round == maxRounds {
			return out, next, nil
		}
		p.Cursor = next
	}
}

// Patch is a change of a share: nil fields stay as they are.
type Patch struct {
	ExpiresAt *time.Time // zero time: never
	Limit     *int64
	Note      *string
}

// changeAttempts bounds how often a change is tried again when uses come in
// between its read and its write.
const changeAttempts = 5

// Change changes a share of the principal's organization. A limit is counted
// from the first use; one below what is already used exhausts the share.
// Uses of a share that was unlimited were not counted.
func (s *Service) Change(ctx context.Context, who account.Principal, id string, p Patch) (Share, string, error) {
	if err := who.Require(account.WriteLinks); err != nil {
		return Share{}, "", err
	}
	for attempt := 1; ; attempt++ {
		was, token, err := s.Get(ctx, who, id)
		if err != nil {
			return Share{}, "", err
		}
		sh, err := s.patched(was, p)
		if err != nil {
			return Share{}, "", err
		}
		err = s.Store.Change(ctx, was, sh, s.event(sh, Changed, who.User))
		if !fault.Is(err, fault.Conflict) || attempt == changeAttempts {
			return sh, token, err
		}
	}
}

func (s *Service) patched(sh Share, p Patch) (Share, error) {
	if !sh.RevokedAt.IsZero() {
		return Share{}, fault.New(fault.Conflict, "the link is revoked")
	}
	if sh.Kind == Recipient && (p.ExpiresAt != nil || p.Limit != nil) {
		return Share{}, fault.New(fault.Conflict, "a recipient's link has the expiry and the limit of the link it was made from")
	}
	if p.ExpiresAt != nil {
		sh.ExpiresAt = *p.ExpiresAt
		if err := s.validate(sh.ExpiresAt, 0, ""); err != nil {
			return Share{}, err
		}
	}
	if sh.Target.Spoken() && p.Limit != nil && *p.Limit != 0 {
		return Share{}, fault.Field(fault.Conflict, "limit", "is of downloads: a link to a document or recording has none")
	}
	if p.Limit != nil {
		sh.Limit = *p.Limit
		if sh.Limit > MaxSetLimit {
			sh.Counting = CountItems
		}
	}
	if p.Note != nil {
		sh.Note = *p.Note
	}
	return sh, s.validate(time.Time{}, sh.Limit, sh.Note)
}

// Revoke ends a share of the principal's organization, and with it its
// recipient shares. It returns the share as revoked: by its DeadBy the last
// URL that it led to is dead. Repeating it changes nothing.
func (s *Service) Revoke(ctx context.Context, who account.Principal, id string) (Share, error) {
	if err := who.Require(account.WriteLinks); err != nil {
		return Share{}, err
	}
	for attempt := 1; ; attempt++ {
		was, err := s.byID(ctx, who, id)
		if err != nil {
			return Share{}, err
		}
		one := []Share{was}
		if was.RevokedAt.IsZero() {
			one[0].RevokedAt = s.Now()
			err = s.Store.Change(ctx, was, one[0], s.event(was, WasRevoked, who.User))
		}
		if err == nil {
			return one[0], s.inherit(ctx, one)
		}
		if !fault.Is(err, fault.Conflict) || attempt == changeAttempts {
			return Share{}, err
		}
	}
}

// DeleteForFile deletes all shares of a file; their events stay.
func (s *Service) DeleteForFile(ctx context.Context, who account.Principal, fileID string) error {
	return s.deleteAll(ctx, who, Filter{File: fileID})
}

func (s *Service) deleteAll(ctx context.Context, who account.Principal, f Filter) error {
	for {
		// Always the first page: what was deleted is not in it any more.
		page, _, err := s.Store.List(ctx, who.Organization, f, file.Page{Limit: 100})
		if err != nil || len(page) == 0 {
			return err
		}
		events := make([]Event, len(page))
		for i, sh := range page {
			events[i] = s.event(sh, Deleted, who.User)
		}
		if err := s.Store.Delete(ctx, page, events); err != nil {
			return err
		}
	}
}
