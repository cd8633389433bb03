package share

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/mail/address"
)

// Limits of one mailing.
const (
	MaxMessageLength = 2000 // characters
	// MaxRecipientShares bounds recipients × links: about 60 commits and 20
	// calls of the mail service, which fit into one request.
	MaxRecipientShares = 1000
	maxMailAttempts    = 6
	// sendMargin is kept of a request's time for what comes after sending.
	sendMargin = 8 * time.Second
)

// Mailing is one request to mail links.
type Mailing struct {
	ID           string
	Organization string
	Sender       string // as recipients see it
	ReplyTo      string
	Message      string
	Base         string // origin of the links in the mails, e.g. https://share.example.com
	CreatedBy    string
	CreatedAt    time.Time
}

// Post delivers letters. It tries each once and never repeats one whose
// answer was lost.
type Post interface {
	// Send returns one delivery for each letter, in order.
	Send(ctx context.Context, letters []Letter) []Delivery
}

// Letter is what one recipient is told.
type Letter struct {
	To      string
	Sender  string
	ReplyTo string
	Message string // the sender's, plain text, or ""
	Links   []LetterLink
	Tags    map[string]string // come back with bounces and complaints
}

// LetterLink is one link of a letter.
type LetterLink struct {
	URL       string // of the page with the button
	Name      string // of the file or document
	Kind      Kind   // of the share that the link is under
	Edit      bool   // a person's link: they may edit
	Need      Need   // a handover's link: what it asks for when it is mailed
	ExpiresAt time.Time
	Limit     int64
}

// Need says what a handover's link asks for before its file is had.
type Need string

// The needs.
const (
	Nothing  Need = ""         // the recipient has not registered: the link itself opens it
	SignIn   Need = "sign-in"  // as the recipient
	Decision Need = "decision" // they have registered, and are not accepted yet
)

// Delivery is what became of a letter.
type Delivery struct {
	State  MailState
	Reason string // safe for the sender to read, when not sent
}

// Deferred is a letter that waits for a later attempt.
type Deferred struct {
	ID           string
	Organization string
	Mailing      string
	Recipient    string
	Shares       []string // ids of the recipient shares
	Attempts     int
	At           time.Time // of the next attempt
}

// MailRequest asks for links to be mailed.
type MailRequest struct {
	Numbers    []int64 // of the shares
	Recipients []string
	Message    string
	Base       string // see Mailing
}

// MailResult says what became of each recipient, in the order they were
// given, duplicates left out.
type MailResult struct {
	Mailing    string
	Deliveries []RecipientDelivery
	// Unrecorded is why the store does not say what became of the letters, or
	// nil. They are out: failing the request would send them again.
	Unrecorded error
}

// RecipientDelivery is what became of one recipient's letter.
type RecipientDelivery struct {
	Recipient string
	Delivery
}

// Accepted reports whether a letter to anyone was sent, will be, or may have
// been: then the request must not be made to look as if nothing had happened.
func (r MailResult) Accepted() bool {
	return slices.ContainsFunc(r.Deliveries, func(d RecipientDelivery) bool { return d.State != MailRejected })
}

// Mail sends each recipient one letter with a link of their own for each
// share that can still be used. Their links spend the shares' limits.
// NotFound if there is no such share. Links exist before their mail is sent,
// and stay when it cannot be.
func (s *Service) Mail(ctx context.Context, who account.Principal, r MailRequest) (MailResult, error) {
	if err := who.Require(account.WriteLinks); err != nil {
		return MailResult{}, err
	}
	recipients, err := checkRecipients(r.Recipients)
	if err != nil {
		return MailResult{}, err
	}
	if utf8.RuneCountInString(r.Message) > MaxMessageLength {
		return MailResult{}, fault.Field(fault.Invalid, "message", "is longer than %d characters", MaxMessageLength)
	}
	if len(r.Numbers) > MaxRecipientShares {
		return MailResult{}, fault.Field(fault.Invalid, "shareable_link_ids", "may be %d in one request", MaxRecipientShares)
	}
	parents, err := s.mailable(ctx, who, r.Numbers)
	if err != nil {
		return MailResult{}, err
	}
	if len(recipients)*len(parents) > MaxRecipientShares {
		return MailResult{}, fault.Field(fault.Invalid, "recipients", "times links may be %d in one request", MaxRecipientShares)
	}
	return s.mail(ctx, s.mailing(who, r.Message, r.Base), recipients, parents)
}

func (s *Service) mailing(who account.Principal, message, base string) Mailing {
	return Mailing{
		ID: s.IDs.UUID(), Organization: who.Organization, Sender: who.Name, ReplyTo: who.Email,
		Message: strings.TrimSpace(message), Base: base, CreatedBy: who.User, CreatedAt: s.Now(),
	}
}

// checkRecipients returns the addresses normalised and each once.
func checkRecipients(raw []string) ([]string, error) {
	if len(raw) == 0 {
		return nil, fault.Field(fault.Missing, "recipients", "is missing")
	}
	var out []string
	seen := make(map[string]bool, len(raw))
	for i, r := range raw {
		a, err := address.Parse(r)
		if err != nil {
			return nil, fault.Field(fault.Invalid, indexed("recipients", i), "is not a valid email address")
		}
		// Whether the local part's case matters only its server knows, but
		// people who write both mean one.
		if key := strings.ToLower(a); !seen[key] {
			seen[key] = true
			out = append(out, a)
		}
	}
	return out, nil
}

// mailable returns the downloads with these numbers that can still be used and
// that the principal sees.
func (s *Service) mailable(ctx context.Context, who account.Principal, numbers []int64) ([]Share, error) {
	shares, err := s.Store.ByNumbers(ctx, who.Organization, numbers)
	if err == nil {
		shares, err = s.seen(ctx, who, shares)
	}
	if err != nil {
		return nil, err
	}
	now := s.Now()
	shares = slices.DeleteFunc(shares, func(sh Share) bool { return sh.Kind != Download || sh.State(now) != Active })
	if len(shares) == 0 {
		return nil, fault.New(fault.NotFound, "no shareable links found")
	}
	return shares, nil
}

// addressed is one recipient's letter and the shares behind its links.
type addressed struct {
	letter Letter
	shares []Share
}

func (s *Service) mail(ctx context.Context, m Mailing, recipients []string, parents []Share) (MailResult, error) {
	suppressed, err := s.Store.Suppressed(ctx, m.Organization, recipients)
	if err != nil {
		return MailResult{}, err
	}
	var all []Share
	out := make([]addressed, len(recipients))
	for i, r := range recipients {
		if out[i], err = s.address(ctx, m, r, parents); err != nil {
			return MailResult{}, err
		}
		all = append(all, out[i].shares...)
	}
	if err := s.Store.AddMailing(ctx, m, all); err != nil {
		return MailResult{}, err
	}
	deliveries := s.sendInTime(ctx, out, suppressed)
	ctx = context.WithoutCancel(ctx) // from here on the record must say what is out
	lost := s.putOff(ctx, m, out, deliveries)
	result := MailResult{Mailing: m.ID, Unrecorded: errors.Join(lost, s.mailed(ctx, m, out, deliveries))}
	for i, d := range deliveries {
		result.Deliveries = append(result.Deliveries, RecipientDelivery{recipients[i], d})
	}
	return result, nil
}

// sendInTime sends what the request has time for; the rest is put off.
func (s *Service) sendInTime(ctx context.Context, out []addressed, suppressed []string) []Delivery {
	if end, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, end.Add(-sendMargin))
		defer cancel()
	}
	return s.post(ctx, out, suppressed)
}

// putOff keeps the letters that are to be sent later. What cannot be kept
// becomes rejected in deliveries.
func (s *Service) putOff(ctx context.Context, m Mailing, out []addressed, deliveries []Delivery) error {
	var later []Deferred
	for i, d := range deliveries {
		if d.State == MailQueued {
			later = append(later, s.deferred(m, out[i]))
		}
	}
	err := s.Store.Defer(ctx, later)
	for i, d := range deliveries {
		if err != nil && d.State == MailQueued {
			deliveries[i] = Delivery{MailRejected, "it could not be kept for a later attempt"}
		}
	}
	return err
}

// address makes a recipient's shares and the letter that holds their links.
func (s *Service) address(ctx context.Context, m Mailing, recipient string, parents []Share) (addressed, error) {
	a := addressed{letter: letterOf(m, recipient)}
	for _, p := range parents {
		token, ref := NewToken(s.IDs, Recipient, 0)
		sh := Share{
			ID: s.IDs.UUID(), Organization: m.Organization, Kind: Recipient, Ref: ref, Target: p.Target, Rights: p.Rights,
			Parent: p.Ref, ParentID: p.ID, Mailing: m.ID, Recipient: recipient,
			Mail:      MailUnknown, // until the record says otherwise
			CreatedBy: m.CreatedBy, CreatedAt: m.CreatedAt,
		}
		var err error
		if sh.Sealed, err = s.Seal.Seal(ctx, token, sh.ID); err != nil {
			return addressed{}, err
		}
		a.shares = append(a.shares, sh)
		a.letter.Links = append(a.letter.Links, letterLink(m, token, p))
	}
	return a, nil
}

func letterOf(m Mailing, recipient string) Letter {
	return Letter{
		To: recipient, Sender: m.Sender, ReplyTo: m.ReplyTo, Message: m.Message,
		Tags: map[string]string{"organization": m.Organization, "mailing": m.ID},
	}
}

func letterLink(m Mailing, token string, parent Share) LetterLink {
	return LetterLink{
		URL: m.Base + parent.PagePath(token), Name: parent.Target.Name, Kind: parent.Kind, Edit: parent.Rights.Edit,
		ExpiresAt: parent.EndsAt(), Limit: parent.Limit,
	}
}

// PagePath is the path of the page that a token of the share opens.
func (s Share) PagePath(token string) string {
	switch {
	case s.Target.DocumentID != "":
		return DocumentPath(s.Target.DocumentID, token)
	case s.Target.Spoken():
		return RecordingPath(token)
	}
	return PagePath(token)
}

// RecordingPath is the path of the page that a token opens a recording on.
func RecordingPath(token string) string { return "/r/" + token }

// PagePath is the path of the page that a download's token opens.
func PagePath(token string) string { return "/l/" + token }

// DocumentPath is the path of the page that a token opens a document on.
func DocumentPath(documentID, token string) string {
	return "/shared/transcript/" + documentID + "?token=" + token
}

// post sends the letters of those who may be mailed.
func (s *Service) post(ctx context.Context, out []addressed, suppressed []string) []Delivery {
	deliveries := make([]Delivery, len(out))
	var letters []Letter
	var index []int
	for i, a := range out {
		if slices.Contains(suppressed, a.letter.To) {
			deliveries[i] = Delivery{MailRejected, "this address bounced or complained before and is not mailed"}
			continue
		}
		letters, index = append(letters, a.letter), append(index, i)
	}
	if len(letters) > 0 {
		for i, d := range s.Post.Send(ctx, letters) {
			deliveries[index[i]] = d
		}
	}
	return deliveries
}

// mailed counts and records what became of the letters.
func (s *Service) mailed(ctx context.Context, m Mailing, out []addressed, deliveries []Delivery) error {
	var shares []Share
	var events []Event
	for i, a := range out {
		CountMail(ctx, deliveries[i].State)
		for _, sh := range a.shares {
			sh.Mail = deliveries[i].State
			e := s.event(sh, Mailed, m.CreatedBy)
			e.Reason = string(sh.Mail)
			shares, events = append(shares, sh), append(events, e)
		}
	}
	return s.Store.Mailed(ctx, shares, events)
}
