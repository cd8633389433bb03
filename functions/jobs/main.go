// Jobs does work that outlives a request, as its queue tells it to: it
// fetches media from where it is, has it transcribed and translated,
// summarised and rendered, and removes what was deleted.
package main

import (
	"log"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	transcription "github.com/aws/aws-sdk-go-v2/service/transcribe"
	translation "github.com/aws/aws-sdk-go-v2/service/translate"

	"latchkey/shared/blob"
	"latchkey/shared/config"
	"latchkey/shared/effect"
	"latchkey/shared/engine/bedrock"
	"latchkey/shared/engine/transcribe"
	"latchkey/shared/engine/translate"
	"latchkey/shared/fetch"
	"latchkey/shared/file"
	"latchkey/shared/ident"
	"latchkey/shared/job"
	"latchkey/shared/journal"
	"latchkey/shared/queue"
	"latchkey/shared/recording"
	"latchkey/shared/share"
	"latchkey/shared/store"
	"latchkey/shared/table"
	"latchkey/shared/table/dynamo"
)

func main() {
	c, err := config.FromEnv(os.Getenv, config.Table, config.Bucket, config.JobsQueue, config.DeadQueue)
	if err != nil {
		log.Fatal(err)
	}
	bucket := blob.New(s3.NewFromConfig(c.AWS(config.S3), blob.PathStyle), c.Get(config.Bucket))
	o := outside{
		table: dynamo.New(dynamodb.NewFromConfig(c.AWS(config.DynamoDB)), c.Get(config.Table), store.Schema(), nil),
		queue: queue.New(sqs.NewFromConfig(c.AWS(config.SQS)), queue.URLs{
			Jobs: c.Get(config.JobsQueue), Render: c.Get(config.RenderQueue), Dead: c.Get(config.DeadQueue),
		}),
		objects:  blob.Files{Bucket: bucket},
		contents: blob.Contents{Bucket: bucket},
		log:      journal.New(os.Stdout, c.Get(config.Stack)),
		now:      time.Now,
		trusted:  c.TrustedOrigins(),
	}
	o.engines = engines(c, blob.Results{Contents: blob.Contents{Bucket: bucket}}, o.log)
	lambda.Start(o.handler().Handle)
}

// engines are Amazon's, if they are to be used.
func engines(c config.Config, results transcribe.Results, log *slog.Logger) (e recording.Engines) {
	if !c.Amazon() {
		return e
	}
	speech := transcribe.New(transcription.NewFromConfig(c.AWS(config.Transcribe)), results, transcribe.Config{
		Bucket: c.Get(config.Bucket), Stack: c.Get(config.Stack), Now: time.Now, Log: log,
	})
	e.Transcriber, e.Aligner = speech, speech
	e.Translator = translate.New(translation.NewFromConfig(c.AWS(config.Translate)))
	if model := c.Get(config.SummaryModel); model != "" {
		e.Summarizer = bedrock.New(bedrockruntime.NewFromConfig(c.AWS(config.Bedrock)), model)
	}
	return e
}

// outside is what the function stands on.
type outside struct {
	table    table.Engine
	queue    job.Queue
	objects  file.Objects
	contents recording.Contents
	engines  recording.Engines
	trusted  []string // origins
	log      *slog.Logger
	ids      ident.Source
	now      func() time.Time
}

func (o outside) handler() effect.Jobs {
	shares := &share.Service{Store: store.Shares{Table: o.table, Now: o.now}, IDs: o.ids, Now: o.now}
	recordings := &recording.Service{
		Store: store.Recordings{Table: o.table, Now: o.now}, Contents: o.contents, Shares: shares, Now: o.now,
		Files: &file.Service{Store: store.Files{Table: o.table, Now: o.now}, Objects: o.objects, Links: shares, IDs: o.ids, Now: o.now},
	}
	workers := recordings.Workers(o.engines)
	workers[job.Fetch] = recording.Fetcher{Service: recordings, Sources: fetch.New(fetch.Options{Trusted: o.trusted})}
	return effect.Jobs{Log: o.log, Jobs: &job.Service{
		Store: store.Jobs{Table: o.table, Now: o.now}, Queue: o.queue, Log: o.log, Now: o.now,
		Workers: workers,
	}}
}
