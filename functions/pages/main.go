// Pages is what recipients see: the page of a link, and its button.
package main

import (
	"log"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"latchkey/shared/blob/presign"
	"latchkey/shared/config"
	"latchkey/shared/dialect"
	"latchkey/shared/journal"
	"latchkey/shared/lambdahttp"
	"latchkey/shared/page"
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
	logger := journal.New(os.Stdout, c.Get(config.Stack))
	lambdahttp.Start(handler(c.Origin(), t, signer, logger, time.Now), lambdahttp.WithFailure(page.Fail), lambdahttp.WithLog(logger))
}

func handler(origin string, t table.Engine, signer *presign.Presigner, logger *slog.Logger, now func() time.Time) http.Handler {
	shares := &share.Service{
		Store: store.Shares{Table: t, Now: now}, Presign: presign.Downloads{Presigner: signer},
		Audit: journal.Auditor{Log: logger}, Now: now,
	}
	routes := page.Routes(page.Service{
		Shares: shares, Files: store.Files{Table: t, Now: now}, Origin: origin, Bucket: signer.Origin(),
	})
	return dialect.Service{Face: page.Face, Log: logger, Now: now}.Handler(routes...)
}
