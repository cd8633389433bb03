package effect

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"

	"github.com/aws/aws-lambda-go/events"

	"latchkey/shared/job"
)

// Runner does what a message tells of.
type Runner interface {
	Run(ctx context.Context, m job.Message) error
}

// Jobs handles the payloads of the jobs function: messages of its queue.
type Jobs struct {
	Jobs Runner
	Log  *slog.Logger // of messages that failed: their delivery alone does not say why
}

// Handle runs the job of each message, and names those that should come again.
func (h Jobs) Handle(ctx context.Context, e events.SQSEvent) (out events.SQSEventResponse, _ error) {
	for _, r := range e.Records {
		if err := h.run(ctx, r.Body); err != nil {
			h.Log.ErrorContext(ctx, "message failed", "message", r.MessageId, "cause", err.Error())
			out.BatchItemFailures = append(out.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: r.MessageId})
		}
	}
	return out, nil
}

func (h Jobs) run(ctx context.Context, body string) error {
	var m job.Message
	if err := json.Unmarshal([]byte(body), &m); err != nil {
		return fmt.Errorf("it tells of no job: %w", err)
	}
	return h.Jobs.Run(ctx, m)
}
