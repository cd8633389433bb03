// Package feed turns a DynamoDB stream's events into the table's changes, and
// back for the local runner. It is apart from package dynamo so that only
// those who read streams link the event types. It refuses events without both
// images: a change that lost half of itself must not pass for a creation.
package feed

import (
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"latchkey/shared/table"
)

// How the stream marks a deletion by time to live ("DynamoDB Streams and Time
// to Live").
const (
	ttlType      = "Service"
	ttlPrincipal = "dynamodb.amazonaws.com"
)

// Changes returns the changes of an event in its order.
func Changes(e events.DynamoDBEvent) ([]table.Change, error) {
	changes := make([]table.Change, len(e.Records))
	for i, r := range e.Records {
		c, err := change(r)
		if err != nil {
			return nil, fmt.Errorf("feed: record %d: %w", i, err)
		}
		changes[i] = c
	}
	return changes, nil
}

func change(r events.DynamoDBEventRecord) (table.Change, error) {
	c := table.Change{ID: r.EventID, At: r.Change.ApproximateCreationDateTime.UTC()}
	if u := r.UserIdentity; u != nil {
		c.Expired = u.Type == ttlType && u.PrincipalID == ttlPrincipal
	}
	var err error
	if c.Old, err = item(r.Change.OldImage); err != nil {
		return c, err
	}
	if c.New, err = item(r.Change.NewImage); err != nil {
		return c, err
	}
	if got := name(c); got != r.EventName {
		return c, fmt.Errorf("event %q has the images of %q", r.EventName, got)
	}
	if c.ID == "" {
		return c, fmt.Errorf("no event id")
	}
	return c, nil
}

// name returns what the stream calls a change, "" for one of nothing.
func name(c table.Change) string {
	switch {
	case c.Old != nil && c.New != nil:
		return string(events.DynamoDBOperationTypeModify)
	case c.New != nil:
		return string(events.DynamoDBOperationTypeInsert)
	case c.Old != nil:
		return string(events.DynamoDBOperationTypeRemove)
	}
	return "NOTHING"
}

func item(image map[string]events.DynamoDBAttributeValue) (table.Item, error) {
	if len(image) == 0 {
		return nil, nil
	}
	it := make(table.Item, len(image))
	for attr, av := range image {
		v, err := value(av)
		if err != nil {
			return nil, fmt.Errorf("attribute %q: %w", attr, err)
		}
		it[attr] = v
	}
	if k := it.Key(); k.PK == "" || k.SK == "" {
		return nil, fmt.Errorf("an image without a key")
	}
	return it, nil
}

func value(av events.DynamoDBAttributeValue) (any, error) {
	switch av.DataType() {
	case events.DataTypeString:
		return av.String(), nil
	case events.DataTypeNumber:
		return strconv.ParseInt(av.Number(), 10, 64)
	case events.DataTypeBoolean:
		return av.Boolean(), nil
	case events.DataTypeBinary:
		return append([]byte{}, av.Binary()...), nil
	case events.DataTypeStringSet:
		return table.Set(av.StringSet()), nil
	}
	return nil, fmt.Errorf("a value of type %d, which the table does not hold", av.DataType())
}

// Event returns the event that a stream would deliver for changes.
func Event(changes []table.Change) events.DynamoDBEvent {
	records := make([]events.DynamoDBEventRecord, len(changes))
	for i, c := range changes {
		records[i] = record(c)
	}
	return events.DynamoDBEvent{Records: records}
}

func record(c table.Change) events.DynamoDBEventRecord {
	r := events.DynamoDBEventRecord{
		AWSRegion: "local", EventID: c.ID, EventName: name(c), EventSource: "aws:dynamodb", EventVersion: "1.1",
		Change: events.DynamoDBStreamRecord{
			ApproximateCreationDateTime: events.SecondsEpochTime{Time: c.At.Truncate(time.Second)}, // as precise as the stream
			Keys:                        keys(c),
			NewImage:                    image(c.New),
			OldImage:                    image(c.Old),
			SequenceNumber:              c.ID,
			StreamViewType:              string(events.DynamoDBStreamViewTypeNewAndOldImages),
		},
	}
	if c.Expired {
		r.UserIdentity = &events.DynamoDBUserIdentity{Type: ttlType, PrincipalID: ttlPrincipal}
	}
	return r
}

func keys(c table.Change) map[string]events.DynamoDBAttributeValue {
	it := c.New
	if it == nil {
		it = c.Old
	}
	k := it.Key()
	return image(table.Item{table.PK: k.PK, table.SK: k.SK})
}

func image(it table.Item) map[string]events.DynamoDBAttributeValue {
	if it == nil {
		return nil
	}
	m := make(map[string]events.DynamoDBAttributeValue, len(it))
	for attr, v := range it {
		m[attr] = attribute(v)
	}
	return m
}

func attribute(v any) events.DynamoDBAttributeValue {
	switch v := v.(type) {
	case string:
		return events.NewStringAttribute(v)
	case int64:
		return events.NewNumberAttribute(strconv.FormatInt(v, 10))
	case bool:
		return events.NewBooleanAttribute(v)
	case []byte:
		return events.NewBinaryAttribute(v)
	case table.Set:
		return events.NewStringSetAttribute(v)
	}
	return events.NewNullAttribute()
}
