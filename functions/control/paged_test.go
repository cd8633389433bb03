package main

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"latchkey/shared/seal"
	"latchkey/shared/table"
	"latchkey/shared/table/dynamo"
)

// endless is a DynamoDB of which every page has a next one.
type endless struct{ dynamo.API }

func (endless) Query(context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	key := map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: "p"}, "sk": &types.AttributeValueMemberS{Value: "s"}}
	return &dynamodb.QueryOutput{Items: []map[string]types.AttributeValue{key}, LastEvaluatedKey: key}, nil
}

// source returns keys that a test can exchange.
type source struct {
	keys *seal.Keys
	err  error
}

func (s *source) Keys(context.Context) (*seal.Keys, error) { return s.keys, s.err }

func keysOf(t *testing.T, letter string) *seal.Keys {
	t.Helper()
	k, err := seal.Parse(strings.Repeat(letter, 32))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestPageTokens(t *testing.T) {
	s := &source{keys: keysOf(t, "a")}
	q := table.Query{PK: "p"}
	first, err := newPaged(endless{}, "t", s).Query(t.Context(), q)
	if err != nil || first.Next == "" {
		t.Fatalf("next %q, %v", first.Next, err)
	}
	q.Token = first.Next
	if _, err := newPaged(endless{}, "t", s).Query(t.Context(), q); err != nil {
		t.Errorf("another instance: %v", err)
	}
	other := newPaged(endless{}, "t", &source{keys: keysOf(t, "b")})
	if _, err := other.Query(t.Context(), q); !errors.Is(err, table.ErrToken) {
		t.Errorf("another deployment's token: %v, want ErrToken", err)
	}
	nobody := dynamo.New(endless{}, "t", table.Schema{}, nil)
	if _, err := nobody.Query(t.Context(), q); !errors.Is(err, table.ErrToken) {
		t.Errorf("without the key: %v, want ErrToken", err)
	}
	s.err = errors.New("down")
	if _, err := newPaged(endless{}, "t", s).Query(t.Context(), q); !errors.Is(err, s.err) {
		t.Errorf("without keys: %v", err)
	}
}
