// Sweep runs every minute and does what came due: mail that was put off, jobs
// that nobody does.
package main

import (
	"log"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"latchkey/shared/config"
	"latchkey/shared/effect"
	"latchkey/shared/job"
	"latchkey/shared/journal"
	"latchkey/shared/mail"
	"latchkey/shared/mail/letter"
	"latchkey/shared/queue"
	"latchkey/shared/seal"
	keys "latchkey/shared/seal/secretsmanager"
	"latchkey/shared/share"
	"latchkey/shared/store"
	"latchkey/shared/table/dynamo"
)

func main() {
	c, err := config.FromEnv(os.Getenv, config.Table, config.MailFrom, config.SealingSecret, config.JobsQueue, config.HooksQueue)
	if err != nil {
		log.Fatal(err)
	}
	sender, err := mail.New(sesv2.NewFromConfig(c.AWS(config.SES)), mail.Config{
		From: c.Get(config.MailFrom), ConfigurationSet: c.Get(config.MailSet),
	})
	if err != nil {
		log.Fatal(err)
	}
	logger := journal.New(os.Stdout, c.Get(config.Stack))
	t := dynamo.New(dynamodb.NewFromConfig(c.AWS(config.DynamoDB)), c.Get(config.Table), store.Schema(), nil)
	secrets := secretsmanager.NewFromConfig(c.AWS(config.SecretsManager))
	shares := &share.Service{
		Store: store.Shares{Table: t, Now: time.Now}, Seal: seal.Tokens{Source: keys.New(secrets, c.Get(config.SealingSecret), time.Now)},
		Post: letter.Post{Mail: sender, Log: logger}, Now: time.Now,
	}
	jobs := &job.Service{
		Store: store.Jobs{Table: t, Now: time.Now}, Queue: queue.New(sqs.NewFromConfig(c.AWS(config.SQS)), queue.URLs{
			Jobs: c.Get(config.JobsQueue), Render: c.Get(config.RenderQueue), Hooks: c.Get(config.HooksQueue),
		}),
	}
	lambda.Start(effect.Sweep{Mails: shares, Jobs: jobs, Log: logger, Now: time.Now}.Handle)
}
