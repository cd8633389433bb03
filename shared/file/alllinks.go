package file

import (
	"context"

	"latchkey/shared/account"
)

// AllLinks are all that point at a file, of several kinds.
type AllLinks []Links

// DeleteForFile implements Links.
func (all AllLinks) DeleteForFile(ctx context.Context, who account.Principal, fileID string) error {
	for _, l := range all {
		if err := l.DeleteForFile(ctx, who, fileID); err != nil {
			return err
		}
	}
	return nil
}
