package main

import (
	"encoding/json"
	"os"
	"path/filepath"

	"latchkey/infra/local/grant"
)

// unreachable are the grants that nothing can be made to use from outside.
var unreachable = []grant.Exception{
	{
		Function: eventsFunction, Resource: "/media/", Actions: []string{"s3:DeleteObject", "s3:DeleteObjectVersion"},
		Chance: true, Why: takesBack,
	}, {
		Function: "LinksFunction", Resource: "/media/", Actions: []string{"s3:DeleteObject", "s3:DeleteObjectVersion"},
		Chance: true, Why: takesBack,
	}, {
		Function: "FilesharesFunction", Resource: "/media/", Actions: []string{"s3:DeleteObject", "s3:DeleteObjectVersion"},
		Chance: true, Why: takesBack,
	}, {
		Function: "FilesharesFunction", Resource: "/media/", Actions: []string{"s3:GetObject"}, Chance: true, Why: looksFirst,
	}, {
		Function: "FilesharesFunction", Resource: "/uploads/", Actions: []string{"s3:DeleteObject", "s3:DeleteObjectVersion"},
		Chance: true, Why: looksFirst,
	}, {
		Function: "FilesharesFunction", Resource: ":s3:::", Actions: []string{"s3:ListBucketVersions"}, Chance: true, Why: looksFirst,
	}, {
		Function: "PagesFunction", Resource: ":s3:::", Actions: []string{"s3:ListBucket"},
		Chance: true, Why: readsAnew,
	}, {
		Function: "SessionsFunction", Resource: ":s3:::", Actions: []string{"s3:ListBucket"},
		Chance: true, Why: readsAnew,
	}, {
		Function: "SessionsFunction", Resource: "/media/", Actions: []string{"s3:DeleteObject", "s3:DeleteObjectVersion"},
		Chance: true, Why: placesOne,
	}, {
		Function: "SessionsFunction", Resource: "/uploads/", Actions: []string{"s3:DeleteObject", "s3:DeleteObjectVersion"},
		Chance: true, Why: placesOne,
	}, {
		Function: "MediaFunction", Resource: ":s3:::", Actions: []string{"s3:ListBucket"},
		Chance: true, Why: readsAnew,
	}, {
		Function: "MediaFunction", Resource: "/media/", Actions: []string{"s3:DeleteObject", "s3:DeleteObjectVersion"},
		Chance: true, Why: placesOne,
	}, {
		Function: "MediaFunction", Resource: "/uploads/", Actions: []string{"s3:DeleteObject", "s3:DeleteObjectVersion"},
		Chance: true, Why: placesOne,
	}, {
		Function: "MediaFunction", Resource: "/media/", Actions: []string{"s3:GetObject"},
		Why: "leads to what engines made of media: none is set up here",
	}, {
		Function: jobsFunction, Resource: "/uploads/", Actions: []string{"s3:AbortMultipartUpload"},
		Why: "drops the parts of media whose source breaks off after 16 MB: none here does",
	}, {
		Function: jobsFunction, Resource: "*", Why: noAmazon, Actions: []string{
			"transcribe:StartTranscriptionJob", "transcribe:CreateVocabulary", "transcribe:ListVocabularies", "translate:TranslateText",
		},
	}, {
		Function: jobsFunction, Resource: ":transcribe:", Why: noAmazon, Actions: []string{
			"transcribe:GetTranscriptionJob", "transcribe:DeleteTranscriptionJob", "transcribe:GetVocabulary", "transcribe:DeleteVocabulary",
		},
	}, {
		Function: jobsFunction, Resource: ":bedrock:", Actions: []string{"bedrock:InvokeModel"}, Why: noAmazon,
	}, {
		Function: jobsFunction, Resource: "/media/", Actions: []string{"s3:GetObject"}, Why: noAmazon,
	}, {
		Function: jobsFunction, Resource: "/engines/", Why: noAmazon,
		Actions: []string{"s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:DeleteObjectVersion"},
	}, {
		Function: jobsFunction, Resource: "/transcripts/", Actions: []string{"s3:GetObject", "s3:PutObject"}, Why: noAmazon,
	}, {
		Function: sweepFunction, Resource: "jobs", Actions: []string{"sqs:SendMessage"}, Chance: true, Why: tellsAgain,
	}, {
		Function: jobsFunction, Resource: "dead", Actions: []string{"sqs:SendMessage"}, Why: buries,
	}, {
		Function: hooksFunction, Resource: "dead", Actions: []string{"sqs:SendMessage"}, Why: buries,
	}, {
		Function: sweepFunction, Resource: "hooks", Actions: []string{"sqs:SendMessage"}, Chance: true, Why: tellsAgain,
	}, {
		Resource: "*", Actions: []string{"xray:PutTraceSegments", "xray:PutTelemetryRecords"},
		Why: "Lambda traces in the function's name, if Tracing is Active; X-Ray has no resources to name",
	},
}

const buries = "tells of jobs that failed five times on our side, over an hour and a half: none here does"

const tellsAgain = "tells again of jobs whose message was lost, whose worker died or whose source was down, none of which happens here"

const noAmazon = "Amazon's engines are not here: the tests of functions/jobs ask what is asked of them"

const readsAnew = "without it a content that an editor replaces just when it is read would be forbidden and not be looked for anew"

const looksFirst = "looks at an upload that is shared or linked before its event has come, and moves it: mostly the event is first"

const placesOne = "deletes the place of an upload that was made while another request made one: nothing tells which of two comes first"

const takesBack = "takes back its copy of an upload whose file was deleted, or settled with another upload, after it made the copy " +
	"and before it wrote that down: nothing from outside gets in between"

// report writes how often functions started, what they asked for and how that
// differs from what template.yaml grants. Earlier runs on the same data count.
func (s *processes) report() error {
	path := filepath.Join(s.Data, "privileges.json")
	var r struct {
		Starts map[string]int `json:"cold_starts"` // by function
		Uses   []grant.Use    `json:"uses"`
		grant.Report
	}
	if b, err := os.ReadFile(path); err == nil {
		if err := json.Unmarshal(b, &r); err != nil {
			return err
		}
	}
	if r.Starts == nil {
		r.Starts = map[string]int{}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, n := range s.starts {
		r.Starts[id] += n
	}
	r.Uses = grant.Union(r.Uses, s.recorder.Uses())
	r.Report = grant.Compare(s.template, r.Uses, unreachable)
	b, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(b, '\n'), 0o600)
}
