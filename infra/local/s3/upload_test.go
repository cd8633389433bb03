package s3_test

import (
	"bytes"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/google/go-cmp/cmp"

	"latchkey/infra/local/s3"
)

func mkdir(dir string) error     { return os.Mkdir(dir, 0o700) }
func isAddrInUse(err error) bool { return errors.Is(err, syscall.EADDRINUSE) }
func s3Error(code string) string { return "<Code>" + code + "</Code>" }
func putted(key string) s3.Created {
	return s3.Created{Bucket: "media", Key: key, Size: 5, ETag: "827ccb0eea8a706c4c34a16891f84e7b"}
}

func TestPresignedPut(t *testing.T) {
	st := start(t, t.TempDir())
	req, err := awss3.NewPresignClient(st.client).PresignPutObject(t.Context(), &awss3.PutObjectInput{
		Bucket: aws.String("media"), Key: aws.String("up"), ContentLength: aws.Int64(5),
	}, awss3.WithPresignExpires(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	long := do(t, "PUT", req.URL, strings.NewReader("123456"), nil)
	if long.Status != 403 {
		t.Errorf("another length than was signed = %d, want 403: %s", long.Status, long.Body)
	}
	if got := do(t, "PUT", req.URL, strings.NewReader("12345"), nil); got.Status != 200 {
		t.Fatalf("put = %d: %s", got.Status, got.Body)
	}
	want := putted("up")
	want.Reason = "PutObject"
	if diff := cmp.Diff([]s3.Created{want}, st.events()); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

// form posts a presigned form, with changes to its fields.
func (st *stack) form(t *testing.T, key, body string, life time.Duration, change map[string]string) answer {
	t.Helper()
	post, err := awss3.NewPresignClient(st.client).PresignPostObject(t.Context(), &awss3.PutObjectInput{
		Bucket: aws.String("media"), Key: &key,
	}, func(o *awss3.PresignPostOptions) {
		o.Expires = life
		o.Conditions = []any{
			[]any{"content-length-range", 1, 8},
			map[string]string{"x-amz-checksum-algorithm": "CRC32"},
			map[string]string{"x-amz-checksum-crc32": "y/U6HA=="},
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	fields := post.Values
	fields["x-amz-checksum-algorithm"] = "CRC32"
	fields["x-amz-checksum-crc32"] = "y/U6HA=="
	for k, v := range change {
		fields[k] = v
	}
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for k, v := range fields {
		if err := w.WriteField(k, v); err != nil {
			t.Fatal(err)
		}
	}
	part, err := w.CreateFormFile("file", "a.txt")
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(part, body)
	w.Close()
	return do(t, "POST", post.URL, &b, map[string]string{"Content-Type": w.FormDataContentType(), "Origin": origin}, "Access-Control-Allow-Origin")
}

func TestPresignedForm(t *testing.T) {
	st := start(t, t.TempDir())
	tests := []struct {
		name, key, body string
		life            time.Duration
		change          map[string]string
		status          int
		want            string
	}{
		{"good", "form/good", "12345", time.Minute, nil, 204, ""},
		{"too long", "form/long", "123456789", time.Minute, nil, 400, s3Error("EntityTooLarge")},
		{"too short", "form/empty", "", time.Minute, nil, 400, s3Error("EntityTooSmall")},
		{"other bytes than the checksum", "form/other", "54321", time.Minute, nil, 400, s3Error("BadDigest")},
		{"another checksum than was signed", "form/sum", "54321", time.Minute, map[string]string{"x-amz-checksum-crc32": "AAAAAA=="}, 403, s3Error("AccessDenied")},
		{"another key than was signed", "form/key", "12345", time.Minute, map[string]string{"key": "elsewhere"}, 403, s3Error("AccessDenied")},
		{"expired", "form/late", "12345", -time.Minute, nil, 403, s3Error("AccessDenied")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := st.form(t, tt.key, tt.body, tt.life, tt.change)
			if got.Status != tt.status || !strings.Contains(got.Body, tt.want) {
				t.Errorf("answer = %d %s, want %d %s", got.Status, got.Body, tt.status, tt.want)
			}
			if got.Status == 204 && got.Header["Access-Control-Allow-Origin"] != origin {
				t.Errorf("a page of %s may not read the answer: %v", origin, got.Header)
			}
		})
	}
	want := putted("form/good")
	want.Reason = "POST Object"
	if diff := cmp.Diff([]s3.Created{want}, st.events()); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

func TestMultipart(t *testing.T) {
	st := start(t, t.TempDir())
	ctx, bucket, key := t.Context(), aws.String("media"), aws.String("big")
	up, err := st.client.CreateMultipartUpload(ctx, &awss3.CreateMultipartUploadInput{Bucket: bucket, Key: key})
	if err != nil {
		t.Fatal(err)
	}
	// Parts but the last have at least 5 MiB, as on S3.
	parts := [][]byte{repeat(5 << 20), []byte("tail")}
	var done []types.CompletedPart
	for i, body := range parts {
		n := aws.Int32(int32(i + 1))
		req, err := awss3.NewPresignClient(st.client).PresignUploadPart(ctx, &awss3.UploadPartInput{
			Bucket: bucket, Key: key, UploadId: up.UploadId, PartNumber: n,
		})
		if err != nil {
			t.Fatal(err)
		}
		got := do(t, "PUT", req.URL, bytes.NewReader(body), nil, "ETag")
		if got.Status != 200 {
			t.Fatalf("part %d = %d: %s", i+1, got.Status, got.Body)
		}
		done = append(done, types.CompletedPart{PartNumber: n, ETag: aws.String(got.Header["ETag"])})
	}
	if n := len(st.events()); n != 0 {
		t.Errorf("%d events before completion, want 0", n)
	}
	out, err := st.client.CompleteMultipartUpload(ctx, &awss3.CompleteMultipartUploadInput{
		Bucket: bucket, Key: key, UploadId: up.UploadId, MultipartUpload: &types.CompletedMultipartUpload{Parts: done},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []s3.Created{{Bucket: "media", Key: "big", Size: 5<<20 + 4, ETag: strings.Trim(*out.ETag, `"`), Reason: "CompleteMultipartUpload"}}
	if diff := cmp.Diff(want, st.events()); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	got := do(t, "GET", st.presignGet(t, &awss3.GetObjectInput{Key: key}, time.Now(), time.Minute), nil, map[string]string{"Range": "bytes=5242879-"})
	if got.Body != "ftail" {
		t.Errorf("across the parts' border = %q, want %q", got.Body, "ftail")
	}
}

func TestCopy(t *testing.T) {
	st := start(t, t.TempDir())
	st.put(t, "from", "12345")
	_, err := st.client.CopyObject(t.Context(), &awss3.CopyObjectInput{
		Bucket: aws.String("media"), Key: aws.String("to"), CopySource: aws.String("media/from"),
	})
	if err != nil {
		t.Fatal(err)
	}
	from, to := putted("from"), putted("to")
	from.Reason, to.Reason = "PutObject", "CopyObject"
	if diff := cmp.Diff([]s3.Created{from, to}, st.events()); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

func TestPreflight(t *testing.T) {
	st := start(t, t.TempDir())
	for _, tt := range []struct {
		name, origin string
		status       int
	}{
		{"our pages", origin, http.StatusOK},
		{"others", "https://evil.example", http.StatusForbidden},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := do(t, "OPTIONS", "http://"+st.addr+"/media/key", nil, map[string]string{
				"Origin": tt.origin, "Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "content-type",
			}, "Access-Control-Allow-Origin")
			if got.Status != tt.status {
				t.Errorf("status = %d, want %d: %s", got.Status, tt.status, got.Body)
			}
			if allowed := got.Header["Access-Control-Allow-Origin"] == tt.origin; allowed != (tt.status == 200) {
				t.Errorf("allowed origin = %q", got.Header["Access-Control-Allow-Origin"])
			}
		})
	}
}

// TestBesideDeletions: what is stored while the last of its folder is deleted
// is stored.
func TestBesideDeletions(t *testing.T) {
	st := start(t, t.TempDir())
	var wg sync.WaitGroup
	for _, key := range []string{"uploads/org/one", "uploads/org/two"} {
		wg.Go(func() {
			for range 300 {
				st.put(t, key, "12345")
				if _, err := st.client.DeleteObject(t.Context(), &awss3.DeleteObjectInput{Bucket: aws.String("media"), Key: &key}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	left, err := st.client.ListObjectsV2(t.Context(), &awss3.ListObjectsV2Input{Bucket: aws.String("media")})
	if err != nil || len(left.Contents) > 0 {
		t.Errorf("left: %v, %v", left.Contents, err)
	}
}
