// Links makes links and mails them.
package main

import (
	"log"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"

	"latchkey/shared/account"
	"latchkey/shared/blob"
	"latchkey/shared/config"
	"latchkey/shared/dialect"
	"latchkey/shared/dialect/mediapocket"
	"latchkey/shared/file"
	"latchkey/shared/ident"
	"latchkey/shared/journal"
	"latchkey/shared/lambdahttp"
	"latchkey/shared/mail"
	"latchkey/shared/mail/letter"
	"latchkey/shared/recording"
	"latchkey/shared/seal"
	keys "latchkey/shared/seal/secretsmanager"
	"latchkey/shared/share"
	"latchkey/shared/store"
	"latchkey/shared/table"
	"latchkey/shared/table/dynamo"
)

func main() {
	c, err := config.FromEnv(os.Getenv, config.Table, config.Bucket, config.MailFrom, config.SealingSecret)
	if err != nil {
		log.Fatal(err)
	}
	sender, err := mail.New(sesv2.NewFromConfig(c.AWS(config.SES)), mail.Config{
		From: c.Get(config.MailFrom), ConfigurationSet: c.Get(config.MailSet),
	})
	if err != nil {
		log.Fatal(err)
	}
	secrets := keys.New(secretsmanager.NewFromConfig(c.AWS(config.SecretsManager)), c.Get(config.SealingSecret), time.Now)
	logger := journal.New(os.Stdout, c.Get(config.Stack))
	lambdahttp.Start(outside{
		table:   dynamo.New(dynamodb.NewFromConfig(c.AWS(config.DynamoDB)), c.Get(config.Table), store.Schema(), nil),
		objects: blob.Files{Bucket: blob.New(s3.NewFromConfig(c.AWS(config.S3), blob.PathStyle), c.Get(config.Bucket))},
		sealer:  seal.Tokens{Source: secrets},
		post:    letter.Post{Mail: sender, Log: logger},
		log:     logger,
		now:     time.Now,
	}.handler(c.Origin()), lambdahttp.WithLog(logger))
}

// outside is what the function stands on.
type outside struct {
	table   table.Engine
	objects file.Objects
	sealer  share.Sealer
	post    share.Post
	log     *slog.Logger
	ids     ident.Source
	now     func() time.Time
}

func (o outside) handler(origin string) http.Handler {
	recordings := &recording.Service{Store: store.Recordings{Table: o.table, Now: o.now}, Now: o.now}
	api := mediapocket.API{
		Accounts: &account.Service{Store: store.Accounts{Table: o.table, Now: o.now}, Now: o.now},
		Files: &file.Service{
			Store: store.Files{Table: o.table, Now: o.now}, Objects: o.objects, Hidden: recordings.Hidden, Now: o.now,
		},
		Shares: &share.Service{
			Store: store.Shares{Table: o.table, Now: o.now}, Seal: o.sealer, Post: o.post, Hidden: recordings.Hidden, IDs: o.ids, Now: o.now,
		},
		Origin: origin,
	}
	return dialect.Service{Face: mediapocket.Face, Log: o.log, Now: o.now}.Handler(api.OwnerRoutes()...)
}
