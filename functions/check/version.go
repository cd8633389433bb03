package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/codedeploy"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
)

// version is one of a function.
type version struct {
	client           *lambda.Client
	function, number string
}

func (v version) String() string { return v.function + " version " + v.number }

// folder is the function's in this repository: the end of its name, see
// template.yaml.
func (v version) folder() string { return v.function[strings.LastIndexByte(v.function, '-')+1:] }

// appSpec is what is read of a deployment's AppSpec file (CodeDeploy User
// Guide, "AppSpec 'resources' section for Lambda deployments"), which
// CloudFormation writes as JSON.
type appSpec struct {
	Resources []map[string]struct {
		Properties struct{ Name, TargetVersion string }
	}
}

// deployed returns the version that a deployment gives traffic. GetDeployment
// leaves out the AppSpec's content, and says by which hash to ask for it.
func (h hook) deployed(ctx context.Context, deployment string) (version, error) {
	d, err := h.deployments.GetDeployment(ctx, &codedeploy.GetDeploymentInput{DeploymentId: &deployment})
	if err != nil {
		return version{}, fmt.Errorf("deployment: %w", err)
	}
	r, err := h.deployments.GetApplicationRevision(ctx, &codedeploy.GetApplicationRevisionInput{
		ApplicationName: d.DeploymentInfo.ApplicationName, Revision: d.DeploymentInfo.Revision,
	})
	if err != nil {
		return version{}, fmt.Errorf("revision: %w", err)
	}
	var content *string
	//lint:ignore SA1019 CloudFormation still makes revisions of this kind
	if old := r.Revision.String_; old != nil {
		content = old.Content
	} else if r.Revision.AppSpecContent != nil {
		content = r.Revision.AppSpecContent.Content
	}
	var spec appSpec
	if err := json.Unmarshal([]byte(aws.ToString(content)), &spec); err != nil {
		return version{}, fmt.Errorf("AppSpec: %w", err)
	}
	for _, resource := range spec.Resources {
		for _, r := range resource {
			if p := r.Properties; p.Name != "" && p.TargetVersion != "" {
				return version{h.functions, p.Name, p.TargetVersion}, nil
			}
		}
	}
	return version{}, errors.New("AppSpec: it names no function and version")
}

// invoke hands a payload to the version and returns what it answers.
func (v version) invoke(ctx context.Context, payload any) ([]byte, error) {
	in, err := json.Marshal(payload)
	if err != nil {
		return nil, err
	}
	out, err := v.client.Invoke(ctx, &lambda.InvokeInput{FunctionName: &v.function, Qualifier: &v.number, Payload: in})
	if err != nil {
		return nil, fmt.Errorf("invoke: %w", err)
	}
	if out.FunctionError != nil {
		var e struct {
			Type    string `json:"errorType"`
			Message string `json:"errorMessage"`
		}
		_ = json.Unmarshal(out.Payload, &e) // the function's own log says more
		return nil, fmt.Errorf("it failed: %s %s", e.Type, e.Message)
	}
	return out.Payload, nil
}

// request is one through API Gateway.
type request struct {
	method, path string
	key          string // API key, or ""
	body, kind   string // kind is the body's media type
}

// call hands a request to the version as API Gateway would. Each has an id of
// its own.
func (v version) call(ctx context.Context, t *trial, r request) (events.APIGatewayV2HTTPResponse, error) {
	e := events.APIGatewayV2HTTPRequest{
		Version: "2.0", RouteKey: "$default", RawPath: r.path, Body: r.body,
		Headers: map[string]string{"user-agent": "latchkey-check"},
	}
	if r.key != "" {
		e.Headers["x-api-key"] = r.key
	}
	if r.kind != "" {
		e.Headers["content-type"] = r.kind
	}
	e.RequestContext.DomainName = "check.invalid"
	e.RequestContext.RequestID = "check-" + t.ids.Chars(16)
	e.RequestContext.HTTP = events.APIGatewayV2HTTPRequestContextHTTPDescription{
		Method: r.method, Path: r.path, Protocol: "HTTP/1.1", SourceIP: "127.0.0.1", UserAgent: "latchkey-check",
	}
	var res events.APIGatewayV2HTTPResponse
	out, err := v.invoke(ctx, e)
	if err != nil {
		return res, err
	}
	if err := json.Unmarshal(out, &res); err != nil {
		return res, fmt.Errorf("its answer is none to a request: %w", err)
	}
	return res, nil
}
