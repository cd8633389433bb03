package file

import (
	"context"

	"latchkey/shared/account"
)

// Hidden tells which recordings somebody does not see, by their ids: neither
// are their media then, and links to them, under whatever name they are asked
// for. nil hides nothing.
type Hidden func(ctx context.Context, who account.Principal) (func(recordingID string) bool, error)

// From returns what tells whether a recording, "" for none, is hidden.
func (h Hidden) From(ctx context.Context, who account.Principal) (func(recordingID string) bool, error) {
	if h == nil {
		return func(string) bool { return false }, nil
	}
	return h(ctx, who)
}

// seen is a file that is found, unless it is hidden.
func (s *Service) seen(ctx context.Context, who account.Principal, f File, err error) (File, error) {
	if err != nil || f.Recording == "" {
		return f, err
	}
	hidden, err := s.Hidden.From(ctx, who)
	if err == nil && hidden(f.Recording) {
		err = errNotFound()
	}
	return f, err
}
