// Package config is all that a function is told by its environment. Nothing
// else reads it. It refuses to start half-configured: everything that is
// missing or wrong is reported at once.
package config

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// Name is an environment variable that template.yaml sets.
type Name string

// The variables. Those that say so may be empty.
const (
	Stack         Name = "LATCHKEY_STACK" // its name, which metrics are under
	Table         Name = "LATCHKEY_TABLE"
	Bucket        Name = "LATCHKEY_BUCKET"
	Domain        Name = "LATCHKEY_DOMAIN" // may be empty: then the API's own address is used
	MailFrom      Name = "LATCHKEY_MAIL_FROM"
	MailSet       Name = "LATCHKEY_MAIL_CONFIGURATION_SET" // may be empty
	SealingSecret Name = "LATCHKEY_SEALING_SECRET"         // ARN, never the secret
	JobsQueue     Name = "LATCHKEY_JOBS_QUEUE"             // URL
	RenderQueue   Name = "LATCHKEY_RENDER_QUEUE"           // URL; may be empty: then what is for it is in JobsQueue
	HooksQueue    Name = "LATCHKEY_HOOKS_QUEUE"            // URL
	DeadQueue     Name = "LATCHKEY_DEAD_LETTER_QUEUE"      // URL
	Engines       Name = "LATCHKEY_ENGINES"                // "amazon", or else nothing transcribes, translates and summarises
	SummaryModel  Name = "LATCHKEY_SUMMARY_MODEL"          // of Amazon Bedrock; may be empty: then nothing summarises
	Trusted       Name = "LATCHKEY_TRUSTED_ORIGINS"        // that may be fetched from and posted to although they are not public, with commas; may be empty
	Region        Name = "AWS_REGION"

	// Endpoints other than AWS's own, under the SDK's names; may be empty.
	DynamoDB       Name = "AWS_ENDPOINT_URL_DYNAMODB"
	S3             Name = "AWS_ENDPOINT_URL_S3"
	SES            Name = "AWS_ENDPOINT_URL_SESV2"
	SecretsManager Name = "AWS_ENDPOINT_URL_SECRETSMANAGER"
	SQS            Name = "AWS_ENDPOINT_URL_SQS"
	CodeDeploy     Name = "AWS_ENDPOINT_URL_CODEDEPLOY"
	Lambda         Name = "AWS_ENDPOINT_URL_LAMBDA"
	Transcribe     Name = "AWS_ENDPOINT_URL_TRANSCRIBE"
	Translate      Name = "AWS_ENDPOINT_URL_TRANSLATE"
	Bedrock        Name = "AWS_ENDPOINT_URL_BEDROCK_RUNTIME"
)

func endpoints() []Name {
	return []Name{DynamoDB, S3, SES, SecretsManager, SQS, CodeDeploy, Lambda, Transcribe, Translate, Bedrock}
}

// Config is a function's configuration.
type Config struct {
	values map[Name]string
	creds  aws.Credentials
}

// FromEnv reads the variables that a function needs besides those that may
// be empty, through getenv (os.Getenv).
func FromEnv(getenv func(string) string, needs ...Name) (Config, error) {
	c := Config{values: make(map[Name]string)}
	var problems []error
	for _, n := range append(needs, Stack, Region) {
		if getenv(string(n)) == "" {
			problems = append(problems, fmt.Errorf("%s is not set", n))
		}
	}
	for _, n := range append([]Name{
		Stack, Table, Bucket, Domain, MailFrom, MailSet, SealingSecret, JobsQueue, RenderQueue, HooksQueue, DeadQueue, Engines, SummaryModel, Trusted, Region,
	}, endpoints()...) {
		c.values[n] = getenv(string(n))
	}
	for _, n := range endpoints() {
		if v := c.values[n]; v != "" && !isOrigin(v) {
			problems = append(problems, fmt.Errorf("%s is not a URL: %q", n, v))
		}
	}
	if d := c.values[Domain]; d != "" && !isOrigin(c.Origin()) {
		problems = append(problems, fmt.Errorf("%s is neither a domain nor an origin: %q", Domain, d))
	}
	// On Lambda the role's credentials are here for as long as the process
	// lives; looking anywhere else would only cost time at init.
	c.creds = aws.Credentials{
		AccessKeyID:     getenv("AWS_ACCESS_KEY_ID"),
		SecretAccessKey: getenv("AWS_SECRET_ACCESS_KEY"),
		SessionToken:    getenv("AWS_SESSION_TOKEN"),
	}
	if !c.creds.HasKeys() {
		problems = append(problems, errors.New("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set"))
	}
	return c, errors.Join(problems...)
}

func isOrigin(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && strings.Trim(u.Path, "/") == ""
}

// Get returns the value of a variable.
func (c Config) Get(n Name) string { return c.values[n] }

// Amazon reports whether Amazon transcribes and translates.
func (c Config) Amazon() bool { return c.values[Engines] == "amazon" }

// TrustedOrigins are those that package fetch is told to trust.
func (c Config) TrustedOrigins() []string {
	return strings.FieldsFunc(c.values[Trusted], func(r rune) bool { return r == ',' })
}

// Origin returns the configured scheme and host of public URLs, or "".
func (c Config) Origin() string {
	d := strings.TrimSuffix(c.values[Domain], "/")
	if d == "" || strings.Contains(d, "://") {
		return d
	}
	return "https://" + d
}

// Credentials returns the function's own credentials.
func (c Config) Credentials() aws.CredentialsProvider {
	return credentials.StaticCredentialsProvider{Value: c.creds}
}

// AWS returns the SDK's configuration for one service, named by its endpoint
// variable.
func (c Config) AWS(endpoint Name) aws.Config {
	cfg := aws.Config{Region: c.values[Region], Credentials: c.Credentials()}
	if e := c.values[endpoint]; e != "" {
		cfg.BaseEndpoint = &e
	}
	return cfg
}
