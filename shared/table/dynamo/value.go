package dynamo

import (
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"latchkey/shared/table"
)

func encodeKey(k table.Key) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{
		table.PK: &types.AttributeValueMemberS{Value: k.PK},
		table.SK: &types.AttributeValueMemberS{Value: k.SK},
	}
}

func encodeItem(it table.Item) map[string]types.AttributeValue {
	m := make(map[string]types.AttributeValue, len(it)+1)
	for name, v := range it {
		m[name] = encodeValue(v)
	}
	return m
}

// encodeValue takes the types that the checks have let through.
func encodeValue(v any) types.AttributeValue {
	switch v := v.(type) {
	case string:
		return &types.AttributeValueMemberS{Value: v}
	case int64:
		return &types.AttributeValueMemberN{Value: strconv.FormatInt(v, 10)}
	case bool:
		return &types.AttributeValueMemberBOOL{Value: v}
	case table.Set:
		return &types.AttributeValueMemberSS{Value: v}
	case []byte:
		if v == nil {
			v = []byte{} // nil would be sent as null
		}
		return &types.AttributeValueMemberB{Value: v}
	}
	return &types.AttributeValueMemberNULL{Value: true}
}

// decodeItem returns nil for no item.
func decodeItem(m map[string]types.AttributeValue) (table.Item, error) {
	if len(m) == 0 {
		return nil, nil
	}
	it := make(table.Item, len(m))
	for name, av := range m {
		v, err := decodeValue(av)
		if err != nil {
			return nil, fmt.Errorf("dynamo: attribute %q: %w", name, err)
		}
		it[name] = v
	}
	return it, nil
}

func decodeValue(av types.AttributeValue) (any, error) {
	switch av := av.(type) {
	case *types.AttributeValueMemberS:
		return av.Value, nil
	case *types.AttributeValueMemberN:
		return strconv.ParseInt(av.Value, 10, 64)
	case *types.AttributeValueMemberBOOL:
		return av.Value, nil
	case *types.AttributeValueMemberSS:
		return table.Set(av.Value), nil
	case *types.AttributeValueMemberB:
		return append([]byte{}, av.Value...), nil
	}
	return nil, fmt.Errorf("a %T, which the table does not hold", av)
}
