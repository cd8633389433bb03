package share

import (
	"context"

	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/mail/address"
)

// Issued is a share that is written by whoever makes its target, in the same
// commit.
type Issued struct {
	Share Share
	Event Event
}

// Publish makes a link by which anybody reads a recording that is being made.
func (s *Service) Publish(ctx context.Context, who account.Principal, t Target) (Issued, error) {
	if err := who.Require(account.WriteLinks); err != nil {
		return Issued{}, err
	}
	sh, token := s.forRecording(who, Public, t)
	var err error
	sh.Sealed, err = s.Seal.Seal(ctx, token, sh.ID)
	return Issued{sh, s.event(sh, Created, who.User)}, err
}

// forRecording is a share of a whole recording: of the document that is its
// transcript when the share is used.
func (s *Service) forRecording(who account.Principal, kind Kind, t Target) (sh Share, token string) {
	token, ref := NewToken(s.IDs, kind, 0)
	return Share{
		ID: s.IDs.UUID(), Organization: who.Organization, Kind: kind, Ref: ref, Target: t, Counting: CountSet,
		CreatedBy: who.User, CreatedAt: s.Now(),
	}, token
}

// Tokens returns the tokens of those shares that still work.
func (s *Service) Tokens(ctx context.Context, refs []Ref) (map[Ref]string, error) {
	shares, err := s.Store.ByRefs(ctx, refs)
	if err != nil {
		return nil, err
	}
	out, now := make(map[Ref]string, len(shares)), s.Now()
	for ref, sh := range shares {
		if sh.State(now) != Active {
			continue
		}
		if out[ref], err = s.reveal(ctx, sh); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Person lets a named person use a recording, with these rights. What they
// had before is overwritten: links that were mailed to them then, too. The
// share's own token is nobody's, and is not kept: they get links of their own
// under it, by MailDocument.
func (s *Service) Person(ctx context.Context, who account.Principal, t Target, email string, r Rights) (Share, error) {
	if err := who.Require(account.WriteLinks); err != nil {
		return Share{}, err
	}
	email, err := address.Parse(email)
	if err != nil {
		return Share{}, fault.Field(fault.Invalid, "email", "is not a valid email address")
	}
	for attempt := 1; ; attempt++ {
		sh, err := s.person(ctx, who, t, email, r)
		if !fault.Is(err, fault.Stale) || attempt == changeAttempts {
			return sh, err
		}
	}
}

func (s *Service) person(ctx context.Context, who account.Principal, t Target, email string, r Rights) (Share, error) {
	was, err := s.Store.PersonShare(ctx, who.Organization, t.RecordingID, email)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return Share{}, err
	}
	if err == nil && was.State(s.Now()) == Active {
		now := was
		now.Rights, now.Target.Name = r, t.Name // which the mail says; the store keeps the first
		err := s.Store.Change(ctx, was, now, s.event(now, Changed, who.User))
		if fault.Is(err, fault.Conflict) || fault.Is(err, fault.NotFound) {
			err = fault.Wrap(fault.Stale, err, "the share was changed meanwhile")
		}
		return now, err
	}
	sh, _ := s.forRecording(who, Person, t)
	sh.Recipient, sh.Rights = email, r
	return sh, s.Store.AddPerson(ctx, sh, was.Ref, s.event(sh, Created, who.User))
}

// Persons returns the shares of a recording's named persons that still work,
// by address.
func (s *Service) Persons(ctx context.Context, who account.Principal, recordingID string) ([]Share, error) {
	if err := who.Require(account.ReadLinks); err != nil {
		return nil, err
	}
	all, err := s.Store.PersonShares(ctx, who.Organization, recordingID)
	out, now := all[:0], s.Now()
	for _, sh := range all {
		if sh.State(now) == Active {
			out = append(out, sh)
		}
	}
	return out, err
}

// DeletePerson ends what a named person may do with a recording, and all
// links that were mailed to them for it; NotFound if there is no such share.
func (s *Service) DeletePerson(ctx context.Context, who account.Principal, recordingID, email string) error {
	if err := who.Require(account.WriteLinks); err != nil {
		return err
	}
	email, err := address.Parse(email)
	if err != nil {
		return fault.Field(fault.Invalid, "email", "is not a valid email address")
	}
	sh, err := s.Store.PersonShare(ctx, who.Organization, recordingID, email)
	if fault.Is(err, fault.NotFound) || err == nil && sh.State(s.Now()) != Active {
		err = fault.New(fault.NotFound, "share not found")
	}
	if err != nil {
		return err
	}
	_, err = s.Revoke(ctx, who, sh.ID)
	return err
}
