package store

import (
	"context"
	"time"

	"latchkey/shared/fault"
	"latchkey/shared/job"
	"latchkey/shared/table"
)

// Jobs implements job.Store.
type Jobs struct {
	Table table.Engine
	Now   func() time.Time
}

var _ job.Store = Jobs{}

// dueJobs is the partition of the due index that jobs wait in.
const dueJobs = "jobs"

func jobKey(id string) table.Key { return table.Key{PK: "job#" + id, SK: "job"} }

// jobItem is what is written of a new job.
func jobItem(j job.Job, now time.Time) table.Item {
	it := item(jobKey(j.ID).PK, jobKey(j.ID).SK)
	it["id"], it["org"], it["kind"], it["subject"], it["attempts"] = j.ID, j.Organization, string(j.Kind), j.Subject, int64(j.Attempts)
	setString(it, "by", j.User)
	it["due"], it["dueat"] = dueJobs, dueAt(now.Add(job.FirstDue), j.ID)
	return it
}

func jobOf(it table.Item) job.Job {
	return job.Job{
		ID: it.String("id"), Organization: it.String("org"), User: it.String("by"), Kind: job.Kind(it.String("kind")),
		Subject: it.String("subject"), Attempts: int(it.Int("attempts")),
	}
}

// Add writes a job, unless there is one with its id.
func (s Jobs) Add(ctx context.Context, j job.Job) error {
	err := commit(ctx, s.Table, j.ID, fresh(jobItem(j, s.Now())))
	if table.Refused(err) != nil {
		return nil
	}
	return err
}

// NewJobs returns the jobs that changes of the table wrote.
func NewJobs(changes []table.Change) (jobs []job.Job) {
	for _, c := range changes {
		if c.Old == nil && c.New != nil && c.New.Key() == jobKey(c.New.String("id")) {
			jobs = append(jobs, jobOf(c.New))
		}
	}
	return jobs
}

// Begin implements job.Store.
func (s Jobs) Begin(ctx context.Context, m job.Message, until time.Time) (job.Job, error) {
	it, err := update(ctx, s.Table, table.Update{
		Key: jobKey(m.ID), Set: table.Item{"dueat": dueAt(until, m.ID)}, Add: map[string]int64{"attempts": 1},
		If: table.Equal("attempts", int64(m.Attempt)),
	})
	if r := table.Refused(err); r != nil {
		return job.Job{}, fault.New(fault.Conflict, "the job is done, or not at this attempt")
	}
	return jobOf(it), err
}

// Postpone implements job.Store.
func (s Jobs) Postpone(ctx context.Context, j job.Job, at time.Time) error {
	_, err := update(ctx, s.Table, table.Update{
		Key: jobKey(j.ID), Set: table.Item{"dueat": dueAt(at, j.ID)}, If: table.Equal("attempts", int64(j.Attempts)),
	})
	if table.Refused(err) != nil {
		return nil
	}
	return err
}

// Done implements job.Store.
func (s Jobs) Done(ctx context.Context, j job.Job) error {
	return commit(ctx, s.Table, j.ID, remove(jobKey(j.ID).PK, jobKey(j.ID).SK))
}

// Due implements job.Store.
func (s Jobs) Due(ctx context.Context, at time.Time, limit int) ([]job.Job, error) {
	got, err := s.Table.Query(ctx, table.Query{Index: dueIndex, PK: dueJobs, Limit: limit})
	if err != nil {
		return nil, err
	}
	var out []job.Job
	for _, it := range got.Items {
		if it.String("dueat") > dueAt(at, "~") {
			break
		}
		out = append(out, jobOf(it))
	}
	return out, nil
}
