package grant

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"mime"
	"mime/multipart"
	"net/http"
	address "net/mail"
	"net/url"
	"path"
	"strings"
)

// Names are the ARNs of what requests name by less.
type Names struct {
	Table, Stream string
	Queues        string // up to a queue's name: "arn:…:"
	SES, Lambda   string // up to a resource's kind: "arn:…:"
	CodeDeploy    string // the same
	Application   string // of CodeDeploy, by name
}

// need is what IAM asks of the caller of a request. with is what a condition
// may look at, as "key=value".
type need struct{ action, resource, with string }

// needs are those of one request. A request that is not known needs an action
// nobody is granted, named after it.
func (n Names) needs(r *http.Request, body []byte) []need {
	target := r.Header.Get("X-Amz-Target")
	service, operation, _ := strings.Cut(target, ".")
	switch {
	case service+"."+operation == "DynamoDBStreams_20120810.ListStreams":
		return []need{{"dynamodb:ListStreams", n.Table + "/stream/*", ""}}
	case strings.HasPrefix(service, "DynamoDBStreams_"):
		return []need{{"dynamodb:" + operation, n.Stream, ""}}
	case strings.HasPrefix(service, "DynamoDB_"):
		return n.table(operation, body)
	case service == "secretsmanager":
		var in struct{ SecretId string }
		_ = json.Unmarshal(body, &in) // what is not JSON names no secret
		return []need{{"secretsmanager:" + operation, in.SecretId, ""}}
	case target == queueTarget+operation:
		var in struct{ QueueUrl string }
		_ = json.Unmarshal(body, &in) // what is not JSON names no queue
		return []need{{"sqs:" + operation, n.Queues + path.Base(in.QueueUrl), ""}}
	case strings.HasPrefix(service, "CodeDeploy_"):
		return n.deployment(operation, body)
	case strings.HasPrefix(r.URL.Path, functionsPath):
		return n.function(r)
	case strings.HasPrefix(r.URL.Path, mailPath):
		return n.mail(r, body)
	default:
		return objects(r, body)
	}
}

// table are the needs of a request to DynamoDB (Service Authorization
// Reference, "Actions, resources, and condition keys for Amazon DynamoDB"). A
// transaction needs what each of its parts does.
func (n Names) table(operation string, body []byte) (all []need) {
	var in struct {
		IndexName     string
		TransactItems []map[string]json.RawMessage
	}
	_ = json.Unmarshal(body, &in) // DynamoDB will say so
	switch operation {
	case "TransactWriteItems", "TransactGetItems":
		actions := map[string]string{
			"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem", "Get": "GetItem",
		}
		for _, item := range in.TransactItems {
			for part := range item {
				all = append(all, need{"dynamodb:" + actions[part], n.Table, ""})
			}
		}
		return all
	}
	if in.IndexName != "" {
		return []need{{"dynamodb:" + operation, n.Table + "/index/" + in.IndexName, ""}}
	}
	return []need{{"dynamodb:" + operation, n.Table, ""}}
}

const queueTarget = "AmazonSQS."

const mailPath = "/v2/email/"

// mail are the needs of a request to SES. Bulk mail is authorized under its
// name of API v1 as well.
func (n Names) mail(r *http.Request, body []byte) (all []need) {
	actions := []string{"ses:" + r.Method + " " + r.URL.Path}
	switch r.URL.Path {
	case mailPath + "outbound-bulk-emails":
		actions = []string{"ses:SendBulkEmail", "ses:SendBulkTemplatedEmail"}
	case mailPath + "outbound-emails":
		actions = []string{"ses:SendEmail"}
	}
	var in struct{ FromEmailAddress, ConfigurationSetName string }
	_ = json.Unmarshal(body, &in) // SES will say so
	from := in.FromEmailAddress
	if a, err := address.ParseAddress(from); err == nil {
		from = a.Address
	}
	for _, a := range actions {
		all = append(all, need{a, n.SES + "identity/" + from, "ses:FromAddress=" + from})
		if in.ConfigurationSetName != "" {
			all = append(all, need{a, n.SES + "configuration-set/" + in.ConfigurationSetName, ""})
		}
	}
	return all
}

const functionsPath = "/2015-03-31/functions/"

// function are the needs of a call of Lambda: that of an invocation is of the
// function's version or alias, if it names one.
func (n Names) function(r *http.Request) []need {
	name, what, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, functionsPath), "/")
	if r.Method != http.MethodPost || what != "invocations" {
		return []need{{"lambda:" + r.Method + " " + r.URL.Path, n.Lambda, ""}}
	}
	if q := r.URL.Query().Get("Qualifier"); q != "" {
		name += ":" + q
	}
	return []need{{"lambda:InvokeFunction", n.Lambda + "function:" + name, ""}}
}

// deployment are the needs of a call of CodeDeploy (Service Authorization
// Reference, "AWS CodeDeploy"). A deployment is not named by its group; here it
// is the only one of it.
func (n Names) deployment(operation string, body []byte) []need {
	var in struct{ DeploymentID, ApplicationName string }
	_ = json.Unmarshal(body, &in) // CodeDeploy will say so
	if in.ApplicationName != "" {
		return []need{{"codedeploy:" + operation, n.CodeDeploy + "application:" + in.ApplicationName, ""}}
	}
	return []need{{"codedeploy:" + operation, n.CodeDeploy + "deploymentgroup:" + n.Application + "/" + in.DeploymentID, ""}}
}

// objects are the needs of a path-style request to S3 (User Guide, "Required
// permissions for Amazon S3 API operations").
func objects(r *http.Request, body []byte) []need {
	bucket, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	q := r.URL.Query()
	arn := "arn:aws:s3:::" + bucket
	if key == "" {
		return ofBucket(r, q, arn, body)
	}
	object := arn + "/" + key
	switch {
	case r.Method == http.MethodGet && q.Has("uploadId"):
		return []need{{"s3:ListMultipartUploadParts", object, ""}}
	case r.Method == http.MethodGet || r.Method == http.MethodHead:
		if q.Has("versionId") {
			return []need{{"s3:GetObjectVersion", object, ""}}
		}
		return []need{{"s3:GetObject", object, ""}}
	case r.Method == http.MethodPut && r.Header.Get("X-Amz-Copy-Source") != "":
		source, _ := url.PathUnescape(strings.TrimPrefix(r.Header.Get("X-Amz-Copy-Source"), "/"))
		return []need{{"s3:PutObject", object, ""}, {"s3:GetObject", "arn:aws:s3:::" + source, ""}}
	case r.Method == http.MethodPut || r.Method == http.MethodPost && (q.Has("uploads") || q.Has("uploadId")):
		return []need{{"s3:PutObject", object, ""}}
	case r.Method == http.MethodDelete && q.Has("uploadId"):
		return []need{{"s3:AbortMultipartUpload", object, ""}}
	case r.Method == http.MethodDelete && q.Has("versionId"):
		return []need{{"s3:DeleteObject", object, ""}, {"s3:DeleteObjectVersion", object, ""}}
	case r.Method == http.MethodDelete:
		return []need{{"s3:DeleteObject", object, ""}}
	default:
		return []need{{"s3:" + r.Method + "?" + r.URL.RawQuery, object, ""}}
	}
}

func ofBucket(r *http.Request, q url.Values, arn string, body []byte) []need {
	switch {
	case r.Method == http.MethodGet && q.Has("versions"):
		return []need{{"s3:ListBucketVersions", arn, "s3:prefix=" + q.Get("prefix")}}
	case r.Method == http.MethodGet && (len(q) == 0 || q.Has("list-type") || q.Has("prefix")), r.Method == http.MethodHead:
		return []need{{"s3:ListBucket", arn, "s3:prefix=" + q.Get("prefix")}}
	case r.Method == http.MethodPost && q.Has("delete"):
		return deletions(arn, body)
	case r.Method == http.MethodPost && len(q) == 0:
		return []need{{"s3:PutObject", arn + "/" + formKey(r, body), ""}}
	default:
		return []need{{"s3:" + r.Method + "?" + r.URL.RawQuery, arn, ""}}
	}
}

// deletions are the needs of DeleteObjects: to delete always, and another to
// name a version (API Reference, DeleteObjects, "Permissions").
func deletions(arn string, body []byte) (all []need) {
	var in struct {
		Objects []struct{ Key, VersionId string } `xml:"Object"`
	}
	_ = xml.Unmarshal(body, &in) // S3 will say so
	for _, o := range in.Objects {
		all = append(all, need{"s3:DeleteObject", arn + "/" + o.Key, ""})
		if o.VersionId != "" {
			all = append(all, need{"s3:DeleteObjectVersion", arn + "/" + o.Key, ""})
		}
	}
	return all
}

// formKey is the key of a browser's upload: the fields come before the file,
// so the beginning of the body has it.
func formKey(r *http.Request, body []byte) string {
	_, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return ""
	}
	form := multipart.NewReader(bytes.NewReader(body), params["boundary"])
	for {
		part, err := form.NextPart()
		if err != nil {
			return ""
		}
		if part.FormName() == "key" {
			var key bytes.Buffer
			_, _ = key.ReadFrom(part) // what is cut is no key of ours
			return key.String()
		}
	}
}
