package main

import (
	"context"
	"crypto/md5" // SQS's answers have it
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"latchkey/infra/local/queue"
	"latchkey/shared/job"
)

// messages is the queues of jobs, for functions in this process.
type messages struct{ to *queue.Queue }

// Send implements job.Queue.
func (q messages) Send(ctx context.Context, m job.Message, after time.Duration) error {
	body, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return putAfter(ctx, q.to, string(m.Kind().Lane()), body, after)
}

// Bury implements job.Queue.
func (q messages) Bury(_ context.Context, l job.Letter) error {
	body, err := json.Marshal(l)
	if err != nil {
		return err
	}
	return q.to.Bury(deadTopic, body)
}

// putAfter keeps a message back in memory: one that is lost with the process
// is told of again by sweep.
func putAfter(ctx context.Context, q *queue.Queue, topic string, body []byte, after time.Duration) error {
	if after <= 0 {
		return q.Put(ctx, topic, body)
	}
	time.AfterFunc(after, func() { _ = q.Put(context.WithoutCancel(ctx), topic, body) })
	return nil
}

// worker takes SQS's events.
type worker func(context.Context, events.SQSEvent) (events.SQSEventResponse, error)

// deliver hands over one message as Lambda's event source does, in a batch of
// its own.
func (w worker) deliver(ctx context.Context, body []byte) error {
	answer, err := w(ctx, message(body))
	if err == nil && len(answer.BatchItemFailures) > 0 {
		err = errors.New("jobs: the message failed")
	}
	return err
}

func message(body []byte) events.SQSEvent {
	return events.SQSEvent{Records: []events.SQSMessage{{MessageId: "local", EventSource: "aws:sqs", Body: string(body)}}}
}

// told hands the messages of a queue to a function, as its role receives them.
func (s *processes) told(function, topic string) queue.Function {
	return func(ctx context.Context, body []byte) error {
		s.recorder.Note(function, s.cloud.queueARN(topic), "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
		return worker(func(ctx context.Context, e events.SQSEvent) (out events.SQSEventResponse, err error) {
			payload, err := json.Marshal(e)
			if err != nil {
				return out, err
			}
			answer, err := s.functions[function].Invoke(ctx, payload)
			if err == nil {
				err = json.Unmarshal(answer, &out)
			}
			return out, err
		}).deliver(ctx, body)
	}
}

// The queues of jobs, as they are named here: by their topics.
func (c cloud) queueURL(topic string) string {
	return "https://sqs." + c.Region + ".amazonaws.com/" + c.account + "/" + topic
}
func (c cloud) queueARN(topic string) string { return c.arn("sqs") + topic }

// queues is as much of SQS as functions ask for: SendMessage to one of the
// queues (API Reference; AWS JSON 1.0).
func (c cloud) queues() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			QueueUrl, MessageBody string
			DelaySeconds          int
		}
		err := json.NewDecoder(r.Body).Decode(&in)
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		topic := path.Base(in.QueueUrl)
		known := in.QueueUrl == c.queueURL(topic) && slices.Contains([]string{jobsTopic, renderTopic, hooksTopic, deadTopic}, topic)
		if err == nil && !strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".SendMessage") || !known {
			err = errors.New("the specified queue does not exist")
		}
		if err == nil {
			body := []byte(in.MessageBody)
			if topic == deadTopic {
				err = c.Queue.Bury(topic, body)
			} else {
				err = putAfter(r.Context(), c.Queue, topic, body, time.Duration(in.DelaySeconds)*time.Second)
			}
		}
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"The specified queue does not exist."}`)
			return
		}
		sum := md5.Sum([]byte(in.MessageBody))
		_ = json.NewEncoder(w).Encode(map[string]string{ // the client may be gone
			"MessageId": "local", "MD5OfMessageBody": hex.EncodeToString(sum[:]),
		})
	})
}
