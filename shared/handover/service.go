package handover

import (
	"context"
	"errors"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/file"
	"latchkey/shared/ident"
	"latchkey/shared/share"
)

// Service is what can be done with handovers. A function sets only what its
// routes use: deletion with a file needs Store, Accounts, IDs and Now.
type Service struct {
	Store    Store
	Files    Files
	Accounts Accounts
	Presign  share.Presigner
	Seal     share.Sealer
	Post     share.Post
	Verdicts Verdicts
	Audit    share.Auditor
	IDs      ident.Source
	Now      func() time.Time
}

// Files finds what is to be handed over.
type Files interface {
	Get(ctx context.Context, who account.Principal, id string) (file.File, error)
	KnowsAsset(ctx context.Context, who account.Principal, id string) (bool, error)
}

// Accounts knows the organization's users.
type Accounts interface {
	// At returns the organization's user with an address, NotFound if nobody
	// has it, or what Recruit says of another organization's.
	At(ctx context.Context, organization, email string) (account.User, error)
	// Recruit returns the organization's user with an address, or makes one
	// who is deactivated until they register. Invalid with the cause
	// account.ErrElsewhere for another organization's, who is u.
	Recruit(ctx context.Context, who account.Principal, email string) (u account.User, created bool, err error)
	Accept(ctx context.Context, who account.Principal, userID, role string) (account.User, error)
	Decline(ctx context.Context, who account.Principal, userID string) (account.User, error)
	Waiting(ctx context.Context, who account.Principal) ([]account.User, error)
	// Release deletes a user who is Provisional; Stale if they are not as u
	// says any more.
	Release(ctx context.Context, u account.User) error
	User(ctx context.Context, organization, id string) (account.User, error)
	// Joining returns a user by their id alone, of one who was declined
	// nothing but the id, or NotFound.
	Joining(ctx context.Context, userID string) (account.User, error)
}

// Verdicts mails recipients what was decided. It tries each once, and writes
// down what was not sent and why: no answer of an API has a place for it.
type Verdicts interface {
	Tell(ctx context.Context, v Verdict)
}

// Verdict is what a recipient is told who registered.
type Verdict struct {
	Recipient    account.User // as accepted, or as they were
	Accepted     bool
	Organization string // id
	By           account.Principal
	Base         string // origin of the stack
}

// attempts bounds how often something is tried again that others get in the
// way of; each time one of them has got on.
const attempts = 10

// recruiting is how long after they were made somebody is handed their first
// file at the latest: no request takes longer.
const recruiting = time.Minute

// Share hands a file to whoever has an address, and mails them a link to it.
// A recipient who is new becomes a user of the organization, deactivated
// until they register. The same request again mails the same handover's link
// again; one that was revoked is made anew. Invalid with an *EntityError for
// a file that is no document or not the asset's, and for a user of another
// organization, for whom nothing is made. Unavailable if the mail was not
// sent: the handover stays, and asking again mails it.
func (s *Service) Share(ctx context.Context, who account.Principal, n New) (Handover, error) {
	if err := who.Require(account.ShareFiles); err != nil {
		return Handover{}, err
	}
	if err := n.check(); err != nil {
		return Handover{}, err
	}
	f, err := s.document(ctx, who, n)
	if err != nil {
		return Handover{}, err
	}
	var h Handover
	for attempt := 1; ; attempt++ {
		u, err := s.recruit(ctx, who, n.Email)
		if err != nil {
			return Handover{}, err
		}
		var token string
		h, token, err = s.hand(ctx, who, f, u, n)
		if err == nil {
			return h, s.mail(ctx, h, token, needs(u), n.Base)
		}
		if !fault.Is(err, fault.Stale) || attempt == attempts {
			// Whoever was recruited for nothing goes: now or, if that fails
			// too, when somebody else shares with them.
			_ = s.release(context.WithoutCancel(ctx), u)
			return Handover{}, err
		}
	}
}

// document returns the file that is to be handed over.
func (s *Service) document(ctx context.Context, who account.Principal, n New) (file.File, error) {
	f, err := s.Files.Get(ctx, who, n.FileID)
	if err != nil {
		return file.File{}, err
	}
	maintenance := f.Kind == file.MaintenanceFile || len(f.Maintenance) > 0
	switch {
	case f.Kind != file.AssetDocument && !maintenance:
		return file.File{}, entity("Document", "the file is neither an asset document nor a maintenance file")
	case n.AssetID == "" && !maintenance:
		return file.File{}, fault.Field(fault.Missing, "assetId", "is missing: the file is an asset document")
	case !maintenance && !f.BelongsTo(file.AssetDocument, n.AssetID):
		return file.File{}, s.notOf(ctx, who, n.AssetID)
	case f.State != file.Ready:
		return file.File{}, fault.New(fault.Conflict, "the file is %s, not ready", f.State)
	}
	return f, nil
}

// notOf says why a file is not an asset's: an asset that nothing is linked to
// is not known.
func (s *Service) notOf(ctx context.Context, who account.Principal, assetID string) error {
	known, err := s.Files.KnowsAsset(ctx, who, assetID)
	switch {
	case err != nil:
		return err
	case !known:
		return fault.New(fault.NotFound, "asset not found")
	}
	return entity("Document", "the file does not belong to the asset")
}

// recruit returns the user who has an address. Who asks for many that are
// other organizations' is not answered any more for a while, so that nobody
// goes through a list of addresses to see which are somebody's.
func (s *Service) recruit(ctx context.Context, who account.Principal, email string) (account.User, error) {
	u, err := s.Accounts.At(ctx, who.Organization, email)
	if errors.Is(err, account.ErrElsewhere) && u.Provisional() && s.Now().Sub(u.CreatedAt) > recruiting {
		if err := s.release(ctx, u); err != nil {
			return account.User{}, err
		}
		u, err = s.Accounts.At(ctx, who.Organization, email)
	}
	told := int64(0)
	switch {
	case errors.Is(err, account.ErrElsewhere):
		told = 1
	case !fault.Is(err, fault.NotFound): // the organization's own, or an error
		return u, err
	}
	// Of an address that nobody has it is asked at the same point, and counts
	// nothing: who is put off does not learn by it which of the two it is,
	// however many they ask for at once.
	until := s.Now().Truncate(ElsewhereFor).Add(ElsewhereFor)
	if err := s.Store.Count(ctx, "elsewhere "+who.User, until, told, MaxElsewhere); err != nil {
		return account.User{}, err
	}
	if told > 0 {
		return account.User{}, entity("User", "the recipient is a user of another organization")
	}
	u, _, err = s.Accounts.Recruit(ctx, who, email)
	if errors.Is(err, account.ErrElsewhere) { // since they were looked for
		return s.recruit(ctx, who, email)
	}
	return u, err
}

// hand returns the handover that there is already, or makes it. Stale if
// somebody else was faster.
func (s *Service) hand(ctx context.Context, who account.Principal, f file.File, u account.User, n New) (Handover, string, error) {
	h := Handover{
		ID: s.IDs.UUID(), Organization: who.Organization, AssetID: n.AssetID, Title: f.Title(), Message: n.Message,
		Target:   share.Target{FileID: f.ID, MediaID: f.MediaID, Object: f.Object(), Name: f.Name, ContentType: f.ContentType},
		SenderID: who.User, SenderName: who.Name, SenderEmail: who.Email, Recipient: u.ID, RecipientEmail: u.Email,
		CreatedAt: s.Now(), Mail: share.MailUnknown, // until the record says otherwise
	}
	was, err := s.Store.Same(ctx, h)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return Handover{}, "", err
	}
	if err == nil && was.RevokedAt.IsZero() {
		was.Message, was.Mail = n.Message, share.MailUnknown
		token, err := s.reveal(ctx, was)
		if err == nil {
			err = s.Store.Again(ctx, was)
		}
		return was, token, err
	}
	var token string
	token, h.Ref = newToken(s.IDs)
	if h.Sealed, err = s.Seal.Seal(ctx, token, h.ID); err != nil {
		return Handover{}, "", err
	}
	return h, token, s.Store.Add(ctx, h, was.Ref, s.event(h, share.Created, who.User))
}

// reveal opens a handover's token. One that an older key sealed is sealed
// anew, as those of links are.
func (s *Service) reveal(ctx context.Context, h Handover) (string, error) {
	token, stale, err := s.Seal.Open(ctx, h.Sealed, h.ID)
	if err != nil || !stale {
		return token, err
	}
	sealed, err := s.Seal.Seal(ctx, token, h.ID)
	if err != nil {
		return "", err
	}
	return token, s.Store.Reseal(ctx, h, sealed)
}

// mail sends the letter, and notes what became of it.
func (s *Service) mail(ctx context.Context, h Handover, token string, need share.Need, base string) error {
	d := share.Delivery{State: share.MailRejected, Reason: "this address bounced or complained before and is not mailed"}
	suppressed, err := s.Store.Suppressed(ctx, h.Organization, []string{h.RecipientEmail})
	if err != nil {
		return err
	}
	if len(suppressed) == 0 {
		d = s.Post.Send(ctx, []share.Letter{{
			To: h.RecipientEmail, Sender: h.SenderName, ReplyTo: h.SenderEmail, Message: h.Message,
			Links: []share.LetterLink{{URL: base + PagePath(token), Name: h.Title, Kind: share.Handover, Need: need}},
			Tags:  map[string]string{"organization": h.Organization, handoverTag: h.ID},
		}})[0]
	}
	if d.State == share.MailQueued { // nobody sends it later: asking again does
		d.State = share.MailRejected
	}
	share.CountMail(ctx, d.State)
	h.Mail = d.State
	e := s.event(h, share.Mailed, h.SenderID)
	e.Reason = string(h.Mail)
	if err := s.Store.Mailed(context.WithoutCancel(ctx), h, e); err != nil {
		return err
	}
	if d.State != share.MailSent {
		return fault.New(fault.Unavailable, "the mail was not sent: %s", d.Reason)
	}
	return nil
}

// event is one of the organization's audit trail, as that of a link is.
func (s *Service) event(h Handover, t share.EventType, by string) share.Event {
	return share.Event{
		ID: s.IDs.UUID(), Organization: h.Organization, Share: h.ID, File: h.Target.FileID, Type: t, At: s.Now(),
		By: by, Recipient: h.RecipientEmail,
	}
}

// Sent returns a page of what the principal handed over, newest first, and
// how many there are; page counts from 1. Tokens that an older key sealed are
// sealed anew: looking at all is what makes that key useless. One whose key is
// gone is listed all the same, so that it can be withdrawn and made anew.
func (s *Service) Sent(ctx context.Context, who account.Principal, page, limit int) ([]Handover, int, error) {
	if err := who.Require(account.ShareFiles); err != nil {
		return nil, 0, err
	}
	all, total, err := s.Store.Sent(ctx, who.Organization, who.User, (page-1)*limit, limit)
	for _, h := range all {
		if _, err := s.reveal(ctx, h); err != nil && !errors.Is(err, share.ErrSealed) {
			return nil, 0, err
		}
	}
	return all, total, err
}
