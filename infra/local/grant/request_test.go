package grant

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var names = Names{Table: "arn:t", Stream: "arn:t/stream", SES: "arn:ses:", Lambda: "arn:l:", CodeDeploy: "arn:c:", Application: "app"}

const form = "--x\r\nContent-Disposition: form-data; name=\"Policy\"\r\n\r\np\r\n" +
	"--x\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\nuploads/1\r\n--x\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nbytes"

func TestNeeds(t *testing.T) {
	const table, streams = "X-Amz-Target: DynamoDB_20120810.", "X-Amz-Target: DynamoDBStreams_20120810."
	tests := []struct {
		name, request, header, body string
		want                        string // action resource, action resource
	}{
		{"read", "POST /", table + "GetItem", `{"TableName":"t"}`, "dynamodb:GetItem arn:t"},
		{"index", "POST /", table + "Query", `{"IndexName":"due"}`, "dynamodb:Query arn:t/index/due"},
		{"transaction", "POST /", table + "TransactWriteItems", `{"TransactItems":[{"Put":{}},{"Update":{}},{"Delete":{}},{"ConditionCheck":{}}]}`,
			"dynamodb:PutItem arn:t, dynamodb:UpdateItem arn:t, dynamodb:DeleteItem arn:t, dynamodb:ConditionCheckItem arn:t"},
		{"streams", "POST /", streams + "ListStreams", `{}`, "dynamodb:ListStreams arn:t/stream/*"},
		{"stream", "POST /", streams + "GetRecords", `{}`, "dynamodb:GetRecords arn:t/stream"},
		{"secret", "POST /", "X-Amz-Target: secretsmanager.GetSecretValue", `{"SecretId":"arn:s"}`, "secretsmanager:GetSecretValue arn:s"},
		{"mail", "POST /v2/email/outbound-bulk-emails", "", `{"FromEmailAddress":"A <a@b.c>","ConfigurationSetName":"set"}`,
			"ses:SendBulkEmail arn:ses:identity/a@b.c ses:FromAddress=a@b.c, ses:SendBulkEmail arn:ses:configuration-set/set, " +
				"ses:SendBulkTemplatedEmail arn:ses:identity/a@b.c ses:FromAddress=a@b.c, ses:SendBulkTemplatedEmail arn:ses:configuration-set/set"},
		{"mail unknown", "GET /v2/email/account", "", "", "ses:GET /v2/email/account arn:ses:identity/ ses:FromAddress="},
		{"invoke", "POST /2015-03-31/functions/f/invocations", "", "{}", "lambda:InvokeFunction arn:l:function:f"},
		{"invoke a version", "POST /2015-03-31/functions/f/invocations?Qualifier=3", "", "{}", "lambda:InvokeFunction arn:l:function:f:3"},
		{"lambda unknown", "GET /2015-03-31/functions/f", "", "", "lambda:GET /2015-03-31/functions/f arn:l:"},
		{"deployment", "POST /", "X-Amz-Target: CodeDeploy_20141006.GetDeployment", `{"deploymentId":"d"}`, "codedeploy:GetDeployment arn:c:deploymentgroup:app/d"},
		{"revision", "POST /", "X-Amz-Target: CodeDeploy_20141006.GetApplicationRevision", `{"applicationName":"a"}`,
			"codedeploy:GetApplicationRevision arn:c:application:a"},
		{"head", "HEAD /b/k/1", "", "", "s3:GetObject arn:aws:s3:::b/k/1"},
		{"presigned", "GET /b/k/1?X-Amz-Signature=0", "", "", "s3:GetObject arn:aws:s3:::b/k/1"},
		{"a version", "GET /b/k?versionId=1", "", "", "s3:GetObjectVersion arn:aws:s3:::b/k"},
		{"parts", "GET /b/k?uploadId=1", "", "", "s3:ListMultipartUploadParts arn:aws:s3:::b/k"},
		{"put", "PUT /b/k", "", "x", "s3:PutObject arn:aws:s3:::b/k"},
		{"part", "PUT /b/k?uploadId=1&partNumber=1", "", "x", "s3:PutObject arn:aws:s3:::b/k"},
		{"begin", "POST /b/k?uploads=", "", "", "s3:PutObject arn:aws:s3:::b/k"},
		{"complete", "POST /b/k?uploadId=1", "", "<x/>", "s3:PutObject arn:aws:s3:::b/k"},
		{"abort", "DELETE /b/k?uploadId=1", "", "", "s3:AbortMultipartUpload arn:aws:s3:::b/k"},
		{"copy", "PUT /b/k", "X-Amz-Copy-Source: b/up%2F1", "", "s3:PutObject arn:aws:s3:::b/k, s3:GetObject arn:aws:s3:::b/up/1"},
		{"delete", "DELETE /b/k", "", "", "s3:DeleteObject arn:aws:s3:::b/k"},
		{"delete a version", "DELETE /b/k?versionId=1", "", "", "s3:DeleteObject arn:aws:s3:::b/k, s3:DeleteObjectVersion arn:aws:s3:::b/k"},
		{"delete some", "POST /b?delete=", "", "<Delete><Object><Key>k</Key></Object><Object><Key>l</Key><VersionId>null</VersionId></Object></Delete>",
			"s3:DeleteObject arn:aws:s3:::b/k, s3:DeleteObject arn:aws:s3:::b/l, s3:DeleteObjectVersion arn:aws:s3:::b/l"},
		{"list", "GET /b?list-type=2", "", "", "s3:ListBucket arn:aws:s3:::b s3:prefix="},
		{"versions", "GET /b?versions=&prefix=k", "", "", "s3:ListBucketVersions arn:aws:s3:::b s3:prefix=k"},
		{"form", "POST /b", "Content-Type: multipart/form-data; boundary=x", form, "s3:PutObject arn:aws:s3:::b/uploads/1"},
		{"unknown", "PUT /b?acl=", "", "", "s3:PUT?acl= arn:aws:s3:::b"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := request(tt.request, tt.header, tt.body)
			var got []string
			for _, n := range names.needs(r, []byte(tt.body)) {
				got = append(got, strings.TrimSpace(n.action+" "+n.resource+" "+n.with))
			}
			if diff := cmp.Diff(tt.want, strings.Join(got, ", ")); diff != "" {
				t.Errorf("needs (-want +got):\n%s", diff)
			}
		})
	}
}

func request(line, header, body string) *http.Request {
	method, target, _ := strings.Cut(line, " ")
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	if name, value, ok := strings.Cut(header, ": "); ok {
		r.Header.Set(name, value)
	}
	return r
}

// TestProxy: each request gets to its service as it came, and is noted.
func TestProxy(t *testing.T) {
	backend := func(name string, status int) *url.URL {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			w.WriteHeader(status)
			io.WriteString(w, name+" "+r.URL.RequestURI()+" "+string(body)+" "+r.Host)
		}))
		t.Cleanup(s.Close)
		u, _ := url.Parse(s.URL)
		return u
	}
	rec := new(Recorder)
	dynamo, mail := backend("dynamo", 200), backend("mail", 200)
	h := Proxy{
		Function: "F", Recorder: rec, Names: names, DynamoDB: dynamo, SES: mail, S3: backend("s3", 404), Turn: new(sync.Mutex),
		Secrets: says("secret"), Lambda: says("lambda"), CodeDeploy: says("codedeploy"),
	}.Handler()
	tests := []struct{ request, header, body, want string }{
		{"POST /", "X-Amz-Target: DynamoDB_20120810.GetItem", "{}", "dynamo / {} " + dynamo.Host},
		{"POST /", "X-Amz-Target: secretsmanager.GetSecretValue", "{}", "secret"},
		{"POST /", "X-Amz-Target: CodeDeploy_20141006.GetDeployment", "{}", "codedeploy"},
		{"POST /2015-03-31/functions/f/invocations", "", "{}", "lambda"},
		{"POST /v2/email/outbound-emails", "", "{}", "mail /v2/email/outbound-emails {} " + mail.Host},
		{"HEAD /b/k%20l", "", "", "s3 /b/k%20l  example.com"},
		{"GET /c/k?X-Amz-Signature=0", "", "", "s3 /c/k?X-Amz-Signature=0  example.com"},
		{"PUT /b/k", "", "bytes", "s3 /b/k bytes example.com"},
		{"OPTIONS /d", "", "", "s3 /d  example.com"},
	}
	for _, tt := range tests {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, request(tt.request, tt.header, tt.body))
		if strings.HasPrefix(tt.request, "HEAD") {
			continue // it has no body
		}
		if diff := cmp.Diff(tt.want, w.Body.String()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.request, diff)
		}
	}
	rec.Note("F", "arn:q", "sqs:SendMessage")
	want := []Use{
		{"F", "codedeploy:GetDeployment", "arn:c:deploymentgroup:app/", ""}, {"F", "dynamodb:GetItem", "arn:t", ""},
		{"F", "lambda:InvokeFunction", "arn:l:function:f", ""},
		{"F", "s3:GetObject", "arn:aws:s3:::b/k l", ""}, {"F", "s3:GetObject", "arn:aws:s3:::c/k", ""},
		{"F", "s3:ListBucket", "arn:aws:s3:::b", ""}, {"F", "s3:PutObject", "arn:aws:s3:::b/k", ""},
		{"F", "secretsmanager:GetSecretValue", "", ""}, {"F", "ses:SendEmail", "arn:ses:identity/", "ses:FromAddress="},
		{"F", "sqs:SendMessage", "arn:q", ""},
	}
	if diff := cmp.Diff(want, rec.Uses()); diff != "" {
		t.Errorf("uses (-want +got):\n%s", diff)
	}
}

func says(text string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, text) })
}
