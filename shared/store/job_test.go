package store_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/account"
	"latchkey/shared/fake"
	"latchkey/shared/fault"
	"latchkey/shared/file"
	"latchkey/shared/job"
	"latchkey/shared/store"
	"latchkey/shared/table"
)

var asker = account.Principal{Organization: "o", User: "ann"}

func TestJobsOnEveryEngine(t *testing.T) {
	for name, open := range engines(t) {
		t.Run(name, func(t *testing.T) {
			st := stack(t, open)
			s := store.Jobs{Table: st.Table, Now: st.Clock.Now}
			made := job.New(job.Export, asker, "e").About("r")
			inspect := job.New(job.Inspect, asker, "i")
			if err := errors.Join(s.Add(ctx, made), s.Add(ctx, made), s.Add(ctx, inspect)); err != nil {
				t.Fatal(err)
			}
			made.CreatedAt = fake.Start
			got, err := s.Job(ctx, made.ID)
			mustEqual(t, "made", made, got, err)

			until := st.Clock.Now().Add(job.Lease)
			begun, err := s.Begin(ctx, made.Message(), until)
			want := made
			want.State, want.Begun, want.Attempts = job.Running, 1, 1
			mustEqual(t, "begun", want, begun, err)
			for what, m := range map[string]job.Message{"twice": made.Message(), "while somebody has it": begun.Message()} {
				if _, err := s.Begin(ctx, m, until); !fault.Is(err, fault.Conflict) {
					t.Errorf("begun %s: %v", what, err)
				}
			}
			if err := s.Postpone(ctx, begun, until); !fault.Is(err, fault.Conflict) {
				t.Errorf("postponed while somebody has it: %v", err)
			}
			begun.Progress = 70
			if err := s.Hold(ctx, begun, until.Add(2*time.Minute)); err != nil {
				t.Error(err)
			}
			mustBeDue(t, s, st.Clock.Now().Add(job.FirstDue), inspect.ID)
			begun.State, begun.Attempts = job.Queued, 0
			if err := s.Release(ctx, begun, until); err != nil {
				t.Error(err)
			}
			mustBeDue(t, s, until, made.ID)
			if err := s.Hold(ctx, made, until); !fault.Is(err, fault.Conflict) {
				t.Errorf("held by another: %v", err)
			}
			if _, err := s.Begin(ctx, begun.Message(), until); !fault.Is(err, fault.Conflict) {
				t.Errorf("begun before its time: %v", err)
			}
			st.Clock.Advance(job.Lease)
			again, err := s.Begin(ctx, begun.Message(), until.Add(job.Lease))
			want.Begun, want.Attempts, want.Progress = 2, 1, 70
			mustEqual(t, "begun again", want, again, err)

			late := begun // whose worker had it before
			late.State, late.EndedAt = job.Completed, st.Clock.Now()
			if err := errors.Join(s.End(ctx, late), s.Release(ctx, late, until)); err != nil {
				t.Error(err)
			}
			late.State = job.Failed
			if err := s.Doom(ctx, late, account.Once{}); !fault.Is(err, fault.Conflict) {
				t.Errorf("doomed by who is late: %v", err)
			}
			got, err = s.Job(ctx, made.ID)
			mustEqual(t, "after who is late", again, got, err)
			again.State, again.Progress, again.EndedAt = job.Completed, 100, st.Clock.Now()
			if err := errors.Join(s.End(ctx, again), s.End(ctx, late)); err != nil {
				t.Error(err)
			}
			got, err = s.Job(ctx, made.ID)
			mustEqual(t, "ended", again, got, err)
			if _, err := s.Begin(ctx, again.Message(), until); !fault.Is(err, fault.Conflict) {
				t.Errorf("begun when it had ended: %v", err)
			}

			in, err := s.Begin(ctx, inspect.Message(), until.Add(job.Lease))
			in.State = job.Completed
			if err := errors.Join(err, s.End(ctx, in)); err != nil {
				t.Error(err)
			}
			if _, err := s.Begin(ctx, in.Message(), until); !fault.Is(err, fault.NotFound) {
				t.Errorf("nobody asked for it, and it is there: %v", err)
			}
			mustBeDue(t, s, st.Clock.Now().AddDate(1, 0, 0))
			st.Clock.Advance(job.KeepFor)
			if j, err := s.Job(ctx, made.ID); !fault.Is(err, fault.NotFound) {
				t.Errorf("after its time: %+v, %v", j, err)
			}
		})
	}
}

func mustBeDue(t *testing.T, s store.Jobs, at time.Time, want ...string) {
	t.Helper()
	due, err := s.Due(ctx, at, 10)
	var got []string
	for _, j := range due {
		got = append(got, j.ID)
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("due at %v (-want +got):\n%s%v", at, diff, err)
	}
}

func TestDoomedJobsOnEveryEngine(t *testing.T) {
	for name, open := range engines(t) {
		t.Run(name, func(t *testing.T) {
			st := stack(t, open)
			s := store.Jobs{Table: st.Table, Now: st.Clock.Now}
			for _, state := range []job.State{job.Failed, job.Cancelled} {
				for _, kind := range []job.Kind{job.Summarize, job.Inspect} {
					j := job.New(kind, asker, string(state))
					if err := s.Add(ctx, j); err != nil {
						t.Fatal(err)
					}
					begun, err := s.Begin(ctx, j.Message(), st.Clock.Now().Add(job.Lease))
					if err != nil {
						t.Fatal(err)
					}
					doomed := begun
					doomed.State, doomed.Reason, doomed.Progress, doomed.EndedAt = state, "because", 0, st.Clock.Now()
					once := account.Once{Key: string(kind + job.Kind(state)), Digest: "d"}
					if err := s.Doom(ctx, doomed, once); err != nil {
						t.Fatal(err)
					}
					st.Clock.Advance(time.Second)
					doomed.EndedAt = st.Clock.Now()
					if _, ok := errors.AsType[*account.ReplayedError](s.Doom(ctx, doomed, once)); !ok {
						t.Errorf("%s %s: it is done twice", state, kind)
					}
					if err := s.Doom(ctx, doomed, account.Once{}); !fault.Is(err, fault.Conflict) {
						t.Errorf("%s %s twice: %v", state, kind, err)
					}
					doomed.EndedAt = doomed.EndedAt.Add(-time.Second)
					if err := s.Hold(ctx, begun, st.Clock.Now().Add(job.Lease)); !fault.Is(err, fault.Conflict) {
						t.Errorf("%s %s: held: %v", state, kind, err)
					}
					got, err := s.Begin(ctx, begun.Message(), st.Clock.Now())
					mustEqual(t, "begun", doomed, got, err)
					mustBeDue(t, s, st.Clock.Now().Add(job.Lease), j.ID)
					if err := errors.Join(s.End(ctx, doomed), s.End(ctx, doomed)); err != nil {
						t.Error(err)
					}
					mustBeDue(t, s, st.Clock.Now().AddDate(1, 0, 0))
					if kind == job.Summarize {
						got, err = s.Job(ctx, j.ID)
						mustEqual(t, "kept", doomed, got, err)
					} else if _, err = s.Job(ctx, j.ID); !fault.Is(err, fault.NotFound) {
						t.Errorf("%s %s is there: %v", state, kind, err)
					}
				}
			}
		})
	}
}

func TestJobListsOnEveryEngine(t *testing.T) {
	for name, open := range engines(t) {
		t.Run(name, func(t *testing.T) {
			st := stack(t, open)
			s := store.Jobs{Table: st.Table, Now: st.Clock.Now}
			other := account.Principal{Organization: "other"}
			for _, j := range []job.Job{
				job.New(job.Export, asker, "1"), job.New(job.Translate, asker, "2"), job.New(job.Deliver, asker, "no"), job.New(job.Export, other, "no"), job.New(job.Export, asker, "3"),
			} {
				if err := s.Add(ctx, j); err != nil {
					t.Fatal(err)
				}
				st.Clock.Advance(time.Second)
			}
			j, err := s.Begin(ctx, job.Message{ID: "export-1"}, st.Clock.Now().Add(job.Lease))
			j.State, j.EndedAt = job.Completed, st.Clock.Now()
			if err := errors.Join(err, s.End(ctx, j)); err != nil {
				t.Fatal(err)
			}
			for what, tt := range map[string]struct {
				q    job.Query
				want []string
			}{
				"all":      {job.Query{}, []string{"export-3", "translate-2", "export-1"}},
				"by kind":  {job.Query{Kind: job.Export}, []string{"export-3", "export-1"}},
				"by state": {job.Query{State: job.Queued}, []string{"export-3", "translate-2"}},
				"by both":  {job.Query{Kind: job.Export, State: job.Completed}, []string{"export-1"}},
			} {
				for _, limit := range []int{1, 2, 10} {
					var got []string
					tt.q.Page = file.Page{Limit: limit}
					for {
						jobs, next, err := s.Jobs(ctx, "o", tt.q)
						if err != nil {
							t.Fatal(err)
						}
						for _, j := range jobs {
							got = append(got, j.ID)
						}
						if tt.q.Cursor = next; next == "" {
							break
						}
					}
					mustEqual(t, what, tt.want, got, nil)
				}
			}
			if _, _, err := s.Jobs(ctx, "o", job.Query{Page: file.Page{Cursor: "x"}}); !fault.Is(err, fault.Invalid) {
				t.Errorf("a wrong cursor: %v", err)
			}
			st.Clock.Advance(job.KeepFor)
			jobs, _, err := s.Jobs(ctx, "o", job.Query{State: job.Completed})
			mustEqual(t, "after its time", []job.Job(nil), jobs, err)
		})
	}
}

// TestJobsOfBefore: a job that was written when there were no states, or was
// begun then, goes on.
func TestJobsOfBefore(t *testing.T) {
	for name, open := range engines(t) {
		t.Run(name, func(t *testing.T) {
			st := stack(t, open)
			s := store.Jobs{Table: st.Table, Now: st.Clock.Now}
			for _, begun := range []int64{0, 3} {
				old := table.Item{
					table.PK: "job#transcribe-r/run", table.SK: "job", "id": "transcribe-r/run", "org": "o", "kind": "transcribe", "subject": "r/run", "by": "ann",
					"attempts": begun, "due": "jobs", "dueat": "2023-11-27T09:00:00.000Z#transcribe-r/run",
				}
				if err := st.Table.Commit(ctx, fmt.Sprint("w", begun), table.Op{Put: &table.Put{Item: old}}); err != nil {
					t.Fatal(err)
				}
				mustBeDue(t, s, st.Clock.Now(), "transcribe-r/run")
				due, err := s.Due(ctx, st.Clock.Now(), 1)
				if err != nil || len(due) != 1 {
					t.Fatal(due, err)
				}
				if err := s.Postpone(ctx, due[0], st.Clock.Now()); err != nil {
					t.Error(err)
				}
				j, err := s.Begin(ctx, due[0].Message(), st.Clock.Now().Add(job.Lease))
				want := job.Job{
					ID: "transcribe-r/run", Kind: job.Transcribe, Organization: "o", User: "ann", Subject: "r/run", State: job.Running,
					Begun: int(begun) + 1, Attempts: int(begun) + 1,
				}
				mustEqual(t, "begun", want, j, err)
				if d := j.Deadline(); !d.IsZero() {
					t.Errorf("its deadline is %v", d)
				}
				j.State, j.Progress, j.EndedAt = job.Completed, 100, st.Clock.Now()
				if err := errors.Join(s.Hold(ctx, j, st.Clock.Now()), s.End(ctx, j)); err != nil {
					t.Error(err)
				}
				got, err := s.Job(ctx, j.ID)
				mustEqual(t, "ended", j, got, err)
			}
		})
	}
}
