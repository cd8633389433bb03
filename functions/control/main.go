// Control is our own API, and by invocation without HTTP the bootstrap.
package main

import (
	"log"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"latchkey/shared/account"
	"latchkey/shared/blob"
	"latchkey/shared/blob/presign"
	"latchkey/shared/config"
	"latchkey/shared/dialect"
	"latchkey/shared/dialect/latchkey"
	"latchkey/shared/fetch"
	"latchkey/shared/file"
	"latchkey/shared/handover"
	"latchkey/shared/ident"
	"latchkey/shared/job"
	"latchkey/shared/journal"
	"latchkey/shared/lambdahttp"
	"latchkey/shared/recording"
	"latchkey/shared/seal"
	keys "latchkey/shared/seal/secretsmanager"
	"latchkey/shared/share"
	"latchkey/shared/store"
	"latchkey/shared/table"
	"latchkey/shared/webhook"
)

func main() {
	c, err := config.FromEnv(os.Getenv, config.Table, config.Bucket, config.SealingSecret)
	if err != nil {
		log.Fatal(err)
	}
	signer, err := presign.New(presign.Config{
		Bucket: c.Get(config.Bucket), Region: c.Get(config.Region), Endpoint: c.Get(config.S3), Credentials: c.Credentials(),
	})
	if err != nil {
		log.Fatal(err)
	}
	secrets := keys.New(secretsmanager.NewFromConfig(c.AWS(config.SecretsManager)), c.Get(config.SealingSecret), time.Now)
	lambda.Start(outside{
		table:   newPaged(dynamodb.NewFromConfig(c.AWS(config.DynamoDB)), c.Get(config.Table), secrets),
		objects: blob.Files{Bucket: blob.New(s3.NewFromConfig(c.AWS(config.S3), blob.PathStyle), c.Get(config.Bucket))},
		uploads: presign.Uploads{Presigner: signer},
		sealer:  seal.Tokens{Source: secrets},
		urls:    fetch.New(fetch.Options{Trusted: c.TrustedOrigins()}),
		log:     journal.New(os.Stdout, c.Get(config.Stack)),
		now:     time.Now,
	}.function(c.Origin()))
}

// outside is what the function stands on.
type outside struct {
	table   table.Engine
	objects file.Objects
	uploads file.Presigner
	sealer  share.Sealer
	urls    webhook.Poster // to check URLs with
	log     *slog.Logger
	ids     ident.Source
	now     func() time.Time
}

func (o outside) function(origin string) lambda.Handler {
	accounts := &account.Service{Store: store.Accounts{Table: o.table, Now: o.now}, IDs: o.ids, Now: o.now}
	links := &share.Service{Store: store.Shares{Table: o.table, Now: o.now}, Seal: o.sealer, IDs: o.ids, Now: o.now}
	handovers := &handover.Service{Store: store.Handovers{Table: o.table, Now: o.now}, Accounts: accounts, IDs: o.ids, Now: o.now}
	files := &file.Service{
		Store: store.Files{Table: o.table, Now: o.now}, Objects: o.objects, Presign: o.uploads, Links: file.AllLinks{links, handovers}, IDs: o.ids, Now: o.now,
	}
	recordings := &recording.Service{Store: store.Recordings{Table: o.table, Now: o.now}, IDs: o.ids, Now: o.now}
	links.Files, links.Hidden, files.Hidden = files, recordings.Hidden, recordings.Hidden
	hooks := &webhook.Service{Store: store.Webhooks{Table: o.table, Now: o.now}, Seal: o.sealer, Post: o.urls, IDs: o.ids, Now: o.now}
	workers := recordings.Workers(recording.Engines{}) // to note what was cancelled
	workers[job.Fetch] = recording.Fetcher{Service: recordings}
	jobs := &job.Service{Store: store.Jobs{Table: o.table, Now: o.now}, Workers: workers, Seen: recordings.SeenJobs, Log: o.log, Now: o.now}
	api := latchkey.API{Accounts: accounts, Files: files, Links: links, Webhooks: hooks, Jobs: jobs, Origin: origin}
	service := dialect.Service{Face: latchkey.Face, Log: o.log, Now: o.now}
	return lambdahttp.Handler(service.Handler(api.Routes()...), lambdahttp.WithLog(o.log),
		lambdahttp.WithFailure(latchkey.Fail), lambdahttp.WithDirect(latchkey.Bootstrap(accounts, o.log)))
}
