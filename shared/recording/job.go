package recording

import (
	"context"

	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/job"
)

// SeenJobs returns those of jobs whose recordings, or whose folders, are there
// and somebody sees.
func (s *Service) SeenJobs(ctx context.Context, who account.Principal, jobs []job.Job) (out []job.Job, err error) {
	seen := func(id string) (bool, error) {
		_, err := s.Own(ctx, who, account.ReadRecordings, id, "")
		return found(err)
	}
	if len(jobs) > 1 {
		all, err := s.seen(ctx, who)
		if err != nil {
			return nil, err
		}
		seen = func(id string) (bool, error) { return all[id], nil }
	}
	for _, j := range jobs {
		ok, err := seen(j.Recording)
		if j.Kind == job.Batch {
			_, err = s.batch(ctx, who, j.Subject)
			ok, err = found(err)
		}
		if err != nil {
			return nil, err
		}
		if ok {
			out = append(out, j)
		}
	}
	return out, nil
}

// found reports what NotFound says.
func found(err error) (bool, error) {
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	return err == nil, err
}
