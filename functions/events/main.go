// Events is behind the answers: uses, opens and uploads arrive here.
package main

import (
	"log"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"latchkey/shared/blob"
	"latchkey/shared/config"
	"latchkey/shared/effect"
	"latchkey/shared/file"
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
	c, err := config.FromEnv(os.Getenv, config.Table, config.Bucket, config.JobsQueue, config.HooksQueue)
	if err != nil {
		log.Fatal(err)
	}
	t := dynamo.New(dynamodb.NewFromConfig(c.AWS(config.DynamoDB)), c.Get(config.Table), store.Schema(), nil)
	objects := blob.Files{Bucket: blob.New(s3.NewFromConfig(c.AWS(config.S3), blob.PathStyle), c.Get(config.Bucket))}
	jobs := queue.New(sqs.NewFromConfig(c.AWS(config.SQS)), queue.URLs{
		Jobs: c.Get(config.JobsQueue), Render: c.Get(config.RenderQueue), Hooks: c.Get(config.HooksQueue),
	})
	h := handler(t, objects, jobs, journal.New(os.Stdout, c.Get(config.Stack)), time.Now)
	h.Stack = c.Get(config.Stack)
	lambda.Start(h.Handle)
}

func handler(t table.Engine, objects file.Objects, jobs job.Queue, logger *slog.Logger, now func() time.Time) effect.Handler {
	return effect.Handler{
		Log:   logger,
		Media: &recording.Service{Store: store.Recordings{Table: t, Now: now}, Now: now},
		Files: &file.Service{Store: store.Files{Table: t, Now: now}, Objects: objects, Now: now},
		Jobs:  &job.Service{Store: store.Jobs{Table: t, Now: now}, Queue: jobs},
		Trail: &share.Service{Store: store.Shares{Table: t, Now: now}, Now: now},
	}
}
