package recording

import (
	"context"

	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/job"
	"latchkey/shared/webhook"
)

// announce is the job that tells webhooks, and the recording's callback, of
// an event. It is written in the commit of what happened.
func (s *Service) announce(r Recording, e webhook.Event, language string) job.Job {
	a := webhook.Announcement{ID: s.IDs.UUID(), Event: e, Recording: r.ID, Language: language}
	return a.Job(account.Principal{Organization: r.Organization, User: r.CreatedBy})
}

// reaches refuses URLs that could never be fetched, or called back; "" for
// none.
func (s *Service) reaches(ctx context.Context, source, callback string) error {
	if s.Reach == nil {
		return nil
	}
	for _, u := range []struct{ field, url, refused string }{
		{"source", source, "cannot be fetched: %s"}, {"callback", callback, "cannot be called: %s"},
	} {
		if u.url == "" {
			continue
		}
		if err := s.Reach(ctx, u.url); err != nil {
			return fault.Field(fault.Invalid, u.field, u.refused, fault.As(err).Message)
		}
	}
	return nil
}

// ended announces that the work on a recording has ended, if it has.
func (s *Service) ended(was, now Recording) []job.Job {
	switch {
	case was.Status == now.Status:
		return nil
	case now.Status == Completed:
		return []job.Job{s.announce(now, webhook.TranscriptionFinished, "")}
	case now.Status == Failed:
		return []job.Job{s.announce(now, webhook.TranscriptionFailed, "")}
	}
	return nil
}

// announceChange announces what webhooks want to know of a change.
func (s *Service) announceChange(was Recording, c Change) (jobs []job.Job) {
	if c.Label != nil && *c.Label != was.Label {
		jobs = append(jobs, s.announce(was, webhook.LabelChanged, ""))
	}
	if c.FolderID != nil && *c.FolderID != was.FolderID {
		jobs = append(jobs, s.announce(was, webhook.FolderChanged, ""))
	}
	return jobs
}
