package recording

import (
	"context"
	"unicode/utf8"

	"latchkey/shared/fault"
	"latchkey/shared/share"
)

// ShareDocument makes a link to a document and returns its token. It never
// ends an older one. Forbidden (ErrSharingOff) where sharing is off.
func (s *Service) ShareDocument(ctx context.Context, a Access) (share.Share, string, error) {
	if !a.Manage {
		return share.Share{}, "", errForbidden("share the document")
	}
	if err := sharing(a.Recording, a.Document); err != nil {
		return share.Share{}, "", err
	}
	d := a.Document
	sh, token, err := s.Shares.CreateForDocument(ctx, a.Who,
		share.Target{RecordingID: d.Recording, DocumentID: d.ID, Name: d.Filename},
		share.Rights{Edit: true, Comment: true, Export: true}) // the settings decide
	if fault.Is(err, fault.Conflict) {
		err = errNotFound() // it was deleted meanwhile
	}
	return sh, token, err
}

// Mailing is what became of a mailed link.
type Mailing struct {
	Token string // of the document's general link, which is nobody's own
	share.MailResult
}

// MailDocument makes a link and mails each address one of its own under it.
// base is the origin of the links. An address twice is one recipient.
func (s *Service) MailDocument(ctx context.Context, a Access, addresses []string, message, base string) (Mailing, error) {
	if utf8.RuneCountInString(message) > MaxMessageLength {
		return Mailing{}, fault.Field(fault.Invalid, "message", "is longer than %d characters", MaxMessageLength)
	}
	if len(addresses) > MaxRecipients {
		return Mailing{}, fault.Field(fault.Invalid, "recipients", "may be %d in one request", MaxRecipients)
	}
	if err := share.CheckRecipients(addresses); err != nil {
		return Mailing{}, err
	}
	sh, token, err := s.ShareDocument(ctx, a)
	if err != nil {
		return Mailing{}, err
	}
	result, err := s.Shares.MailDocument(ctx, a.Who, sh, addresses, message, base)
	return Mailing{Token: token, MailResult: result}, err
}
