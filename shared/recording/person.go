package recording

import (
	"context"
	"unicode/utf8"

	"latchkey/shared/fault"
	"latchkey/shared/share"
)

// Sharing lets a named person use a recording.
type Sharing struct {
	Email   string
	Edit    bool // and comment
	Message string
	Base    string // origin of the link
}

// ShareWith lets a named person read a recording, or edit it, and mails them
// a link of their own. What they had before is overwritten, for the links
// that they were mailed then, too. The share stays if the mail cannot be sent:
// then it is Unavailable, and doing the same again mails again.
func (s *Service) ShareWith(ctx context.Context, a Access, n Sharing) (share.Share, error) {
	switch {
	case !a.Manage:
		return share.Share{}, errForbidden("share the recording")
	case n.Email == "":
		return share.Share{}, fault.Field(fault.Missing, "email", "is missing")
	case utf8.RuneCountInString(n.Message) > share.MaxMessageLength:
		return share.Share{}, fault.Field(fault.Invalid, "message", "is longer than %d characters", share.MaxMessageLength)
	}
	r := a.Recording
	rights := share.Rights{Edit: n.Edit, Comment: n.Edit, Export: true}
	sh, err := s.Shares.Person(ctx, a.Who, share.Target{RecordingID: r.ID, Name: r.Name}, n.Email, rights)
	if fault.Is(err, fault.Conflict) {
		err = errNotFound() // it was deleted meanwhile
	}
	if err != nil {
		return share.Share{}, err
	}
	m, err := s.Shares.MailDocument(ctx, a.Who, sh, []string{sh.Recipient}, n.Message, n.Base)
	if err == nil && !m.Accepted() {
		err = fault.New(fault.Unavailable, "the share is made, but the mail was not sent: %s", m.Deliveries[0].Reason)
	}
	return sh, err
}

// SharedWith returns what named persons may do with a recording.
func (s *Service) SharedWith(ctx context.Context, a Access) ([]share.Share, error) {
	return s.Shares.Persons(ctx, a.Who, a.Recording.ID)
}

// Unshare ends what a named person may do with a recording; NotFound if that
// is nothing.
func (s *Service) Unshare(ctx context.Context, a Access, email string) error {
	switch {
	case !a.Manage:
		return errForbidden("change who uses the recording")
	case email == "":
		return fault.Field(fault.Missing, "email", "is missing")
	}
	return s.Shares.DeletePerson(ctx, a.Who, a.Recording.ID, email)
}
