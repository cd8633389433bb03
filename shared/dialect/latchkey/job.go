package latchkey

import (
	"context"
	"net/http"

	"latchkey/shared/account"
	"latchkey/shared/dialect"
	"latchkey/shared/job"
)

// jobCall asks for something of a job.
type jobCall struct {
	id   string
	once dialect.Once
}

func readJobs(r *http.Request) (c job.Query, err error) {
	q, err := query(r, "kind", "state", "limit", "cursor")
	if err != nil {
		return c, err
	}
	if c.Kind, err = oneOf(q, "kind", job.Asked()...); err != nil {
		return c, err
	}
	if c.State, err = oneOf(q, "state", job.Queued, job.Running, job.Completed, job.Failed, job.Cancelled); err != nil {
		return c, err
	}
	c.Page, err = page(q)
	return c, err
}

func readCancel(r *http.Request) (c jobCall, err error) {
	o, once, err := readPost(r)
	if err != nil {
		return c, err
	}
	c.id, c.once = r.PathValue("id"), once
	return c, unknown(o, "")
}

func (a API) jobs(ctx context.Context, who account.Principal, q job.Query) (paged[job.Job], error) {
	list, next, err := a.Jobs.List(ctx, who, q)
	return paged[job.Job]{list, next}, err
}

func (a API) cancelJob(ctx context.Context, who account.Principal, c jobCall) (job.Job, error) {
	return a.Jobs.Cancel(ctx, who, c.id, c.once.By(who.User))
}

func writeJobs(r *http.Request, p paged[job.Job]) (dialect.Response, error) {
	res, err := dialect.JSON(http.StatusOK, struct {
		Jobs []jobJSON `json:"jobs"`
		Next *string   `json:"next_cursor"`
	}{each(p.items, jobOf), dialect.OrNull(p.next)})
	if err == nil {
		nextPage(res.Header, r, p.next)
	}
	return res, err
}

func writeJob(_ *http.Request, j job.Job) (dialect.Response, error) {
	return dialect.JSON(http.StatusOK, jobOf(j))
}

type jobJSON struct {
	ID          string  `json:"id"`
	Kind        string  `json:"kind"`
	State       string  `json:"state"`
	Progress    int     `json:"progress"`
	Attempts    int     `json:"attempts"`
	Reason      *string `json:"reason"`
	RecordingID *string `json:"recording_id"`
	CreatedBy   *string `json:"created_by"`
	CreatedAt   *stamp  `json:"created_at"`
	EndedAt     *stamp  `json:"ended_at"`
	Deadline    *stamp  `json:"deadline"`
}

func jobOf(j job.Job) jobJSON {
	return jobJSON{
		ID: j.ID, Kind: string(j.Kind), State: string(j.State), Progress: j.Progress, Attempts: j.Attempts, Reason: dialect.OrNull(j.Reason),
		RecordingID: dialect.OrNull(j.Recording), CreatedBy: dialect.OrNull(j.User),
		CreatedAt: stampOf(j.CreatedAt), EndedAt: stampOf(j.EndedAt), Deadline: stampOf(j.Deadline()),
	}
}
