package dynamo_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"latchkey/shared/table"
	"latchkey/shared/table/tabletest"
)

// The claim on a limited share, which is the hot path, is one request that
// holds the whole decision.
func TestUpdateIsOneRequest(t *testing.T) {
	e, s := script(answer{out: &dynamodb.UpdateItemOutput{Attributes: avs{"pk": str("p"), "sk": str("s"), "claims": set("c")}}})
	got, err := e.Update(t.Context(), tabletest.ClaimUpdate(key("p", "s"), "c", 1000))
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "item", got, table.Item{"pk": "p", "sk": "s", "claims": table.Set{"c"}})
	diff(t, "requests", s.requests, []any{&dynamodb.UpdateItemInput{
		TableName:        aws.String("latchkey"),
		Key:              avs{"pk": str("p"), "sk": str("s")},
		UpdateExpression: aws.String("ADD #0 :0"),
		ConditionExpression: aws.String("attribute_exists(#1) AND attribute_not_exists(#2) AND #3 > :1 AND " +
			"(attribute_type(#0, :2) AND contains(#0, :3) OR attribute_not_exists(#0) OR attribute_type(#0, :4) AND size(#0) < #4)"),
		ExpressionAttributeNames:            map[string]string{"#0": "claims", "#1": "pk", "#2": "revoked", "#3": "expires", "#4": "limit"},
		ExpressionAttributeValues:           avs{":0": set("c"), ":1": num("1000"), ":2": str("SS"), ":3": str("c"), ":4": str("SS")},
		ReturnValues:                        types.ReturnValueAllNew,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}})
}

func TestUpdateExpressions(t *testing.T) {
	tests := map[string]struct {
		u      table.Update
		want   *string
		cond   *string
		names  map[string]string
		values avs
	}{
		"nothing": {table.Update{}, nil, nil, nil, nil},
		"all": {table.Update{Set: table.Item{"b": true, "a": []byte(nil)}, Remove: []string{"d", "c"}, Add: map[string]int64{"n": -1}, Insert: map[string]table.Set{"s": {"x"}}},
			aws.String("SET #0 = :0, #1 = :1 REMOVE #2, #3 ADD #4 :2, #5 :3"), nil,
			map[string]string{"#0": "a", "#1": "b", "#2": "c", "#3": "d", "#4": "n", "#5": "s"},
			avs{":0": &types.AttributeValueMemberB{Value: []byte{}}, ":1": &types.AttributeValueMemberBOOL{Value: true}, ":2": num("-1"), ":3": set("x")}},
		"remove": {table.Update{Remove: []string{"a"}, If: table.Not(table.Exists("a"))},
			aws.String("REMOVE #0"), aws.String("NOT attribute_exists(#0)"), map[string]string{"#0": "a"}, nil},
		"parentheses only where they are needed": {table.Update{If: table.Or(table.And(table.Or(table.Exists("a"), table.Exists("b")), table.And(table.Exists("c"))), table.Not(table.SizeBelow("d", 1)))},
			nil, aws.String("(attribute_exists(#0) OR attribute_exists(#1)) AND attribute_exists(#2) OR NOT (attribute_type(#3, :0) AND size(#3) < :1)"),
			map[string]string{"#0": "a", "#1": "b", "#2": "c", "#3": "d"}, avs{":0": str("SS"), ":1": num("1")}},
		"never": {table.Update{If: table.Or()}, nil, aws.String("attribute_exists(#0) AND attribute_not_exists(#0)"), map[string]string{"#0": "pk"}, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			e, s := script()
			tt.u.Key = key("p", "s")
			if _, err := e.Update(t.Context(), tt.u); err != nil {
				t.Fatal(err)
			}
			diff(t, "requests", s.requests, []any{&dynamodb.UpdateItemInput{
				TableName: aws.String("latchkey"), Key: avs{"pk": str("p"), "sk": str("s")}, UpdateExpression: tt.want, ConditionExpression: tt.cond,
				ExpressionAttributeNames: tt.names, ExpressionAttributeValues: tt.values,
				ReturnValues: types.ReturnValueAllNew, ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
			}})
		})
	}
}

func TestQueryRequests(t *testing.T) {
	last := avs{"pk": str("p9"), "sk": str("s9"), "owner": str("o"), "made": str("m9")}
	e, s := script(answer{out: &dynamodb.QueryOutput{LastEvaluatedKey: last}}, answer{})
	q := table.Query{Index: "by-owner", PK: "o", Prefix: "m", Descending: true, Limit: 10}
	page, err := e.Query(t.Context(), q)
	if err != nil || len(page.Items) != 0 || page.Next == "" {
		t.Fatalf("an empty page that is not the last: %+v, error %v", page, err)
	}
	q.Token = page.Next
	if page, err = e.Query(t.Context(), q); err != nil || page.Next != "" {
		t.Fatalf("the last page: %+v, error %v", page, err)
	}
	want := dynamodb.QueryInput{TableName: aws.String("latchkey"), IndexName: aws.String("by-owner"),
		KeyConditionExpression:    aws.String("#0 = :0 AND begins_with(#1, :1)"),
		ExpressionAttributeNames:  map[string]string{"#0": "owner", "#1": "made"},
		ExpressionAttributeValues: avs{":0": str("o"), ":1": str("m")},
		ScanIndexForward:          aws.Bool(false), Limit: aws.Int32(10)}
	second := want
	second.ExclusiveStartKey = last
	diff(t, "requests", s.requests, []any{&want, &second})

	e, s = script()
	if _, err := e.Query(t.Context(), table.Query{PK: "p", Consistent: true}); err != nil {
		t.Fatal(err)
	}
	diff(t, "the table itself", s.requests, []any{&dynamodb.QueryInput{TableName: aws.String("latchkey"), ConsistentRead: aws.Bool(true),
		KeyConditionExpression: aws.String("#0 = :0"), ExpressionAttributeNames: map[string]string{"#0": "pk"},
		ExpressionAttributeValues: avs{":0": str("p")}, ScanIndexForward: aws.Bool(true)}})
}

func TestGetRequest(t *testing.T) {
	for _, consistent := range []bool{true, false} {
		e, s := script()
		if _, err := e.Get(t.Context(), key("p", "s"), consistent); err != nil {
			t.Fatal(err)
		}
		diff(t, "requests", s.requests, []any{&dynamodb.GetItemInput{TableName: aws.String("latchkey"), Key: avs{"pk": str("p"), "sk": str("s")}, ConsistentRead: &consistent}})
	}
}

// What DynamoDB would refuse is not sent.
func TestInvalidIsNotSent(t *testing.T) {
	e, s := script()
	_, errGet := e.Get(t.Context(), key("p", ""), true)
	_, errUpdate := e.Update(t.Context(), table.Update{Key: key("p", "s"), Set: table.Item{"a": 1}})
	_, errQuery := e.Query(t.Context(), table.Query{PK: "p", Token: "forged"})
	errCommit := e.Commit(t.Context(), "w")
	errLarge := e.Commit(t.Context(), "w", table.Op{Put: &table.Put{Item: large(table.MaxItemBytes + 1)}})
	for name, err := range map[string]error{"Get": errGet, "Update": errUpdate, "Query": errQuery, "Commit": errCommit, "Commit of a byte too much": errLarge} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	diff(t, "requests", len(s.requests), 0)
	if err := e.Commit(t.Context(), "w", table.Op{Put: &table.Put{Item: large(table.MaxItemBytes)}}); err != nil {
		t.Errorf("exactly 400 KB: %v", err)
	}
}

// large returns an item of n bytes once it bears the mark of writer "w".
func large(n int) table.Item {
	return table.Item{"pk": "p", "sk": "s", "b": make([]byte, n-len("pkpskswb")+len("w")-len(table.Writer)-len("w"))}
}

// An item that other software wrote with types the table does not hold is an
// error, not an item with something missing.
func TestForeignTypes(t *testing.T) {
	for name, av := range map[string]types.AttributeValue{
		"list": &types.AttributeValueMemberL{}, "map": &types.AttributeValueMemberM{}, "null": &types.AttributeValueMemberNULL{Value: true},
		"numbers": &types.AttributeValueMemberNS{Value: []string{"1"}}, "fraction": num("1.5"), "beyond int64": num("9223372036854775808"),
	} {
		e, _ := script(answer{out: &dynamodb.GetItemOutput{Item: avs{"pk": str("p"), "sk": str("s"), "a": av}}})
		if it, err := e.Get(t.Context(), key("p", "s"), true); err == nil {
			t.Errorf("%s: %v", name, it)
		}
	}
}
