package grant

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
)

// maxKept is what is read of a body to know what it asks for: all of a request
// to DynamoDB or SES (4 MB and 10 MB at most), and of an upload the fields
// before the file.
const maxKept = 10 << 20

// Proxy is all of AWS's endpoints for one function.
type Proxy struct {
	Function string
	Recorder *Recorder
	Names    Names

	DynamoDB, S3, SES *url.URL
	Secrets           http.Handler
	Queues            http.Handler
	CodeDeploy        http.Handler
	Lambda            http.Handler

	// Turn is held for each request to DynamoDB, so that each is done at once as
	// it is on AWS; a stand-in such as moto's checks and writes in two steps.
	Turn sync.Locker
}

// Handler returns the proxy. Objects are found by path; a presigned URL that
// is used later is a request of the function that signed it, which is who S3
// takes it for.
func (p Proxy) Handler() http.Handler {
	dynamo, mail, s3 := forward(p.DynamoDB, false), forward(p.SES, false), forward(p.S3, true)
	s3.ModifyResponse = p.absent
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodOptions { // a browser's question, unsigned
			s3.ServeHTTP(w, r)
			return
		}
		p.Recorder.note(p.Function, p.Names.needs(r, keep(r)))
		switch target := r.Header.Get("X-Amz-Target"); {
		case strings.HasPrefix(target, "DynamoDB"):
			p.Turn.Lock()
			defer p.Turn.Unlock()
			dynamo.ServeHTTP(w, r)
		case strings.HasPrefix(target, "secretsmanager."):
			p.Secrets.ServeHTTP(w, r)
		case strings.HasPrefix(target, queueTarget):
			p.Queues.ServeHTTP(w, r)
		case strings.HasPrefix(target, "CodeDeploy_"):
			p.CodeDeploy.ServeHTTP(w, r)
		case strings.HasPrefix(r.URL.Path, functionsPath):
			p.Lambda.ServeHTTP(w, r)
		case strings.HasPrefix(r.URL.Path, mailPath):
			mail.ServeHTTP(w, r)
		default:
			s3.ServeHTTP(w, r)
		}
	})
}

// absent notes what it takes to be told that an object is not there: without
// ListBucket S3 says 403 (API Reference, HeadObject). Who follows a presigned
// URL is content with either.
func (p Proxy) absent(res *http.Response) error {
	r := res.Request
	if bucket, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/"); res.StatusCode == http.StatusNotFound && key != "" {
		if (r.Method == http.MethodHead || r.Method == http.MethodGet) && !r.URL.Query().Has("X-Amz-Signature") {
			p.Recorder.note(p.Function, []need{{"s3:ListBucket", "arn:aws:s3:::" + bucket, ""}})
		}
	}
	return nil
}

// keep returns the beginning of a request's body, and leaves the body whole.
// Only where it says what is asked for: an object's bytes pass through.
func keep(r *http.Request) []byte {
	if r.Method != http.MethodPost || r.Body == nil {
		return nil
	}
	head, err := io.ReadAll(io.LimitReader(r.Body, maxKept))
	rest := io.Reader(r.Body)
	if err != nil {
		rest = broken{err}
	}
	r.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(head), rest), r.Body}
	return head
}

type broken struct{ err error }

func (b broken) Read([]byte) (int, error) { return 0, b.err }

// forward hands requests on, under the host they were signed for if that is
// to be checked.
func forward(to *url.URL, signed bool) *httputil.ReverseProxy {
	return &httputil.ReverseProxy{
		Transport: &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 100},
		Rewrite: func(pr *httputil.ProxyRequest) {
			pr.SetURL(to)
			if signed {
				pr.Out.Host = pr.In.Host
			}
		},
	}
}
