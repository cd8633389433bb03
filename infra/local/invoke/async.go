package invoke

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"latchkey/infra/local/runtime"
)

// Async is what Lambda does with an asynchronous invocation.
type Async struct {
	Function *runtime.Function
	ARN      string
	Retries  int
	Wait     time.Duration // before the first repetition, then doubled; Lambda waits a minute
	// Failed gets the record of what failed for good, as a destination does.
	Failed func(ctx context.Context, record []byte) error
}

// Deliver hands a payload, which is JSON, to the function until it succeeds or has failed
// once more often than Retries. A function that is held back fails nothing: it
// is asked again. Deliver returns an error only when ctx has ended, or of
// Failed.
func (a Async) Deliver(ctx context.Context, payload []byte) error {
	failures := 0
	for {
		_, err := a.Function.Invoke(ctx, payload)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		var failed *runtime.Error
		if errors.As(err, &failed); failed == nil {
			failed = &runtime.Error{Type: "ServiceException", Message: err.Error()}
		}
		if failed.Type != runtime.Throttled {
			if failures++; failures > a.Retries {
				return a.giveUp(ctx, payload, failures, failed)
			}
		}
		if err := sleep(ctx, a.Wait<<max(failures-1, 0)); err != nil {
			return err
		}
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// record is an invocation record (Developer Guide, "Capturing records of
// Lambda asynchronous invocations").
type record struct {
	Version   string `json:"version"`
	Timestamp string `json:"timestamp"`
	Request   struct {
		FunctionARN string `json:"functionArn"`
		Condition   string `json:"condition"`
		Count       int    `json:"approximateInvokeCount"`
	} `json:"requestContext"`
	Payload  json.RawMessage `json:"requestPayload"`
	Response struct {
		Status int    `json:"statusCode"`
		Error  string `json:"functionError"`
	} `json:"responseContext"`
	Answer json.RawMessage `json:"responsePayload"`
}

func (a Async) giveUp(ctx context.Context, payload []byte, invocations int, failed *runtime.Error) error {
	r := record{Version: "1.0", Timestamp: time.Now().UTC().Format("2006-01-02T15:04:05.000Z"), Payload: payload, Answer: failed.Payload()}
	r.Request.FunctionARN, r.Request.Condition, r.Request.Count = a.ARN, "RetriesExhausted", invocations
	r.Response.Status, r.Response.Error = 200, "Unhandled"
	b, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return a.Failed(ctx, b)
}
