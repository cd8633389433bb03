package event

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"

	"latchkey/shared/table"
)

type record struct {
	EventID      string        `json:"eventID"`
	EventName    string        `json:"eventName"`
	EventVersion string        `json:"eventVersion"`
	EventSource  string        `json:"eventSource"`
	AWSRegion    string        `json:"awsRegion"`
	Change       change        `json:"dynamodb"`
	SourceARN    string        `json:"eventSourceARN"`
	UserIdentity *userIdentity `json:"userIdentity,omitempty"`
}

type change struct {
	At             int64  `json:"ApproximateCreationDateTime"` // Unix seconds, whole ones as DynamoDB sends
	Keys           image  `json:"Keys"`
	New            image  `json:"NewImage,omitempty"`
	Old            image  `json:"OldImage,omitempty"`
	SequenceNumber string `json:"SequenceNumber"`
	SizeBytes      int    `json:"SizeBytes"`
	ViewType       string `json:"StreamViewType"`
}

// userIdentity marks a deletion by time to live.
type userIdentity struct {
	Type        string `json:"type"`
	PrincipalID string `json:"principalId"`
}

// image is an item in DynamoDB's JSON: {"name":{"S":"value"}}.
type image map[string]map[string]any

// Changes is a batch of a table's stream with both images (Lambda Developer
// Guide, "Using Lambda with DynamoDB streams"). A change's ID stands for its
// sequence number too, so that Failed names changes.
func (m Maker) Changes(name string, changes []table.Change) ([]byte, error) {
	var batch struct {
		Records []record `json:"Records"`
	}
	for _, c := range changes {
		r, err := m.record(name, c)
		if err != nil {
			return nil, fmt.Errorf("event: change %s: %w", c.ID, err)
		}
		batch.Records = append(batch.Records, r)
	}
	return json.Marshal(batch)
}

func (m Maker) record(name string, c table.Change) (record, error) {
	before, err := imageOf(c.Old)
	if err != nil {
		return record{}, err
	}
	after, err := imageOf(c.New)
	if err != nil {
		return record{}, err
	}
	keys := before
	if after != nil {
		keys = after
	}
	r := record{
		EventID:      c.ID,
		EventName:    operation(c),
		EventVersion: "1.1",
		EventSource:  "aws:dynamodb",
		AWSRegion:    m.Region,
		SourceARN:    "arn:aws:dynamodb:" + m.Region + ":" + account + ":table/" + name + "/stream/local",
		Change: change{
			At:             c.At.Unix(),
			Keys:           image{table.PK: keys[table.PK], table.SK: keys[table.SK]},
			New:            after,
			Old:            before,
			SequenceNumber: c.ID,
			ViewType:       "NEW_AND_OLD_IMAGES",
		},
	}
	if c.Expired {
		r.UserIdentity = &userIdentity{"Service", "dynamodb.amazonaws.com"}
	}
	return r, nil
}

func operation(c table.Change) string {
	switch {
	case c.Old == nil:
		return "INSERT"
	case c.New == nil:
		return "REMOVE"
	default:
		return "MODIFY"
	}
}

func imageOf(it table.Item) (image, error) {
	if it == nil {
		return nil, nil
	}
	im := make(image, len(it))
	for name, v := range it {
		a, err := attribute(v)
		if err != nil {
			return nil, fmt.Errorf("attribute %s: %w", name, err)
		}
		im[name] = a
	}
	return im, nil
}

func attribute(v any) (map[string]any, error) {
	switch v := v.(type) {
	case string:
		return map[string]any{"S": v}, nil
	case int64:
		return map[string]any{"N": strconv.FormatInt(v, 10)}, nil
	case bool:
		return map[string]any{"BOOL": v}, nil
	case []byte:
		return map[string]any{"B": base64.StdEncoding.EncodeToString(v)}, nil
	case table.Set:
		return map[string]any{"SS": []string(v)}, nil
	default:
		return nil, fmt.Errorf("type %T is not one of the table's", v)
	}
}

// Failed reads a function's answer to a batch with ReportBatchItemFailures:
// the ids of the records to deliver again. An answer that is empty or null
// means none (Lambda Developer Guide, "Success and failure conditions").
func Failed(answer []byte) ([]string, error) {
	var a struct {
		Failures []struct {
			ID string `json:"itemIdentifier"`
		} `json:"batchItemFailures"`
	}
	if len(answer) == 0 {
		return nil, nil
	}
	if err := json.Unmarshal(answer, &a); err != nil {
		return nil, fmt.Errorf("event: answer to a batch: %w", err)
	}
	var ids []string
	for _, f := range a.Failures {
		ids = append(ids, f.ID)
	}
	return ids, nil
}
