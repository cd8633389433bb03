package main

import (
	"encoding/json"
	"os"
	"path/filepath"

	"latchkey/infra/local/grant"
)

// unreachable are the grants that an end-to-end run need not use.
var unreachable = []grant.Exception{
	{
		Actions: []string{"logs:CreateLogStream", "logs:PutLogEvents"},
		Why:     "Lambda writes the logs itself, in the function's name",
	}, {
		Function: eventsFunction, Actions: []string{"dynamodb:ListStreams"},
		Why: "Lambda lists streams when the event source is made",
	}, {
		Actions: []string{"sqs:SendMessage"},
		Why:     "Lambda sends what failed in the end; nothing does here",
	}, {
		Function: eventsFunction, Actions: []string{"s3:ListBucket"},
		Why: "asked for an upload that is gone: only when its event comes twice, or late",
	}, {
		Function: eventsFunction, Resource: "/media/", Actions: []string{"s3:DeleteObject", "s3:DeleteObjectVersion"},
		Why: "takes back a copy whose file was deleted, or settled by another, meanwhile",
	}, {
		Function: eventsFunction, Resource: "/media/", Actions: []string{"s3:GetObject"},
		Why: "looks at an upload in parts only if it is faster than who completes it",
	}, {
		Function: controlFunction, Resource: "/uploads/", Actions: []string{"s3:GetObject", "s3:DeleteObject", "s3:DeleteObjectVersion"},
		Why: "looks at an upload only if it is faster than the upload's event",
	}, {
		Function: "LinksFunction", Resource: ":s3:", Actions: []string{
			"s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:DeleteObjectVersion", "s3:ListBucket", "s3:ListBucketVersions",
		},
		Why: "looks at an upload only if it is faster than the upload's event",
	}, {
		Function: sweepFunction, Actions: []string{
			"dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem",
			"secretsmanager:GetSecretValue", "ses:SendBulkEmail", "ses:SendBulkTemplatedEmail",
		},
		Why: "mail that was put off falls due later than a run takes; that nothing is due is asked in each",
	}, {
		Function: "CheckFunction", Actions: []string{
			"codedeploy:GetDeployment", "codedeploy:PutLifecycleEventHookExecutionStatus", "codedeploy:GetApplicationRevision", "lambda:InvokeFunction",
			"dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:ConditionCheckItem",
			"s3:PutObject", "s3:DeleteObject", "s3:DeleteObjectVersion", "s3:ListBucketVersions",
		},
		Why: "nothing is deployed here",
	},
}

// report writes what the functions asked for and how it differs from what
// template.yaml grants. The uses of earlier runs on the same data count.
func (s *processes) report() error {
	path := filepath.Join(s.Data, "privileges.json")
	var r struct {
		Uses []grant.Use `json:"uses"`
		grant.Report
	}
	if b, err := os.ReadFile(path); err == nil {
		if err := json.Unmarshal(b, &r); err != nil {
			return err
		}
	}
	r.Uses = grant.Union(r.Uses, s.recorder.Uses())
	r.Report = grant.Compare(s.template, r.Uses, unreachable)
	b, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(b, '\n'), 0o600)
}
