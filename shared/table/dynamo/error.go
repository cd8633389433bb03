package dynamo

import (
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"latchkey/shared/table"
)

// translate gives an error of the SDK its meaning in the contract, nil for
// nil. Throttling of a single request stays as it is: the SDK has repeated it
// by then, and one of the repeats may have been done.
func translate(op string, err error) error {
	var api smithy.APIError
	if !errors.As(err, &api) {
		if err == nil {
			return nil
		}
		return fmt.Errorf("dynamo: %s: %w", op, err)
	}
	switch api.ErrorCode() {
	case "TransactionConflictException", "TransactionInProgressException":
		return fmt.Errorf("dynamo: %s: %w: %w", op, table.ErrConflict, err)
	case "ValidationException":
		return fmt.Errorf("dynamo: %s: %w: %w", op, validation(api.ErrorMessage()), err)
	}
	return fmt.Errorf("dynamo: %s: %w", op, err)
}

// validation tells by DynamoDB's words whether size was the trouble.
func validation(message string) error {
	m := strings.ToLower(message)
	if strings.Contains(m, "size") && (strings.Contains(m, "exceed") || strings.Contains(m, "maximum")) {
		return table.ErrTooLarge
	}
	return table.ErrInvalid
}

// reasons reads why a transaction of n operations was cancelled: refused if a
// condition failed, else an error. Whatever the reason, nothing was written.
func reasons(c *types.TransactionCanceledException, n int) (*table.RefusedError, error) {
	if len(c.CancellationReasons) != n {
		return nil, fmt.Errorf("dynamo: commit: %d reasons for %d operations: %w", len(c.CancellationReasons), n, c)
	}
	refused := &table.RefusedError{Reasons: make([]table.Reason, n)}
	var failed bool
	var other error
	for i, r := range c.CancellationReasons {
		switch code := aws.ToString(r.Code); code {
		case "", "None":
		case "ConditionalCheckFailed":
			item, err := decodeItem(r.Item)
			if err != nil {
				return nil, err
			}
			refused.Reasons[i] = table.Reason{Failed: true, Item: item}
			failed = true
		case "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded":
			other = errors.Join(other, fmt.Errorf("operation %d: %s: %w", i, code, table.ErrConflict))
		case "ValidationError":
			other = errors.Join(other, fmt.Errorf("operation %d: %w: %s", i, validation(aws.ToString(r.Message)), aws.ToString(r.Message)))
		default:
			other = errors.Join(other, fmt.Errorf("operation %d: %s", i, code))
		}
	}
	if failed {
		return refused, nil
	}
	if other == nil {
		other = errors.New("no reason given")
	}
	return nil, fmt.Errorf("dynamo: commit: %w", other)
}
