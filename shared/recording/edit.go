package recording

import (
	"cmp"
	"context"

	"latchkey/shared/fault"
	"latchkey/shared/share"
	"latchkey/shared/transcript"
)

// Edit changes a document: nil fields stay. Version is what If-Match said, or
// 0 for whatever it is now; Stale if it is another meanwhile.
type Edit struct {
	Version        int64
	Filename       *string
	Transcript     *transcript.Transcript // words that are transcript.Unknown are aligned with what was there
	TimecodeOffset *string                // "HH:MM:SS:FF"
	Plain          *bool
	Bare           *bool // see Document
	NoSharing      *bool // owners only
}

// UpdateDocument changes a document. Forbidden without the right; Conflict if
// it is finished, but for NoSharing.
func (s *Service) UpdateDocument(ctx context.Context, a Access, e Edit) (Read, error) {
	c := change{version: e.Version, reason: "updated", may: Access.editable}
	if e.NoSharing != nil {
		c.may = e.allowed
	}
	if err := cmp.Or(c.may(a), a.current(e.Version)); err != nil {
		return Read{}, err
	}
	if e.Transcript != nil && !e.Transcript.Aligned() {
		was, err := s.content(ctx, a.Document)
		if err != nil {
			return Read{}, err
		}
		t := transcript.Realign(was.Transcript, *e.Transcript)
		e.Transcript = &t
	}
	if err := e.validate(); err != nil {
		return Read{}, err
	}
	if e.changesNothing() {
		return s.content(ctx, a.Document)
	}
	c.content = e.Transcript
	c.apply = func(d *Document) {
		set(&d.Filename, e.Filename)
		set(&d.TimecodeOffset, e.TimecodeOffset)
		set(&d.Plain, e.Plain)
		set(&d.Bare, e.Bare)
		set(&d.NoSharing, e.NoSharing)
	}
	d, err := s.change(ctx, a, c)
	if err != nil {
		return Read{}, err
	}
	if e.Transcript != nil {
		return Read{Document: d, Transcript: *e.Transcript}, nil
	}
	return s.content(ctx, d)
}

// changesNothing reports whether every field stays: then there is no new
// version, and nobody's is stale.
func (e Edit) changesNothing() bool { return e == Edit{Version: e.Version} }

// allowed returns why a cannot change what links may do along with the rest,
// or nil. A finished document can be shared, or not, like any other.
func (e Edit) allowed(a Access) error {
	switch {
	case !a.Manage:
		return errForbidden("change what is shared")
	case e == Edit{Version: e.Version, NoSharing: e.NoSharing}:
		return nil
	}
	return a.editable()
}

func set[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

// ClearText removes all words and keeps the segments.
func (s *Service) ClearText(ctx context.Context, a Access, version int64) (Read, error) {
	d, err := s.change(ctx, a, change{version: version, reason: "cleared", may: Access.editable, rewrite: transcript.Transcript.Cleared})
	if err != nil {
		return Read{}, err
	}
	return s.content(ctx, d)
}

// Split cuts a document into captions, see transcript.Split.
func (s *Service) Split(ctx context.Context, a Access, l transcript.Limits) (Read, error) {
	d, err := s.change(ctx, a, change{reason: "split", may: Access.editable, rewrite: func(t transcript.Transcript) transcript.Transcript { return t.Split(l) }})
	if err != nil {
		return Read{}, err
	}
	return s.content(ctx, d)
}

// Reset puts a document back to the content that it was made with.
func (s *Service) Reset(ctx context.Context, a Access, version int64) (Read, error) {
	d, err := s.change(ctx, a, change{version: version, reason: "reset", may: Access.editable, apply: func(d *Document) {
		d.Content, d.Size = d.Original, d.OriginalSize
	}})
	if err != nil {
		return Read{}, err
	}
	return s.content(ctx, d)
}

// Finish marks a document as finished, or not. Conflict if it is that
// already: finished twice. A link can finish and not take it back.
func (s *Service) Finish(ctx context.Context, a Access, finished bool, version int64) (Document, error) {
	may := func(a Access) error {
		switch {
		case !a.Edit || !finished && !a.Manage:
			return errForbidden("finish the document")
		case finished && a.Document.Finished:
			return errFinished()
		case !finished && !a.Document.Finished:
			return fault.New(fault.Conflict, "the document is not finished")
		}
		return nil
	}
	return s.change(ctx, a, change{
		version: version, event: share.Finished, may: may, apply: func(d *Document) { d.Finished = finished },
	})
}

func errFinished() error { return fault.New(fault.Conflict, "the document is finished") }

// editable returns why a document cannot be edited, or nil.
func (a Access) editable() error {
	switch {
	case !a.Edit:
		return errForbidden("edit the document")
	case a.Document.Finished:
		return errFinished()
	}
	return nil
}

// current returns Stale if the document has not this version, 0 for any.
func (a Access) current(version int64) error {
	if version != 0 && version != a.Document.Version {
		return errStale()
	}
	return nil
}

func errStale() error { return fault.New(fault.Stale, "the document was changed meanwhile") }

// change is one version of a document after another.
type change struct {
	version int64              // that it must have, or 0
	may     func(Access) error // why it cannot be made, or nil
	event   share.EventType
	reason  string
	content *transcript.Transcript                            // nil: as rewrite or apply leaves it
	rewrite func(transcript.Transcript) transcript.Transcript // of the version that is changed, or nil
	apply   func(d *Document)
}

// changeAttempts bounds how often a change of whatever version is tried
// again when others come in between.
const changeAttempts = 10

// change writes the document's next version: first its content, then the one
// commit that makes it the document's. A crash in between leaves an object
// that nothing names and that goes with the document.
func (s *Service) change(ctx context.Context, a Access, c change) (Document, error) {
	for attempt := 1; ; attempt++ {
		if err := cmp.Or(c.may(a), a.current(c.version)); err != nil {
			return Document{}, err
		}
		d, err := s.commit(ctx, a, c)
		if !fault.Is(err, fault.Stale) || c.version != 0 {
			return d, err
		}
		if attempt == changeAttempts {
			return Document{}, fault.Wrap(fault.Unavailable, err, "the document is being changed, try again")
		}
		if a.Document, err = s.again(ctx, a.Document); err != nil {
			return Document{}, err
		}
	}
}

func (s *Service) commit(ctx context.Context, a Access, c change) (Document, error) {
	was, d := a.Document, a.Document
	if c.rewrite != nil {
		r, err := s.content(ctx, was)
		if err != nil {
			return Document{}, err
		}
		if r.Version != was.Version { // it was replaced before it could be read
			return Document{}, errStale()
		}
		t := c.rewrite(r.Transcript)
		if err := check(t); err != nil { // it has become too long
			return Document{}, err
		}
		c.content = &t
	}
	d.Version, d.ModifiedAt = was.Version+1, s.Now()
	if c.apply != nil {
		c.apply(&d)
	}
	if c.content != nil {
		if err := s.put(ctx, &d, *c.content); err != nil {
			return Document{}, err
		}
	}
	event := share.Edited
	if c.event != "" {
		event = c.event
	}
	err := s.Store.ChangeDocument(ctx, was, d, s.acted(a, event, c.reason))
	switch {
	case refused(err) && c.content != nil:
		s.drop(ctx, d)
	case err == nil && was.Content != was.Original && was.Content != d.Content:
		s.drop(ctx, was)
	}
	return d, err
}
