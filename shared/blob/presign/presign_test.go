package presign

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/google/go-cmp/cmp"

	"latchkey/shared/disposition"
)

var noon = time.Date(2023, 11, 27, 12, 0, 0, 123456789, time.UTC)

const secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"

func config(endpoint, session string) Config {
	return Config{
		Bucket: "media-bucket", Region: "eu-central-1", Endpoint: endpoint,
		Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", secret, session),
		Now:         func() time.Time { return noon },
	}
}

func presigner(t testing.TB, c Config) *Presigner {
	t.Helper()
	p, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// sdk returns the SDK's own presigner for the same bucket.
func sdk(c Config) *s3.PresignClient {
	o := s3.Options{Region: c.Region, Credentials: c.Credentials}
	if c.Endpoint != "" {
		o.BaseEndpoint, o.UsePathStyle = &c.Endpoint, true
	}
	return s3.NewPresignClient(s3.New(o))
}

var endpoints = []struct{ name, endpoint, session string }{
	{"AWS", "", ""},
	{"AWS with a session", "", "FwoGZXIvYXdzEBYaD/+=="},
	{"local", "http://stack.localhost:3001", ""},
}

var keys = []string{
	"plain.mp4", "org/0f8c/file", "a b+c", "100%", "%2F", "träck/日本/😀.mp3", "a//b", "/lead", "q?x=1#y",
	"semi;colon,comma:at@eq=amp&dollar$", "tilde~star*paren()'!", "back\\slash\"quote<>", "trailing/", "a/../b/./c", "nul\x00\x7f\xff",
}

// at returns the moment at which the SDK, which has no clock to set, signed.
func at(t *testing.T, u *url.URL) time.Time {
	t.Helper()
	when, err := time.Parse("20060102T150405Z", u.Query().Get("X-Amz-Date"))
	if err != nil {
		t.Fatal(err)
	}
	return when
}

// same compares two URLs but for the order of the query, which is signed sorted.
func same(t *testing.T, want, got string) {
	t.Helper()
	parts := func(s string) []string {
		address, query, _ := strings.Cut(s, "?")
		q := strings.Split(query, "&")
		slices.Sort(q)
		return append([]string{address}, q...)
	}
	if d := cmp.Diff(parts(want), parts(got)); d != "" {
		t.Error("(-want +got)\n" + d)
	}
}

// Every presigned request equals the SDK's, signature included.
func TestEqualsSDK(t *testing.T) {
	for _, e := range endpoints {
		for _, key := range keys {
			t.Run(e.name+" "+key, func(t *testing.T) {
				c := config(e.endpoint, e.session)
				client := sdk(c)
				bucket := &c.Bucket
				life := s3.WithPresignExpires(90 * time.Second)

				want, err := client.PresignGetObject(t.Context(), &s3.GetObjectInput{Bucket: bucket, Key: &key,
					ResponseContentType: aws.String("video/mp4"), ResponseContentDisposition: aws.String(disposition.Header("inline", "träck.mp4"))}, life)
				if err != nil {
					t.Fatal(err)
				}
				c.Now = func() time.Time { return at(t, parse(t, want.URL)) }
				got, _, err := presigner(t, c).Get(t.Context(), key, GetOptions{FileName: "träck.mp4", ContentType: "video/mp4", Inline: true, Life: 90 * time.Second})
				if err != nil {
					t.Fatal(err)
				}
				same(t, want.URL, got)

				want, err = client.PresignPutObject(t.Context(), &s3.PutObjectInput{Bucket: bucket, Key: &key,
					ContentType: aws.String("video/mp4"), ContentLength: aws.Int64(1234)}, life)
				if err != nil {
					t.Fatal(err)
				}
				c.Now = func() time.Time { return at(t, parse(t, want.URL)) }
				if got, _, err = presigner(t, c).Put(t.Context(), key, "video/mp4", 1234, 90*time.Second); err != nil {
					t.Fatal(err)
				}
				same(t, want.URL, got)

				want, err = client.PresignUploadPart(t.Context(), &s3.UploadPartInput{Bucket: bucket, Key: &key,
					UploadId: aws.String("up/load+id=="), PartNumber: aws.Int32(7)}, life)
				if err != nil {
					t.Fatal(err)
				}
				c.Now = func() time.Time { return at(t, parse(t, want.URL)) }
				if got, _, err = presigner(t, c).Part(t.Context(), key, "up/load+id==", 7, 90*time.Second); err != nil {
					t.Fatal(err)
				}
				same(t, want.URL, got)
			})
		}
	}
}

func parse(t testing.TB, s string) *url.URL {
	t.Helper()
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestPostEqualsSDK(t *testing.T) {
	for _, e := range endpoints {
		t.Run(e.name, func(t *testing.T) {
			c, key := config(e.endpoint, e.session), "org/träck 1.mp4"
			want, err := sdk(c).PresignPostObject(t.Context(), &s3.PutObjectInput{Bucket: &c.Bucket, Key: &key}, func(o *s3.PresignPostOptions) {
				o.Conditions = []any{map[string]string{"Content-Type": "video/mp4"}, []any{"content-length-range", 10, 1000}}
			})
			if err != nil {
				t.Fatal(err)
			}
			when, err := time.Parse("20060102T150405Z", want.Values["X-Amz-Date"])
			if err != nil {
				t.Fatal(err)
			}
			c.Now = func() time.Time { return when }
			p := presigner(t, c)
			u, fields, _, err := p.Post(t.Context(), key, PostOptions{ContentType: "video/mp4", Min: 10, Max: 1000, Life: 15 * time.Minute})
			if err != nil {
				t.Fatal(err)
			}
			same(t, want.URL, u)
			creds, _ := c.Credentials.Retrieve(t.Context())
			sign := func(policy string) string {
				return hex.EncodeToString(mac(p.signer(creds, when.Format("20060102")).key, policy))
			}
			if got := sign(want.Values["policy"]); got != want.Values["X-Amz-Signature"] {
				t.Errorf("the SDK signs its policy %s, we %s", want.Values["X-Amz-Signature"], got)
			}
			if got := sign(fields["policy"]); got != fields["x-amz-signature"] {
				t.Errorf("signature %s is not of the policy", fields["x-amz-signature"])
			}
			if d := cmp.Diff(policy(t, want.Values["policy"]), policy(t, fields["policy"])); d != "" {
				t.Error("policy (-want +got)\n" + d)
			}
			want.Values["Content-Type"] = "video/mp4"
			if d := cmp.Diff(without(want.Values), without(fields)); d != "" {
				t.Error("fields (-want +got)\n" + d)
			}
		})
	}
}

// policy returns a policy's conditions and its expiration to the minute, sorted.
func policy(t *testing.T, encoded string) []string {
	t.Helper()
	data, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Expiration time.Time
		Conditions []json.RawMessage
	}
	if err := json.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	out := []string{doc.Expiration.Round(time.Minute).String()}
	for _, c := range doc.Conditions {
		out = append(out, strings.Replace(string(c), "X-Amz", "x-amz", 1))
	}
	slices.Sort(out)
	for i := range out {
		out[i] = strings.ToLower(out[i])
	}
	slices.Sort(out)
	return out
}

// without drops what differs by design and folds the names, which S3 does too.
func without(fields map[string]string) map[string]string {
	out := map[string]string{}
	for k, v := range fields {
		if k = strings.ToLower(k); k != "policy" && k != "x-amz-signature" {
			out[k] = v
		}
	}
	return out
}

func TestPostWithChecksum(t *testing.T) {
	sum := base64.StdEncoding.EncodeToString(make([]byte, 32))
	_, fields, expires, err := presigner(t, config("", "")).Post(t.Context(), "k", PostOptions{ContentType: "a/b", Max: 5, SHA256: sum})
	if err != nil {
		t.Fatal(err)
	}
	if want := noon.Truncate(time.Second).Add(UploadLife); !expires.Equal(want) {
		t.Errorf("expires %v, want %v", expires, want)
	}
	want := []string{
		`2023-11-27 13:00:00 +0000 utc`, `["content-length-range",0,5]`, `{"bucket":"media-bucket"}`, `{"content-type":"a/b"}`, `{"key":"k"}`,
		`{"x-amz-algorithm":"aws4-hmac-sha256"}`, `{"x-amz-checksum-algorithm":"sha256"}`, `{"x-amz-checksum-sha256":"` + strings.ToLower(sum) + `"}`,
		`{"x-amz-credential":"akidexample/20231127/eu-central-1/s3/aws4_request"}`, `{"x-amz-date":"20231127t120000z"}`,
	}
	if d := cmp.Diff(want, policy(t, fields["policy"])); d != "" {
		t.Error("(-want +got)\n" + d)
	}
	if fields["x-amz-checksum-sha256"] != sum || fields["key"] != "k" {
		t.Errorf("fields %v", fields)
	}
}

func TestGetForcesTypeAndDisposition(t *testing.T) {
	p := presigner(t, config("", ""))
	for _, tt := range []struct {
		name, contentType string
		inline            bool
		wantType, kind    string
		life              time.Duration
	}{
		{"a video is played", "video/mp4", true, "video/mp4", "inline", PlaybackLife},
		{"a video is saved", "video/mp4", false, "video/mp4", "attachment", DownloadLife},
		{"parameters go", "Audio/MPEG; x=y", true, "audio/mpeg", "inline", PlaybackLife},
		{"a picture is shown", "image/png", true, "image/png", "inline", PlaybackLife},
		{"SVG runs scripts", "image/svg+xml", true, octetStream, "attachment", DownloadLife},
		{"HTML", "text/html; charset=utf-8", true, octetStream, "attachment", DownloadLife},
		{"XML", "application/xml", false, octetStream, "attachment", DownloadLife},
		{"script", "text/javascript", false, octetStream, "attachment", DownloadLife},
		{"PDF", "application/pdf", true, octetStream, "attachment", DownloadLife},
		{"text is saved", "text/plain", true, "text/plain", "attachment", DownloadLife},
		{"a playlist is no video", "audio/x-mpegurl", true, octetStream, "attachment", DownloadLife},
		{"no type", "", true, octetStream, "attachment", DownloadLife},
		{"no type at all", "video/mp4\r\nX: y", true, octetStream, "attachment", DownloadLife},
		{"two types", "video/mp4, text/html", true, octetStream, "attachment", DownloadLife},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, expires, err := p.Get(t.Context(), "k", GetOptions{FileName: "a.bin", ContentType: tt.contentType, Inline: tt.inline})
			if err != nil {
				t.Fatal(err)
			}
			q := parse(t, got).Query()
			want := []string{tt.wantType, tt.kind + `; filename="a.bin"; filename*=UTF-8''a.bin`}
			if d := cmp.Diff(want, []string{q.Get("response-content-type"), q.Get("response-content-disposition")}); d != "" {
				t.Error("(-want +got)\n" + d)
			}
			if want := noon.Truncate(time.Second).Add(tt.life); !expires.Equal(want) {
				t.Errorf("expires %v, want %v", expires, want)
			}
		})
	}
}

// A URL dies with the session that signed it.
func TestExpiresWithTheSession(t *testing.T) {
	c, ends := config("", ""), noon.Add(20*time.Second)
	c.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: "A", SecretAccessKey: "B", SessionToken: "C", CanExpire: true, Expires: ends}, nil
	})
	_, expires, err := presigner(t, c).Get(t.Context(), "k", GetOptions{})
	if err != nil || !expires.Equal(ends) {
		t.Errorf("expires %v (%v), want %v", expires, err, ends)
	}
}

func TestRefusals(t *testing.T) {
	p := presigner(t, config("", ""))
	get := func(key string, life time.Duration) error {
		_, _, err := p.Get(t.Context(), key, GetOptions{Life: life})
		return err
	}
	post := func(key string, o PostOptions) error { _, _, _, err := p.Post(t.Context(), key, o); return err }
	put := func(contentType string, size int64) error {
		_, _, err := p.Put(t.Context(), "k", contentType, size, 0)
		return err
	}
	part := func(id string, n int) error { _, _, err := p.Part(t.Context(), "k", id, n, 0); return err }
	failing := config("", "")
	failing.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return aws.Credentials{}, errors.New("no role") })
	_, _, noRole := presigner(t, failing).Get(t.Context(), "k", GetOptions{})
	_, noBucket := New(Config{})
	_, badEndpoint := New(Config{Bucket: "b", Region: "r", Credentials: failing.Credentials, Endpoint: "localhost:3001"})
	for name, err := range map[string]error{
		"no key": get("", 0), "a long key": get(strings.Repeat("k", 1025), 0), "a form's placeholder": get("a/${filename}", 0),
		"a long life": get("k", MaxGetLife+time.Second), "a short life": get("k", time.Millisecond), "a negative life": get("k", -1),
		"a form without a type": post("k", PostOptions{Max: 1}), "a form's range": post("k", PostOptions{ContentType: "a/b", Min: 2, Max: 1}),
		"a form's size":     post("k", PostOptions{ContentType: "a/b", Max: MaxPost + 1}),
		"a form's checksum": post("k", PostOptions{ContentType: "a/b", SHA256: "AAAA"}), "a form's key": post("", PostOptions{ContentType: "a/b"}),
		"a form's life": post("k", PostOptions{ContentType: "a/b", Life: -1}),
		"no type":       put("", 1), "a negative size": put("a/b", -1), "a type of two lines": put("a/b\nhost:x", 1), "no upload": part("", 1), "part 0": part("u", 0), "part 10001": part("u", 10001),
		"no role": noRole, "no bucket": noBucket, "an endpoint without a scheme": badEndpoint,
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// An empty object's size is signed too (the SDK leaves a length of 0 out, and
// so allows any).
func TestPutSignsEverySize(t *testing.T) {
	p := presigner(t, config("", ""))
	seen := map[string]bool{}
	for _, size := range []int64{0, 1, 2} {
		u, _, err := p.Put(t.Context(), "k", "a/b", size, 0)
		if err != nil {
			t.Fatal(err)
		}
		q := parse(t, u).Query()
		if got := q.Get("X-Amz-SignedHeaders"); got != "content-length;content-type;host" {
			t.Errorf("signed headers %s", got)
		}
		seen[q.Get("X-Amz-Signature")] = true
	}
	if len(seen) != 3 {
		t.Errorf("%d signatures for 3 sizes", len(seen))
	}
}

// What is kept from one call to the next must not outlive its day or session.
func TestKeptKeyFollowsDayAndSession(t *testing.T) {
	c, creds := config("", ""), aws.Credentials{AccessKeyID: "A", SecretAccessKey: "B", SessionToken: "C"}
	now := noon
	c.Now = func() time.Time { return now }
	c.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return creds, nil })
	kept := presigner(t, c)
	for _, change := range []func(){
		func() {}, func() { now = now.Add(12 * time.Hour) }, func() { creds.SessionToken = "D" },
		func() { creds.SecretAccessKey = "E" }, func() { creds.AccessKeyID = "F" },
	} {
		change()
		got, _, _ := kept.Get(t.Context(), "k", GetOptions{})
		want, _, err := presigner(t, c).Get(t.Context(), "k", GetOptions{})
		if err != nil || got != want {
			t.Errorf("got %s, want %s (%v)", got, want, err)
		}
	}
}

func TestOrigin(t *testing.T) {
	got := []string{presigner(t, config("", "")).Origin(), presigner(t, config("http://stack.localhost:3001/", "")).Origin()}
	if d := cmp.Diff([]string{"https://media-bucket.s3.eu-central-1.amazonaws.com", "http://stack.localhost:3001"}, got); d != "" {
		t.Error("(-want +got)\n" + d)
	}
}

func BenchmarkGet(b *testing.B) {
	p := presigner(b, config("", "FwoGZXIvYXdzEBYaD"+strings.Repeat("x", 600)))
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := p.Get(b.Context(), "0f8c2d3e/7a6b5c4d/object", GetOptions{FileName: "Vortrag Müller.mp4", ContentType: "video/mp4"}); err != nil {
			b.Fatal(err)
		}
	}
}
