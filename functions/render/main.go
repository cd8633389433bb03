// Render does the jobs that take a processor for minutes, as its queue tells
// it to: burn-ins and exports, and looks into media. It is a container image
// with ffmpeg, of a stack of its own.
package main

import (
	"log"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"latchkey/shared/blob"
	"latchkey/shared/config"
	"latchkey/shared/effect"
	"latchkey/shared/engine/ffmpeg"
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
	c, err := config.FromEnv(os.Getenv, config.Table, config.Bucket, config.RenderQueue, config.DeadQueue)
	if err != nil {
		log.Fatal(err)
	}
	temp, err := tidy(os.TempDir())
	if err != nil {
		log.Fatal(err)
	}
	bucket := blob.New(s3.NewFromConfig(c.AWS(config.S3), blob.PathStyle), c.Get(config.Bucket))
	media := blob.Media{Bucket: bucket}
	o := outside{
		table:    dynamo.New(dynamodb.NewFromConfig(c.AWS(config.DynamoDB)), c.Get(config.Table), store.Schema(), nil),
		queue:    queue.New(sqs.NewFromConfig(c.AWS(config.SQS)), queue.URLs{Render: c.Get(config.RenderQueue), Dead: c.Get(config.DeadQueue)}),
		objects:  blob.Files{Bucket: bucket},
		contents: blob.Contents{Bucket: bucket},
		engines:  recording.Engines{Renderer: ffmpeg.Renderer{Bucket: media, Temp: temp}, Inspector: ffmpeg.Inspector{Objects: media, Temp: temp}},
		log:      journal.New(os.Stdout, c.Get(config.Stack)),
		now:      time.Now,
	}
	lambda.Start(o.handler().Handle)
}

// tidy returns an empty folder. An invocation that ran out of time leaves its
// files to the next, in the same place.
func tidy(in string) (string, error) {
	folder := filepath.Join(in, "render")
	if err := os.RemoveAll(folder); err != nil {
		return "", err
	}
	return folder, os.MkdirAll(folder, 0o700)
}

// outside is what the function stands on.
type outside struct {
	table    table.Engine
	queue    job.Queue
	objects  file.Objects
	contents recording.Contents
	engines  recording.Engines
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
	return effect.Jobs{Log: o.log, Jobs: &job.Service{
		Store: store.Jobs{Table: o.table, Now: o.now}, Queue: o.queue, Log: o.log, Now: o.now,
		Workers: recordings.Workers(o.engines),
	}}
}
