package recording

import (
	"cmp"
	"context"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/ident"
	"latchkey/shared/share"
)

// Rights are what somebody may do with a document.
type Rights struct {
	Edit     bool
	Comment  bool
	Export   bool
	Moderate bool // change and delete the comments of others: owners only
	Manage   bool // delete, share, change settings: owners only
}

// Access is somebody's way to a recording and, unless Document is zero, to one
// document of it: an owner's by their role, or a link's by what the settings
// and the share allow at this moment. Service makes it and its methods ask it.
type Access struct {
	Rights
	Recording Recording
	Document  Document
	Who       account.Principal // of an owner; zero for a link
	Share     share.Share       // of a link: the one that the token opens; zero for an owner
	Visit     share.Visit       // of a link
	Whole     bool              // the link is to the recording: its transcript is called as it is
}

// Title is what its page is called.
func (a Access) Title() string {
	if a.Whole {
		return a.Recording.Name
	}
	return a.Document.Filename
}

// ByLink reports whether a token was used.
func (a Access) ByLink() bool { return a.Share.ID != "" }

// ErrSharingOff is the cause of a Forbidden fault that says that a token is
// good and sharing is switched off, for its recording or its document.
var ErrSharingOff = fault.New(fault.Forbidden, "sharing is not enabled")

// Own opens a recording, and one document of it unless documentID is "", to
// somebody of its organization. op is account.ReadRecordings, EditRecordings or
// WriteRecordings. NotFound for what is not there, is another
// organization's or another recording's, or is being deleted.
func (s *Service) Own(ctx context.Context, who account.Principal, op account.Operation, recordingID, documentID string) (Access, error) {
	if err := who.Require(op); err != nil {
		return Access{}, err
	}
	if !ident.IsChars(recordingID, idLength) || documentID != "" && !ident.IsChars(documentID, documentIDLength) {
		return Access{}, errNotFound()
	}
	f, err := s.Store.Find(ctx, who.Organization, recordingID, documentID)
	if err != nil {
		return Access{}, err
	}
	if f.hidden() {
		return Access{}, errNotFound()
	}
	if who.Role != account.Admin {
		if ok, err := s.shows(ctx, f.Recording, who); err != nil || !ok {
			return Access{}, cmp.Or(err, errNotFound())
		}
	}
	edits, writes := who.Role.May(account.EditRecordings), who.Role.May(account.WriteRecordings)
	return Access{
		Rights:    Rights{Edit: edits, Comment: edits, Export: true, Moderate: writes, Manage: writes},
		Recording: f.Recording, Document: f.Document, Who: who,
	}, nil
}

func (f Found) hidden() bool { return f.Recording.Deleting || f.Document.Deleting }

func errNotFound() error { return fault.New(fault.NotFound, "recording or document not found") }

// Open opens a document to whoever holds a token. Unauthenticated without a
// token; NotFound (the same for all) for one that is unknown, expired,
// revoked, or another document's; a fault that wraps ErrSharingOff where
// sharing is off. recordingID may be "" where a path does not tell it; so may
// documentID, for what concerns the recording of the token's document.
// It makes one read, and one batch read after it.
func (s *Service) Open(ctx context.Context, token, recordingID, documentID string, v share.Visit) (Access, error) {
	if token == "" {
		return Access{}, fault.New(fault.Unauthenticated, "the token is missing")
	}
	sh, err := s.Shares.ByToken(ctx, token)
	if err != nil {
		return Access{}, err
	}
	whole := sh.Target.DocumentID == ""
	if recordingID != "" && recordingID != sh.Target.RecordingID || !whole && documentID != "" && documentID != sh.Target.DocumentID {
		return Access{}, s.Shares.Refuse(ctx, sh, share.Active, v)
	}
	f, err := s.Store.Behind(ctx, sh)
	if fault.Is(err, fault.NotFound) || err == nil && f.hidden() {
		return Access{}, s.Shares.Refuse(ctx, sh, share.Active, v)
	}
	if err != nil {
		return Access{}, err
	}
	if state := f.state(&sh, s.Now()); state != share.Active {
		return Access{}, s.Shares.Refuse(ctx, sh, state, v)
	}
	if whole {
		return s.openWhole(ctx, f, sh, documentID, v)
	}
	if err := sharing(f.Recording, f.Document); err != nil {
		return Access{}, err
	}
	return Access{Rights: f.rights(sh), Recording: f.Recording, Document: f.Document, Share: sh, Visit: v}, nil
}

// openWhole opens a recording's transcript by a link to the recording, whose
// settings are for links to documents: the share alone says what is allowed.
// Conflict (ErrNoTranscript) while there is none.
func (s *Service) openWhole(ctx context.Context, f Found, sh share.Share, documentID string, v share.Visit) (Access, error) {
	documents, err := s.documents(ctx, f.Recording)
	if err != nil {
		return Access{}, err
	}
	d, ok := mainOf(f.Recording, documents, "")
	switch {
	case documentID != "" && (!ok || documentID != d.ID):
		return Access{}, s.Shares.Refuse(ctx, sh, share.Active, v)
	case !ok:
		return Access{}, errNoTranscript()
	}
	sh.Target.DocumentID = d.ID // which the trail names
	most := f.most(sh)
	return Access{
		Rights:    Rights{Edit: most.Edit, Comment: most.Comment, Export: most.Export},
		Recording: f.Recording, Document: d, Share: sh, Visit: v, Whole: true,
	}, nil
}

// ErrNoTranscript is the cause of a Conflict fault that says that a token is
// good and there is nothing to read yet.
var ErrNoTranscript = fault.New(fault.Conflict, "there is no transcript yet")

func errNoTranscript() error {
	return fault.Wrap(fault.Conflict, ErrNoTranscript, "there is no transcript yet")
}

// unwritten says why a recording has no transcript: who asks again later waits
// in vain if it failed.
func (r Recording) unwritten() error {
	if r.Status == Failed {
		return fault.Wrap(fault.Conflict, ErrNoTranscript, "%s has no transcript: %s", r.ID, r.Reason)
	}
	return errNoTranscript()
}

// state is that of the share and of its parent, by the recording's settings
// as they are now if it is a document's.
func (f Found) state(sh *share.Share, now time.Time) share.State {
	if sh.Target.DocumentID != "" {
		sh.LinkLife, f.Parent.LinkLife = f.Recording.Settings.LinkLife, f.Recording.Settings.LinkLife
	}
	if state := sh.State(now); state != share.Active || sh.Kind != share.Recipient {
		return state
	}
	return f.Parent.State(now)
}

// rights are what the settings allow, narrowed by the share and its parent.
func (f Found) rights(sh share.Share) Rights {
	s, most := f.Recording.Settings, f.most(sh)
	return Rights{Edit: s.Edit && most.Edit, Comment: s.Comments && most.Comment, Export: s.Export && most.Export}
}

// most are the share's rights, narrowed by its parent's. A person's are those
// of the parent alone, which are overwritten.
func (f Found) most(sh share.Share) share.Rights {
	most, p := sh.Rights, f.Parent.Rights
	switch {
	case sh.Kind != share.Recipient:
		return most
	case f.Parent.Kind == share.Person:
		return p
	}
	return share.Rights{Edit: most.Edit && p.Edit, Comment: most.Comment && p.Comment, Export: most.Export && p.Export}
}

// sharing returns why links to a document do not work at all, or nil.
func sharing(r Recording, d Document) error {
	if r.Settings.Share && !d.NoSharing {
		return nil
	}
	return fault.Wrap(fault.Forbidden, ErrSharingOff, "sharing is not enabled")
}

func errForbidden(what string) error {
	return fault.New(fault.Forbidden, "you may not %s here", what)
}

// acted is the event of what a link was used for, none of an owner.
func (s *Service) acted(a Access, t share.EventType, reason string) []share.Event {
	if !a.ByLink() {
		return nil
	}
	return []share.Event{s.Shares.Act(a.Share, t, a.Visit, reason)}
}

func (s *Service) note(ctx context.Context, events []share.Event) {
	for _, e := range events {
		s.Shares.Note(ctx, e)
	}
}

// By is who does something: a user, or a link.
func (a Access) By() string {
	if a.ByLink() {
		return "link:" + a.Share.ID
	}
	return a.Who.User
}

// The lengths of ids.
const (
	idLength         = 8
	documentIDLength = 12
)
