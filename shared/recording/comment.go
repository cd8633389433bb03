package recording

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/ident"
	"latchkey/shared/share"
	"latchkey/shared/transcript"
)

// Comments lists a document's comments by their times, oldest first; none by
// a public link: those who work on a document speak there, under their names
// and addresses.
func (s *Service) Comments(ctx context.Context, a Access) ([]Comment, error) {
	if a.Share.Kind == share.Public {
		return nil, nil
	}
	all, err := s.Store.Comments(ctx, a.Document)
	slices.SortFunc(all, func(a, b Comment) int {
		return cmp.Or(cmp.Compare(a.At, b.At), a.CreatedAt.Compare(b.CreatedAt), strings.Compare(a.ID, b.ID))
	})
	return all, err
}

// CommentChange changes a comment: nil fields stay.
type CommentChange struct {
	At       *int64 // ms; -1 for none
	Text     *string
	Author   *string // of a link's comment; an owner's is their name, a recipient's their address
	Resolved *bool
}

func (c CommentChange) validate() error {
	if c.At != nil && (*c.At < -1 || *c.At > transcript.MaxTime) {
		return fault.Field(fault.Invalid, "time", "is not a time of a recording")
	}
	if c.Author != nil && *c.Author != "" {
		if err := checkName("author", *c.Author); err != nil {
			return err
		}
	}
	if c.Text != nil {
		return checkText("text", *c.Text, MaxCommentLength)
	}
	return nil
}

// AddComment adds a comment.
func (s *Service) AddComment(ctx context.Context, a Access, c CommentChange, once account.Once) (Comment, error) {
	if !a.Comment {
		return Comment{}, errForbidden("comment on the document")
	}
	if c.Text == nil {
		return Comment{}, fault.Field(fault.Missing, "text", "is missing")
	}
	if err := c.validate(); err != nil {
		return Comment{}, err
	}
	if ref, err := s.Store.Replay(ctx, once); err != nil || ref != "" {
		return s.replayedComment(ctx, a, ref, err)
	}
	now := s.Now()
	made := Comment{
		ID: s.IDs.Chars(documentIDLength), Document: a.Document.ID, At: -1, By: a.By(), CreatedAt: now, UpdatedAt: now,
	}
	a.write(&made, c)
	err := s.Store.AddComment(ctx, a.Document, made, s.acted(a, share.Commented, "added"), once)
	var replayed *account.ReplayedError
	if errors.As(err, &replayed) { // by the same request at the same time
		return s.replayedComment(ctx, a, replayed.Ref, nil)
	}
	return made, err
}

func (s *Service) replayedComment(ctx context.Context, a Access, ref string, err error) (Comment, error) {
	if err != nil {
		return Comment{}, err
	}
	return s.Store.Comment(ctx, a.Document, ref)
}

// write puts a change into a comment. Who is known by name or address does
// not choose another.
func (a Access) write(to *Comment, c CommentChange) {
	set(&to.At, c.At)
	set(&to.Text, c.Text)
	set(&to.Resolved, c.Resolved)
	if to.By != a.By() {
		return
	}
	switch {
	case !a.ByLink():
		to.Author = cutName(cmp.Or(a.Who.Name, a.Who.Email))
	case a.Share.Recipient != "":
		to.Author = a.Share.Recipient
	default:
		set(&to.Author, c.Author)
	}
}

func cutName(name string) string {
	for utf8.RuneCountInString(name) > MaxNameLength {
		_, n := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-n]
	}
	return name
}

// ChangeComment changes a comment: its text and author only by who made it,
// the rest by whoever may comment.
func (s *Service) ChangeComment(ctx context.Context, a Access, id string, c CommentChange) (Comment, error) {
	was, err := s.comment(ctx, a, id)
	if err != nil {
		return Comment{}, err
	}
	now := was
	if (c.Text != nil || c.Author != nil) && was.By != a.By() {
		return Comment{}, errForbidden("rewrite what somebody else said")
	}
	if err := c.validate(); err != nil {
		return Comment{}, err
	}
	a.write(&now, c)
	now.UpdatedAt = s.Now()
	return now, s.Store.ChangeComment(ctx, a.Document, s.IDs.UUID(), was, now, s.acted(a, share.Commented, "changed"))
}

// DeleteComment deletes a comment: one's own, or with Moderate anyone's.
func (s *Service) DeleteComment(ctx context.Context, a Access, id string) error {
	was, err := s.comment(ctx, a, id)
	if err != nil {
		return err
	}
	if was.By != a.By() && !a.Moderate {
		return errForbidden("delete what somebody else said")
	}
	return s.Store.DeleteComment(ctx, a.Document, s.IDs.UUID(), id, s.acted(a, share.Commented, "deleted"))
}

func (s *Service) comment(ctx context.Context, a Access, id string) (Comment, error) {
	switch {
	case !a.Comment:
		return Comment{}, errForbidden("comment on the document")
	case !ident.IsChars(id, documentIDLength):
		return Comment{}, fault.New(fault.NotFound, "comment not found")
	}
	return s.Store.Comment(ctx, a.Document, id)
}
