package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"latchkey/infra/local/event"
	"latchkey/infra/local/runtime"
)

// streamPoll is how often a shard is asked for records, and streamTries how
// often a batch is tried before it is given up, as template.yaml says.
const (
	streamPoll  = 200 * time.Millisecond
	streamTries = 11
)

// source is the table's stream as an event source of the events function: how
// far each shard has been delivered is kept over restarts.
type source struct {
	Stream string            `json:"stream"`
	After  map[string]string `json:"after"` // sequence number, by shard

	path   string
	shards []string
}

// openSource begins at the oldest record, or where the last run ended.
func (s *processes) openSource() (*source, error) {
	in := &source{path: filepath.Join(s.Data, "stream.json")}
	b, err := os.ReadFile(in.path)
	if err == nil {
		err = json.Unmarshal(b, in)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("stream.json: %w", err)
	}
	if in.Stream != s.cloud.stream {
		in.Stream, in.After = s.cloud.stream, map[string]string{}
	}
	return in, nil
}

func (in *source) keep() error {
	b, err := json.Marshal(in)
	if err == nil {
		err = os.WriteFile(in.path+".new", b, 0o600)
	}
	if err == nil {
		err = os.Rename(in.path+".new", in.path)
	}
	return err
}

// feed polls the table's stream as Lambda does, as the events function's role,
// and hands what comes to that function.
func (s *processes) feed(ctx context.Context, in *source) {
	every(ctx, streamPoll, func() {
		err := s.look(ctx, in)
		for _, shard := range in.shards {
			if err == nil {
				err = s.batch(ctx, in, shard)
			}
		}
		if err != nil && ctx.Err() == nil {
			s.log().Error("the table's stream", "cause", err.Error())
		}
	})
}

// look finds the stream's shards, once.
func (s *processes) look(ctx context.Context, in *source) error {
	if in.shards != nil {
		return nil
	}
	// Lambda asks for this when the event source is made (Developer Guide, "Using
	// AWS Lambda with Amazon DynamoDB", "Execution role permissions").
	if err := s.streams(ctx, "ListStreams", map[string]any{"TableName": s.cloud.name}, &struct{}{}); err != nil {
		return err
	}
	var described struct {
		StreamDescription struct {
			Shards []struct{ ShardId string }
		}
	}
	if err := s.streams(ctx, "DescribeStream", map[string]any{"StreamArn": in.Stream}, &described); err != nil {
		return err
	}
	for _, shard := range described.StreamDescription.Shards {
		in.shards = append(in.shards, shard.ShardId)
	}
	return nil
}

// iterator begins after what was delivered. Each poll asks for a new one: in
// moto those before a transaction that was refused do not get on.
func (s *processes) iterator(ctx context.Context, in *source, shard string) (string, error) {
	var it struct{ ShardIterator string }
	ask := map[string]any{"StreamArn": in.Stream, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"}
	if after := in.After[shard]; after != "" {
		ask["ShardIteratorType"], ask["SequenceNumber"] = "AFTER_SEQUENCE_NUMBER", after
	}
	err := s.streams(ctx, "GetShardIterator", ask, &it)
	return it.ShardIterator, err
}

// batch delivers the next records of a shard. A batch that fails too often is
// passed over.
func (s *processes) batch(ctx context.Context, in *source, shard string) error {
	at, err := s.iterator(ctx, in, shard)
	if err != nil {
		return err
	}
	var got struct{ Records []map[string]any }
	if err := s.streams(ctx, "GetRecords", map[string]any{"ShardIterator": at, "Limit": 100}, &got); err != nil || len(got.Records) == 0 {
		return err
	}
	last, err := sequence(got.Records[len(got.Records)-1])
	if err != nil {
		return err
	}
	for _, r := range got.Records {
		r["eventSourceARN"] = in.Stream
	}
	payload, err := json.Marshal(map[string]any{"Records": got.Records})
	if err != nil {
		return err
	}
	for range streamTries {
		if err = s.deliver(ctx, payload); err == nil {
			break
		}
		if ctx.Err() != nil {
			return err // the next run delivers it again
		}
		if failed, ok := errors.AsType[*runtime.Error](err); ok && failed.Type == runtime.Throttled {
			return nil // the next poll gets it again
		}
	}
	if err != nil {
		s.recorder.Note(eventsFunction, s.template[eventsFunction].OnFailure, "sqs:SendMessage")
	}
	in.After[shard] = last
	return errors.Join(err, in.keep())
}

func sequence(record map[string]any) (string, error) {
	change, _ := record["dynamodb"].(map[string]any)
	n, ok := change["SequenceNumber"].(string)
	if !ok {
		return "", errors.New("a record without a SequenceNumber")
	}
	return n, nil
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
