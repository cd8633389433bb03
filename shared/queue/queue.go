// Package queue sends messages about jobs to SQS. It refuses to receive them:
// Lambda does that.
package queue

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"latchkey/shared/job"
)

// Jobs is the queue of jobs.
type Jobs struct {
	client *sqs.Client
	url    string
}

var _ job.Queue = Jobs{}

// New returns the queue with this URL.
func New(client *sqs.Client, url string) Jobs { return Jobs{client, url} }

// Send implements job.Queue.
func (q Jobs) Send(ctx context.Context, m job.Message) error {
	body, err := json.Marshal(m)
	if err == nil {
		_, err = q.client.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &q.url, MessageBody: aws.String(string(body))})
	}
	if err != nil {
		return fmt.Errorf("queue: %w", err)
	}
	return nil
}
