// Package queue sends messages about jobs to SQS. It refuses to receive them:
// Lambda does that.
package queue

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"latchkey/shared/job"
)

// Jobs is the queues of jobs.
type Jobs struct {
	client      *sqs.Client
	jobs, hooks string
}

var _ job.Queue = Jobs{}

// New returns the queues with these URLs: hooks is for what is announced and
// delivered, which must not wait for media, and jobs for all else. Who sends
// to one only may leave the other empty.
func New(client *sqs.Client, jobs, hooks string) Jobs { return Jobs{client, jobs, hooks} }

// Send implements job.Queue.
func (q Jobs) Send(ctx context.Context, m job.Message, after time.Duration) error {
	url := q.jobs
	if k := m.Kind(); k == job.Announce || k == job.Deliver {
		url = q.hooks
	}
	body, err := json.Marshal(m)
	if err == nil {
		_, err = q.client.SendMessage(ctx, &sqs.SendMessageInput{
			QueueUrl: &url, MessageBody: aws.String(string(body)), DelaySeconds: seconds(after),
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
