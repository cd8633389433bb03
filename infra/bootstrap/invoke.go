package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

// request is what the control function takes under "bootstrap".
type request struct {
	Organization string `json:"organization"`
	Email        string `json:"email"`
	Name         string `json:"name,omitempty"`
}

// made is what the control function answers.
type made struct {
	OrganizationID string `json:"organization_id"`
	UserID         string `json:"user_id"`
	Key            string `json:"key"`
}

// live is the alias of the version in service. A deployment that was taken
// back leaves its code under the bare name.
const live = "live"

// invoke calls <stack>-control. A failure of the function, such as an
// organization that exists, is an error with the function's own message.
func invoke(ctx context.Context, client *lambda.Client, stack string, req request) (made, error) {
	function := stack + "-control"
	payload, err := json.Marshal(map[string]request{"bootstrap": req})
	if err != nil {
		return made{}, err
	}
	out, err := client.Invoke(ctx, &lambda.InvokeInput{FunctionName: &function, Qualifier: aws.String(live), Payload: payload})
	if missing := new(types.ResourceNotFoundException); errors.As(err, &missing) {
		return made{}, fmt.Errorf("there is no function %s in this account and region; is %s the stack's name?", function, stack)
	}
	if err != nil {
		return made{}, fmt.Errorf("invoke %s: %w", function, err)
	}
	if out.FunctionError != nil {
		return made{}, refusal(function, out.Payload)
	}
	var m made
	if err := json.Unmarshal(out.Payload, &m); err != nil || m.Key == "" {
		return made{}, fmt.Errorf("%s answered without a key; does it run the same version?", function)
	}
	return m, nil
}

// refusal reads the payload of a function that returned an error. The payload
// itself is not repeated: it may hold a stack trace.
func refusal(function string, payload []byte) error {
	var e struct {
		Message string `json:"errorMessage"`
	}
	if err := json.Unmarshal(payload, &e); err != nil || e.Message == "" {
		return fmt.Errorf("%s failed; its log says why", function)
	}
	return fmt.Errorf("%s: %s", function, e.Message)
}
