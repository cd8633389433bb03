package store

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"latchkey/shared/account"
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

// jobCards are the jobs that somebody of an organization asked for, by time.
func jobCards(organization string) string { return "jobs#" + organization }

// jobItem is what is written of a new job. Its attempts are how often it was
// begun: the name is older than Later is.
func jobItem(j job.Job, now time.Time) table.Item {
	it := item(jobKey(j.ID).PK, jobKey(j.ID).SK)
	it["id"], it["org"], it["kind"], it["subject"], it["attempts"] = j.ID, j.Organization, string(j.Kind), j.Subject, int64(j.Begun)
	it["state"], it["created"] = string(job.Queued), millis(now)
	setString(it, "by", j.User)
	setString(it, "recording", j.Recording)
	it["due"], it["dueat"] = dueJobs, dueAt(now.Add(job.FirstDue), j.ID)
	return it
}

// jobOps write new jobs, and cards of those that somebody asked for. A card
// stays for as long as its job can.
func jobOps(now time.Time, jobs ...job.Job) (ops []table.Op) {
	for _, j := range jobs {
		ops = append(ops, fresh(jobItem(j, now)))
		if slices.Contains(job.Asked(), j.Kind) {
			card := item(jobCards(j.Organization), dueAt(now, j.ID))
			card["id"], card[table.TTL] = j.ID, now.Add(2*job.MaxAge+job.KeepFor).Unix()
			ops = append(ops, put(card))
		}
	}
	return ops
}

// jobOf reads a job; one that was written before there were states waits.
func jobOf(it table.Item) job.Job {
	begun := int(it.Int("attempts"))
	return job.Job{
		ID: it.String("id"), Organization: it.String("org"), User: it.String("by"), Kind: job.Kind(it.String("kind")),
		Subject: it.String("subject"), Recording: it.String("recording"), State: job.State(cmp.Or(it.String("state"), string(job.Queued))),
		Begun: begun, Attempts: begun - int(it.Int("later")), Progress: int(it.Int("progress")), Reason: it.String("reason"),
		CreatedAt: timeOf(it, "created"), EndedAt: timeOf(it, "ended"),
	}
}

// Add writes a job, unless there is one with its id.
func (s Jobs) Add(ctx context.Context, j job.Job) error {
	err := commit(ctx, s.Table, j.ID, jobOps(s.Now(), j)...)
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

// begunOnly holds for a job that was begun n times and has not ended.
func begunOnly(n int) table.Cond {
	return table.And(table.Equal("attempts", int64(n)), table.Absent("ended"))
}

// free holds for a job that nobody has at a moment, and that is not put off: its
// lease is when it may be begun.
func free(at time.Time) table.Cond {
	return table.Or(table.Absent("lease"), table.Less("lease", millis(at)+1))
}

func errJob() error { return fault.New(fault.Conflict, "the job is somebody else's, or has ended") }

// Begin implements job.Store.
func (s Jobs) Begin(ctx context.Context, m job.Message, until time.Time) (job.Job, error) {
	it, err := update(ctx, s.Table, table.Update{
		Key: jobKey(m.ID), Add: map[string]int64{"attempts": 1}, If: table.And(begunOnly(m.Attempt), free(s.Now())),
		Set: table.Item{"state": string(job.Running), "lease": millis(until), "dueat": dueAt(until, m.ID)},
	})
	r := table.Refused(err)
	if r == nil {
		return jobOf(it), err
	}
	switch is := jobOf(r.Reasons[0].Item); {
	case is.ID == "":
		return is, fault.New(fault.NotFound, "there is no such job")
	case is.State.Ended() && is.Begun == m.Attempt && r.Reasons[0].Item.String("due") != "":
		return is, nil
	}
	return job.Job{}, errJob()
}

// Hold implements job.Store.
func (s Jobs) Hold(ctx context.Context, j job.Job, until time.Time) error {
	return s.change(ctx, table.Update{
		Key: jobKey(j.ID), If: table.And(begunOnly(j.Begun), table.Exists("lease")),
		Set: table.Item{"lease": millis(until), "dueat": dueAt(until, j.ID), "progress": int64(j.Progress)},
	}, errJob())
}

// Release implements job.Store.
func (s Jobs) Release(ctx context.Context, j job.Job, at time.Time) error {
	u := table.Update{
		Key: jobKey(j.ID), If: table.And(begunOnly(j.Begun), table.Exists("lease")),
		Set: table.Item{"state": string(j.State), "progress": int64(j.Progress), "later": int64(j.Begun - j.Attempts), "dueat": dueAt(at, j.ID)},
	}
	assign(&u, "lease", j.State == job.Queued, millis(at)) // what goes on elsewhere may be there sooner
	return s.change(ctx, u, nil)
}

// Doom implements job.Store.
func (s Jobs) Doom(ctx context.Context, j job.Job, once account.Once) error {
	u := table.Update{
		Key: jobKey(j.ID), If: begunOnly(j.Begun), Remove: []string{"lease"},
		Set: table.Item{
			"state": string(j.State), "reason": j.Reason, "ended": millis(j.EndedAt), "progress": int64(j.Progress),
			"dueat": dueAt(j.EndedAt.Add(job.Lease), j.ID),
		},
	}
	if j.State == job.Cancelled {
		u.If = table.And(table.Exists(table.PK), table.Absent("ended"))
		delete(u.Set, "progress") // which may be old
	}
	err := replayed(commit(ctx, s.Table, "doom "+dueAt(j.EndedAt, j.ID), append([]table.Op{{Update: &u}}, onceOp(once, j.ID, s.Now())...)...), once)
	if table.Refused(err) != nil {
		return fault.New(fault.Conflict, "the job has ended")
	}
	return err
}

// End implements job.Store.
func (s Jobs) End(ctx context.Context, j job.Job) error {
	mine := begunOnly(j.Begun)
	if j.State != job.Completed {
		mine = table.And(table.Equal("state", string(j.State)), table.Exists("due"))
	}
	if !slices.Contains(job.Asked(), j.Kind) {
		err := commit(ctx, s.Table, "end "+j.ID, table.Op{Delete: &table.Delete{Key: jobKey(j.ID), If: mine}})
		if table.Refused(err) != nil {
			return nil
		}
		return err
	}
	u := table.Update{
		Key: jobKey(j.ID), If: mine, Remove: []string{"due", "dueat", "lease"}, Set: table.Item{table.TTL: s.Now().Add(job.KeepFor).Unix()},
	}
	if j.State == job.Completed {
		u.Set["state"], u.Set["progress"], u.Set["ended"] = string(j.State), int64(j.Progress), millis(j.EndedAt)
	}
	return s.change(ctx, u, nil)
}

// Postpone implements job.Store.
func (s Jobs) Postpone(ctx context.Context, j job.Job, at time.Time) error {
	return s.change(ctx, table.Update{
		Key: jobKey(j.ID), Set: table.Item{"dueat": dueAt(at, j.ID)},
		If: table.And(table.Equal("attempts", int64(j.Begun)), table.Exists("due"), free(s.Now())),
	}, errJob())
}

// change updates a job; refused is what it comes to if the job is not so.
func (s Jobs) change(ctx context.Context, u table.Update, refused error) error {
	_, err := update(ctx, s.Table, u)
	if table.Refused(err) != nil {
		return refused
	}
	return err
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

// Job implements job.Store.
func (s Jobs) Job(ctx context.Context, id string) (job.Job, error) {
	it, err := s.Table.Get(ctx, jobKey(id), true)
	if err == nil && !s.kept(it) {
		err = fault.New(fault.NotFound, "there is no such job")
	}
	return jobOf(it), err
}

// kept reports whether an item is there, and not past its time.
func (s Jobs) kept(it table.Item) bool {
	ttl := it.Int(table.TTL)
	return it != nil && (ttl == 0 || ttl > s.Now().Unix())
}

// Jobs implements job.Store.
func (s Jobs) Jobs(ctx context.Context, organization string, q job.Query) ([]job.Job, string, error) {
	got, err := page(ctx, s.Table, table.Query{PK: jobCards(organization), Descending: true, Consistent: true}, q.Page)
	if err != nil {
		return nil, "", err
	}
	var keys []table.Key
	for _, card := range got.Items {
		id := card.String("id")
		if q.Kind == "" || strings.HasPrefix(id, string(q.Kind)+"-") {
			keys = append(keys, jobKey(id))
		}
	}
	items, err := batchGet(ctx, s.Table, keys)
	if err != nil {
		return nil, "", err
	}
	var out []job.Job
	for _, it := range items {
		if j := jobOf(it); s.kept(it) && (q.State == "" || j.State == q.State) {
			out = append(out, j)
		}
	}
	return out, got.Next, nil
}
