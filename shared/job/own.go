package job

import (
	"context"
	"errors"
	"slices"

	"latchkey/shared/account"
	"latchkey/shared/fault"
)

// List returns jobs that somebody asked for, the newest first, and the cursor
// of the next page, or "". Those about recordings that who does not see are
// not among them; a page may be short.
func (s *Service) List(ctx context.Context, who account.Principal, q Query) ([]Job, string, error) {
	if err := who.Require(account.ReadRecordings); err != nil {
		return nil, "", err
	}
	jobs, next, err := s.Store.Jobs(ctx, who.Organization, q)
	if err != nil {
		return nil, "", err
	}
	jobs, err = s.Seen(ctx, who, jobs)
	return jobs, next, err
}

// Get returns a job that somebody asked for; NotFound if there is none, it is
// another organization's, or about a recording that who does not see.
func (s *Service) Get(ctx context.Context, who account.Principal, id string) (Job, error) {
	if err := who.Require(account.ReadRecordings); err != nil {
		return Job{}, err
	}
	none := fault.New(fault.NotFound, "job not found")
	if !slices.Contains(Asked(), (Message{ID: id}).Kind()) {
		return Job{}, none
	}
	j, err := s.Store.Job(ctx, id)
	if fault.Is(err, fault.NotFound) || err == nil && j.Organization != who.Organization {
		return Job{}, none
	}
	if err != nil {
		return Job{}, err
	}
	seen, err := s.Seen(ctx, who, []Job{j})
	if err == nil && len(seen) == 0 {
		err = none
	}
	return j, err
}

// Cancel ends a job: what it was to make is Failed at once, for that reason.
// Whoever works on it stops within a Beat, and what they make meanwhile is not
// kept; a worker then clears up. Conflict if it has ended.
func (s *Service) Cancel(ctx context.Context, who account.Principal, id string, once account.Once) (Job, error) {
	if err := who.Require(account.WriteRecordings); err != nil {
		return Job{}, err
	}
	j, err := s.Get(ctx, who, id)
	if err != nil {
		return Job{}, err
	}
	worker, ok := s.Workers[j.Kind]
	if !ok {
		return Job{}, errors.New("job: nobody gives up " + string(j.Kind))
	}
	j.State, j.Reason, j.EndedAt = Cancelled, cancelled, s.Now()
	err = s.Store.Doom(ctx, j, once)
	if _, replayed := errors.AsType[*account.ReplayedError](err); replayed {
		return s.Get(ctx, who, id)
	}
	if err != nil {
		return j, err
	}
	if err := worker.GiveUp(ctx, j, cancelled); err != nil { // then it shows a moment later
		s.Log.WarnContext(ctx, "cancelled job not given up", "job", j.ID, "cause", err.Error())
	}
	return j, nil
}
