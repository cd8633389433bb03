package dynamo_test

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"latchkey/shared/table"
	"latchkey/shared/table/dynamo"
	"latchkey/shared/table/tabletest"
)

// answer is what the scripted client says to one request.
type answer struct {
	out any
	err error
}

// scripted is a client that keeps the requests and answers from a script.
type scripted struct {
	answers  []answer // the last one also answers all further requests
	requests []any
}

var _ dynamo.API = (*scripted)(nil)

func reply[O any](s *scripted, in any) (*O, error) {
	s.requests = append(s.requests, in)
	a := s.answers[min(len(s.requests), len(s.answers))-1]
	if a.err != nil {
		return nil, a.err
	}
	if a.out == nil {
		return new(O), nil
	}
	return a.out.(*O), nil
}

func (s *scripted) GetItem(_ context.Context, in *dynamodb.GetItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	return reply[dynamodb.GetItemOutput](s, in)
}

func (s *scripted) BatchGetItem(_ context.Context, in *dynamodb.BatchGetItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
	return reply[dynamodb.BatchGetItemOutput](s, in)
}

func (s *scripted) Query(_ context.Context, in *dynamodb.QueryInput, _ ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	return reply[dynamodb.QueryOutput](s, in)
}

func (s *scripted) UpdateItem(_ context.Context, in *dynamodb.UpdateItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	return reply[dynamodb.UpdateItemOutput](s, in)
}

func (s *scripted) TransactWriteItems(_ context.Context, in *dynamodb.TransactWriteItemsInput, _ ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error) {
	return reply[dynamodb.TransactWriteItemsOutput](s, in)
}

func script(answers ...answer) (*dynamo.Engine, *scripted) {
	if len(answers) == 0 {
		answers = []answer{{}}
	}
	s := &scripted{answers: answers}
	return dynamo.New(s, "latchkey", tabletest.Schema(), tabletest.PageKey()), s
}

func diff(t *testing.T, what string, got, want any) {
	t.Helper()
	ignore := cmpopts.IgnoreUnexported(dynamodb.UpdateItemInput{}, dynamodb.QueryInput{}, dynamodb.GetItemInput{}, dynamodb.TransactWriteItemsInput{},
		dynamodb.BatchGetItemInput{}, types.TransactWriteItem{}, types.Put{}, types.Update{}, types.Delete{}, types.ConditionCheck{}, types.KeysAndAttributes{},
		types.AttributeValueMemberS{}, types.AttributeValueMemberN{}, types.AttributeValueMemberB{}, types.AttributeValueMemberBOOL{}, types.AttributeValueMemberSS{})
	if d := cmp.Diff(want, got, ignore); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

type avs = map[string]types.AttributeValue

func str(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
func num(s string) types.AttributeValue { return &types.AttributeValueMemberN{Value: s} }
func set(s ...string) types.AttributeValue {
	return &types.AttributeValueMemberSS{Value: s}
}

func key(pk, sk string) table.Key { return table.Key{PK: pk, SK: sk} }
