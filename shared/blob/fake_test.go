package blob_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"latchkey/shared/blob"
)

// fakeS3 is a bucket named "media" with versions, in memory, that answers in
// pages of two and keeps what it was asked.
type fakeS3 struct {
	mu       sync.Mutex
	versions []version // sorted by key
	uploads  map[string]map[int]string
	asked    []string
	fails    string // the code with which the next request fails
	stuck    string // a key that cannot be deleted
}

type version struct {
	key, id, body string
	header        http.Header
}

// serve returns a bucket of the real SDK that talks to f.
func serve(t *testing.T, f *fakeS3) *blob.Bucket {
	t.Helper()
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	f.uploads = map[string]map[int]string{}
	client := s3.New(s3.Options{
		Region: "eu-central-1", BaseEndpoint: &server.URL, UsePathStyle: true, Retryer: aws.NopRetryer{},
		Credentials: credentials.NewStaticCredentialsProvider("A", "B", ""),
	})
	return blob.New(client, "media")
}

func (f *fakeS3) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	path, _ := strings.CutPrefix(r.URL.Path, "/media")
	key, q := strings.TrimPrefix(path, "/"), r.URL.Query()
	f.asked = append(f.asked, r.Method+" "+r.URL.RequestURI())
	if code := f.fails; code != "" {
		f.fails = ""
		refuse(w, map[bool]int{true: http.StatusNotFound, false: http.StatusForbidden}[code == "NoSuchBucket"], code)
		return
	}
	if !strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 ") || r.Header.Get("X-Amz-Trailer") != "" {
		refuse(w, http.StatusBadRequest, "NotWhatABareClientSends")
		return
	}
	switch {
	case r.Method == "GET" && q.Has("versions"):
		f.list(w, q.Get("prefix"), q.Get("version-id-marker"))
	case r.Method == "POST" && q.Has("delete"):
		f.delete(w, body)
	case q.Has("uploads") || q.Has("uploadId"):
		f.upload(w, r, key, body)
	case r.Method == "PUT" && r.Header.Get("X-Amz-Copy-Source") != "":
		f.copy(w, r, key)
	case r.Method == "PUT":
		f.put(w, r, key, body)
	case r.Method == "GET" || r.Method == "HEAD":
		f.get(w, r, key)
	default:
		refuse(w, http.StatusMethodNotAllowed, "MethodNotAllowed")
	}
}

func refuse(w http.ResponseWriter, status int, code string) {
	w.WriteHeader(status)
	fmt.Fprintf(w, "<Error><Code>%s</Code><Message>no</Message></Error>", code)
}

func (f *fakeS3) put(w http.ResponseWriter, r *http.Request, key string, body []byte) {
	sum := sha256.Sum256(body)
	if s := r.Header.Get("X-Amz-Checksum-Sha256"); s != "" && s != base64.StdEncoding.EncodeToString(sum[:]) {
		refuse(w, http.StatusBadRequest, "BadDigest")
		return
	}
	f.versions = append(f.versions, version{key, strconv.Itoa(len(f.versions)), string(body), r.Header.Clone()})
	slices.SortStableFunc(f.versions, func(a, b version) int { return strings.Compare(a.key, b.key) })
}

func (f *fakeS3) copy(w http.ResponseWriter, r *http.Request, to string) {
	source, _ := url.PathUnescape(r.Header.Get("X-Amz-Copy-Source"))
	from := strings.TrimPrefix(source, "media/")
	for _, v := range slices.Backward(f.versions) {
		if v.key != from {
			continue
		}
		if r.Header.Get("X-Amz-Copy-Source-If-Match") != `"`+v.id+`"` {
			refuse(w, http.StatusPreconditionFailed, "PreconditionFailed")
			return
		}
		f.versions = append(f.versions, version{to, strconv.Itoa(len(f.versions)), v.body, v.header})
		io.WriteString(w, "<CopyObjectResult/>")
		return
	}
	refuse(w, http.StatusNotFound, "NoSuchKey")
}

func (f *fakeS3) get(w http.ResponseWriter, r *http.Request, key string) {
	for _, v := range slices.Backward(f.versions) {
		if v.key != key {
			continue
		}
		for _, name := range []string{"Content-Type", "Content-Encoding"} {
			if s := v.header.Get(name); s != "" {
				w.Header().Set(name, s)
			}
		}
		if r.Header.Get("X-Amz-Checksum-Mode") == "ENABLED" {
			w.Header().Set("X-Amz-Checksum-Sha256", v.header.Get("X-Amz-Checksum-Sha256"))
		}
		w.Header().Set("ETag", `"`+v.id+`"`)
		if r.Header.Get("Range") != "" {
			ranged(w, r, v)
			return
		}
		w.Header().Set("Content-Length", strconv.Itoa(len(v.body)))
		io.WriteString(w, v.body)
		return
	}
	refuse(w, http.StatusNotFound, "NoSuchKey")
}

func ranged(w http.ResponseWriter, r *http.Request, v version) {
	var from, to int
	fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-%d", &from, &to)
	switch {
	case r.Header.Get("If-Match") != `"`+v.id+`"`:
		refuse(w, http.StatusPreconditionFailed, "PreconditionFailed")
	case from >= len(v.body):
		refuse(w, http.StatusRequestedRangeNotSatisfiable, "InvalidRange")
	default:
		w.WriteHeader(http.StatusPartialContent)
		io.WriteString(w, v.body[from:min(to+1, len(v.body))])
	}
}

// list answers with two versions, the second of them as a delete marker.
func (f *fakeS3) list(w http.ResponseWriter, prefix, after string) {
	fmt.Fprint(w, "<ListVersionsResult>")
	n, seen := 0, after == ""
	for _, v := range f.versions {
		if !strings.HasPrefix(v.key, prefix) {
			continue
		}
		if !seen {
			seen = v.id == after
			continue
		}
		if n++; n > 2 {
			fmt.Fprint(w, "<IsTruncated>true</IsTruncated>")
			break
		}
		kind := []string{"Version", "DeleteMarker"}[n-1]
		fmt.Fprintf(w, "<%s><Key>%s</Key><VersionId>%s</VersionId></%s><NextKeyMarker>%s</NextKeyMarker><NextVersionIdMarker>%s</NextVersionIdMarker>",
			kind, v.key, v.id, kind, v.key, v.id)
	}
	fmt.Fprint(w, "</ListVersionsResult>")
}

func (f *fakeS3) delete(w http.ResponseWriter, body []byte) {
	var in struct {
		Object []struct{ Key, VersionId string }
	}
	if err := xml.Unmarshal(body, &in); err != nil {
		refuse(w, http.StatusBadRequest, "MalformedXML")
		return
	}
	fmt.Fprint(w, "<DeleteResult>")
	for _, o := range in.Object {
		if o.Key == f.stuck {
			fmt.Fprintf(w, "<Error><Key>%s</Key><Code>AccessDenied</Code><Message>no</Message></Error>", o.Key)
			continue
		}
		// The pages after this one begin where it ended, so a gone version must still be found.
		for i, v := range f.versions {
			if v.key == o.Key && v.id == o.VersionId {
				f.versions[i].body = "deleted"
			}
		}
	}
	fmt.Fprint(w, "</DeleteResult>")
}

func (f *fakeS3) upload(w http.ResponseWriter, r *http.Request, key string, body []byte) {
	id := r.URL.Query().Get("uploadId")
	if r.URL.Query().Has("uploads") {
		id = "up/" + key
		f.uploads[id] = map[int]string{}
		fmt.Fprintf(w, "<InitiateMultipartUploadResult><UploadId>%s</UploadId></InitiateMultipartUploadResult>", id)
		return
	}
	parts, ok := f.uploads[id]
	if !ok {
		refuse(w, http.StatusNotFound, "NoSuchUpload")
		return
	}
	switch r.Method {
	case "DELETE":
		delete(f.uploads, id)
		w.WriteHeader(http.StatusNoContent)
	case "POST":
		f.complete(w, key, id, parts, body)
	}
}

func (f *fakeS3) complete(w http.ResponseWriter, key, id string, parts map[int]string, body []byte) {
	var in struct {
		Part []struct {
			PartNumber int
			ETag       string
		}
	}
	if err := xml.Unmarshal(body, &in); err != nil {
		refuse(w, http.StatusBadRequest, "MalformedXML")
		return
	}
	whole, last := "", 0
	for _, p := range in.Part {
		if p.PartNumber <= last || p.ETag != fmt.Sprintf("e%d", p.PartNumber) || parts[p.PartNumber] == "" {
			refuse(w, http.StatusBadRequest, "InvalidPart")
			return
		}
		whole, last = whole+parts[p.PartNumber], p.PartNumber
	}
	delete(f.uploads, id)
	f.versions = append(f.versions, version{key, "whole", whole, http.Header{}})
	fmt.Fprint(w, "<CompleteMultipartUploadResult><ETag>w</ETag></CompleteMultipartUploadResult>")
}
