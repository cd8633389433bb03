// Pages is what recipients see: the page of a link and its button, the page of
// a document, and the pages where they sign in and register.
package main

import (
	"log"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"

	"latchkey/shared/account"
	"latchkey/shared/blob"
	"latchkey/shared/blob/presign"
	"latchkey/shared/config"
	"latchkey/shared/dialect"
	"latchkey/shared/handover"
	"latchkey/shared/journal"
	"latchkey/shared/lambdahttp"
	"latchkey/shared/mail"
	"latchkey/shared/mail/letter"
	"latchkey/shared/page"
	"latchkey/shared/page/door"
	"latchkey/shared/page/viewer"
	"latchkey/shared/password"
	"latchkey/shared/recording"
	"latchkey/shared/share"
	"latchkey/shared/store"
	"latchkey/shared/table"
	"latchkey/shared/table/dynamo"
)

func main() {
	c, err := config.FromEnv(os.Getenv, config.Table, config.Bucket, config.MailFrom)
	if err != nil {
		log.Fatal(err)
	}
	signer, err := presign.New(presign.Config{
		Bucket: c.Get(config.Bucket), Region: c.Get(config.Region), Endpoint: c.Get(config.S3), Credentials: c.Credentials(),
	})
	if err != nil {
		log.Fatal(err)
	}
	sender, err := mail.New(sesv2.NewFromConfig(c.AWS(config.SES)), mail.Config{
		From: c.Get(config.MailFrom), ConfigurationSet: c.Get(config.MailSet),
	})
	if err != nil {
		log.Fatal(err)
	}
	t := dynamo.New(dynamodb.NewFromConfig(c.AWS(config.DynamoDB)), c.Get(config.Table), store.Schema(), nil)
	logger := journal.New(os.Stdout, c.Get(config.Stack))
	lambdahttp.Start(outside{
		table:    t,
		contents: blob.Contents{Bucket: blob.New(s3.NewFromConfig(c.AWS(config.S3), blob.PathStyle), c.Get(config.Bucket))},
		signer:   signer,
		post:     letter.Invitations{Mail: sender, Log: logger, Suppressed: store.Shares{Table: t}.Suppressed},
		log:      logger,
		now:      time.Now,
	}.handler(c.Origin()), lambdahttp.WithFailure(page.Fail), lambdahttp.WithLog(logger))
}

// outside is what the function stands on.
type outside struct {
	table    table.Engine
	contents recording.Contents
	signer   *presign.Presigner
	post     door.Post
	log      *slog.Logger
	now      func() time.Time
}

func (o outside) handler(origin string) http.Handler {
	audit, downloads, bucket := journal.Auditor{Log: o.log}, presign.Downloads{Presigner: o.signer}, o.signer.Origin()
	shares := &share.Service{Store: store.Shares{Table: o.table, Now: o.now}, Presign: downloads, Audit: audit, Now: o.now}
	accounts := &account.Service{Store: store.Accounts{Table: o.table, Now: o.now}, Passwords: password.Argon2id{}, Now: o.now}
	routes := page.Routes(page.Service{
		Shares: shares, Files: store.Files{Table: o.table, Now: o.now}, Origin: origin, Bucket: bucket,
	})
	routes = append(routes, viewer.Routes(viewer.Service{
		Recordings: &recording.Service{Store: store.Recordings{Table: o.table, Now: o.now}, Contents: o.contents, Shares: shares, Now: o.now},
		Bucket:     bucket, Now: o.now,
	})...)
	routes = append(routes, door.Routes(door.Service{
		Handovers: &handover.Service{
			Store: store.Handovers{Table: o.table, Now: o.now}, Accounts: accounts, Presign: downloads, Audit: audit, Now: o.now,
		},
		Accounts: accounts, Post: o.post, Origin: origin, Bucket: bucket,
	})...)
	return dialect.Service{Face: door.Face, Log: o.log, Now: o.now}.Handler(routes...)
}
