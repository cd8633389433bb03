// Links makes links and mails them.
package main

import (
	"log"
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
	"latchkey/shared/journal"
	"latchkey/shared/lambdahttp"
	"latchkey/shared/mail"
	"latchkey/shared/mail/letter"
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
	secrets := secretsmanager.NewFromConfig(c.AWS(config.SecretsManager))
	lambdahttp.Start(handler(c.Origin(),
		dynamo.New(dynamodb.NewFromConfig(c.AWS(config.DynamoDB)), c.Get(config.Table), store.Schema(), nil),
		blob.Files{Bucket: blob.New(s3.NewFromConfig(c.AWS(config.S3), blob.PathStyle), c.Get(config.Bucket))},
		seal.Tokens{Source: keys.New(secrets, c.Get(config.SealingSecret), time.Now)},
		sender,
	))
}

func handler(origin string, t table.Engine, objects file.Objects, sealer share.Sealer, sender letter.Mailer) http.Handler {
	logger := journal.New(os.Stdout)
	api := mediapocket.API{
		Accounts: &account.Service{Store: store.Accounts{Table: t, Now: time.Now}, Now: time.Now},
		Files:    &file.Service{Store: store.Files{Table: t, Now: time.Now}, Objects: objects, Now: time.Now},
		Shares: &share.Service{
			Store: store.Shares{Table: t, Now: time.Now}, Seal: sealer, Post: letter.Post{Mail: sender, Log: logger}, Now: time.Now,
		},
		Origin: origin,
	}
	return dialect.Service{Face: mediapocket.Face, Log: logger, Now: time.Now}.Handler(api.OwnerRoutes()...)
}
