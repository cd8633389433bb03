package main

import (
	"encoding/json"
	"os"
	"path/filepath"

	"latchkey/infra/local/grant"
)

// unreachable are the grants that no run on one machine can use.
var unreachable = []grant.Exception{
	{Function: "", Action: "logs:CreateLogStream", Why: "Lambda writes the logs itself, in the function's name"},
	{Function: "", Action: "logs:PutLogEvents", Why: "Lambda writes the logs itself, in the function's name"},
	{Function: eventsFunction, Action: "dynamodb:ListStreams", Why: "Lambda lists streams when the event source is made"},
	{Function: eventsFunction, Action: "sqs:SendMessage", Why: "Lambda sends what failed in the end; nothing does here"},
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
