// Check is what CodeDeploy runs before a new version of a function gets
// traffic: it uses the version as a customer would, in an organization of its
// own, and says whether it works. It refuses to touch anything of a customer.
package main

import (
	"log"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/codedeploy"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	awslambda "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"latchkey/shared/blob"
	"latchkey/shared/config"
	"latchkey/shared/file"
	"latchkey/shared/ident"
	"latchkey/shared/journal"
	"latchkey/shared/store"
	"latchkey/shared/table"
	"latchkey/shared/table/dynamo"
)

func main() {
	c, err := config.FromEnv(os.Getenv, config.Table, config.Bucket)
	if err != nil {
		log.Fatal(err)
	}
	lambda.Start(hook{
		deployments: codedeploy.NewFromConfig(c.AWS(config.CodeDeploy)),
		functions:   awslambda.NewFromConfig(c.AWS(config.Lambda), patient),
		table:       dynamo.New(dynamodb.NewFromConfig(c.AWS(config.DynamoDB)), c.Get(config.Table), store.Schema(), nil),
		objects:     blob.Files{Bucket: blob.New(s3.NewFromConfig(c.AWS(config.S3), blob.PathStyle), c.Get(config.Bucket))},
		web:         &http.Client{},
		log:         journal.New(os.Stdout, c.Get(config.Stack)),
		now:         time.Now,
	}.Handle)
}

// patient has a throttled invocation tried again for half a minute: a
// deployment checks all its functions at once, and a new account runs ten.
func patient(o *awslambda.Options) { o.RetryMaxAttempts = 8 }

// hook is what the function stands on.
type hook struct {
	deployments *codedeploy.Client
	functions   *awslambda.Client
	table       table.Engine
	objects     file.Objects
	web         *http.Client // follows presigned URLs
	log         *slog.Logger
	ids         ident.Source
	now         func() time.Time
}
