package webhook

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/ident"
	"latchkey/shared/job"
)

// Announcement is an event that happened to a recording. Whoever commits its
// cause writes its Job in the same commit.
type Announcement struct {
	ID        string // a UUID of its own
	Event     Event
	Recording string
	Language  string // of the translation that is finished, or ""
}

// Job returns the job that makes the announcement's deliveries.
func (a Announcement) Job(who account.Principal) job.Job {
	return job.New(job.Announce, who, strings.Join([]string{a.ID, string(a.Event), a.Recording, a.Language}, "/"))
}

func announcementOf(j job.Job) (a Announcement, err error) {
	parts := strings.Split(j.Subject, "/")
	if len(parts) != 4 || !ident.IsUUID(parts[0]) {
		return a, fault.New(fault.Invalid, "the job announces nothing")
	}
	return Announcement{ID: parts[0], Event: Event(parts[1]), Recording: parts[2], Language: parts[3]}, nil
}

// Bodies are what is told of recordings.
type Bodies interface {
	// Media returns a recording as the API answers it, a JSON object with an
	// "id", and the URL that its owner wants called back, or ""; NotFound if it
	// has gone.
	Media(ctx context.Context, organization, recording string) (body []byte, callback string, err error)
}

// Announcer makes the deliveries of announcements.
type Announcer struct {
	Store  Store
	Bodies Bodies
	Seal   Sealer
	IDs    ident.Source
	Now    func() time.Time
}

var _ job.Scheduled = Announcer{}

// Work implements job.Worker. What was made before it was stopped is not made
// again: a delivery's id is the event's.
func (s Announcer) Work(ctx context.Context, j job.Job) error {
	a, err := announcementOf(j)
	if err != nil {
		return err
	}
	media, callback, err := s.Bodies.Media(ctx, j.Organization, a.Recording)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	hooks, err := s.Store.Webhooks(ctx, j.Organization)
	if err != nil {
		return err
	}
	body, err := eventBody(a, media)
	if err != nil {
		return err
	}
	for _, w := range hooks {
		if !w.Wants(a.Event) {
			continue
		}
		if err := s.add(ctx, j, a, Delivery{Webhook: w.ID}, body); err != nil {
			return err
		}
	}
	if callback != "" && (a.Event == TranscriptionFinished || a.Event == TranscriptionFailed) {
		return s.add(ctx, j, a, Delivery{Webhook: Callbacks, URL: callback}, media)
	}
	return nil
}

func (s Announcer) add(ctx context.Context, j job.Job, a Announcement, d Delivery, body []byte) error {
	if len(body) > MaxBody {
		return fault.New(fault.TooLarge, "what is to be told has more than %d bytes", MaxBody)
	}
	d.ID, d.Event, d.Organization, d.State = a.ID, a.Event, j.Organization, Pending
	d.CreatedAt, d.Revision = s.Now(), s.IDs.Chars(idLength)
	d.NextAt, d.KeepUntil = d.CreatedAt, d.CreatedAt.Add(KeepFor)
	if err := d.seal(ctx, s.Seal, body); err != nil {
		return err
	}
	return s.Store.AddDelivery(ctx, d, account.Once{})
}

// eventBody puts a recording into an event's payload: its own fields, after
// the name that receivers know its id by.
func eventBody(a Announcement, media []byte) ([]byte, error) {
	var has struct{ ID string }
	if err := json.Unmarshal(media, &has); err != nil || len(media) < 3 || media[0] != '{' {
		return nil, fmt.Errorf("webhook: the media is no JSON object: %w", err)
	}
	head := `{"event":` + strconv.Quote(string(a.Event)) + `,"data":{"media_id":` + strconv.Quote(has.ID) + `,`
	if a.Language != "" {
		head += `"translation_language":` + strconv.Quote(a.Language) + `,`
	}
	return append(append([]byte(head), media[1:]...), '}'), nil
}

// GiveUp implements job.Worker, for what can never be told.
func (Announcer) GiveUp(context.Context, job.Job, string) error { return nil }

// Backoff implements job.Scheduled: an event is never given up for a failure
// of ours.
func (Announcer) Backoff(attempt int, _ error) (time.Duration, bool) { return slowly(attempt), true }

// slowly is 1, 4, 16 and then always 64 minutes.
func slowly(attempt int) time.Duration { return time.Minute << (2 * min(attempt-1, 3)) }
