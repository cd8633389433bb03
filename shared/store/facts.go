package store

import (
	"context"
	"time"

	"latchkey/shared/fault"
	"latchkey/shared/recording"
	"latchkey/shared/table"
)

// factsOf writes what a recording's media is.
func factsOf(u *table.Update, r recording.Recording) {
	u.Set["video"], u.Set["duration"], u.Set["channels"] = r.Video, r.Duration, int64(r.Channels)
	assign(u, "peaks", r.Peaks != "", r.Peaks)
	assign(u, "thumbnail", r.Thumbnail != "", r.Thumbnail)
}

// NoteFacts implements recording.Store.
func (s Recordings) NoteFacts(ctx context.Context, r recording.Recording, at time.Time) error {
	u := table.Update{
		Key: recordingKey(r.Organization, r.ID), Set: table.Item{"updated": millis(at)},
		If: table.And(staying(), table.Exists("media"), table.Equal("file", r.FileID)),
	}
	factsOf(&u, r)
	_, err := update(ctx, s.Table, u)
	if table.Refused(err) != nil {
		return fault.New(fault.Stale, "the recording has other media")
	}
	return err
}
