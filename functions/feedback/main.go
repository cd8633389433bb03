// Feedback hears from SES what became of mails.
package main

import (
	"log"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"latchkey/shared/config"
	"latchkey/shared/effect"
	"latchkey/shared/handover"
	"latchkey/shared/journal"
	"latchkey/shared/share"
	"latchkey/shared/store"
	"latchkey/shared/table"
	"latchkey/shared/table/dynamo"
)

func main() {
	c, err := config.FromEnv(os.Getenv, config.Table)
	if err != nil {
		log.Fatal(err)
	}
	t := dynamo.New(dynamodb.NewFromConfig(c.AWS(config.DynamoDB)), c.Get(config.Table), store.Schema(), nil)
	lambda.Start(handler(t, journal.New(os.Stdout, c.Get(config.Stack)), time.Now).Handle)
}

func handler(t table.Engine, logger *slog.Logger, now func() time.Time) effect.Feedback {
	return effect.Feedback{
		Letters:   &share.Service{Store: store.Shares{Table: t, Now: now}, Now: now},
		Handovers: &handover.Service{Store: store.Handovers{Table: t, Now: now}, Now: now},
		Log:       logger, Now: now,
	}
}
