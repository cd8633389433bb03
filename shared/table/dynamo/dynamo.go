// Package dynamo is the table in DynamoDB, by the AWS SDK. It refuses to do
// more than one request per call, but for the keys that a BatchGet leaves
// over and for the rare doubt whether a refused Commit was in fact a repeat.
//
// A reply can get lost and the SDK then sends the request again. A Commit is
// safe from that by its writer; an Update is only if it is idempotent by its
// condition and change (as adding a claim to a set is): a plain increment may
// count twice.
package dynamo

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"latchkey/shared/table"
	"latchkey/shared/table/internal/eval"
)

// API is what the engine uses of *dynamodb.Client.
type API interface {
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
	BatchGetItem(context.Context, *dynamodb.BatchGetItemInput, ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error)
	Query(context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error)
	UpdateItem(context.Context, *dynamodb.UpdateItemInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error)
	TransactWriteItems(context.Context, *dynamodb.TransactWriteItemsInput, ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error)
}

// Engine is a table.Engine in DynamoDB.
type Engine struct {
	client  API
	name    *string
	schema  table.Schema
	pageKey []byte
}

var (
	_ table.Engine = (*Engine)(nil)
	_ API          = (*dynamodb.Client)(nil)
)

// New returns the table of that name, which CreateTable or the deployment
// made for the same schema. Page tokens are authenticated by pageKey.
func New(client API, name string, schema table.Schema, pageKey []byte) *Engine {
	return &Engine{client: client, name: &name, schema: schema, pageKey: pageKey}
}

// Get returns an item.
func (e *Engine) Get(ctx context.Context, key table.Key, consistent bool) (table.Item, error) {
	if err := eval.CheckKey(key); err != nil {
		return nil, err
	}
	out, err := e.client.GetItem(ctx, &dynamodb.GetItemInput{TableName: e.name, Key: encodeKey(key), ConsistentRead: &consistent})
	if err != nil {
		return nil, translate("get", err)
	}
	return decodeItem(out.Item)
}

// BatchGet returns items. Keys that DynamoDB leaves over are asked for again,
// with jitter; when some stay, the error is ErrConflict.
func (e *Engine) BatchGet(ctx context.Context, keys []table.Key) ([]table.Item, error) {
	if err := eval.CheckBatch(keys); err != nil || len(keys) == 0 {
		return nil, err
	}
	ask := make([]map[string]types.AttributeValue, len(keys))
	for i, key := range keys {
		ask[i] = encodeKey(key)
	}
	found := make(map[table.Key]table.Item, len(keys))
	err := table.Retry(ctx, func() (err error) {
		if ask, err = e.batch(ctx, ask, found); err == nil && len(ask) > 0 {
			return fmt.Errorf("dynamo: batch get: %d keys left over: %w", len(ask), table.ErrConflict)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	items := make([]table.Item, len(keys))
	for i, key := range keys {
		items[i] = found[key]
	}
	return items, nil
}

// batch asks once and returns the keys left over.
func (e *Engine) batch(ctx context.Context, keys []map[string]types.AttributeValue, found map[table.Key]table.Item) ([]map[string]types.AttributeValue, error) {
	out, err := e.client.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{
		*e.name: {Keys: keys, ConsistentRead: aws.Bool(true)},
	}})
	if err != nil {
		return keys, translate("batch get", err)
	}
	for _, av := range out.Responses[*e.name] {
		it, err := decodeItem(av)
		if err != nil {
			return keys, err
		}
		found[it.Key()] = it
	}
	return out.UnprocessedKeys[*e.name].Keys, nil
}

// Query returns one page.
func (e *Engine) Query(ctx context.Context, q table.Query) (table.Page, error) {
	ix, err := eval.CheckQuery(e.schema, q)
	if err != nil {
		return table.Page{}, err
	}
	in := e.queryInput(q, ix)
	if q.Token != "" {
		pos, err := table.OpenToken(e.pageKey, q)
		if err != nil {
			return table.Page{}, err
		}
		in.ExclusiveStartKey = startKey(q, ix, pos)
	}
	out, err := e.client.Query(ctx, in)
	if err != nil {
		return table.Page{}, translate("query", err)
	}
	return e.page(q, ix, out)
}

func (e *Engine) queryInput(q table.Query, ix table.Index) *dynamodb.QueryInput {
	var x expression
	x.attr(ix.PK).text(" = ").value(&types.AttributeValueMemberS{Value: q.PK})
	if q.Prefix != "" {
		x.text(" AND begins_with(").attr(ix.SK).text(", ").value(&types.AttributeValueMemberS{Value: q.Prefix}).text(")")
	}
	in := &dynamodb.QueryInput{
		TableName:                 e.name,
		KeyConditionExpression:    x.take(),
		ExpressionAttributeNames:  x.names,
		ExpressionAttributeValues: x.values,
		ScanIndexForward:          aws.Bool(!q.Descending),
	}
	if q.Index != "" {
		in.IndexName = &q.Index
	} else {
		in.ConsistentRead = &q.Consistent
	}
	if q.Limit > 0 {
		in.Limit = aws.Int32(int32(min(q.Limit, table.MaxPageBytes))) // an item has more than a byte
	}
	return in
}

func startKey(q table.Query, ix table.Index, pos table.Position) map[string]types.AttributeValue {
	key := encodeKey(pos.Key)
	if q.Index != "" {
		key[ix.PK] = &types.AttributeValueMemberS{Value: q.PK}
		key[ix.SK] = &types.AttributeValueMemberS{Value: pos.IndexSK}
	}
	return key
}

func (e *Engine) page(q table.Query, ix table.Index, out *dynamodb.QueryOutput) (table.Page, error) {
	var page table.Page
	for _, av := range out.Items {
		it, err := decodeItem(av)
		if err != nil {
			return table.Page{}, err
		}
		page.Items = append(page.Items, it)
	}
	last, err := decodeItem(out.LastEvaluatedKey)
	if err != nil {
		return table.Page{}, err
	}
	if last != nil {
		page.Next = table.SealToken(e.pageKey, q, eval.PositionOf(ix, last))
	}
	return page, nil
}

// Update changes one item.
func (e *Engine) Update(ctx context.Context, u table.Update) (table.Item, error) {
	if err := eval.CheckUpdate(e.schema, u); err != nil {
		return nil, err
	}
	var x expression
	in := &dynamodb.UpdateItemInput{
		TableName:                           e.name,
		Key:                                 encodeKey(u.Key),
		UpdateExpression:                    x.update(u),
		ConditionExpression:                 x.condition(u.If),
		ReturnValues:                        types.ReturnValueAllNew,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}
	in.ExpressionAttributeNames, in.ExpressionAttributeValues = x.names, x.values
	out, err := e.client.UpdateItem(ctx, in)
	if err == nil {
		return decodeItem(out.Attributes)
	}
	var failed *types.ConditionalCheckFailedException
	if !errors.As(err, &failed) {
		return nil, translate("update", err)
	}
	old, err := decodeItem(failed.Item)
	if err != nil {
		return nil, err
	}
	return nil, &table.RefusedError{Reasons: []table.Reason{{Failed: true, Item: old}}}
}
