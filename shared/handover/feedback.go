package handover

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"latchkey/shared/fault"
	"latchkey/shared/share"
)

// handoverTag comes back with what the mail service says of a letter.
const handoverTag = "handover"

// Feedback notes on a handover what became of its letter, and stops the
// organization's mails to an address that bounces for good or complains.
// Feedback on a handover that is gone, or on another recipient, is passed
// over. Repeating it changes nothing.
func (s *Service) Feedback(ctx context.Context, f share.Feedback) error {
	h, err := s.Store.ByID(ctx, f.Organization, f.Handover)
	if fault.Is(err, fault.NotFound) || err == nil && !strings.EqualFold(h.RecipientEmail, f.Recipient) {
		return nil
	}
	if err != nil {
		return err
	}
	if f.Stops() {
		if err := s.Store.Suppress(ctx, f.Organization, f.Recipient, string(f.State)); err != nil {
			return err
		}
	}
	settled := h.Mail == f.State || slices.Contains(f.State.Outweighed(), h.Mail)
	e := s.event(h, share.Mailed, "")
	sum := sha256.Sum256([]byte(h.ID + "\x00" + f.ID + "\x00" + string(f.State)))
	e.ID, e.At, e.Automatic, e.Reason = hex.EncodeToString(sum[:16]), f.At, true, string(f.State)
	if f.Reason != "" {
		e.Reason += ": " + f.Reason
	}
	h.Mail = f.State
	if err := s.Store.Mailed(ctx, h, e); err != nil || settled {
		return err
	}
	share.CountMail(ctx, f.State)
	return nil
}
