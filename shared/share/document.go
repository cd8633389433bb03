package share

import (
	"context"
	"slices"

	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/metric"
)

// live sets the LinkLife of shares of documents.
func (s *Service) live(ctx context.Context, shares []Share) error {
	var ids []string
	for _, sh := range shares {
		if id := sh.Target.RecordingID; sh.Target.DocumentID != "" && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	lives, err := s.Store.LinkLives(ctx, shares[0].Organization, ids)
	for i := range shares {
		if shares[i].Target.DocumentID != "" {
			shares[i].LinkLife = lives[shares[i].Target.RecordingID]
		}
	}
	return err
}

// CreateForDocument makes a link to a document and returns it with its token;
// Conflict if the document is not there any more.
func (s *Service) CreateForDocument(ctx context.Context, who account.Principal, t Target, r Rights) (Share, string, error) {
	if err := who.Require(account.WriteLinks); err != nil {
		return Share{}, "", err
	}
	number, err := s.Store.NextNumber(ctx, who.Organization)
	if err != nil {
		return Share{}, "", err
	}
	token, ref := NewToken(s.IDs, Document, 0)
	sh := Share{
		ID: s.IDs.UUID(), Organization: who.Organization, Number: number, Kind: Document, Ref: ref,
		Target: t, Rights: r, Counting: CountSet, CreatedBy: who.User, CreatedAt: s.Now(),
	}
	if sh.Sealed, err = s.Seal.Seal(ctx, token, sh.ID); err != nil {
		return Share{}, "", err
	}
	return sh, token, s.Store.Add(ctx, sh, s.event(sh, Created, who.User), account.Once{})
}

// MailDocument mails each address a link of its own under a document's link,
// or a person's.
func (s *Service) MailDocument(ctx context.Context, who account.Principal, parent Share, recipients []string, message, base string) (MailResult, error) {
	if err := who.Require(account.WriteLinks); err != nil {
		return MailResult{}, err
	}
	recipients, err := checkRecipients(recipients)
	if err != nil {
		return MailResult{}, err
	}
	one := []Share{parent}
	if err := s.live(ctx, one); err != nil {
		return MailResult{}, err
	}
	return s.mail(ctx, s.mailing(who, message, base), recipients, one)
}

// DeleteSpoken deletes all shares of a document or a recording, by its id;
// their events stay.
func (s *Service) DeleteSpoken(ctx context.Context, who account.Principal, id string) error {
	return s.deleteAll(ctx, who, Filter{Spoken: id})
}

// ByToken returns the share of a document or recording that a token opens, in
// whatever state it is; NotFound, as Follow says it, for every other token.
func (s *Service) ByToken(ctx context.Context, token string) (Share, error) {
	ref, ok := ParseToken(token)
	if !ok {
		return Share{}, unknown(ctx)
	}
	sh, err := s.Store.ByRef(ctx, ref)
	if fault.Is(err, fault.NotFound) || err == nil && !sh.Target.Spoken() {
		return Share{}, unknown(ctx)
	}
	return sh, err
}

// Refuse counts and records that the token of a share was refused, and
// returns what its holder is told. state is Active for a token that is good
// and was used for something else.
func (s *Service) Refuse(ctx context.Context, sh Share, state State, v Visit) error {
	if state == Active {
		return unknown(ctx)
	}
	metric.Add(ctx, refusalMetrics[state], 1)
	s.Audit.Record(ctx, s.visited(sh, Refused, v, Use{}, string(state)))
	return &RefusedError{Share: sh, State: state}
}

// Act is the event of what the holder of a document's share does with it.
func (s *Service) Act(sh Share, t EventType, v Visit, reason string) Event {
	return s.visited(sh, t, v, Use{}, reason)
}

// Note records an act that has no commit of its own.
func (s *Service) Note(ctx context.Context, e Event) {
	if e.Type == Opened {
		metric.Add(ctx, metric.Opens, 1)
	}
	s.Audit.Record(ctx, e)
}

// CheckRecipients returns what is wrong with the addresses of a mail, or nil.
func CheckRecipients(addresses []string) error {
	_, err := checkRecipients(addresses)
	return err
}
