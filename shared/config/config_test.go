package config

import (
	"context"
	"strings"
	"testing"
)

func env(values map[string]string) func(string) string {
	return func(name string) string { return values[name] }
}

func good() map[string]string {
	return map[string]string{
		"AWS_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret",
		"AWS_SESSION_TOKEN": "session", "LATCHKEY_STACK": "latchkey", "LATCHKEY_TABLE": "table", "LATCHKEY_BUCKET": "bucket",
	}
}

func TestEverythingMissingIsReportedAtOnce(t *testing.T) {
	_, err := FromEnv(env(nil), Table, Bucket, MailFrom)
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"LATCHKEY_STACK", "LATCHKEY_TABLE", "LATCHKEY_BUCKET", "LATCHKEY_MAIL_FROM", "AWS_REGION", "AWS_ACCESS_KEY_ID"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%s is not in %q", want, err)
		}
	}
}

func TestBadValuesAreReported(t *testing.T) {
	values := good()
	values["AWS_ENDPOINT_URL_S3"] = "localhost:3001"
	values["LATCHKEY_DOMAIN"] = "https://share.test/path"
	_, err := FromEnv(env(values), Table)
	if err == nil || !strings.Contains(err.Error(), "AWS_ENDPOINT_URL_S3") || !strings.Contains(err.Error(), "LATCHKEY_DOMAIN") {
		t.Errorf("%v", err)
	}
}

func TestOrigin(t *testing.T) {
	for domain, want := range map[string]string{
		"": "", "share.test": "https://share.test", "http://127.0.0.1:3000": "http://127.0.0.1:3000", "https://share.test/": "https://share.test",
	} {
		values := good()
		values["LATCHKEY_DOMAIN"] = domain
		c, err := FromEnv(env(values), Table)
		if err != nil || c.Origin() != want {
			t.Errorf("%q: %q, %v, want %q", domain, c.Origin(), err, want)
		}
	}
}

func TestAWS(t *testing.T) {
	values := good()
	values["AWS_ENDPOINT_URL_DYNAMODB"] = "http://127.0.0.1:8000"
	c, err := FromEnv(env(values), Table)
	if err != nil {
		t.Fatal(err)
	}
	creds, err := c.AWS(DynamoDB).Credentials.Retrieve(context.Background())
	if err != nil || creds.AccessKeyID != "id" || creds.SessionToken != "session" {
		t.Errorf("credentials of %s, %v", creds.AccessKeyID, err)
	}
	if cfg := c.AWS(DynamoDB); *cfg.BaseEndpoint != "http://127.0.0.1:8000" || cfg.Region != "eu-central-1" {
		t.Errorf("%+v", cfg)
	}
	if cfg := c.AWS(S3); cfg.BaseEndpoint != nil {
		t.Errorf("an empty endpoint was set to %q", *cfg.BaseEndpoint)
	}
}
