// Pages is what recipients see: the page of a link and its button, and the
// page of a document.
package main

import (
	"log"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"latchkey/shared/blob"
	"latchkey/shared/blob/presign"
	"latchkey/shared/config"
	"latchkey/shared/dialect"
	"latchkey/shared/journal"
	"latchkey/shared/lambdahttp"
	"latchkey/shared/page"
	"latchkey/shared/page/viewer"
	"latchkey/shared/recording"
	"latchkey/shared/share"
	"latchkey/shared/store"
	"latchkey/shared/table"
	"latchkey/shared/table/dynamo"
)

func main() {
	c, err := config.FromEnv(os.Getenv, config.Table, config.Bucket)
	if err != nil {
		log.Fatal(err)
	}
	signer, err := presign.New(presign.Config{
		Bucket: c.Get(config.Bucket), Region: c.Get(config.Region), Endpoint: c.Get(config.S3), Credentials: c.Credentials(),
	})
	if err != nil {
		log.Fatal(err)
	}
	t := dynamo.New(dynamodb.NewFromConfig(c.AWS(config.DynamoDB)), c.Get(config.Table), store.Schema(), nil)
	contents := blob.Contents{Bucket: blob.New(s3.NewFromConfig(c.AWS(config.S3), blob.PathStyle), c.Get(config.Bucket))}
	logger := journal.New(os.Stdout, c.Get(config.Stack))
	lambdahttp.Start(handler(c.Origin(), t, contents, signer, logger, time.Now), lambdahttp.WithFailure(page.Fail), lambdahttp.WithLog(logger))
}

func handler(origin string, t table.Engine, contents recording.Contents, signer *presign.Presigner, logger *slog.Logger, now func() time.Time) http.Handler {
	shares := &share.Service{
		Store: store.Shares{Table: t, Now: now}, Presign: presign.Downloads{Presigner: signer},
		Audit: journal.Auditor{Log: logger}, Now: now,
	}
	links := page.Routes(page.Service{
		Shares: shares, Files: store.Files{Table: t, Now: now}, Origin: origin, Bucket: signer.Origin(),
	})
	documents := viewer.Routes(viewer.Service{
		Recordings: &recording.Service{Store: store.Recordings{Table: t, Now: now}, Contents: contents, Shares: shares, Now: now},
		Bucket:     signer.Origin(), Now: now,
	})
	return dialect.Service{Face: viewer.Face, Log: logger, Now: now}.Handler(append(links, documents...)...)
}
