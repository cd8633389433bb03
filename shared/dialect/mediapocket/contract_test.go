package mediapocket

import (
	"context"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"log/slog"
	"mime"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/google/go-cmp/cmp"

	"latchkey/shared/blob/presign"
	"latchkey/shared/dialect"
	"latchkey/shared/fake"
	"latchkey/shared/file"
	"latchkey/shared/share"
	"latchkey/shared/table"
)

// server is the dialect over the domain, with the published samples' files
// in it: the clock shows 2023-11-27, the day they were made.
type server struct {
	*fake.Stack
	client *fake.Client
	file   file.File // media_id 4 of the sample
}

func newServer(t testing.TB, wrap func(table.Engine) table.Engine) *server {
	t.Helper()
	s := &server{Stack: fake.NewStack(t, wrap)}
	signer, err := presign.New(presign.Config{
		Bucket: "media-test", Region: "eu-central-1", Now: s.Clock.Now,
		Credentials: credentials.StaticCredentialsProvider{Value: awsKeys},
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Shares.Presign = presign.Downloads{Presigner: signer}
	api := API{Accounts: s.Accounts, Shares: s.Shares, Files: s.Files}
	service := dialect.Service{Face: Face, Log: slog.New(slog.NewJSONHandler(io.Discard, nil)), Now: s.Clock.Now}
	s.client = &fake.Client{Handler: service.Handler(append(api.OwnerRoutes(), api.OpenRoutes()...)...)}
	for i := range 4 {
		s.file = s.Upload(t, s.Admin, fmt.Sprintf("Asset_file_name_%d.pdf", i+1), "application/pdf", []byte("%PDF"))
	}
	return s
}

// owner calls with the organization's key.
func (s *server) owner(t testing.TB, call, body string) fake.Answer {
	t.Helper()
	return s.client.Do(t, call, body, "X-API-KEY", s.Key, "Content-Type", "application/json")
}

// create makes a link with the sample's request, its fields replaced by the
// given ones (a JSON object; null leaves a field out).
func (s *server) create(t testing.TB, with string) fake.Answer {
	t.Helper()
	body := map[string]any{
		"expiry_date": "2023-11-28", "limit": 5,
		"payload": map[string]any{"asset_id": s.file.AssetID, "filename": "test_file", "media_id": 4},
	}
	merge(t, body, with)
	b, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	return s.owner(t, "POST /api/v2/shareable_links", string(b))
}

func merge(t testing.TB, body map[string]any, with string) {
	t.Helper()
	var patch map[string]any
	if err := json.Unmarshal([]byte(with), &patch); err != nil {
		t.Fatal(err)
	}
	for name, v := range patch {
		inner, isObject := v.(map[string]any)
		if was, ok := body[name].(map[string]any); ok && isObject {
			for n, v := range inner {
				set(was, n, v)
			}
			continue
		}
		set(body, name, v)
	}
}

func set(m map[string]any, name string, v any) {
	if v == nil {
		delete(m, name)
	} else {
		m[name] = v
	}
}

// link makes a link and returns its path.
func (s *server) link(t testing.TB, with string) string {
	t.Helper()
	s.Clock.Advance(time.Millisecond) // so that the newest link is this one
	a := s.create(t, with)
	var c created
	a.JSON(t, &c)
	path, ok := strings.CutPrefix(c.URL, "https://"+fake.Domain)
	if a.Status != 200 || !ok {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	return path
}

func (s *server) get(t testing.TB, path string, header ...string) fake.Answer {
	t.Helper()
	return s.client.Do(t, "GET "+path, "", header...)
}

func wantError(t testing.TB, a fake.Answer, status int, text string) {
	t.Helper()
	var body map[string]any
	a.JSON(t, &body)
	if diff := cmp.Diff(map[string]any{"error": text}, body); a.Status != status || diff != "" {
		t.Errorf("status %d, want %d; body (-want +got):\n%s", a.Status, status, diff)
	}
	if ct := a.Header.Get("Content-Type"); !strings.HasPrefix(ct, "application/json") {
		t.Errorf("an error of type %q", ct)
	}
}

const dead = "Link not found or has expired"

// contract: MP-21, MP-25, MP-36, MP-37, MP-38, MP-39, MP-40, MP-41
func TestCreate(t *testing.T) {
	s := newServer(t, nil)
	if !regexp.MustCompile(`^[0-9A-Za-z_-]{20}$`).MatchString(s.file.AssetID) {
		t.Errorf("asset_id %q", s.file.AssetID)
	}
	for id := 1; id <= 2; id++ {
		a := s.create(t, `{}`)
		var got map[string]any
		a.JSON(t, &got)
		if a.Status != 200 {
			t.Fatalf("%d %s", a.Status, a.Body)
		}
		url, _ := got["url"].(string)
		if !regexp.MustCompile(`^https://api\.test/api/v2/shareable_links/[0-9A-Za-z]{28}$`).MatchString(url) {
			t.Errorf("url %q", url)
		}
		delete(got, "url")
		if diff := cmp.Diff(map[string]any{"id": float64(id), "filename": "test_file"}, got); diff != "" {
			t.Errorf("answer (-want +got):\n%s", diff)
		}
	}
	if a := s.create(t, `{"payload":{"asset_id":null}}`); a.Status != 200 {
		t.Errorf("without asset_id: %d %s", a.Status, a.Body)
	}
}

// contract: MP-01, MP-05, MP-06, MP-07, MP-08, MP-09, MP-10, MP-11, MP-12
func TestFollow(t *testing.T) {
	s := newServer(t, nil)
	a := s.get(t, s.link(t, `{}`), "Content-Type", "application/json")
	location := a.Header.Get("Location")
	if a.Status != 302 {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	want := `<html><body>You are being <a href="` + html.EscapeString(location) + `">redirected</a>.</body></html>`
	if a.Body != want || !strings.Contains(a.Body, "&amp;") {
		t.Errorf("body %s\nwant %s", a.Body, want)
	}
	u, err := url.Parse(location)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	for name, want := range map[string]string{
		"X-Amz-Algorithm": "AWS4-HMAC-SHA256", "X-Amz-SignedHeaders": "host", "X-Amz-Expires": "60",
		"X-Amz-Date": "20231127T094339Z",
	} {
		if q.Get(name) != want {
			t.Errorf("%s = %q, want %q", name, q.Get(name), want)
		}
	}
	if !strings.Contains(q.Get("X-Amz-Credential"), "/20231127/eu-central-1/s3/aws4_request") || len(q.Get("X-Amz-Signature")) != 64 {
		t.Errorf("credential %q, signature %q", q.Get("X-Amz-Credential"), q.Get("X-Amz-Signature"))
	}
	kind, params, err := mime.ParseMediaType(q.Get("response-content-disposition"))
	if err != nil || kind != "attachment" || params["filename"] != "test_file.pdf" {
		t.Errorf("disposition %q: %s, %v, %v", q.Get("response-content-disposition"), kind, params, err)
	}
	for name, want := range map[string]string{
		"Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "X-Robots-Tag": "noindex",
		"Content-Type": "text/html; charset=utf-8", "X-Content-Type-Options": "nosniff",
	} {
		if got := a.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// contract: MP-12
func TestDownloadName(t *testing.T) {
	for _, tt := range []struct{ name, stored, want string }{
		{"test_file", "a.pdf", "test_file.pdf"},
		{"test_file.doc", "a.pdf", "test_file.doc"},
		{"Minutes v1. Final", "a.pdf", "Minutes v1. Final.pdf"},
		{"test_file", "noextension", "test_file"},
		{"test_file", ".hidden", "test_file"},
		{"test_file", "a.tar.gz", "test_file.gz"},
		{"test_file.", "a.pdf", "test_file.pdf"},
	} {
		if got := withExtension(tt.name, tt.stored); got != tt.want {
			t.Errorf("withExtension(%q, %q) = %q, want %q", tt.name, tt.stored, got, tt.want)
		}
	}
}

// contract: MP-13, MP-14, MP-15, MP-17
func TestFollowDeadLinks(t *testing.T) {
	s := newServer(t, nil)
	revoked := s.link(t, `{"limit":0}`)
	if _, err := s.Shares.Revoke(context.Background(), s.Admin, s.newest(t).ID); err != nil {
		t.Fatal(err)
	}
	exhausted := s.link(t, `{"limit":1}`)
	s.get(t, exhausted)
	expired := s.link(t, `{"expiry_date":"2023-11-27T10:00:00Z"}`)
	s.Clock.Advance(time.Hour)
	unknown := linksPath + "c000000000000000000000000000"
	for _, path := range []string{
		revoked, exhausted, expired, unknown, linksPath + "invalid_key", linksPath + "a%25b%20c",
		linksPath + "faf0f631-c83c-4260-b1ae-b3bf7bfef01d",
	} {
		a := s.get(t, path)
		wantError(t, a, 404, dead)
		if a.Header.Get("Cache-Control") != "no-store" || a.Header.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%s: headers %v", path, a.Header)
		}
		if a := s.client.Do(t, "HEAD "+path, ""); a.Status != 404 || a.Body != "" {
			t.Errorf("HEAD: %d %q", a.Status, a.Body)
		}
	}
}

func (s *server) newest(t testing.TB) share.Share {
	t.Helper()
	list, _, err := s.Shares.List(context.Background(), s.Admin, share.Filter{}, file.Page{Limit: 1})
	if err != nil || len(list) == 0 {
		t.Fatal(len(list), err)
	}
	return list[0].Share
}

// contract: MP-03, MP-04, MP-16
func TestFollowWithKeys(t *testing.T) {
	s := newServer(t, nil)
	rival, _ := s.Organization(t, "Rival", "eve@rival.test")
	path := s.link(t, `{"limit":0}`)
	for name, tt := range map[string]struct {
		header []string
		want   int
	}{
		"none":                   {nil, 302},
		"the owner's":            {[]string{"X-API-KEY", s.Key}, 302},
		"the owner's, as bearer": {[]string{"Authorization", "Bearer " + s.Key}, 302},
		"another organization's": {[]string{"X-API-KEY", rival}, 302},
		"wrong":                  {[]string{"X-API-KEY", s.Key[:len(s.Key)-1] + "!"}, 401},
		"nonsense":               {[]string{"X-API-KEY", "YOUR_API_KEY"}, 401},
	} {
		a := s.get(t, path, tt.header...)
		if a.Status != tt.want {
			t.Errorf("%s: %d, want %d", name, a.Status, tt.want)
		}
		if tt.want == 401 {
			wantError(t, a, 401, "Unauthorized")
		}
	}
}

// contract: MP-20
func TestHeadAndPrefetchSpendNothing(t *testing.T) {
	s := newServer(t, nil)
	for _, limit := range []string{"1", "0"} {
		path := s.link(t, `{"limit":`+limit+`}`)
		a := s.client.Do(t, "HEAD "+path, "")
		if a.Status != 200 || a.Header.Get("Location") != "" || strings.Contains(fmt.Sprint(a.Header), "X-Amz") || a.Body != "" {
			t.Errorf("HEAD: %d %v %q", a.Status, a.Header, a.Body)
		}
		if a.Header.Get("Cache-Control") != "no-store" || a.Header.Get("X-Robots-Tag") != "noindex" {
			t.Errorf("HEAD: headers %v", a.Header)
		}
		for _, h := range [][]string{{"Sec-Purpose", "prefetch;prerender"}, {"Purpose", "prefetch"}, {"X-Moz", "prefetch"}} {
			a := s.get(t, path, h...)
			if a.Status != 403 || a.Header.Get("Location") != "" {
				t.Errorf("%v: %d %v", h, a.Status, a.Header)
			}
		}
		if used := s.newest(t).Used; used != 0 {
			t.Errorf("limit %s: %d used", limit, used)
		}
		if a := s.get(t, path); a.Status != 302 {
			t.Errorf("then a GET: %d", a.Status)
		}
	}
}

// contract: MP-02, MP-22, MP-48
func TestOwnersNeedAKey(t *testing.T) {
	s := newServer(t, nil)
	for _, call := range []string{"POST /api/v2/shareable_links", "POST /api/v2/shareable_links/share"} {
		for _, header := range [][]string{nil, {"X-API-KEY", "YOUR_API_KEY"}, {"X-API-KEY", s.Key + "x"}, {"Authorization", "Basic " + s.Key}} {
			wantError(t, s.client.Do(t, call, `{}`, header...), 401, "Unauthorized")
		}
	}
	body := fmt.Sprintf(`{"expiry_date":"2023-11-28","limit":5,"payload":{"filename":"f","media_id":%d}}`, s.file.MediaID)
	for _, ct := range []string{"", "text/plain", "application/x-www-form-urlencoded"} {
		if a := s.client.Do(t, "POST /api/v2/shareable_links", body, "X-API-KEY", s.Key, "Content-Type", ct); a.Status != 200 {
			t.Errorf("as %q: %d %s", ct, a.Status, a.Body)
		}
	}
}
