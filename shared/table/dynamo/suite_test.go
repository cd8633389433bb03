package dynamo_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"latchkey/shared/table"
	"latchkey/shared/table/dynamo"
	"latchkey/shared/table/tabletest"
)

// endpointEnv names a DynamoDB-compatible server for the contract. With
// endpointRaces it is also trusted with races: Amazon's own local server and
// the service are; moto's is not, it checks and writes in two steps.
const (
	endpointEnv   = "TEST_DYNAMODB_ENDPOINT"
	endpointRaces = "TEST_DYNAMODB_RACES"
)

// endpoint returns a client of the server, or skips: without one, what is
// proven here are the requests (expression_test.go, commit_test.go).
func endpoint(t testing.TB) *dynamodb.Client {
	t.Helper()
	url := os.Getenv(endpointEnv)
	if url == "" {
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s is not set: CI must run the contract against a server", endpointEnv)
		}
		t.Skipf("%s is not set: only requests and answers by a scripted client are tested, not a server's", endpointEnv)
	}
	return dynamodb.New(dynamodb.Options{
		Region: "eu-central-1", BaseEndpoint: &url, Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
		HTTPClient: awshttp.NewBuildableClient().WithTransportOptions(once),
	})
}

// once asks for a connection for each request, as moto's server ends it after
// each anyway: fewer of its answers break off, after which the SDK asks again.
func once(t *http.Transport) { t.DisableKeepAlives = true }

// motoWrong are the tests of the contract that moto's server fails where
// DynamoDB's documentation sides with the contract, and what stands in.
var motoWrong = map[string]string{
	"an update without changes is none, or creates the bare item": "TestUpdateExpressions/nothing (moto answers 500 to an update without an expression)",
	"a comparison across types does not hold":                     "TestUpdateExpressions (moto answers 500 where DynamoDB compares to false)",
	"increments by many are all counted":                          "TestUpdateIsOneRequest (where an answer of moto's breaks off, the SDK asks again, and it counts twice)",
	"an item of exactly 400 KB fits":                              "TestInvalidIsNotSent (moto's limit is lower)",
	"nor may an insert":                                           "TestUpdateAnswers/a_large_item (moto does not measure what ADD makes)",
	"a page of an index ends at 1 MB of what it projects":         "TestQueryRequests (moto counts whole items)",
}

var tables atomic.Int64

func create(t testing.TB, client *dynamodb.Client) (*dynamo.Engine, string) {
	t.Helper()
	name := fmt.Sprintf("contract-%d-%d", os.Getpid(), tables.Add(1))
	if err := dynamo.CreateTable(t.Context(), client, name, tabletest.Schema()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, err := client.DeleteTable(context.Background(), &dynamodb.DeleteTableInput{TableName: aws.String(name)})
		if err != nil {
			t.Error(err)
		}
	})
	return dynamo.New(client, name, tabletest.Schema(), tabletest.PageKey()), name
}

// TestContract asks moto's server for claims in turn only: raced, it oversells
// by itself. That DynamoDB evaluates condition and update as one is its own
// promise; that ours is one request is TestUpdateIsOneRequest.
func TestContract(t *testing.T) {
	client := endpoint(t)
	tabletest.Run(t, func(t *testing.T) tabletest.Harness {
		e, name := create(t, client)
		h := tabletest.Harness{
			Engine:    e,
			Changes:   stream(client, name),
			Elsewhere: map[string]string{"Expire": "feed.TestStreamEvent: DynamoDB deletes when it likes, and marks the record"},
		}
		if os.Getenv(endpointRaces) == "" {
			h.Racers, h.Rounds = 1, 3
			maps.Copy(h.Elsewhere, motoWrong)
		}
		return h
	})
}

func BenchmarkEngine(b *testing.B) {
	client := endpoint(b)
	tabletest.Bench(b, func(b *testing.B) table.Engine {
		e, _ := create(b, client)
		return e
	})
}

func TestCreateTable(t *testing.T) {
	client := endpoint(t)
	_, name := create(t, client)
	out, err := client.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: &name})
	if err != nil {
		t.Fatal(err)
	}
	if got := out.Table.BillingModeSummary.BillingMode; got != "PAY_PER_REQUEST" {
		t.Errorf("billing mode %q", got)
	}
	if got := out.Table.StreamSpecification.StreamViewType; got != "NEW_AND_OLD_IMAGES" {
		t.Errorf("stream %q", got)
	}
	projections := map[string]string{}
	for _, ix := range out.Table.GlobalSecondaryIndexes {
		projections[*ix.IndexName] = strings.Join(append([]string{string(ix.Projection.ProjectionType)}, ix.Projection.NonKeyAttributes...), " ")
	}
	diff(t, "projections", projections, map[string]string{"by-owner": "INCLUDE note size", "by-state": "KEYS_ONLY"})
	ttl, err := client.DescribeTimeToLive(t.Context(), &dynamodb.DescribeTimeToLiveInput{TableName: &name})
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "ttl", *ttl.TimeToLiveDescription.AttributeName, table.TTL)
}
