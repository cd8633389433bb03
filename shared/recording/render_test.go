package recording_test

import (
	"slices"
	"testing"
	"time"

	"latchkey/shared/fake"
	"latchkey/shared/fault"
	"latchkey/shared/job"
	"latchkey/shared/recording"
)

// TestRenderersForget what they keep, once a rendering is over: made, given up
// or gone with its recording; and not before.
func TestRenderersForget(t *testing.T) {
	for _, tt := range []struct {
		name string
		end  func(t *testing.T, w *world, e *fake.Engine)
	}{
		{"made", func(t *testing.T, w *world, e *fake.Engine) { w.sweep(t, 2*job.Lease) }},
		{"given up", func(t *testing.T, w *world, e *fake.Engine) {
			e.Err = fault.New(fault.Invalid, "the media has no video")
			w.sweep(t, 2*job.Lease)
		}},
		{"deleted", func(t *testing.T, w *world, e *fake.Engine) {
			if err := w.Recordings.Delete(ctx, w.Admin, w.rec.ID); err != nil {
				t.Fatal(err)
			}
			w.sweep(t, 2*job.Lease)
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w, e, a := video(t)
			all := asked(t, w, a)
			e.Err = job.Later{After: time.Minute, Progress: 10}
			w.Work(t)
			if len(e.Forgot) > 0 {
				t.Errorf("forgot while it goes on: %v", e.Forgot)
			}
			e.Err = nil
			tt.end(t, w, e)
			for _, kind := range []recording.ProductKind{recording.BurnedIn, recording.Exported} {
				if !slices.Contains(e.Forgot, all[kind].ID) {
					t.Errorf("%s is kept: %v", kind, e.Forgot)
				}
			}
			for _, kind := range []recording.ProductKind{recording.Translated, recording.Summarized} {
				if slices.Contains(e.Forgot, all[kind].ID) {
					t.Errorf("%s is nothing that is rendered", kind)
				}
			}
		})
	}
}
