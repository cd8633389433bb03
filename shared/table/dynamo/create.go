package dynamo

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"latchkey/shared/table"
)

// Creator is what CreateTable uses of *dynamodb.Client.
type Creator interface {
	CreateTable(context.Context, *dynamodb.CreateTableInput, ...func(*dynamodb.Options)) (*dynamodb.CreateTableOutput, error)
	DescribeTable(context.Context, *dynamodb.DescribeTableInput, ...func(*dynamodb.Options)) (*dynamodb.DescribeTableOutput, error)
	UpdateTimeToLive(context.Context, *dynamodb.UpdateTimeToLiveInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateTimeToLiveOutput, error)
}

// createWait bounds the wait for a new table.
const createWait = 2 * time.Minute

// CreateTable makes the table for local stacks and tests, as template.yaml
// does on AWS: on demand, with a stream of both images and time to live. It
// returns when the table can be used.
func CreateTable(ctx context.Context, client Creator, name string, schema table.Schema) error {
	if _, err := client.CreateTable(ctx, createInput(name, schema)); err != nil {
		return fmt.Errorf("dynamo: create table %s: %w", name, err)
	}
	err := dynamodb.NewTableExistsWaiter(client, func(o *dynamodb.TableExistsWaiterOptions) { o.MinDelay = 100 * time.Millisecond }).
		Wait(ctx, &dynamodb.DescribeTableInput{TableName: &name}, createWait)
	if err != nil {
		return fmt.Errorf("dynamo: wait for table %s: %w", name, err)
	}
	_, err = client.UpdateTimeToLive(ctx, &dynamodb.UpdateTimeToLiveInput{TableName: &name,
		TimeToLiveSpecification: &types.TimeToLiveSpecification{AttributeName: aws.String(table.TTL), Enabled: aws.Bool(true)}})
	if err != nil {
		return fmt.Errorf("dynamo: time to live of table %s: %w", name, err)
	}
	return nil
}

func createInput(name string, schema table.Schema) *dynamodb.CreateTableInput {
	in := &dynamodb.CreateTableInput{
		TableName:   &name,
		BillingMode: types.BillingModePayPerRequest,
		KeySchema:   keySchema(table.PK, table.SK),
		StreamSpecification: &types.StreamSpecification{
			StreamEnabled: aws.Bool(true), StreamViewType: types.StreamViewTypeNewAndOldImages},
	}
	attrs := []string{table.PK, table.SK}
	for _, ix := range schema.Indexes {
		attrs = append(attrs, ix.PK, ix.SK)
		projection := types.Projection{ProjectionType: types.ProjectionTypeKeysOnly}
		if len(ix.Project) > 0 {
			projection = types.Projection{ProjectionType: types.ProjectionTypeInclude, NonKeyAttributes: ix.Project}
		}
		in.GlobalSecondaryIndexes = append(in.GlobalSecondaryIndexes, types.GlobalSecondaryIndex{
			IndexName: aws.String(ix.Name), KeySchema: keySchema(ix.PK, ix.SK), Projection: &projection})
	}
	slices.Sort(attrs)
	for _, attr := range slices.Compact(attrs) {
		in.AttributeDefinitions = append(in.AttributeDefinitions,
			types.AttributeDefinition{AttributeName: aws.String(attr), AttributeType: types.ScalarAttributeTypeS})
	}
	return in
}

func keySchema(pk, sk string) []types.KeySchemaElement {
	return []types.KeySchemaElement{
		{AttributeName: aws.String(pk), KeyType: types.KeyTypeHash},
		{AttributeName: aws.String(sk), KeyType: types.KeyTypeRange},
	}
}
