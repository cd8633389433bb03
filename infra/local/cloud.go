package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"latchkey/infra/local/grant"
	"latchkey/shared/store"
	"latchkey/shared/table/dynamo"
)

// cloud is what template.yaml makes besides functions, for processes to share.
type cloud struct {
	parts
	name, table, stream string // of the table: its name and ARNs
	account             string
	client              *dynamodb.Client
	secret              string // the sealing secret itself
}

// plainFrom is the address that mail is from, as template.yaml takes it.
const plainFrom = "links@latchkey.example"

// openCloud makes the table, if it is not there, at the DynamoDB endpoint
// given. Its name belongs to the data folder.
func openCloud(ctx context.Context, p parts) (c cloud, err error) {
	c.parts = p
	name, err := secret(p.Data, "table.name")
	if err != nil {
		return cloud{}, err
	}
	c.name = "latchkey-" + strings.ToLower(name[:16])
	if c.secret, err = secret(p.Data, "sealing.key"); err != nil {
		return cloud{}, err
	}
	c.client = dynamodb.New(dynamodb.Options{
		Region: p.Region, BaseEndpoint: aws.String(p.DynamoDB.String()), Credentials: p.credentials(),
	})
	described := &dynamodb.DescribeTableInput{TableName: &c.name}
	out, err := c.client.DescribeTable(ctx, described)
	if _, missing := errors.AsType[*types.ResourceNotFoundException](err); missing {
		if err = errors.Join(p.forget(), dynamo.CreateTable(ctx, c.client, c.name, store.Schema())); err == nil {
			out, err = c.client.DescribeTable(ctx, described)
		}
	}
	if err != nil {
		return cloud{}, fmt.Errorf("AWS_ENDPOINT_URL_DYNAMODB: %w", err)
	}
	c.table, c.stream = aws.ToString(out.Table.TableArn), aws.ToString(out.Table.LatestStreamArn)
	parts := strings.Split(c.table, ":")
	if len(parts) < 6 || c.stream == "" {
		return cloud{}, fmt.Errorf("AWS_ENDPOINT_URL_DYNAMODB: the table is %q, its stream %q", c.table, c.stream)
	}
	c.account = parts[4]
	return c, nil
}

// arn is what a service's ARNs begin with here.
func (c cloud) arn(service string) string {
	return "arn:aws:" + service + ":" + c.Region + ":" + c.account + ":"
}

func (c cloud) secretARN() string { return c.arn("secretsmanager") + "secret:sealing-local" }

// The names of SES's configuration set and CodeDeploy's application.
const (
	mailSet     = stackName + "-local"
	application = stackName + "-deployments"
)

// values are what references in template.yaml stand for here.
func (c cloud) values() map[string]string {
	return map[string]string{
		"AWS::Partition": "aws", "AWS::Region": c.Region, "AWS::AccountId": c.account, "AWS::StackName": stackName,
		"DomainName": c.BaseURL, "Engines": "none", "MailFrom": plainFrom, "MailConfiguration": mailSet,
		"Table": c.name, "Table.Arn": c.table, "Table.StreamArn": c.stream,
		"Bucket": c.Bucket, "Bucket.Arn": "arn:aws:s3:::" + c.Bucket,
		"JobsQueue": c.queueURL(jobsTopic), "JobsQueue.Arn": c.queueARN(jobsTopic), "HooksQueue": c.queueURL(hooksTopic), "HooksQueue.Arn": c.queueARN(hooksTopic),
		"RenderQueue": c.queueURL(renderTopic), "RenderQueue.Arn": c.queueARN(renderTopic),
		"FailureQueue": c.queueURL(deadTopic), "FailureQueue.Arn": c.queueARN(deadTopic),
		"SealingSecret": c.secretARN(), "ServerlessDeploymentApplication": application,
	}
}

func (c cloud) names() grant.Names {
	return grant.Names{
		Table: c.table, Stream: c.stream, Application: application,
		SES: c.arn("ses"), Queues: c.arn("sqs"), Lambda: c.arn("lambda"), CodeDeploy: c.arn("codedeploy"),
	}
}

// secrets is as much of Secrets Manager as functions ask for: GetSecretValue
// of the one secret (API Reference).
func (c cloud) secrets() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in struct{ SecretId string }
		err := json.NewDecoder(r.Body).Decode(&in)
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		if err != nil || r.Header.Get("X-Amz-Target") != "secretsmanager.GetSecretValue" || in.SecretId != c.secretARN() {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"__type":"ResourceNotFoundException","Message":"Secrets Manager can't find the specified secret."}`)
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]string{ // the client may be gone
			"ARN": in.SecretId, "Name": "sealing", "VersionId": "local", "SecretString": c.secret,
		})
	})
}
