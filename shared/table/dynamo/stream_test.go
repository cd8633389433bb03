package dynamo_test

import (
	"os"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/table"
	"latchkey/shared/table/dynamo/feed"
)

// stream returns a function that reads the table's stream from where it was,
// through the same decoding as a function's event.
func stream(client *dynamodb.Client, name string) func(t *testing.T) []table.Change {
	streams := dynamodbstreams.New(dynamodbstreams.Options{
		Region: "eu-central-1", BaseEndpoint: aws.String(os.Getenv(endpointEnv)),
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
	var iterators []*string
	return func(t *testing.T) []table.Change {
		if iterators == nil {
			iterators = shards(t, client, streams, name)
		}
		var changes []table.Change
		for i := range iterators {
			for iterators[i] != nil {
				out, err := streams.GetRecords(t.Context(), &dynamodbstreams.GetRecordsInput{ShardIterator: iterators[i]})
				if err != nil {
					t.Fatal(err)
				}
				iterators[i] = out.NextShardIterator
				got, err := feed.Changes(event(out.Records))
				if err != nil {
					t.Fatal(err)
				}
				changes = append(changes, got...)
				if len(got) == 0 {
					break
				}
			}
		}
		return motoless(changes)
	}
}

// motoless leaves out what moto's stream says and DynamoDB's does not: that an
// update which creates an item first makes it of its key alone, and that a
// change changes nothing.
func motoless(changes []table.Change) []table.Change {
	var kept []table.Change
	created := map[table.Key]int{} // where kept has the bare item
	for _, c := range changes {
		i, bare := created[c.New.Key()]
		delete(created, c.New.Key())
		switch {
		case cmp.Equal(c.Old, c.New):
		case bare && c.Old == nil:
			kept[i] = c
		default:
			if c.Old == nil && len(c.New) == 2 {
				created[c.New.Key()] = len(kept)
			}
			kept = append(kept, c)
		}
	}
	return kept
}

func shards(t *testing.T, client *dynamodb.Client, streams *dynamodbstreams.Client, name string) []*string {
	t.Helper()
	tab, err := client.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: &name})
	if err != nil {
		t.Fatal(err)
	}
	arn := tab.Table.LatestStreamArn
	desc, err := streams.DescribeStream(t.Context(), &dynamodbstreams.DescribeStreamInput{StreamArn: arn})
	if err != nil {
		t.Fatal(err)
	}
	var iterators []*string
	for _, s := range desc.StreamDescription.Shards {
		it, err := streams.GetShardIterator(t.Context(), &dynamodbstreams.GetShardIteratorInput{
			StreamArn: arn, ShardId: s.ShardId, ShardIteratorType: types.ShardIteratorTypeTrimHorizon})
		if err != nil {
			t.Fatal(err)
		}
		iterators = append(iterators, it.ShardIterator)
	}
	return iterators
}

// event is what a function gets for these records.
func event(records []types.Record) events.DynamoDBEvent {
	var e events.DynamoDBEvent
	for _, r := range records {
		out := events.DynamoDBEventRecord{EventID: aws.ToString(r.EventID), EventName: string(r.EventName), Change: events.DynamoDBStreamRecord{
			ApproximateCreationDateTime: events.SecondsEpochTime{Time: aws.ToTime(r.Dynamodb.ApproximateCreationDateTime)},
			OldImage:                    image(r.Dynamodb.OldImage),
			NewImage:                    image(r.Dynamodb.NewImage),
		}}
		if u := r.UserIdentity; u != nil {
			out.UserIdentity = &events.DynamoDBUserIdentity{Type: aws.ToString(u.Type), PrincipalID: aws.ToString(u.PrincipalId)}
		}
		e.Records = append(e.Records, out)
	}
	return e
}

func image(m map[string]types.AttributeValue) map[string]events.DynamoDBAttributeValue {
	out := map[string]events.DynamoDBAttributeValue{}
	for name, av := range m {
		switch av := av.(type) {
		case *types.AttributeValueMemberS:
			out[name] = events.NewStringAttribute(av.Value)
		case *types.AttributeValueMemberN:
			out[name] = events.NewNumberAttribute(av.Value)
		case *types.AttributeValueMemberBOOL:
			out[name] = events.NewBooleanAttribute(av.Value)
		case *types.AttributeValueMemberB:
			out[name] = events.NewBinaryAttribute(av.Value)
		case *types.AttributeValueMemberSS:
			out[name] = events.NewStringSetAttribute(av.Value)
		default:
			out[name] = events.NewNullAttribute()
		}
	}
	return out
}
