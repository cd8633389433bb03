package job_test

import (
	"context"
	"errors"
	"log/slog"
	"testing/synctest"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/job"
	"latchkey/shared/store"
	"latchkey/shared/table"
)

var modelAdmin = account.Principal{Organization: "o", User: "ann", Role: account.Admin}

var errTable = errors.New("table: connection reset")

// actor is a process that does one thing, and may die of it: from then on it
// changes nothing.
type actor struct {
	*model
	table.Engine
	service *job.Service
	ctx     context.Context
	stop    func() // as who runs it stops it
	dead    bool
	over    bool

	// Of the job that it works on.
	id       string
	work     context.Context
	until    time.Time // for all that it knows
	orders   chan error
	beats    chan time.Time
	progress int
}

func (m *model) newActor() *actor {
	a := &actor{model: m, Engine: m.table, orders: make(chan error), beats: make(chan time.Time)}
	a.ctx, a.stop = context.WithCancel(context.Background())
	workers := map[job.Kind]job.Worker{}
	for _, kind := range append(job.Asked(), job.Inspect, job.Deliver) {
		workers[kind] = a
	}
	a.service = &job.Service{
		Store: knowing{store.Jobs{Table: a, Now: m.clock.Now}, a}, Queue: a, Workers: workers, Log: slog.New(slog.DiscardHandler), Now: m.clock.Now,
		Beats: func() (<-chan time.Time, func()) { return a.beats, func() {} },
		Seen:  func(_ context.Context, _ account.Principal, jobs []job.Job) ([]job.Job, error) { return jobs, nil },
	}
	return a
}

// around does a request to the table, unless it breaks before or after it, or
// whoever makes it dies.
func (a *actor) around(f func() error) error {
	for _, first := range []bool{true, false} {
		if !a.dead && a.chance(6) {
			a.dead = true
			a.note("died", a.id)
		}
		if a.dead || a.chance(6) {
			return errTable
		}
		if first {
			if err := f(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (a *actor) Update(ctx context.Context, u table.Update) (it table.Item, err error) {
	err = a.around(func() error { it, err = a.Engine.Update(ctx, u); return err })
	return it, err
}

func (a *actor) Commit(ctx context.Context, writer string, ops ...table.Op) error {
	return a.around(func() error { return a.Engine.Commit(ctx, writer, ops...) })
}

// Send implements job.Queue: messages are lost, and come twice.
func (a *actor) Send(_ context.Context, msg job.Message, after time.Duration) error {
	if a.dead {
		return errTable
	}
	copies := 1
	switch {
	case a.chance(150):
		copies = 0
		a.note("message lost", msg.ID)
	case a.chance(150):
		copies = 2
		a.note("message twice", msg.ID)
	}
	for range copies {
		late := time.Duration(a.dice.IntN(3)) * time.Second
		a.queue = append(a.queue, sent{msg, a.clock.Now().Add(after + late)})
	}
	return nil
}

// Bury implements job.Queue.
func (a *actor) Bury(_ context.Context, l job.Letter) error {
	if a.dead || a.chance(20) {
		return errTable
	}
	a.buried[l.ID] = l.Reason
	return nil
}

// Work implements job.Worker: it waits to be told what comes of it.
func (a *actor) Work(ctx context.Context, j job.Job) error {
	a.id, a.work = j.ID, ctx
	a.note("begun", j.ID)
	if now := a.clock.Now(); now.Before(a.notBefore[j.ID]) || !j.Deadline().IsZero() && !now.Before(j.Deadline()) {
		a.t.Errorf("%s is begun at %v, for %v to %v", j.ID, now, a.notBefore[j.ID], j.Deadline())
	}
	for {
		select {
		case err := <-a.orders:
			if err == nil && !a.dead && a.made[j.ID] == "" { // as stores do, which look what is there already
				a.made[j.ID] = "done"
			}
			return err
		case <-ctx.Done():
			if !a.dead && a.ctx.Err() == nil {
				a.note("lost", j.ID)
			}
			return ctx.Err()
		}
	}
}

// GiveUp implements job.Worker.
func (a *actor) GiveUp(_ context.Context, j job.Job, reason string) error {
	if a.dead || a.chance(50) {
		return errTable
	}
	if a.made[j.ID] == "" {
		a.made[j.ID] = reason
	}
	return nil
}

// do ends the work, if there is any, with an error or without.
func (a *actor) do(err error, what string) {
	select {
	case a.orders <- err:
		synctest.Wait()
		a.note(what, a.id)
	default:
	}
}

// beat is what a ticker does.
func (a *actor) beat() {
	if a.id == "" || a.dead {
		return
	}
	job.Report(a.work, a.progress)
	select {
	case a.beats <- a.clock.Now():
		synctest.Wait()
		a.note("beat", a.id)
	default:
	}
}

// knowing is a store that tells its actor how long it has its job, and for
// when it was put off.
type knowing struct {
	job.Store
	a *actor
}

func (k knowing) Begin(ctx context.Context, m job.Message, until time.Time) (job.Job, error) {
	j, err := k.Store.Begin(ctx, m, until)
	if err == nil {
		k.a.until = until
	}
	return j, err
}

func (k knowing) Release(ctx context.Context, j job.Job, at time.Time) error {
	err := k.Store.Release(ctx, j, at)
	if is, _ := k.Job(ctx, j.ID); err == nil && j.State == job.Queued && is.Begun == j.Begun && !is.State.Ended() {
		k.a.notBefore[j.ID] = at
	}
	return err
}

func (k knowing) Hold(ctx context.Context, j job.Job, until time.Time) error {
	err := k.Store.Hold(ctx, j, until)
	if err == nil {
		k.a.until = until
	}
	return err
}
