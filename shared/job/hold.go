package job

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"latchkey/shared/fault"
)

// Why a job's context ends besides its parent's.
var (
	errLost = errors.New("the job is somebody else's, or cancelled")
	errLate = errors.New("the job took too long")
)

// held is a job that somebody works on.
type held struct {
	ctx      context.Context // of the work
	job      Job             // as it was begun
	progress *atomic.Int64
	stop     func() // ends the heart-beat, and the work
}

// let stops the heart-beat and returns the job with its progress.
func (h *held) let() Job {
	h.stop()
	j := h.job
	j.Progress = int(h.progress.Load())
	return j
}

// report notes how far the work is; the next beat writes it down.
func (h *held) report(done int) { h.progress.Store(int64(percent(done))) }

func percent(n int) int { return min(max(n, 0), 100) }

// hold keeps a job that was begun until a moment for as long as stop is not
// called: each beat writes that somebody has it.
func (s *Service) hold(ctx context.Context, j Job, until time.Time) *held {
	h := &held{job: j, progress: new(atomic.Int64)}
	h.progress.Store(int64(j.Progress))
	work, lose := context.WithCancelCause(Reporting(ctx, h.report))
	h.ctx = work
	beats, stopBeats := s.beats()
	end := make(chan struct{})
	var beating sync.WaitGroup
	beating.Go(func() {
		for {
			select {
			case <-end:
				return
			case <-beats:
			}
			if !s.beat(ctx, h, &until, lose) {
				return
			}
		}
	})
	h.stop = sync.OnceFunc(func() {
		close(end)
		beating.Wait()
		stopBeats()
		lose(nil)
	})
	return h
}

// beat keeps a job, and reports whether it is still held. Who cannot say so
// in time has lost it: somebody else may begin it then.
func (s *Service) beat(ctx context.Context, h *held, until *time.Time, lose context.CancelCauseFunc) bool {
	now := s.Now()
	if h.job.late(now) {
		lose(errLate) // and keeps it until the work has ended
	}
	j := h.job
	j.Progress = int(h.progress.Load())
	err := s.Store.Hold(ctx, j, now.Add(Lease))
	switch {
	case err == nil:
		*until = now.Add(Lease)
		return true
	case !fault.Is(err, fault.Conflict) && s.Now().Add(Beat).Before(*until):
		return true // it is tried again in time
	}
	s.Log.WarnContext(ctx, "job lost", "job", h.job.ID, "attempt", h.job.Attempts, "cause", err.Error())
	lose(errLost)
	return false
}

func (s *Service) beats() (<-chan time.Time, func()) {
	if s.Beats != nil {
		return s.Beats()
	}
	t := time.NewTicker(Beat)
	return t.C, t.Stop
}
