// Media is Sonix: media, their transcripts and what is made of them, folders,
// users and shares.
package main

import (
	"context"
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
	"latchkey/shared/blob/answer"
	"latchkey/shared/blob/presign"
	"latchkey/shared/config"
	"latchkey/shared/dialect"
	"latchkey/shared/dialect/sonix"
	"latchkey/shared/engine/translate/pair"
	"latchkey/shared/fetch"
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
	bucket := blob.New(s3.NewFromConfig(c.AWS(config.S3), blob.PathStyle), c.Get(config.Bucket))
	signer, err := presign.New(presign.Config{
		Bucket: c.Get(config.Bucket), Region: c.Get(config.Region), Endpoint: c.Get(config.S3), Credentials: c.Credentials(),
	})
	if err != nil {
		log.Fatal(err)
	}
	logger := journal.New(os.Stdout, c.Get(config.Stack))
	items := dynamo.New(dynamodb.NewFromConfig(c.AWS(config.DynamoDB)), c.Get(config.Table), store.Schema(), nil)
	var pairs recording.Pairs
	if c.Amazon() {
		pairs = pair.Pairs{}
	}
	lambdahttp.Start(outside{
		pairs:    pairs,
		table:    items,
		objects:  blob.Files{Bucket: bucket},
		contents: blob.Contents{Bucket: bucket},
		presign:  presign.Uploads{Presigner: signer},
		sealer:   seal.Tokens{Source: secrets},
		post:     letter.Post{Mail: sender, Log: logger},
		reach:    fetch.New(fetch.Options{Trusted: c.TrustedOrigins()}).Reach,
		invite:   letter.Invitations{Mail: sender, Log: logger, Suppressed: store.Shares{Table: items}.Suppressed},
		log:      logger,
		now:      time.Now,
	}.handler(c.Origin()), lambdahttp.WithLog(logger), lambdahttp.WithSpill(answer.Keeper{Bucket: bucket, Presign: signer}.Keep))
}

// outside is what the function stands on.
type outside struct {
	table    table.Engine
	objects  file.Objects
	presign  file.Presigner
	contents recording.Contents
	pairs    recording.Pairs // that can be translated, or nil
	sealer   share.Sealer
	post     share.Post
	invite   account.Post
	reach    func(ctx context.Context, url string) error
	log      *slog.Logger
	ids      ident.Source
	now      func() time.Time
}

func (o outside) handler(origin string) http.Handler {
	shares := &share.Service{
		Store: store.Shares{Table: o.table, Now: o.now},
		Seal:  o.sealer, Post: o.post, Audit: journal.Auditor{Log: o.log}, IDs: o.ids, Now: o.now,
	}
	api := sonix.API{
		Accounts: &account.Service{Store: store.Accounts{Table: o.table, Now: o.now}, Post: o.invite, IDs: o.ids, Now: o.now},
		Recordings: &recording.Service{
			Store: store.Recordings{Table: o.table, Now: o.now}, Contents: o.contents, Pairs: o.pairs, Shares: shares, Seal: o.sealer, Reach: o.reach,
			IDs: o.ids, Now: o.now,
			Files: &file.Service{
				Store: store.Files{Table: o.table, Now: o.now}, Objects: o.objects, Presign: o.presign, Links: shares, IDs: o.ids, Now: o.now,
			},
		},
		Origin: origin,
	}
	return dialect.Service{Face: sonix.Face, Log: o.log, Now: o.now}.Handler(api.Routes()...)
}
