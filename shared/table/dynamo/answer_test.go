package dynamo_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"latchkey/shared/table"
)

var errLost = errors.New("connection reset")

func cancelled(codes ...string) error {
	e := &types.TransactionCanceledException{}
	for _, code := range codes {
		r := types.CancellationReason{Code: aws.String(code)}
		if message, ok := strings.CutPrefix(code, "ValidationError: "); ok {
			r = types.CancellationReason{Code: aws.String("ValidationError"), Message: &message}
		}
		if mark, ok := strings.CutPrefix(code, "ConditionalCheckFailed: "); ok {
			r = types.CancellationReason{Code: aws.String("ConditionalCheckFailed"), Item: avs{"pk": str("p"), "sk": str("s"), table.Writer: str(mark)}}
		}
		e.CancellationReasons = append(e.CancellationReasons, r)
	}
	return &smithy.OperationError{ServiceID: "DynamoDB", OperationName: "TransactWriteItems", Err: e}
}

func item(sk string) table.Item { return table.Item{table.PK: "p", table.SK: sk} }

// ops are a conditional create and a conditional count.
func ops() []table.Op {
	return []table.Op{
		{Put: &table.Put{Item: item("s"), If: table.Absent(table.PK)}},
		{Update: &table.Update{Key: key("p", "n"), Add: map[string]int64{"n": 1}, If: table.Less("n", int64(5))}},
	}
}

func TestCommitAnswers(t *testing.T) {
	marked := table.Item{"pk": "p", "sk": "s", table.Writer: "other"}
	tests := map[string]struct {
		err     error
		want    error
		refused []table.Reason
	}{
		"done":                        {nil, nil, nil},
		"a lost reply":                {errLost, errLost, nil},
		"a conflict":                  {cancelled("None", "TransactionConflict"), table.ErrConflict, nil},
		"throttling":                  {cancelled("ThrottlingError", "None"), table.ErrConflict, nil},
		"throughput":                  {cancelled("ProvisionedThroughputExceeded", "None"), table.ErrConflict, nil},
		"in progress":                 {&types.TransactionInProgressException{}, table.ErrConflict, nil},
		"a type":                      {cancelled("None", "ValidationError: An operand in the update expression has an incorrect data type"), table.ErrInvalid, nil},
		"a size":                      {cancelled("None", "ValidationError: Item size to update has exceeded the maximum allowed size"), table.ErrTooLarge, nil},
		"an invalid request":          {&smithy.GenericAPIError{Code: "ValidationException", Message: "no"}, table.ErrInvalid, nil},
		"refused":                     {cancelled("None", "ConditionalCheckFailed"), nil, []table.Reason{{}, {Failed: true}}},
		"refused, by another writer":  {cancelled("ConditionalCheckFailed: other", "None"), nil, []table.Reason{{Failed: true, Item: marked}, {}}},
		"refused and in conflict":     {cancelled("ConditionalCheckFailed: other", "TransactionConflict"), nil, []table.Reason{{Failed: true, Item: marked}, {}}},
		"a repeat":                    {cancelled("ConditionalCheckFailed: w", "None"), nil, nil},
		"a repeat that is now full":   {cancelled("ConditionalCheckFailed: w", "ConditionalCheckFailed"), nil, nil},
		"a cancellation of no reason": {cancelled("None", "None"), errors.New("no reason given"), nil},
		"too few reasons":             {cancelled("None"), errors.New("1 reasons for 2 operations"), nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			e, s := script(answer{err: tt.err})
			err := e.Commit(t.Context(), "w", ops()...)
			if r := table.Refused(err); r != nil || tt.refused != nil {
				diff(t, "reasons", r, &table.RefusedError{Reasons: tt.refused})
			} else if !errors.Is(err, tt.want) && (tt.want == nil || !strings.Contains(err.Error(), tt.want.Error())) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
			diff(t, "requests", len(s.requests), 1)
		})
	}
}

// Where no put failed and none was conditional on there being none, only a
// look at a put item can tell a repeat from a refusal.
func TestCommitInDoubt(t *testing.T) {
	for mark, wantRefused := range map[string]bool{"w": false, "other": true, "": true} {
		var stored avs
		if mark != "" {
			stored = avs{"pk": str("p"), "sk": str("t"), table.Writer: str(mark)}
		}
		e, s := script(answer{err: cancelled("None", "ConditionalCheckFailed")}, answer{out: &dynamodb.GetItemOutput{Item: stored}})
		err := e.Commit(t.Context(), "w", table.Op{Put: &table.Put{Item: item("t")}}, ops()[1])
		if refused := table.Refused(err) != nil; refused != wantRefused || !refused && err != nil {
			t.Errorf("mark %q: error %v", mark, err)
		}
		diff(t, "the look", s.requests[1], &dynamodb.GetItemInput{TableName: aws.String("latchkey"), Key: avs{"pk": str("p"), "sk": str("t")}, ConsistentRead: aws.Bool(true)})
	}
}

func token(t *testing.T, writer string, ops ...table.Op) string {
	t.Helper()
	e, s := script()
	if err := e.Commit(t.Context(), writer, ops...); err != nil {
		t.Fatal(err)
	}
	return *s.requests[0].(*dynamodb.TransactWriteItemsInput).ClientRequestToken
}

// The same work has the same request token however often its maps are read,
// and any other work another one.
func TestRequestToken(t *testing.T) {
	rich := func(v any) table.Op {
		return table.Op{Put: &table.Put{Item: table.Item{"pk": "p", "sk": "s", "a": v, "b": true, "c": int64(1), "d": []byte("x"), "e": table.Set{"y"}, "f": "z"}}}
	}
	seen := map[string]string{}
	variants := map[string][]table.Op{
		"base":             {rich("v")},
		"another value":    {rich("w")},
		"another type":     {rich([]byte("v"))},
		"another set":      {rich(table.Set{"v"})},
		"a number":         {rich(int64(1))},
		"true":             {rich(true)},
		"false":            {rich(false)},
		"a condition":      {{Put: &table.Put{Item: rich("v").Put.Item, If: table.Absent("pk")}}},
		"another one":      {{Put: &table.Put{Item: rich("v").Put.Item, If: table.Absent("sk")}}},
		"a delete":         {{Delete: &table.Delete{Key: key("p", "s")}}},
		"a check":          {{Check: &table.Check{Key: key("p", "s"), If: table.Exists("pk")}}},
		"a delete if":      {{Delete: &table.Delete{Key: key("p", "s"), If: table.Exists("pk")}}},
		"an update":        {{Update: &table.Update{Key: key("p", "s"), Add: map[string]int64{"n": 1}}}},
		"another update":   {{Update: &table.Update{Key: key("p", "s"), Add: map[string]int64{"n": 2}}}},
		"two operations":   {rich("v"), {Delete: &table.Delete{Key: key("p", "t")}}},
		"in another order": {{Delete: &table.Delete{Key: key("p", "t")}}, rich("v")},
	}
	for name, ops := range variants {
		first := token(t, "w", ops...)
		if len(first) != 36 {
			t.Errorf("%s: token of %d characters", name, len(first))
		}
		for range 20 {
			if again := token(t, "w", ops...); again != first {
				t.Fatalf("%s: tokens %q and %q", name, first, again)
			}
		}
		if other, ok := seen[first]; ok {
			t.Errorf("%s and %s have one token", name, other)
		}
		seen[first] = name
	}
	if token(t, "w2", rich("v")) == token(t, "w", rich("v")) {
		t.Error("two writers have one token")
	}
}

func TestUpdateAnswers(t *testing.T) {
	tests := map[string]struct {
		err     error
		want    error
		refused []table.Reason
	}{
		"refused":           {&types.ConditionalCheckFailedException{Item: avs{"pk": str("p"), "sk": str("s")}}, nil, []table.Reason{{Failed: true, Item: item("s")}}},
		"refused, no item":  {&types.ConditionalCheckFailedException{}, nil, []table.Reason{{Failed: true}}},
		"a conflict":        {&types.TransactionConflictException{}, table.ErrConflict, nil},
		"an invalid update": {&smithy.GenericAPIError{Code: "ValidationException", Message: "An operand in the update expression has an incorrect data type"}, table.ErrInvalid, nil},
		"a large item":      {&smithy.GenericAPIError{Code: "ValidationException", Message: "Item size to update has exceeded the maximum allowed size"}, table.ErrTooLarge, nil},
	}
	for name, tt := range tests {
		e, _ := script(answer{err: &smithy.OperationError{Err: tt.err}})
		_, err := e.Update(t.Context(), table.Update{Key: key("p", "s"), Add: map[string]int64{"n": 1}})
		if r := table.Refused(err); r != nil || tt.refused != nil {
			diff(t, name, r, &table.RefusedError{Reasons: tt.refused})
		} else if !errors.Is(err, tt.want) {
			t.Errorf("%s: error %v, want %v", name, err, tt.want)
		}
	}
}

// A throttled update may have been done by an earlier try of the SDK's, so it
// must not pass for a conflict, in which nothing was written.
func TestThrottledUpdateIsNoConflict(t *testing.T) {
	e, _ := script(answer{err: &types.ThrottlingException{}})
	_, err := e.Update(t.Context(), table.Update{Key: key("p", "s"), Add: map[string]int64{"n": 1}})
	if err == nil || errors.Is(err, table.ErrConflict) || table.Refused(err) != nil {
		t.Errorf("error %v", err)
	}
}

func TestBatchGetAsksAgain(t *testing.T) {
	response := func(left []string, sks ...string) answer {
		out := &dynamodb.BatchGetItemOutput{Responses: map[string][]avs{}, UnprocessedKeys: map[string]types.KeysAndAttributes{}}
		for _, sk := range sks {
			out.Responses["latchkey"] = append(out.Responses["latchkey"], avs{"pk": str("p"), "sk": str(sk)})
		}
		var keys []avs
		for _, sk := range left {
			keys = append(keys, avs{"pk": str("p"), "sk": str(sk)})
		}
		if keys != nil {
			out.UnprocessedKeys["latchkey"] = types.KeysAndAttributes{Keys: keys}
		}
		return answer{out: out}
	}
	tests := map[string]struct {
		answers  []answer
		want     []table.Item
		err      error
		requests int
	}{
		"at once":       {[]answer{response(nil, "c", "a")}, []table.Item{item("a"), nil, item("c")}, nil, 1},
		"in three":      {[]answer{response([]string{"b", "c"}, "a"), response([]string{"c"}), response(nil, "c")}, []table.Item{item("a"), nil, item("c")}, nil, 3},
		"never":         {[]answer{response([]string{"c"}, "a")}, nil, table.ErrConflict, 0},
		"a later error": {[]answer{response([]string{"c"}, "a"), {err: errLost}}, nil, errLost, 2},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e, s := script(tt.answers...)
				got, err := e.BatchGet(t.Context(), []table.Key{key("p", "a"), key("p", "b"), key("p", "c")})
				if !errors.Is(err, tt.err) {
					t.Errorf("error %v, want %v", err, tt.err)
				}
				diff(t, "items", got, tt.want)
				if tt.requests > 0 { // else as many as there is time for
					diff(t, "requests", len(s.requests), tt.requests)
				}
				last := s.requests[len(s.requests)-1].(*dynamodb.BatchGetItemInput).RequestItems["latchkey"]
				diff(t, "consistent", *last.ConsistentRead, true)
			})
		})
	}
}
