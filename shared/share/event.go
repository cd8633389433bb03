package share

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/file"
	"latchkey/shared/ident"
)

// EventType says what happened.
type EventType string

// The events of a share's audit trail.
const (
	Created    EventType = "created"
	Mailed     EventType = "mailed"
	Opened     EventType = "opened"     // its page was looked at
	Downloaded EventType = "downloaded" // a use
	Refused    EventType = "refused"    // Reason is the share's State
	Changed    EventType = "changed"
	Edited     EventType = "edited"    // its document; Reason says how
	Commented  EventType = "commented" // on its document; Reason says what was done
	Exported   EventType = "exported"  // its document; Reason is the format
	Finished   EventType = "finished"  // its document was marked as finished
	WasRevoked EventType = "revoked"
	Deleted    EventType = "deleted" // with its file or document
)

// Event is one line of the audit trail. It outlives the share.
type Event struct {
	ID           string // tells a repeated delivery from a second event
	Organization string
	Share        string // id
	Via          string // id of the recipient share that was used, or ""
	File         string // id, or "" of a document's share
	Document     string // id, or "" also of a recording's share while no document of it is used
	Recording    string // id of what the file or document is of, or ""
	Type         EventType
	At           time.Time
	By           string // user id of the owner's side, or ""
	From         string // IP address
	Agent        string // user agent
	Recipient    string // address
	Reason       string
	Automatic    bool // by a program rather than a person, as far as can be told
}

// Auditor records events that have no commit of their own: best effort, at
// least once, never delaying or failing the answer.
type Auditor interface {
	Record(ctx context.Context, e Event)
}

const maxAgent = 200 // bytes of a user agent that are kept

// Visit is what a request tells of who follows a link.
type Visit struct {
	RequestID string // that no other request has
	// Attempt names one showing of a page with a button: pressing it twice is
	// one use. "" for other requests.
	Attempt   string
	From      string
	Agent     string
	Automatic bool
	// Repeat is the claim that the browser was given before, used only when
	// the request is a repeat or a resume; "" otherwise.
	Repeat Claim
}

// CutAgent is the agent as it is kept.
func (v Visit) CutAgent() string {
	a := v.Agent
	if len(a) > maxAgent {
		a = strings.ToValidUTF8(a[:maxAgent], "")
	}
	return a
}

// ClaimEvent is the event of a use, as the change feed shows it: delivered
// twice it has the same ID.
func ClaimEvent(s Share, u Use) Event {
	sum := sha256.Sum256([]byte(s.ID + "\x00" + string(u.Claim)))
	return Event{
		ID: hex.EncodeToString(sum[:16]), Organization: s.Organization, Share: s.ID, Via: u.Via,
		File: s.Target.FileID, Recording: s.Target.RecordingID, Type: Downloaded, At: u.At, From: u.From, Agent: u.Agent,
		Recipient: u.Recipient, Automatic: u.Automatic,
	}
}

func (s *Service) event(sh Share, t EventType, by string) Event {
	e := Event{
		ID: s.IDs.UUID(), Organization: sh.Organization, Share: sh.ID, File: sh.Target.FileID,
		Document: sh.Target.DocumentID, Recording: sh.Target.RecordingID, Type: t, At: s.Now(), By: by, Recipient: sh.Recipient,
	}
	if sh.Kind == Recipient {
		e.Share, e.Via = sh.ParentID, sh.ID
	}
	return e
}

func (s *Service) visited(sh Share, t EventType, v Visit, u Use, reason string) Event {
	e := s.event(sh, t, "")
	e.From, e.Agent, e.Automatic, e.Reason = v.From, v.CutAgent(), v.Automatic, reason
	if u.Via != "" {
		e.Via, e.Recipient = u.Via, u.Recipient
	}
	return e
}

// Events returns a page of the audit trail of one share, or of the whole
// organization if id is "", newest first. The trail of a share that is gone
// can still be read; NotFound only if there never was one, or it is of a
// recording that the principal does not see. What is of such is left out of the
// organization's: a page may be short, even empty, and still have a next one.
func (s *Service) Events(ctx context.Context, who account.Principal, id string, p file.Page) ([]Event, string, error) {
	if err := who.Require(account.ReadAudit); err != nil {
		return nil, "", err
	}
	if id != "" && !ident.IsUUID(id) {
		return nil, "", fault.New(fault.NotFound, "link not found")
	}
	events, next, err := s.Store.Events(ctx, who.Organization, id, p)
	if err != nil {
		return nil, "", err
	}
	if id != "" && len(events) == 0 && next == "" && p.Cursor == "" {
		_, err = s.byID(ctx, who, id) // it may be too young to have one
		return nil, "", err
	}
	hidden, err := s.Hidden.From(ctx, who)
	if err != nil {
		return nil, "", err
	}
	all := len(events)
	events = slices.DeleteFunc(events, func(e Event) bool { return hidden(e.Recording) })
	if id != "" && len(events) < all {
		return nil, "", errNoLink()
	}
	return events, next, nil
}

// RecordEvents stores events that arrive from the change feed and the log.
func (s *Service) RecordEvents(ctx context.Context, events []Event) error {
	return s.Store.AddEvents(ctx, events)
}
