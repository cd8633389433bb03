package recording

import (
	"cmp"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/file"
	"latchkey/shared/ident"
	"latchkey/shared/share"
)

// Service is what can be done with recordings. A function sets only what its
// routes use.
type Service struct {
	Store    Store
	Contents Contents
	Files    Files
	Shares   Shares
	Seal     share.Sealer // of what leads to files that are made
	// Reach refuses a URL that could never be fetched or called back, and does
	// not take long; nil takes all.
	Reach func(ctx context.Context, url string) error
	Pairs Pairs // what the translator can do; nil: its job finds out
	IDs   ident.Source
	Now   func() time.Time
}

// NewRecording describes a recording to be made.
type NewRecording struct {
	Name, Language                        string // both required but for Name, which becomes the source's or the day's
	Source                                string // URL to fetch the media from, or ""
	Align                                 bool
	FolderID                              string
	KeepSource, Diarization, Multichannel bool
	Punctuation                           bool
	DocumentType                          Type // "" becomes Transcript
	Keywords, Speakers                    []string
	Script                                string // text to be aligned with, or ""
	CustomData                            string // JSON object, or ""
	Callback                              string // https URL, or ""
	Publish                               bool   // make a link by which anybody reads it
	Once                                  account.Once
}

// Create makes a recording.
func (s *Service) Create(ctx context.Context, who account.Principal, n NewRecording) (Recording, error) {
	if err := who.Require(account.WriteRecordings); err != nil {
		return Recording{}, err
	}
	if err := n.validate(); err != nil {
		return Recording{}, err
	}
	if ref, err := s.Store.Replay(ctx, n.Once); err != nil || ref != "" {
		return s.replayed(ctx, who, ref, err)
	}
	if err := s.reaches(ctx, n.Source, n.Callback); err != nil {
		return Recording{}, err
	}
	r := n.recording(s.Now())
	r.ID, r.Organization, r.CreatedBy = s.IDs.Chars(idLength), who.Organization, who.User
	if who.Standing == account.Blocked {
		r.Status, r.Reason = Blocked, blocked
	}
	if ok, err := s.shows(ctx, r, who); err != nil || !ok {
		return Recording{}, cmp.Or(err, errFolder("folder_id"))
	}
	if err := s.script(ctx, &r, n.Script); err != nil {
		return Recording{}, err
	}
	err := s.add(ctx, who, &r, n)
	var replayed *account.ReplayedError
	switch {
	case errors.As(err, &replayed): // by the same request at the same time
		s.dropScript(ctx, r)
		return s.replayed(ctx, who, replayed.Ref, nil)
	case refused(err):
		s.dropScript(ctx, r)
	}
	return r, err
}

func (s *Service) add(ctx context.Context, who account.Principal, r *Recording, n NewRecording) error {
	if !n.Publish {
		return s.Store.AddRecording(ctx, *r, nil, n.Once)
	}
	public, err := s.Shares.Publish(ctx, who, share.Target{RecordingID: r.ID, Name: r.Name})
	if err != nil {
		return err
	}
	r.Public = public.Share.Ref
	return s.Store.AddRecording(ctx, *r, &public, n.Once)
}

// PublicTokens returns the tokens of the links by which anybody reads these
// recordings, by the recordings' ids; none of one that is not published, or
// not any more.
func (s *Service) PublicTokens(ctx context.Context, list ...Recording) (map[string]string, error) {
	var refs []share.Ref
	for _, r := range list {
		if r.Public != "" {
			refs = append(refs, r.Public)
		}
	}
	if len(refs) == 0 {
		return nil, nil
	}
	tokens, err := s.Shares.Tokens(ctx, refs)
	out := make(map[string]string, len(tokens))
	for _, r := range list {
		if token := tokens[r.Public]; token != "" {
			out[r.ID] = token
		}
	}
	return out, err
}

// replayed answers what an earlier request with the same Once made.
func (s *Service) replayed(ctx context.Context, who account.Principal, ref string, err error) (Recording, error) {
	if err != nil {
		return Recording{}, err
	}
	a, err := s.Own(ctx, who, account.WriteRecordings, ref, "")
	return a.Recording, err
}

// Query selects and sorts recordings.
type Query struct {
	Search    string // in names, whatever the case
	Sort      string // "created_at", "updated_at", "name", "duration", "status"; "" is created_at
	Ascending bool
	Offset    int
	Limit     int      // 1 to 100
	Folder    *string  // id, "" for home; nil: wherever they are
	Statuses  []Status // nil: any
}

// List returns a page of recordings and how many match in all. It reads
// consistently: what is deleted is in no list.
func (s *Service) List(ctx context.Context, who account.Principal, q Query) (page []Recording, total int, err error) {
	if err := who.Require(account.ReadRecordings); err != nil {
		return nil, 0, err
	}
	less, ok := orders[cmp.Or(q.Sort, "created_at")]
	switch {
	case !ok:
		return nil, 0, fault.Field(fault.Invalid, "sort", "is not something to sort by")
	case q.Limit < 1 || q.Limit > 100:
		return nil, 0, fault.Field(fault.Invalid, "limit", "must be from 1 to 100")
	case q.Offset < 0:
		return nil, 0, fault.Field(fault.Invalid, "offset", "must not be negative")
	}
	var t Tree
	if who.Role != account.Admin || q.Folder != nil {
		if t, err = s.Store.Tree(ctx, who.Organization); err != nil {
			return nil, 0, err
		}
	}
	if q.Folder != nil && !t.Shows(*q.Folder, who) {
		return nil, 0, errFolder("folder_id")
	}
	all, err := s.Store.Recordings(ctx, who.Organization)
	if err != nil {
		return nil, 0, err
	}
	shown := t.shown(who)
	all = slices.DeleteFunc(all, func(r Recording) bool {
		return q.misses(r) || who.Role != account.Admin && !shown[r.FolderID]
	})
	slices.SortFunc(all, func(a, b Recording) int {
		if !q.Ascending {
			a, b = b, a
		}
		return cmp.Or(less(a, b), strings.Compare(a.ID, b.ID))
	})
	from := min(q.Offset, len(all))
	return all[from:min(from+q.Limit, len(all))], len(all), nil
}

// misses reports whether a recording is in no list of q.
func (q Query) misses(r Recording) bool {
	return r.Deleting || q.Folder != nil && r.FolderID != *q.Folder || q.Statuses != nil && !slices.Contains(q.Statuses, r.Status) ||
		!strings.Contains(strings.ToLower(r.Name), strings.ToLower(q.Search))
}

// orders are what lists can be sorted by.
var orders = map[string]func(a, b Recording) int{
	"created_at": func(a, b Recording) int { return a.CreatedAt.Compare(b.CreatedAt) },
	"updated_at": func(a, b Recording) int { return a.UpdatedAt.Compare(b.UpdatedAt) },
	"name":       func(a, b Recording) int { return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) },
	"duration":   func(a, b Recording) int { return cmp.Compare(a.Duration, b.Duration) },
	"status":     func(a, b Recording) int { return strings.Compare(string(a.Status), string(b.Status)) },
}

// Change changes a recording: nil fields stay.
type Change struct {
	Name, Language, Label         *string
	FolderID                      *string // "" for home
	Share, Edit, Export, Comments *bool
	LinkLife                      *time.Duration // 0: for ever
}

// Update changes a recording.
func (s *Service) Update(ctx context.Context, a Access, c Change) (Recording, error) {
	if !a.Manage {
		return Recording{}, errForbidden("change the recording")
	}
	if err := c.validate(); err != nil {
		return Recording{}, err
	}
	if c.FolderID != nil && *c.FolderID != "" {
		if ok, err := s.shows(ctx, Recording{FolderID: *c.FolderID}, a.Who); err != nil || !ok {
			return Recording{}, cmp.Or(err, errFolder("folder_id"))
		}
	}
	for attempt := 1; ; attempt++ {
		r, err := s.Store.ChangeRecording(ctx, a.Recording, c, s.Now(), s.announceChange(a.Recording, c)...)
		if !fault.Is(err, fault.Stale) || attempt == changeAttempts {
			return r, err
		}
		if a, err = s.Own(ctx, a.Who, account.WriteRecordings, a.Recording.ID, ""); err != nil {
			return Recording{}, err
		}
	}
}

// Files is what this needs of files: a recording's media, and what is made of it.
type Files interface {
	Get(ctx context.Context, who account.Principal, id string) (file.File, error)
	Receive(ctx context.Context, who account.Principal, name, recordingID string) (file.File, error)
	Uploaded(ctx context.Context, object string) (file.File, error)
	PutURL(ctx context.Context, organization, id string) (url string, expires time.Time, err error)
	Fill(ctx context.Context, organization, id string, from io.Reader) error
	Waits(ctx context.Context, organization, id string) (bool, error)
	Play(ctx context.Context, organization, id string, download bool) (url string, err error)
	Delete(ctx context.Context, who account.Principal, id string) error
}
