package store

import (
	"cmp"
	"context"
	"strings"

	"latchkey/shared/fault"
	"latchkey/shared/share"
	"latchkey/shared/table"
)

// personKey is where the share is found that an address has of a recording.
func personKey(organization, recordingID, address string) table.Key {
	return table.Key{PK: "persons#" + organization + "#" + recordingID, SK: strings.ToLower(address)}
}

// PersonShare implements share.Store.
func (s Shares) PersonShare(ctx context.Context, organization, recordingID, address string) (share.Share, error) {
	it, err := s.Table.Get(ctx, personKey(organization, recordingID, address), true)
	if err != nil || it == nil {
		return share.Share{}, cmp.Or(err, errShare())
	}
	return s.ByRef(ctx, share.Ref(it.String("ref")))
}

// PersonShares implements share.Store.
func (s Shares) PersonShares(ctx context.Context, organization, recordingID string) ([]share.Share, error) {
	cards, err := queryAll(ctx, s.Table, personKey(organization, recordingID, "").PK)
	if err != nil {
		return nil, err
	}
	return s.ofCards(ctx, cards)
}

// AddPerson implements share.Store.
func (s Shares) AddPerson(ctx context.Context, sh share.Share, was share.Ref, e share.Event) error {
	key := personKey(sh.Organization, sh.Target.RecordingID, sh.Recipient)
	pointer := item(key.PK, key.SK)
	pointer["ref"] = string(sh.Ref)
	point := fresh(pointer)
	if was != "" {
		point.Put.If = table.Equal("ref", string(was))
	}
	ops := append([]table.Op{ready(sh), point}, shareOps(sh)...)
	err := commit(ctx, s.Table, sh.ID, append(ops, eventOps(e)...)...)
	if r := table.Refused(err); r != nil {
		if r.Reasons[0].Failed {
			return errNotReady()
		}
		return fault.New(fault.Stale, "the share was changed meanwhile")
	}
	return err
}
