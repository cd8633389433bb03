// Fileshares is SweetConnect: files handed to named persons, who register and
// are accepted or declined.
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
	"latchkey/shared/dialect/sweetconnect"
	"latchkey/shared/file"
	"latchkey/shared/handover"
	"latchkey/shared/ident"
	"latchkey/shared/journal"
	"latchkey/shared/lambdahttp"
	"latchkey/shared/mail"
	"latchkey/shared/mail/letter"
	"latchkey/shared/password"
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
	items := dynamo.New(dynamodb.NewFromConfig(c.AWS(config.DynamoDB)), c.Get(config.Table), store.Schema(), nil)
	lambdahttp.Start(outside{
		table:    items,
		objects:  blob.Files{Bucket: blob.New(s3.NewFromConfig(c.AWS(config.S3), blob.PathStyle), c.Get(config.Bucket))},
		sealer:   seal.Tokens{Source: secrets},
		post:     letter.Post{Mail: sender, Log: logger},
		verdicts: letter.Invitations{Mail: sender, Log: logger, Suppressed: store.Shares{Table: items}.Suppressed},
		log:      logger,
		now:      time.Now,
	}.handler(c.Origin()), lambdahttp.WithFailure(sweetconnect.Fail), lambdahttp.WithLog(logger))
}

// outside is what the function stands on.
type outside struct {
	table    table.Engine
	objects  file.Objects
	sealer   share.Sealer
	post     share.Post
	verdicts handover.Verdicts
	log      *slog.Logger
	ids      ident.Source
	now      func() time.Time
}

func (o outside) handler(origin string) http.Handler {
	accounts := &account.Service{
		Store: store.Accounts{Table: o.table, Now: o.now}, Passwords: password.Argon2id{IDs: o.ids}, IDs: o.ids, Now: o.now,
	}
	recordings := &recording.Service{Store: store.Recordings{Table: o.table, Now: o.now}, Now: o.now}
	files := &file.Service{
		Store: store.Files{Table: o.table, Now: o.now}, Objects: o.objects, Hidden: recordings.Hidden, IDs: o.ids, Now: o.now,
	}
	api := sweetconnect.API{
		Accounts: accounts, Files: files, Sessions: accounts,
		Handovers: &handover.Service{
			Store: store.Handovers{Table: o.table, Now: o.now}, Accounts: accounts, Seal: o.sealer, Post: o.post, Verdicts: o.verdicts,
			Files: files, IDs: o.ids, Now: o.now,
		},
		Origin: origin,
	}
	return dialect.Service{Face: sweetconnect.Face, Log: o.log, Now: o.now}.Handler(api.Routes()...)
}
