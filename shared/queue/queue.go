// Package queue sends messages about jobs to SQS. It refuses to receive them:
// Lambda does that.
package queue

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"latchkey/shared/job"
)

// URLs are those of the queues. Who sends to some only may leave the others
// empty; without Render all that is for it goes to Jobs.
type URLs struct {
	Jobs, Render, Hooks string
	Dead                string // of the dead letters
}

// Jobs is the queues of jobs.
type Jobs struct {
	client *sqs.Client
	urls   URLs
}

var _ job.Queue = Jobs{}

// New returns the queues with these URLs.
func New(client *sqs.Client, urls URLs) Jobs { return Jobs{client, urls} }

// Send implements job.Queue.
func (q Jobs) Send(ctx context.Context, m job.Message, after time.Duration) error {
	lane := m.Kind().Lane()
	if m.Kind() == job.Transcribe { // Amazon does that, and is asked about it for a moment
		lane = job.Jobs
	}
	url := map[job.Lane]string{
		job.Jobs: q.urls.Jobs, job.Render: cmp.Or(q.urls.Render, q.urls.Jobs), job.Hooks: q.urls.Hooks,
	}[lane]
	return q.send(ctx, url, m, seconds(after))
}

// Bury implements job.Queue.
func (q Jobs) Bury(ctx context.Context, l job.Letter) error { return q.send(ctx, q.urls.Dead, l, 0) }

func (q Jobs) send(ctx context.Context, url string, what any, delay int32) error {
	body, err := json.Marshal(what)
	if err == nil {
		_, err = q.client.SendMessage(ctx, &sqs.SendMessageInput{
			QueueUrl: &url, MessageBody: aws.String(string(body)), DelaySeconds: delay,
		})
	}
	if err != nil {
		return fmt.Errorf("queue: %w", err)
	}
	return nil
}

// seconds rounds up: a message must not come before its time.
func seconds(d time.Duration) int32 {
	return int32((min(d, job.MaxDelay) + time.Second - 1) / time.Second)
}
