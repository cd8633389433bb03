package main

import (
	"context"

	"latchkey/infra/local/event"
	"latchkey/infra/local/gateway"
	"latchkey/infra/local/inbox"
	"latchkey/infra/local/queue"
)

// UploadTopic holds EventBridge "Object Created" events.
const UploadTopic = "uploads"

// parts are what the functions stand on here.
type parts struct {
	Data                 string // absolute path of the data folder
	BaseURL              string // of the gateway, of SES (/v2/email) and of the inbox
	S3URL                string // path-style
	AccessKey, SecretKey string // of S3; SES takes any
	Bucket, Region       string
	Queue                *queue.Queue
	Inbox                *inbox.Store
	Events               event.Maker
}

// wired is what was built on them.
type wired struct {
	functions  map[string]gateway.Function // by logical id in template.yaml
	consumers  map[string]queue.Function   // by topic
	background []func(context.Context)     // schedules and feeds, until ctx ends
	adminKey   string                      // of the demo organization
	examples   []string                    // curl lines that work when pasted
	close      func() error                // after all of the above has ended, or nil
}

type wiring func(context.Context, parts) (wired, error)

// wire builds the functions. It is the only place that chooses adapters.
func wire(context.Context, parts) (wired, error) {
	return wired{}, nil
}
