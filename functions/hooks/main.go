// Hooks tells the servers of organizations what has happened, as its queue
// tells it to.
package main

import (
	"log"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"latchkey/shared/config"
	"latchkey/shared/dialect/sonix"
	"latchkey/shared/effect"
	"latchkey/shared/fetch"
	"latchkey/shared/ident"
	"latchkey/shared/job"
	"latchkey/shared/journal"
	"latchkey/shared/queue"
	"latchkey/shared/recording"
	"latchkey/shared/seal"
	keys "latchkey/shared/seal/secretsmanager"
	"latchkey/shared/share"
	"latchkey/shared/store"
	"latchkey/shared/table"
	"latchkey/shared/table/dynamo"
	"latchkey/shared/webhook"
)

func main() {
	c, err := config.FromEnv(os.Getenv, config.Table, config.SealingSecret, config.HooksQueue, config.DeadQueue)
	if err != nil {
		log.Fatal(err)
	}
	secrets := secretsmanager.NewFromConfig(c.AWS(config.SecretsManager))
	o := outside{
		table:  dynamo.New(dynamodb.NewFromConfig(c.AWS(config.DynamoDB)), c.Get(config.Table), store.Schema(), nil),
		queue:  queue.New(sqs.NewFromConfig(c.AWS(config.SQS)), queue.URLs{Hooks: c.Get(config.HooksQueue), Dead: c.Get(config.DeadQueue)}),
		seal:   seal.Tokens{Source: keys.New(secrets, c.Get(config.SealingSecret), time.Now)},
		post:   fetch.New(fetch.Options{Trusted: c.TrustedOrigins(), Timeout: webhook.Timeout}),
		origin: c.Origin(),
		log:    journal.New(os.Stdout, c.Get(config.Stack)),
		now:    time.Now,
	}
	lambda.Start(o.handler().Handle)
}

// outside is what the function stands on.
type outside struct {
	table  table.Engine
	queue  job.Queue
	seal   share.Sealer
	post   webhook.Poster
	origin string // of public URLs, or ""
	log    *slog.Logger
	ids    ident.Source
	now    func() time.Time
}

func (o outside) handler() effect.Jobs {
	hooks := store.Webhooks{Table: o.table, Now: o.now}
	recordings := &recording.Service{
		Store: store.Recordings{Table: o.table, Now: o.now}, Now: o.now,
		Shares: &share.Service{Store: store.Shares{Table: o.table, Now: o.now}, Seal: o.seal, Now: o.now},
	}
	bodies := sonix.Bodies{Recordings: recordings, Origin: o.origin}
	return effect.Jobs{Log: o.log, Jobs: &job.Service{
		Store: store.Jobs{Table: o.table, Now: o.now}, Queue: o.queue, Log: o.log, Now: o.now,
		Workers: map[job.Kind]job.Worker{
			job.Announce: webhook.Announcer{Store: hooks, Bodies: bodies, Seal: o.seal, IDs: o.ids, Now: o.now},
			job.Deliver:  webhook.Deliverer{Store: hooks, Seal: o.seal, Post: o.post, IDs: o.ids, Now: o.now},
		},
	}}
}
