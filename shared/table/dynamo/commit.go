package dynamo

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"hash"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"latchkey/shared/table"
	"latchkey/shared/table/internal/eval"
)

// Commit does all of ops or none. A repeat with the same content is no second
// write for ten minutes, by DynamoDB's request token; after that, or with
// other content (a time, say), it is recognised by the writer's mark.
func (e *Engine) Commit(ctx context.Context, writer string, ops ...table.Op) error {
	if err := eval.CheckCommit(e.schema, writer, ops); err != nil {
		return err
	}
	items := make([]types.TransactWriteItem, len(ops))
	for i, op := range ops {
		items[i] = e.transactItem(writer, op)
	}
	_, err := e.client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{
		TransactItems:      items,
		ClientRequestToken: aws.String(requestToken(writer, items)),
	})
	var cancelled *types.TransactionCanceledException
	if !errors.As(err, &cancelled) {
		return translate("commit", err)
	}
	refused, err := reasons(cancelled, len(ops))
	if err != nil {
		return err
	}
	done, err := e.done(ctx, writer, ops, refused.Reasons)
	if err != nil || done {
		return err
	}
	return refused
}

func (e *Engine) transactItem(writer string, op table.Op) types.TransactWriteItem {
	const allOld = types.ReturnValuesOnConditionCheckFailureAllOld
	var x expression
	switch {
	case op.Put != nil:
		item := encodeItem(op.Put.Item)
		item[table.Writer] = &types.AttributeValueMemberS{Value: writer}
		return types.TransactWriteItem{Put: &types.Put{TableName: e.name, Item: item, ConditionExpression: x.condition(op.Put.If),
			ExpressionAttributeNames: x.names, ExpressionAttributeValues: x.values, ReturnValuesOnConditionCheckFailure: allOld}}
	case op.Update != nil:
		update := types.Update{TableName: e.name, Key: encodeKey(op.Update.Key), UpdateExpression: x.update(*op.Update),
			ConditionExpression: x.condition(op.Update.If), ReturnValuesOnConditionCheckFailure: allOld}
		update.ExpressionAttributeNames, update.ExpressionAttributeValues = x.names, x.values
		return types.TransactWriteItem{Update: &update}
	case op.Delete != nil:
		return types.TransactWriteItem{Delete: &types.Delete{TableName: e.name, Key: encodeKey(op.Delete.Key), ConditionExpression: x.condition(op.Delete.If),
			ExpressionAttributeNames: x.names, ExpressionAttributeValues: x.values, ReturnValuesOnConditionCheckFailure: allOld}}
	default:
		return types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{TableName: e.name, Key: encodeKey(op.Check.Key), ConditionExpression: x.condition(op.Check.If),
			ExpressionAttributeNames: x.names, ExpressionAttributeValues: x.values, ReturnValuesOnConditionCheckFailure: allOld}}
	}
}

// done reports whether a refused commit is a repeat of one that was done. By
// atomicity one put item with the writer's mark tells for all. Where a put
// did not fail, its item was not returned and has to be looked at, unless its
// condition was that there is none.
func (e *Engine) done(ctx context.Context, writer string, ops []table.Op, rs []table.Reason) (bool, error) {
	var doubt *table.Put
	for i, op := range ops {
		switch {
		case op.Put == nil:
		case rs[i].Failed:
			return rs[i].Item.String(table.Writer) == writer, nil
		case op.Put.If.Op == table.CondAbsent && op.Put.If.Attr == table.PK:
			return false, nil
		default:
			doubt = op.Put
		}
	}
	if doubt == nil {
		return false, nil
	}
	it, err := e.Get(ctx, doubt.Item.Key(), true)
	return it.String(table.Writer) == writer, err
}

// requestToken names a request by its writer and its content, since DynamoDB
// refuses one token for two contents. It has 36 characters at most.
func requestToken(writer string, items []types.TransactWriteItem) string {
	h := sha256.New()
	hashString(h, &writer)
	for _, it := range items {
		switch {
		case it.Put != nil:
			hashOp(h, "put", it.Put.Item, nil, it.Put.ConditionExpression, it.Put.ExpressionAttributeNames, it.Put.ExpressionAttributeValues)
		case it.Update != nil:
			hashOp(h, "update", it.Update.Key, it.Update.UpdateExpression, it.Update.ConditionExpression, it.Update.ExpressionAttributeNames, it.Update.ExpressionAttributeValues)
		case it.Delete != nil:
			hashOp(h, "delete", it.Delete.Key, nil, it.Delete.ConditionExpression, it.Delete.ExpressionAttributeNames, it.Delete.ExpressionAttributeValues)
		default:
			hashOp(h, "check", it.ConditionCheck.Key, nil, it.ConditionCheck.ConditionExpression, it.ConditionCheck.ExpressionAttributeNames, it.ConditionCheck.ExpressionAttributeValues)
		}
	}
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:27])
}

func hashOp(h hash.Hash, kind string, item map[string]types.AttributeValue, update, cond *string, names map[string]string, values map[string]types.AttributeValue) {
	hashString(h, &kind)
	hashString(h, update)
	hashString(h, cond)
	hashValues(h, item)
	hashLen(h, len(names))
	for _, k := range slices.Sorted(maps.Keys(names)) {
		name := names[k]
		hashString(h, &k)
		hashString(h, &name)
	}
	hashValues(h, values)
}

func hashValues(h hash.Hash, m map[string]types.AttributeValue) {
	hashLen(h, len(m))
	for _, k := range slices.Sorted(maps.Keys(m)) {
		hashString(h, &k)
		hashValue(h, m[k])
	}
}

func hashValue(h hash.Hash, av types.AttributeValue) {
	switch av := av.(type) {
	case *types.AttributeValueMemberS:
		h.Write([]byte{'s'})
		hashString(h, &av.Value)
	case *types.AttributeValueMemberN:
		h.Write([]byte{'n'})
		hashString(h, &av.Value)
	case *types.AttributeValueMemberB:
		h.Write([]byte{'b'})
		hashString(h, aws.String(string(av.Value)))
	case *types.AttributeValueMemberBOOL:
		h.Write(map[bool][]byte{true: {'t'}, false: {'f'}}[av.Value])
	case *types.AttributeValueMemberSS:
		h.Write([]byte{'S'})
		hashLen(h, len(av.Value))
		for _, s := range av.Value {
			hashString(h, &s)
		}
	}
}

func hashString(h hash.Hash, s *string) {
	if s == nil {
		hashLen(h, -1)
		return
	}
	hashLen(h, len(*s))
	h.Write([]byte(*s))
}

func hashLen(h hash.Hash, n int) { h.Write(binary.AppendVarint(nil, int64(n))) }
