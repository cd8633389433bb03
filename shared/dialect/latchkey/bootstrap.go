package latchkey

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"

	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/lambdahttp"
)

// Bootstrap makes the first organization of a stack, with an admin and that
// admin's key, for callers with the right to invoke the function: no HTTP
// request reaches it. It takes {"bootstrap":{"organization","email","name"}}
// and returns {"organization_id","user_id","key"}, the key this once. Its
// errors are safe to show; what they leave out is in the log.
func Bootstrap(accounts *account.Service, log *slog.Logger) lambdahttp.Direct {
	return func(ctx context.Context, payload json.RawMessage) (any, error) {
		in, err := readBootstrap(payload)
		if err != nil {
			return nil, err
		}
		made, err := accounts.Found(ctx, in.Organization, in.Email, in.Name)
		if err != nil {
			return nil, refusal(ctx, log, err)
		}
		return founded{made.Organization.ID, made.User.ID, made.Key}, nil
	}
}

type founding struct {
	Organization string `json:"organization"`
	Email        string `json:"email"`
	Name         string `json:"name"`
}

type founded struct {
	OrganizationID string `json:"organization_id"`
	UserID         string `json:"user_id"`
	Key            string `json:"key"`
}

func readBootstrap(payload json.RawMessage) (*founding, error) {
	var in struct {
		Bootstrap *founding `json:"bootstrap"`
	}
	d := json.NewDecoder(bytes.NewReader(payload))
	d.DisallowUnknownFields()
	if err := d.Decode(&in); err != nil {
		return nil, fmt.Errorf("the payload is not a bootstrap request: %w", err)
	}
	if in.Bootstrap == nil {
		return nil, errors.New("the payload is neither an HTTP event nor a bootstrap request")
	}
	return in.Bootstrap, nil
}

// refusal is err without its cause, which goes to the log.
func refusal(ctx context.Context, log *slog.Logger, err error) error {
	e := fault.As(err)
	if e.Cause != nil {
		log.ErrorContext(ctx, "bootstrap", "cause", err.Error())
	}
	if e.Field != "" {
		return fmt.Errorf("%s %s", e.Field, e.Message)
	}
	return errors.New(e.Message)
}
