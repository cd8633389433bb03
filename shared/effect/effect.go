// Package effect is what happens behind an answer: uses become audit events,
// uploads become files, log lines of opens become audit events. It takes
// what AWS delivers, at least once and in batches, and does each thing once.
// It refuses to guess: a payload of no known form is an error.
package effect

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"latchkey/shared/file"
	"latchkey/shared/job"
	"latchkey/shared/journal"
	"latchkey/shared/share"
	"latchkey/shared/store"
	"latchkey/shared/table/dynamo/feed"
)

// Files settles uploads.
type Files interface {
	Uploaded(ctx context.Context, object string) (file.File, error)
}

// Media learns what became of the uploads of recordings' media; learning it
// again changes nothing.
type Media interface {
	Arrived(ctx context.Context, f file.File) error
}

// Teller tells those who work of new jobs, and of those that went on elsewhere;
// telling again changes nothing.
type Teller interface {
	Tell(ctx context.Context, jobs []job.Job) error
	Wake(ctx context.Context, id string) error
}

// Trail keeps audit events; keeping one again changes nothing.
type Trail interface {
	RecordEvents(ctx context.Context, events []share.Event) error
}

// Handler handles the payloads of the events function.
type Handler struct {
	Files Files
	Media Media
	Trail Trail
	Jobs  Teller
	Log   *slog.Logger // of changes that failed: their delivery alone does not say why
	Stack string       // its name, which what it has at Amazon begins with
}

// Answer names the first change of a batch that failed, if one did.
type Answer = events.DynamoDBEventResponse

// maxLogs bounds what a batch of log lines may unpack to: CloudWatch sends
// at most 1 MB, compressed.
const maxLogs = 32 << 20

// Handle takes a batch of the table's stream, an event of S3 or of Amazon
// Transcribe from EventBridge, or a batch of log lines.
func (h Handler) Handle(ctx context.Context, payload json.RawMessage) (any, error) {
	var form struct {
		Records    []json.RawMessage `json:"Records"`
		DetailType string            `json:"detail-type"`
		Logs       *struct {
			Data []byte `json:"data"`
		} `json:"awslogs"`
	}
	if err := json.Unmarshal(payload, &form); err != nil {
		return nil, fmt.Errorf("events: %w", err)
	}
	switch {
	case form.Logs != nil:
		return nil, h.lines(ctx, form.Logs.Data)
	case form.DetailType == "Object Created":
		return nil, h.object(ctx, payload)
	case form.DetailType == "Transcribe Job State Change":
		return nil, h.transcribed(ctx, payload)
	case form.Records != nil:
		return h.stream(ctx, payload)
	}
	return nil, errors.New("events: neither a stream, nor an object, a transcription or log lines")
}

// stream handles a batch of changes. The first record that fails is
// reported, so that those before it are not delivered again.
func (h Handler) stream(ctx context.Context, payload []byte) (Answer, error) {
	var e events.DynamoDBEvent
	if err := json.Unmarshal(payload, &e); err != nil {
		return Answer{}, fmt.Errorf("stream: %w", err)
	}
	if err := h.changes(ctx, e); err == nil {
		return Answer{}, nil
	}
	for _, r := range e.Records {
		if err := h.changes(ctx, events.DynamoDBEvent{Records: []events.DynamoDBEventRecord{r}}); err != nil {
			h.Log.ErrorContext(ctx, "change failed", "sequence", r.Change.SequenceNumber, "cause", err.Error())
			return Answer{BatchItemFailures: []events.DynamoDBBatchItemFailure{
				{ItemIdentifier: r.Change.SequenceNumber},
			}}, nil
		}
	}
	return Answer{}, nil
}

func (h Handler) changes(ctx context.Context, e events.DynamoDBEvent) error {
	changes, err := feed.Changes(e)
	if err != nil {
		return err
	}
	if jobs := store.NewJobs(changes); len(jobs) > 0 {
		if err := h.Jobs.Tell(ctx, jobs); err != nil {
			return err
		}
	}
	return h.Trail.RecordEvents(ctx, store.ClaimEvents(changes))
}

func (h Handler) object(ctx context.Context, payload []byte) error {
	var e struct {
		Detail struct {
			Object struct {
				Key string `json:"key"`
			} `json:"object"`
		} `json:"detail"`
	}
	if err := json.Unmarshal(payload, &e); err != nil {
		return fmt.Errorf("object created: %w", err)
	}
	if e.Detail.Object.Key == "" {
		return errors.New("object created: no key")
	}
	f, err := h.Files.Uploaded(ctx, e.Detail.Object.Key)
	if err != nil || f.Recording == "" {
		return err
	}
	return h.Media.Arrived(ctx, f)
}

// transcribed has a job go on whose part at Amazon Transcribe has ended. That is
// named after the stack and the job.
func (h Handler) transcribed(ctx context.Context, payload []byte) error {
	var e struct {
		Detail struct{ TranscriptionJobName string }
	}
	if err := json.Unmarshal(payload, &e); err != nil {
		return fmt.Errorf("transcribed: %w", err)
	}
	id, ours := strings.CutPrefix(e.Detail.TranscriptionJobName, h.Stack+"-")
	if !ours {
		return fmt.Errorf("transcribed: %q is not of this stack", e.Detail.TranscriptionJobName)
	}
	return h.Jobs.Wake(ctx, id)
}

// lines keeps the audit events among log lines and passes over all others.
func (h Handler) lines(ctx context.Context, data []byte) error {
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return fmt.Errorf("log lines: %w", err)
	}
	raw, err := io.ReadAll(io.LimitReader(z, maxLogs))
	if err != nil {
		return fmt.Errorf("log lines: %w", err)
	}
	var logs events.CloudwatchLogsData
	if err := json.Unmarshal(raw, &logs); err != nil {
		return fmt.Errorf("log lines: %w", err)
	}
	var found []share.Event
	for _, l := range logs.LogEvents {
		if e, ok := journal.ParseAudit([]byte(l.Message)); ok {
			found = append(found, e)
		}
	}
	return h.Trail.RecordEvents(ctx, found)
}
