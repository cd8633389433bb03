package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"latchkey/infra/local/event"
)

// streamPoll is how often a shard is asked for records, and streamTries how
// often a batch is tried before it is given up, as template.yaml says.
const (
	streamPoll  = 200 * time.Millisecond
	streamTries = 11
)

// feed polls the table's stream as Lambda does, as the events function's role,
// and hands what comes to that function. It begins at the oldest record: after
// a restart the function gets them again, which at least once allows.
func (s *processes) feed(ctx context.Context) {
	var at []string
	every(ctx, streamPoll, func() {
		var err error
		if at == nil {
			at, err = s.shards(ctx)
		}
		for i := range at {
			if err == nil {
				at[i], err = s.batch(ctx, at[i])
			}
		}
		if err != nil && ctx.Err() == nil {
			s.log().Error("the table's stream", "cause", err.Error())
		}
	})
}

func (s *processes) shards(ctx context.Context) (at []string, err error) {
	var described struct {
		StreamDescription struct {
			Shards []struct{ ShardId string }
		}
	}
	if err := s.streams(ctx, "DescribeStream", map[string]any{"StreamArn": s.cloud.stream}, &described); err != nil {
		return nil, err
	}
	for _, shard := range described.StreamDescription.Shards {
		var it struct{ ShardIterator string }
		in := map[string]any{"StreamArn": s.cloud.stream, "ShardId": shard.ShardId, "ShardIteratorType": "TRIM_HORIZON"}
		if err := s.streams(ctx, "GetShardIterator", in, &it); err != nil {
			return nil, err
		}
		at = append(at, it.ShardIterator)
	}
	return at, nil
}

// batch delivers the next records of a shard and returns where it goes on.
func (s *processes) batch(ctx context.Context, at string) (string, error) {
	if at == "" { // the shard has ended
		return "", nil
	}
	var got struct {
		Records           []map[string]any
		NextShardIterator string
	}
	if err := s.streams(ctx, "GetRecords", map[string]any{"ShardIterator": at, "Limit": 100}, &got); err != nil {
		return at, err
	}
	if len(got.Records) == 0 {
		return got.NextShardIterator, nil
	}
	for _, r := range got.Records {
		r["eventSourceARN"] = s.cloud.stream
	}
	payload, err := json.Marshal(map[string]any{"Records": got.Records})
	if err != nil {
		return at, err
	}
	for range streamTries {
		if err = s.deliver(ctx, payload); err == nil || ctx.Err() != nil {
			break
		}
	}
	return got.NextShardIterator, err
}

func (s *processes) deliver(ctx context.Context, payload []byte) error {
	answer, err := s.functions[eventsFunction].Invoke(ctx, payload)
	if err != nil {
		return err
	}
	failed, err := event.Failed(answer)
	if err == nil && len(failed) > 0 {
		err = fmt.Errorf("change %s failed", failed[0])
	}
	return err
}

// streams calls DynamoDB Streams in its own JSON, which is that of the records
// that Lambda hands on too. Its number texts must not become floats.
func (s *processes) streams(ctx context.Context, operation string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.endpoints[eventsFunction], bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/x-amz-json-1.0")
	r.Header.Set("X-Amz-Target", "DynamoDBStreams_20120810."+operation)
	// Local servers read the account and the region here and check no more.
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+s.AccessKey+"/20000101/"+s.Region+"/dynamodb/aws4_request, SignedHeaders=host, Signature=0")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s: %.300s", operation, res.Status, answer)
	}
	if err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(answer))
	d.UseNumber()
	return d.Decode(out)
}
