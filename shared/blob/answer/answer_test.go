package answer_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"latchkey/shared/blob"
	"latchkey/shared/blob/answer"
	"latchkey/shared/blob/presign"
)

// bucket answers as S3 does to a PUT, and keeps what came.
type bucket struct {
	status int
	path   string
	header http.Header
	body   string
}

func (b *bucket) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	b.path, b.header, b.body = r.URL.Path, r.Header, string(body)
	w.WriteHeader(b.status)
}

func keeper(t *testing.T, b *bucket) answer.Keeper {
	t.Helper()
	server := httptest.NewServer(b)
	t.Cleanup(server.Close)
	login := credentials.NewStaticCredentialsProvider("A", "B", "")
	p, err := presign.New(presign.Config{Bucket: "files", Region: "eu-central-1", Endpoint: server.URL, Credentials: login})
	if err != nil {
		t.Fatal(err)
	}
	client := s3.New(s3.Options{Region: "eu-central-1", BaseEndpoint: &server.URL, UsePathStyle: true, Retryer: aws.NopRetryer{}, Credentials: login})
	return answer.Keeper{Bucket: blob.New(client, "files"), Presign: p}
}

func TestKeep(t *testing.T) {
	for name, tt := range map[string]struct {
		header http.Header
		file   string
	}{
		"a view": {http.Header{"Content-Type": {"application/json; charset=utf-8"}, "Content-Encoding": {"gzip"}}, `filename="answer.json"`},
		"an export": {http.Header{"Content-Type": {"application/json"}, "Content-Disposition": {`attachment; filename="M_ller.json"; filename*=UTF-8''M%C3%BCller.json`}},
			"filename*=UTF-8''M%C3%BCller.json"},
	} {
		t.Run(name, func(t *testing.T) {
			b := &bucket{status: 200}
			got, err := keeper(t, b).Keep(context.Background(), tt.header, []byte("all that was said"))
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range []string{"Content-Type", "Content-Encoding"} {
				if b.header.Get(name) != tt.header.Get(name) {
					t.Errorf("%s: stored %q, want %q", name, b.header.Get(name), tt.header.Get(name))
				}
			}
			u, err := url.Parse(got)
			if err != nil || u.Path != b.path || len(b.path) < len("/files/answers/")+27 || !strings.HasPrefix(b.path, "/files/answers/") || b.body != "all that was said" {
				t.Errorf("%s, stored %q at %s", got, b.body, b.path)
			}
			q := u.Query()
			if q.Get("X-Amz-Expires") != "60" || q.Get("response-content-type") != "application/json" || !strings.Contains(q.Get("response-content-disposition"), tt.file) {
				t.Errorf("signed %v", q)
			}
		})
	}
}

func TestNotKept(t *testing.T) {
	if got, err := keeper(t, &bucket{status: 403}).Keep(context.Background(), http.Header{}, []byte("x")); err == nil || got != "" {
		t.Errorf("%q, %v", got, err)
	}
}
