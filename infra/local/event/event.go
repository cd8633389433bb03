// Package event builds the JSON with which AWS calls functions that no HTTP
// request calls: EventBridge's events, a log subscription's batches and a
// table stream's records, each in the shape its service documents. It refuses
// to deliver them; package queue does.
package event

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"time"
)

// account stands where AWS puts a customer's number.
const account = "000000000000"

// Maker makes events of one region. Now and NewID must be set.
type Maker struct {
	Region string
	Now    func() time.Time
	NewID  func() string
}

// Object is what an "Object Created" event tells of an object.
type Object struct {
	Bucket, Key string
	Size        int64
	ETag        string // without quotes
	Reason      string // the operation, e.g. "PutObject"
}

type bridged struct {
	Version    string   `json:"version"`
	ID         string   `json:"id"`
	DetailType string   `json:"detail-type"`
	Source     string   `json:"source"`
	Account    string   `json:"account"`
	Time       string   `json:"time"`
	Region     string   `json:"region"`
	Resources  []string `json:"resources"`
	Detail     any      `json:"detail"`
}

func (m Maker) bridge(source, kind, resource string, detail any) ([]byte, error) {
	return json.Marshal(bridged{
		Version:    "0",
		ID:         m.NewID(),
		DetailType: kind,
		Source:     source,
		Account:    account,
		Time:       m.Now().UTC().Format(time.RFC3339),
		Region:     m.Region,
		Resources:  []string{resource},
		Detail:     detail,
	})
}

type created struct {
	Version string `json:"version"`
	Bucket  struct {
		Name string `json:"name"`
	} `json:"bucket"`
	Object    createdObject `json:"object"`
	RequestID string        `json:"request-id"`
	Requester string        `json:"requester"`
	SourceIP  string        `json:"source-ip-address"`
	Reason    string        `json:"reason"`
}

type createdObject struct {
	Key       string `json:"key"`
	Size      int64  `json:"size"`
	ETag      string `json:"etag"`
	Sequencer string `json:"sequencer"`
}

// ObjectCreated is S3's event through EventBridge (S3 User Guide, "EventBridge
// event message structure"). The key is as it is, not escaped; the sequencer
// grows with time, in hex.
func (m Maker) ObjectCreated(o Object) ([]byte, error) {
	d := created{
		Version:   "0",
		Object:    createdObject{o.Key, o.Size, o.ETag, fmt.Sprintf("%016X", m.Now().UnixNano())},
		RequestID: m.NewID(),
		Requester: account,
		SourceIP:  "127.0.0.1",
		Reason:    o.Reason,
	}
	d.Bucket.Name = o.Bucket
	return m.bridge("aws.s3", "Object Created", "arn:aws:s3:::"+o.Bucket, d)
}

// Tick is a schedule's event (EventBridge User Guide, "Scheduled Event").
func (m Maker) Tick(rule string) ([]byte, error) {
	return m.bridge("aws.events", "Scheduled Event", "arn:aws:events:"+m.Region+":"+account+":rule/"+rule, struct{}{})
}

type logBatch struct {
	MessageType string    `json:"messageType"`
	Owner       string    `json:"owner"`
	LogGroup    string    `json:"logGroup"`
	LogStream   string    `json:"logStream"`
	Filters     []string  `json:"subscriptionFilters"`
	Events      []logLine `json:"logEvents"`
}

type logLine struct {
	ID        string `json:"id"`
	Timestamp int64  `json:"timestamp"` // ms
	Message   string `json:"message"`
}

// Logs is a batch of lines of one log stream as a subscription filter sends it
// (CloudWatch Logs User Guide, "Subscription filters with Lambda"): gzip in
// base64.
func (m Maker) Logs(group, stream, filter string, lines []string) ([]byte, error) {
	b := logBatch{MessageType: "DATA_MESSAGE", Owner: account, LogGroup: group, LogStream: stream, Filters: []string{filter}}
	for _, line := range lines {
		b.Events = append(b.Events, logLine{m.NewID(), m.Now().UnixMilli(), line})
	}
	data, err := zipped(b)
	if err != nil {
		return nil, err
	}
	var e struct {
		AWSLogs struct {
			Data []byte `json:"data"`
		} `json:"awslogs"`
	}
	e.AWSLogs.Data = data
	return json.Marshal(e)
}

func zipped(v any) ([]byte, error) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if err := json.NewEncoder(z).Encode(v); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
