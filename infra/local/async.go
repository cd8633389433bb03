package main

import (
	"context"
	"time"

	"latchkey/infra/local/invoke"
	"latchkey/infra/local/queue"
)

// failedTopic holds the records of asynchronous invocations that failed for
// good: what template.yaml's destinations get.
const failedTopic = "failed"

// firstWait is how long a failed asynchronous invocation waits to be repeated.
const firstWait = 200 * time.Millisecond

// topics hold the asynchronous invocations of a function. The first takes
// those that are asked for by name.
func topics(id string) []string {
	switch id {
	case eventsFunction:
		return []string{UploadTopic, linesTopic}
	case feedbackFunction:
		return []string{FeedbackTopic}
	default:
		return []string{"invocations of " + id}
	}
}

// asynchronous are the consumers of all functions' topics.
func (s *processes) asynchronous() map[string]queue.Function {
	all := map[string]queue.Function{}
	for id := range s.functions {
		for _, topic := range topics(id) {
			all[topic] = s.async(id).Deliver
		}
	}
	return all
}

func (s *processes) async(id string) invoke.Async {
	f := s.template[id]
	return invoke.Async{
		Function: s.functions[id], ARN: s.arn(id), Retries: f.Retries, Wait: firstWait,
		Failed: func(ctx context.Context, record []byte) error {
			s.log().Error("given up", "function", id, "destination", f.OnFailure)
			if f.OnFailure == "" {
				return nil
			}
			s.recorder.Note(id, f.OnFailure, "sqs:SendMessage") // by Lambda, in its name
			return s.Queue.Put(ctx, failedTopic, record)
		},
	}
}

// callable are the functions under the names that Lambda's API finds them by.
func (s *processes) callable() map[string]invoke.Function {
	all := map[string]invoke.Function{}
	for id, f := range s.functions {
		all[s.template[id].Name] = invoke.Function{
			Function: f, Qualifiers: []string{onlyVersion, liveAlias, "$LATEST"},
			Later: func(ctx context.Context, payload []byte) error { return s.Queue.Put(ctx, topics(id)[0], payload) },
		}
	}
	return all
}

// sweep does at once and every minute what template.yaml's schedule does.
func (s *processes) sweep(ctx context.Context) {
	s.tick(ctx)
	every(ctx, time.Minute, func() { s.tick(ctx) })
}

func (s *processes) tick(ctx context.Context) {
	payload, err := s.Events.Tick("sweep")
	if err == nil {
		err = s.async(sweepFunction).Deliver(ctx, payload)
	}
	if err != nil && ctx.Err() == nil {
		s.log().Error("sweep", "cause", err.Error())
	}
}
