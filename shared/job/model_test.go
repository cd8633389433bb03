package job_test

import (
	"errors"
	"flag"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/fake"
	"latchkey/shared/fault"
	"latchkey/shared/job"
	"latchkey/shared/store"
	"latchkey/shared/table"
	"latchkey/shared/table/mem"
)

const (
	modelSeeds = 400
	modelSteps = 450
)

// TestModel does what can happen to jobs in random order: they are asked for,
// begun, kept by heart-beats or not, fail, go on later, are done, cancelled or
// late; messages are lost, late and come twice; the table fails before and
// after it did what it was asked, and workers die at any of these moments. Every
// job ends once, nothing is lost, and no two workers at once have a job.
//
// One seed again: go test ./shared/job -run 'TestModel/^17$' -v
func TestModel(t *testing.T) {
	seen := map[string]int{}
	for seed := range uint64(modelSeeds) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := newModel(t, seed)
				for range modelSteps {
					m.step()
				}
				m.drain()
				for what, n := range m.seen {
					seen[what] += n
				}
			})
		})
	}
	if one() {
		return
	}
	t.Log(seen)
	for _, what := range []string{
		"begun", "beat", "died", "stopped", "failed", "hopeless", "later", "done", "lost", "cancelled", "late", "poison", "message lost", "message twice",
		"ended completed", "ended failed", "ended cancelled", "step",
	} {
		if seen[what] < 50 {
			t.Errorf("%s: %d times: it is not tried enough", what, seen[what])
		}
	}
	if seen["step"] < 100_000 {
		t.Errorf("only %d steps", seen["step"])
	}
}

// one reports whether only some seeds are told, aloud.
func one() bool { return strings.Contains(flag.Lookup("test.run").Value.String(), "TestModel/") }

// TestModelIsReplayable: a seed is always the same story.
func TestModelIsReplayable(t *testing.T) {
	var told [2]uint64
	for i := range told {
		synctest.Test(t, func(t *testing.T) {
			m := newModel(t, 3)
			for range modelSteps {
				m.step()
			}
			m.drain()
			told[i] = m.trace.Sum64()
		})
	}
	if told[0] != told[1] {
		t.Error("it was told otherwise the second time")
	}
}

// end is what became of a job.
type end struct {
	state  job.State
	reason string
	at     int64 // milliseconds
}

type model struct {
	t      *testing.T
	dice   *rand.Rand
	clock  *fake.Clock
	table  *mem.Engine
	calm   bool
	mood   int
	jobs   []string // ids
	ends   map[string]end
	over   map[string]bool   // it shows where it should, too
	made   map[string]string // what the work came to, by job: "done", or the reason why not
	queue  []sent
	actors []*actor
	buried map[string]string
	// notBefore is when jobs that were put off may be begun again.
	notBefore map[string]time.Time
	seen      map[string]int
	trace     interface {
		Write([]byte) (int, error)
		Sum64() uint64
	}
}

type sent struct {
	job.Message
	at time.Time
}

func newModel(t *testing.T, seed uint64) *model {
	return &model{
		t: t, dice: rand.New(rand.NewPCG(seed, 7)), clock: fake.NewClock(fake.Start), mood: int(seed % 4), table: mem.New(store.Schema(), nil),
		ends: map[string]end{}, over: map[string]bool{}, made: map[string]string{}, buried: map[string]string{}, notBefore: map[string]time.Time{}, seen: map[string]int{}, trace: fnv.New64a(),
	}
}

func (m *model) note(what, id string) {
	m.seen[what]++
	fmt.Fprintln(m.trace, m.clock.Now(), what, id)
	if one() {
		m.t.Log(m.clock.Now().Sub(fake.Start), what, id)
	}
}

// chance reports whether something happens that does in n of 1,000 cases.
func (m *model) chance(n int) bool { return !m.calm && m.dice.IntN(1000) < n }

// step does one thing, and looks at everything then.
func (m *model) step() {
	m.note("step", "")
	switch roll := m.dice.IntN(100); {
	case roll < 3:
		m.ask()
	case roll < 27: // time goes by, and hearts beat
		m.clock.Advance(time.Duration(1+m.dice.IntN(15)) * time.Second)
		for _, a := range m.actors {
			if !m.chance(30) {
				a.beat()
			}
		}
	case roll < 32:
		m.clock.Advance(time.Duration(m.dice.IntN(90)) * time.Second)
	case roll < 36:
		m.clock.Advance(time.Duration(m.dice.IntN([]int{90, 30, 300, 600}[m.mood])) * time.Minute)
	case roll < 46:
		_, err := m.newActor().service.TellDue(m.t.Context(), m.clock.Now())
		m.note("swept", fmt.Sprint(err != nil))
	case roll < 66:
		m.deliver()
	case roll < 99:
		m.order()
	default:
		m.cancel()
	}
	m.settle()
}

func (m *model) ask() {
	kinds := []job.Kind{job.Export, job.Transcribe, job.Inspect, job.Fetch, job.Deliver}
	j := job.New(kinds[m.dice.IntN(len(kinds))], modelAdmin, fmt.Sprint("s", len(m.jobs))).About("r")
	if err := (store.Jobs{Table: m.table, Now: m.clock.Now}).Add(m.t.Context(), j); err != nil {
		m.t.Fatal(err)
	}
	m.jobs = append(m.jobs, j.ID)
	_ = m.newActor().service.Tell(m.t.Context(), []job.Job{j})
}

// deliver hands over a message that has come.
func (m *model) deliver() bool {
	for i, s := range m.queue {
		if s.at.After(m.clock.Now()) {
			continue
		}
		m.queue = slices.Delete(m.queue, i, i+1)
		a := m.newActor()
		m.actors = append(m.actors, a)
		go func() {
			_ = a.service.Run(a.ctx, s.Message)
			a.over = true
		}()
		return true
	}
	return false
}

// order tells somebody who works what comes of it.
func (m *model) order() {
	if len(m.actors) == 0 {
		return
	}
	a := m.actors[m.dice.IntN(len(m.actors))]
	done := []int{40, 13, 13, 20}[m.mood] // there are seeds of bad luck, and of slow work
	switch roll := m.dice.IntN(100); {
	case roll < 8:
		a.dead = true
		m.note("died", a.id)
	case roll < 12:
		m.note("stopped", a.id)
		a.stop()
	case roll < done:
		a.do(nil, "done")
	case roll < 62:
		a.do(errors.New("no luck"), "failed")
	case roll < 67:
		a.do(fault.New(fault.Invalid, "it is broken"), "hopeless")
	case roll < 85:
		a.do(job.Later{After: time.Duration(m.dice.IntN(40)) * time.Minute, Progress: m.dice.IntN(101)}, "later")
	default:
		a.progress = m.dice.IntN(120)
	}
}

func (m *model) cancel() {
	if len(m.jobs) == 0 {
		return
	}
	id := m.jobs[m.dice.IntN(len(m.jobs))]
	if _, err := m.newActor().service.Cancel(m.t.Context(), modelAdmin, id, account.Once{}); err == nil {
		m.note("cancelled", id)
	}
}

// settle waits until everybody waits, buries the dead, and judges.
func (m *model) settle() {
	synctest.Wait()
	for _, a := range m.actors {
		if a.dead {
			a.stop()
			synctest.Wait()
		}
	}
	m.actors = slices.DeleteFunc(m.actors, func(a *actor) bool { return a.over })
	m.judge()
}

// judge holds the table, and who works, against what must always be so.
func (m *model) judge() {
	now, has := m.clock.Now(), map[string]*actor{}
	for _, a := range m.actors {
		if a.id == "" || a.dead || a.work.Err() != nil || !now.Before(a.until) {
			continue
		}
		if has[a.id] != nil {
			m.t.Fatalf("%s: two have it at once, until %v and %v, at %v", a.id, has[a.id].until, a.until, now)
		}
		has[a.id] = a
	}
	for _, id := range m.jobs {
		if m.over[id] {
			continue
		}
		it, err := m.table.Get(m.t.Context(), table.Key{PK: "job#" + id, SK: "job"}, true)
		if err != nil {
			m.t.Fatal(err)
		}
		is := end{job.State(it.String("state")), it.String("reason"), it.Int("ended")}
		was, ended := m.ends[id]
		switch {
		case it == nil && slices.Contains(job.Asked(), (job.Message{ID: id}).Kind()):
			m.t.Fatalf("%s is lost", id)
		case it != nil && ended && was != is:
			m.t.Fatalf("%s ended as %v, and is %v", id, was, is)
		case it != nil && is.state.Ended():
			m.ends[id] = is
		}
		if m.over[id] = it == nil || is.state.Ended() && it.String("due") == ""; m.over[id] {
			m.note("ended "+string(is.state), id)
			m.judgeEnd(id, is, it)
		}
	}
}

// judgeEnd holds an end against what was made.
func (m *model) judgeEnd(id string, is end, it table.Item) {
	made, poison := m.made[id], m.buried[id]
	switch {
	case it == nil:
		if made == "" {
			m.t.Errorf("%s is gone, and nothing is made of it", id)
		}
	case is.state == job.Completed && made != "done":
		m.t.Errorf("%s is completed: %q", id, made)
	case is.state != job.Completed && made != is.reason && made != "done":
		m.t.Errorf("%s is %s: %q, want %q", id, is.state, made, is.reason)
	case is.reason == "it failed on our side" && (poison == "" || it.Int("attempts")-it.Int("later") < job.MaxAttempts):
		m.t.Errorf("%s was given up too early, or nobody was told: %v", id, it)
	case is.reason == "it took too long":
		m.note("late", id)
		if age := time.Duration(is.at-it.Int("created")) * time.Millisecond; age < job.MaxAge {
			m.t.Errorf("%s took too long: %v", id, age)
		}
	}
	if poison != "" {
		m.note("poison", id)
	}
}

// drain lets everything go well until nothing is left to do.
func (m *model) drain() {
	m.calm = true
	left := func(id string) bool { return !m.over[id] }
	for n := 0; slices.ContainsFunc(m.jobs, left); n++ {
		if n > 3000 {
			m.t.Fatalf("%s never ends", m.jobs[slices.IndexFunc(m.jobs, left)])
		}
		m.clock.Advance(job.Beat)
		for _, a := range m.actors {
			a.beat()
			a.do(nil, "done")
		}
		m.settle()
		for m.deliver() {
			m.settle()
		}
		if _, err := m.newActor().service.TellDue(m.t.Context(), m.clock.Now()); err != nil {
			m.t.Fatal(err)
		}
	}
	for _, a := range m.actors {
		a.stop()
	}
	synctest.Wait()
}
