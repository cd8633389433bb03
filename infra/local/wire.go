package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"

	"latchkey/infra/local/event"
	"latchkey/infra/local/gateway"
	"latchkey/infra/local/inbox"
	"latchkey/infra/local/queue"
	"latchkey/shared/account"
	"latchkey/shared/blob"
	"latchkey/shared/blob/answer"
	"latchkey/shared/blob/presign"
	"latchkey/shared/dialect"
	"latchkey/shared/dialect/latchkey"
	"latchkey/shared/dialect/mediapocket"
	"latchkey/shared/dialect/scriptix"
	"latchkey/shared/dialect/sonix"
	"latchkey/shared/dialect/sweetconnect"
	"latchkey/shared/effect"
	"latchkey/shared/engine/chat"
	"latchkey/shared/engine/command"
	"latchkey/shared/fetch"
	"latchkey/shared/file"
	"latchkey/shared/handover"
	"latchkey/shared/job"
	"latchkey/shared/journal"
	"latchkey/shared/lambdahttp"
	"latchkey/shared/mail"
	"latchkey/shared/mail/letter"
	"latchkey/shared/page"
	"latchkey/shared/page/door"
	"latchkey/shared/page/viewer"
	"latchkey/shared/password"
	"latchkey/shared/recording"
	"latchkey/shared/seal"
	"latchkey/shared/share"
	"latchkey/shared/store"
	"latchkey/shared/table/bolt"
	"latchkey/shared/webhook"
)

// UploadTopic holds EventBridge "Object Created" events, FeedbackTopic SES's
// events, linesTopic the log lines that a subscription filter lets through.
const (
	UploadTopic   = "uploads"
	FeedbackTopic = "feedback"
	linesTopic    = "lines"
	jobsTopic     = string(job.Jobs)
	renderTopic   = string(job.Render)
	hooksTopic    = string(job.Hooks)
	deadTopic     = "dead" // of jobs that used up their attempts
)

// stackName is what the stack is called here.
const stackName = "latchkey"

// mailFrom sends the demo organization's mail, to the inbox.
const mailFrom = "Latchkey <links@latchkey.example>"

// parts are what the functions stand on here.
type parts struct {
	Data                 string // absolute path of the data folder
	BaseURL              string // of the gateway, and of SES (/v2/email) unless there is an Endpoint
	InboxURL             string
	S3URL                string // path-style
	Endpoint             string // of all of AWS, for functions that run elsewhere, or ""
	AccessKey, SecretKey string // of S3; SES takes any
	Bucket, Region       string
	Queue                *queue.Queue
	Inbox                *inbox.Store
	Events               event.Maker
	Log                  io.Writer // of the functions: JSON lines
	Template             []byte
	Functions            string   // folder that sam build made, absolute, or "" to run them in this process
	Trusted              []string // origins that the functions may fetch from and post to besides this machine's own
	NoEngines            bool     // nothing is transcribed, translated, summarised or rendered
	Chat                 chat.Config
	Transcriber          command.Program // nil for PocketSphinx
	DynamoDB             *url.URL        // of a table for the functions to share, when they are not in this process
}

// wired is what was built on them.
type wired struct {
	functions  map[string]gateway.Function // by logical id in template.yaml
	endpoints  http.Handler                // AWS's, instead of functions
	lambda     http.Handler                // Lambda's API, or nil
	consumers  map[string]queue.Function   // by topic
	background []func(context.Context)     // schedules and feeds, until ctx ends
	adminKey   string                      // of the demo organization
	engines    []string                    // lines that say what does the work itself
	examples   []string                    // curl lines that work when pasted
	close      func() error                // after all of the above has ended, or nil
}

type wiring func(context.Context, parts) (wired, error)

// domain is the domain over this machine's adapters.
type domain struct {
	parts
	table      *bolt.Engine
	signer     *presign.Presigner
	bucket     *blob.Bucket
	accounts   *account.Service
	invites    letter.Invitations
	files      *file.Service
	shares     *share.Service
	handovers  *handover.Service
	recordings *recording.Service
	webhooks   *webhook.Service
	jobs       *job.Service
	lines      *lines
	engines    engines
}

// wire builds the functions. It is the only place that chooses adapters.
func wire(ctx context.Context, p parts) (_ wired, err error) {
	switch {
	case p.Functions != "":
		return wireProcesses(ctx, p)
	case p.Endpoint != "":
		return wireEndpoints(ctx, p)
	}
	d := &domain{parts: p, engines: findEngines(ctx, p)}
	if err := d.open(); err != nil {
		return wired{}, err
	}
	defer func() {
		if err != nil {
			d.table.Close()
		}
	}()
	w := wired{functions: d.functions(), engines: d.engines.told, close: d.table.Close}
	behind := effect.Handler{Files: d.files, Media: d.recordings, Jobs: d.jobs, Trail: d.shares, Log: journal.New(d.Log, stackName)}
	take := func(ctx context.Context, payload []byte) error {
		_, err := behind.Handle(ctx, payload)
		return err
	}
	hears := effect.Feedback{Letters: d.shares, Handovers: d.handovers, Log: journal.New(d.Log, stackName), Now: time.Now}
	hear := func(ctx context.Context, payload []byte) error {
		_, err := hears.Handle(ctx, payload)
		return err
	}
	works := worker(effect.Jobs{Jobs: d.jobs, Log: journal.New(d.Log, stackName)}.Handle)
	w.consumers = map[string]queue.Function{UploadTopic: take, linesTopic: take, FeedbackTopic: hear, jobsTopic: works.deliver, renderTopic: works.deliver, hooksTopic: works.deliver}
	w.background = []func(context.Context){d.stream(behind), d.sweep, d.expire, d.lines.forward}
	if w.adminKey, err = d.demo(ctx); err != nil {
		return wired{}, err
	}
	w.examples, err = d.examples(ctx, w.adminKey)
	return w, err
}

func (d *domain) open() error {
	if err := d.tidy(); err != nil {
		return err
	}
	secret, err := secret(d.Data, "sealing.key")
	if err != nil {
		return err
	}
	keys, err := seal.Parse(secret)
	if err != nil {
		return err
	}
	d.signer, err = presign.New(presign.Config{
		Bucket: d.Bucket, Region: d.Region, Endpoint: d.S3URL, Credentials: d.credentials(),
	})
	if err != nil {
		return err
	}
	sender, err := mail.New(sesv2.NewFromConfig(d.aws(d.BaseURL)), mail.Config{From: mailFrom})
	if err != nil {
		return err
	}
	d.table, err = bolt.Open(filepath.Join(d.Data, "table.db"), bolt.Options{
		Schema: store.Schema(), PageKey: keys.Derive(store.PageKeyLabel),
	})
	if err != nil {
		return fmt.Errorf("table: %w", err)
	}
	d.lines = newLines(d.Log, d.Events, d.Queue)
	d.build(seal.Tokens{Source: seal.Static(keys)}, sender)
	return nil
}

func (d *domain) build(sealer share.Sealer, sender letter.Mailer) {
	d.bucket = blob.New(awss3.NewFromConfig(d.aws(d.S3URL), blob.PathStyle), d.Bucket)
	objects := blob.Files{Bucket: d.bucket}
	logger := journal.New(d.lines, stackName)
	kept := store.Shares{Table: d.table, Now: time.Now}
	d.invites = letter.Invitations{Mail: sender, Log: logger, Suppressed: kept.Suppressed}
	d.accounts = &account.Service{
		Store: store.Accounts{Table: d.table, Now: time.Now}, Now: time.Now,
		Post: d.invites, Passwords: password.Argon2id{},
	}
	d.shares = &share.Service{
		Store: kept, Presign: presign.Downloads{Presigner: d.signer}, Seal: sealer,
		Post: letter.Post{Mail: sender, Log: logger}, Audit: journal.Auditor{Log: logger}, Now: time.Now,
	}
	d.files = &file.Service{
		Store: store.Files{Table: d.table, Now: time.Now}, Objects: objects, Presign: presign.Uploads{Presigner: d.signer},
		Now: time.Now,
	}
	d.shares.Files = d.files
	d.handovers = &handover.Service{
		Store: store.Handovers{Table: d.table, Now: time.Now}, Files: d.files, Accounts: d.accounts, Presign: d.shares.Presign, Seal: sealer,
		Post: d.shares.Post, Verdicts: letter.Invitations{Mail: sender, Log: logger, Suppressed: kept.Suppressed}, Audit: d.shares.Audit, Now: time.Now,
	}
	d.files.Links = file.AllLinks{d.shares, d.handovers}
	d.recordings = &recording.Service{
		Store: store.Recordings{Table: d.table, Now: time.Now}, Contents: blob.Contents{Bucket: d.bucket},
		Files: d.files, Shares: d.shares, Seal: sealer, Pairs: d.engines.pairs, Now: time.Now,
	}
	d.shares.Hidden, d.files.Hidden = d.recordings.Hidden, d.recordings.Hidden
	hooks := store.Webhooks{Table: d.table, Now: time.Now}
	trusted := append([]string{d.BaseURL, d.S3URL}, d.Trusted...)
	post := fetch.New(fetch.Options{Trusted: trusted, Timeout: webhook.Timeout})
	d.recordings.Reach = post.Reach
	d.webhooks = &webhook.Service{Store: hooks, Seal: sealer, Post: post, Now: time.Now}
	workers := d.recordings.Workers(d.engines.Engines)
	workers[job.Fetch] = recording.Fetcher{Service: d.recordings, Sources: fetch.New(fetch.Options{Trusted: trusted})}
	workers[job.Announce] = webhook.Announcer{Store: hooks, Bodies: sonix.Bodies{Recordings: d.recordings, Origin: d.BaseURL}, Seal: sealer, Now: time.Now}
	workers[job.Deliver] = webhook.Deliverer{Store: hooks, Seal: sealer, Post: post, Now: time.Now}
	d.jobs = &job.Service{
		Store: store.Jobs{Table: d.table, Now: time.Now}, Queue: messages{d.Queue}, Log: logger, Now: time.Now,
		Workers: workers, Seen: d.recordings.SeenJobs,
	}
}

func (p parts) credentials() aws.CredentialsProvider {
	return credentials.NewStaticCredentialsProvider(p.AccessKey, p.SecretKey, "")
}

func (p parts) aws(endpoint string) aws.Config {
	return aws.Config{Region: p.Region, Credentials: p.credentials(), BaseEndpoint: &endpoint}
}

// functions are template.yaml's that answer HTTP.
func (d *domain) functions() map[string]gateway.Function {
	logger := journal.New(d.lines, stackName)
	pocket := mediapocket.API{Accounts: d.accounts, Shares: d.shares, Files: d.files, Origin: d.BaseURL}
	scripts := scriptix.API{Accounts: d.accounts, Recordings: d.recordings, Origin: d.BaseURL}
	sonic := sonix.API{Accounts: d.accounts, Recordings: d.recordings, Origin: d.BaseURL}
	sweet := sweetconnect.API{Accounts: d.accounts, Handovers: d.handovers, Files: d.files, Sessions: d.accounts, Origin: d.BaseURL}
	own := latchkey.API{Accounts: d.accounts, Files: d.files, Links: d.shares, Webhooks: d.webhooks, Jobs: d.jobs, Origin: d.BaseURL}
	pages := page.Service{
		Shares: d.shares, Files: store.Files{Table: d.table, Now: time.Now}, Origin: d.BaseURL, Bucket: d.signer.Origin(),
	}
	documents := viewer.Service{Recordings: d.recordings, Bucket: d.signer.Origin(), Now: time.Now}
	doors := door.Service{Handovers: d.handovers, Accounts: d.accounts, Post: d.invites, Origin: d.BaseURL, Bucket: d.signer.Origin()}
	serve := func(face dialect.Face, routes []dialect.Route, options ...lambdahttp.Option) gateway.Function {
		service := dialect.Service{Face: face, Log: logger, Now: time.Now}
		return lambdahttp.Handler(service.Handler(routes...), append(options, lambdahttp.WithLog(logger))...).Invoke
	}
	large := lambdahttp.WithSpill(answer.Keeper{Bucket: d.bucket, Presign: d.signer}.Keep)
	return map[string]gateway.Function{
		"LinksFunction":      serve(mediapocket.Face, pocket.OwnerRoutes()),
		"OpenFunction":       serve(mediapocket.Face, pocket.OpenRoutes()),
		"SessionsFunction":   serve(scriptix.Face, scripts.Routes(), large),
		"FilesharesFunction": serve(sweetconnect.Face, sweet.Routes(), lambdahttp.WithFailure(sweetconnect.Fail)),
		"MediaFunction":      serve(sonix.Face, sonic.Routes(), large),
		"PagesFunction":      serve(door.Face, slices.Concat(page.Routes(pages), viewer.Routes(documents), door.Routes(doors)), lambdahttp.WithFailure(page.Fail)),
		"ControlFunction":    serve(latchkey.Face, own.Routes(), lambdahttp.WithFailure(latchkey.Fail)),
	}
}
