package s3_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/google/go-cmp/cmp"

	"latchkey/infra/local/s3"
)

const origin = "http://127.0.0.1:3000"

// stack is one running server and what it reported. Only one may run at a
// time, so no test here is parallel.
type stack struct {
	server *s3.Server
	client *awss3.Client
	addr   string

	mu      sync.Mutex
	created []s3.Created
}

func start(t *testing.T, dir string) *stack {
	t.Helper()
	t.Chdir(dir) // the storage changes the working directory; this undoes it
	st := &stack{addr: freeAddr(t)}
	server, err := s3.Start(t.Context(), s3.Config{
		Addr: st.addr, Dir: dir, Bucket: "media", AccessKey: "local", SecretKey: "local-secret",
		Region: "eu-central-1", CORSOrigin: origin, OnCreated: st.note,
	})
	if err != nil {
		t.Fatal(err)
	}
	st.server = server
	st.client = newClient("http://" + st.addr)
	t.Cleanup(func() { server.Close() })
	return st
}

func newClient(endpoint string) *awss3.Client {
	return awss3.New(awss3.Options{
		BaseEndpoint: &endpoint,
		UsePathStyle: true,
		Region:       "eu-central-1",
		Credentials:  credentials.NewStaticCredentialsProvider("local", "local-secret", ""),
		HTTPClient:   loopback(),
	})
}

// loopback resolves every name to this machine, as browsers do for *.localhost.
func loopback() *http.Client {
	return &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			_, port, err := net.SplitHostPort(addr)
			if err != nil {
				return nil, err
			}
			return new(net.Dialer).DialContext(ctx, network, "127.0.0.1:"+port)
		},
	}}
}

func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func (st *stack) note(c s3.Created) {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.created = append(st.created, c)
}

func (st *stack) events() []s3.Created {
	st.mu.Lock()
	defer st.mu.Unlock()
	return append([]s3.Created(nil), st.created...)
}

func (st *stack) put(t *testing.T, key, body string) {
	t.Helper()
	_, err := st.client.PutObject(t.Context(), &awss3.PutObjectInput{
		Bucket: aws.String("media"), Key: &key, Body: strings.NewReader(body), ContentType: aws.String("text/html"),
		ChecksumAlgorithm: "CRC32",
	})
	if err != nil {
		t.Fatal(err)
	}
}

// signedAt presigns as if it were another time.
type signedAt struct {
	*v4.Signer
	at time.Time
}

func (s signedAt) PresignHTTP(ctx context.Context, c aws.Credentials, r *http.Request, hash, service, region string, _ time.Time, fns ...func(*v4.SignerOptions)) (string, http.Header, error) {
	return s.Signer.PresignHTTP(ctx, c, r, hash, service, region, s.at, fns...)
}

// rawPath: S3 signs the path as it is, other services escape it once more.
func rawPath(o *v4.SignerOptions) { o.DisableURIPathEscaping = true }

func (st *stack) presignGet(t *testing.T, in *awss3.GetObjectInput, at time.Time, life time.Duration) string {
	t.Helper()
	in.Bucket = aws.String("media")
	req, err := awss3.NewPresignClient(st.client).PresignGetObject(t.Context(), in, awss3.WithPresignExpires(life),
		func(o *awss3.PresignOptions) { o.Presigner = signedAt{v4.NewSigner(rawPath), at} })
	if err != nil {
		t.Fatal(err)
	}
	return req.URL
}

// answer is what these tests look at in a response.
type answer struct {
	Status int
	Body   string
	Header map[string]string
}

func do(t *testing.T, method, url string, body io.Reader, header map[string]string, want ...string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	for k, v := range header {
		req.Header.Set(k, v)
	}
	res, err := loopback().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	a := answer{Status: res.StatusCode, Body: string(b), Header: map[string]string{}}
	for _, k := range want {
		a.Header[k] = res.Header.Get(k)
	}
	return a
}

func TestPresignedGet(t *testing.T) {
	st := start(t, t.TempDir())
	st.put(t, "org/a file.html", "<p>hello</p>")
	key := aws.String("org/a file.html")
	now := time.Now()
	good := st.presignGet(t, &awss3.GetObjectInput{Key: key}, now, time.Minute)
	forced := st.presignGet(t, &awss3.GetObjectInput{
		Key:                        key,
		ResponseContentDisposition: aws.String(`attachment; filename="a.html"; filename*=UTF-8''%C3%A4.html`),
		ResponseContentType:        aws.String("application/octet-stream"),
	}, now, time.Minute)

	tests := []struct {
		name, method, url string
		header            map[string]string
		status            int
		body              string // equal when short, contained when an error code
		want              map[string]string
	}{
		{"plain", "GET", good, nil, 200, "<p>hello</p>", map[string]string{"Content-Type": "text/html"}},
		{"through the other name", "GET", st.presignGetAt(t, "stack.localhost", *key), nil, 200, "<p>hello</p>", nil},
		{"range", "GET", good, map[string]string{"Range": "bytes=3-7"}, 206, "hello", map[string]string{"Content-Range": "bytes 3-7/12"}},
		{"range past the end", "GET", good, map[string]string{"Range": "bytes=99-"}, 416, "<Code>InvalidRange</Code>", nil},
		{"overrides", "GET", forced, nil, 200, "<p>hello</p>", map[string]string{
			"Content-Disposition": `attachment; filename="a.html"; filename*=UTF-8''%C3%A4.html`,
			"Content-Type":        "application/octet-stream",
		}},
		{"HEAD on a URL signed for GET", "HEAD", good, nil, 403, "", nil},
		{"expired", "GET", st.presignGet(t, &awss3.GetObjectInput{Key: key}, now.Add(-2*time.Minute), time.Minute), nil, 403, "<Code>AccessDenied</Code><Message>Request has expired.</Message>", nil},
		{"tampered signature", "GET", good[:len(good)-1] + flip(good[len(good)-1]), nil, 403, "<Code>SignatureDoesNotMatch</Code>", nil},
		{"longer life written in", "GET", strings.Replace(good, "X-Amz-Expires=60", "X-Amz-Expires=600", 1), nil, 403, "<Code>SignatureDoesNotMatch</Code>", nil},
		{"another file", "GET", strings.Replace(good, "a%20file", "b%20file", 1), nil, 403, "<Code>SignatureDoesNotMatch</Code>", nil},
		{"another content type", "GET", strings.Replace(forced, "octet-stream", "pdf", 1), nil, 403, "<Code>SignatureDoesNotMatch</Code>", nil},
		{"no signature", "GET", strings.Split(good, "?")[0], nil, 403, "<Code>AccessDenied</Code>", nil},
		{"no such object", "GET", st.presignGet(t, &awss3.GetObjectInput{Key: aws.String("none")}, now, time.Minute), nil, 404, "<Code>NoSuchKey</Code>", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			names := make([]string, 0, len(tt.want))
			for k := range tt.want {
				names = append(names, k)
			}
			got := do(t, tt.method, tt.url, nil, tt.header, names...)
			if got.Status != tt.status {
				t.Errorf("status = %d, want %d: %.200s", got.Status, tt.status, got.Body)
			}
			if tt.status < 300 && got.Body != tt.body || !strings.Contains(got.Body, tt.body) {
				t.Errorf("body = %.200q, want %q", got.Body, tt.body)
			}
			if diff := cmp.Diff(tt.want, got.Header); tt.want != nil && diff != "" {
				t.Errorf("headers (-want +got):\n%s", diff)
			}
		})
	}
}

func (st *stack) presignGetAt(t *testing.T, host, key string) string {
	t.Helper()
	_, port, _ := net.SplitHostPort(st.addr)
	other := &stack{client: newClient("http://" + host + ":" + port)}
	return other.presignGet(t, &awss3.GetObjectInput{Key: &key}, time.Now(), time.Minute)
}

func flip(c byte) string {
	if c == '0' {
		return "1"
	}
	return "0"
}

func TestHead(t *testing.T) {
	st := start(t, t.TempDir())
	st.put(t, "a.html", "12345")
	head, err := st.client.HeadObject(t.Context(), &awss3.HeadObjectInput{
		Bucket: aws.String("media"), Key: aws.String("a.html"), ChecksumMode: "ENABLED",
	})
	if err != nil {
		t.Fatal(err)
	}
	got := []any{aws.ToInt64(head.ContentLength), aws.ToString(head.ContentType), aws.ToString(head.ETag), aws.ToString(head.ChecksumCRC32)}
	want := []any{int64(5), "text/html", `"827ccb0eea8a706c4c34a16891f84e7b"`, "y/U6HA=="}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("head (-want +got):\n%s", diff)
	}
}

func TestStopAndStartAgain(t *testing.T) {
	dir := t.TempDir()
	st := start(t, dir)
	st.put(t, "kept", "still here")
	// A client that keeps its connection open must not hold the end up.
	idle := &http.Client{Transport: &http.Transport{}}
	defer idle.CloseIdleConnections()
	res, err := idle.Get("http://" + st.addr + "/media/kept")
	if err != nil {
		t.Fatal(err)
	}
	io.Copy(io.Discard, res.Body)
	res.Body.Close()
	began := time.Now()
	if err := st.server.Close(); err != nil {
		t.Fatal(err)
	}
	if d := time.Since(began); d > 4*time.Second {
		t.Errorf("Close took %v, want under 4 s", d)
	}

	again := start(t, dir)
	got := do(t, "GET", again.presignGet(t, &awss3.GetObjectInput{Key: aws.String("kept")}, time.Now(), time.Minute), nil, nil)
	if got.Status != 200 || got.Body != "still here" {
		t.Errorf("after a restart = %d %q", got.Status, got.Body)
	}
}

func TestWithoutXattrs(t *testing.T) {
	dir := t.TempDir()
	// The folder marks a store that keeps metadata in files.
	if err := mkdir(filepath.Join(dir, "meta")); err != nil {
		t.Fatal(err)
	}
	st := start(t, dir)
	st.put(t, "a/b.html", "side")
	got := do(t, "GET", st.presignGet(t, &awss3.GetObjectInput{Key: aws.String("a/b.html")}, time.Now(), time.Minute), nil, nil, "Content-Type", "ETag")
	want := answer{200, "side", map[string]string{"Content-Type": "text/html", "ETag": `"9c62ad1fc551d04b815c8573285b65b2"`}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("object (-want +got):\n%s", diff)
	}
	if files, _ := filepath.Glob(filepath.Join(dir, "meta", "media", "a", "b.html", "meta", "*")); len(files) == 0 {
		t.Error("no metadata files were written")
	}
}

func TestPortInUse(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, err = s3.Start(t.Context(), s3.Config{Addr: l.Addr().String(), Dir: dir, Bucket: "media", AccessKey: "a", SecretKey: "b", Region: "eu-central-1"})
	if err == nil || !isAddrInUse(err) {
		t.Errorf("err = %v, want address in use", err)
	}
}

func repeat(n int) []byte { return bytes.Repeat([]byte("0123456789abcdef"), n/16) }
