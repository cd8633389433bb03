// Open is the hot path: a followed link. It knows nothing of mail, sealing
// or uploads, and does one thing per request.
package main

import (
	"log"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"latchkey/shared/account"
	"latchkey/shared/blob/presign"
	"latchkey/shared/config"
	"latchkey/shared/dialect"
	"latchkey/shared/dialect/mediapocket"
	"latchkey/shared/journal"
	"latchkey/shared/lambdahttp"
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
	lambdahttp.Start(handler(c.Origin(), t, presign.Downloads{Presigner: signer}, logger, time.Now), lambdahttp.WithLog(logger))
}

func handler(origin string, t table.Engine, p share.Presigner, logger *slog.Logger, now func() time.Time) http.Handler {
	accounts := &account.Service{Store: store.Accounts{Table: t, Now: now}, Now: now}
	shares := &share.Service{
		Store: store.Shares{Table: t, Now: now}, Presign: p, Audit: journal.Auditor{Log: logger}, Now: now,
	}
	api := mediapocket.API{Accounts: accounts, Shares: shares, Origin: origin}
	return dialect.Service{Face: mediapocket.Face, Log: logger, Now: now}.Handler(api.OpenRoutes()...)
}
