package e2e

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strconv"

	"github.com/rogpeppe/go-internal/testscript"
)

// upload is how the stack wants a file.
type upload struct {
	Method string
	URL    string
	Fields map[string]string
	Size   int64 `json:"part_size"`
	Parts  []struct {
		Number int
		URL    string
	}
}

// part is one that S3 has.
type part struct {
	Number int    `json:"number"`
	ETag   string `json:"etag"`
}

func cmdUpload(ts *testscript.TestScript, args []string) {
	want(ts, args, 1, 2)
	st := of(ts)
	var in struct{ Upload upload }
	if json.Unmarshal(st.last.body, &in) != nil || in.Upload.Method == "" {
		in.Upload = st.upload // the last one, once more
	}
	st.upload = in.Upload
	file := []byte(ts.ReadFile(args[0]))
	if in.Upload.Method == http.MethodPost {
		st.postForm(ts, in.Upload, file)
		return
	}
	size := in.Upload.Size
	if len(args) == 2 { // S3 takes smaller ones than we propose
		var err error
		size, err = strconv.ParseInt(args[1], 10, 64)
		ts.Check(err)
	}
	st.putParts(ts, in.Upload, file, int(size))
}

// postForm leaves S3's answer, of any status.
func (st *story) postForm(ts *testscript.TestScript, u upload, file []byte) {
	var buf bytes.Buffer
	w := multipart.NewWriter(&buf)
	for name, value := range u.Fields {
		ts.Check(w.WriteField(name, value))
	}
	field, err := w.CreateFormFile("file", "upload") // last, as S3 wants it
	ts.Check(err)
	_, err = field.Write(file)
	ts.Check(err)
	ts.Check(w.Close())
	st.send(ts, request{method: u.Method, url: u.URL, header: http.Header{"Content-Type": {w.FormDataContentType()}}, body: buf.Bytes()})
}

// putParts sets $PARTS to what the upload is completed with.
func (st *story) putParts(ts *testscript.TestScript, u upload, file []byte, size int) {
	var parts []part
	for _, p := range u.Parts {
		if len(file) == 0 {
			break
		}
		n := min(size, len(file))
		st.send(ts, request{method: u.Method, url: p.URL, header: http.Header{}, body: file[:n]})
		if st.last.status != http.StatusOK {
			ts.Fatalf("part %d: %d %.2000s", p.Number, st.last.status, st.last.body)
		}
		parts = append(parts, part{p.Number, st.last.header.Get("ETag")})
		file = file[n:]
	}
	if len(file) > 0 {
		ts.Fatalf("%d parts are too few", len(u.Parts))
	}
	b, err := json.Marshal(parts)
	ts.Check(err)
	ts.Setenv("PARTS", string(b))
}

func cmdGenerate(ts *testscript.TestScript, args []string) {
	want(ts, args, 2, 2)
	size, err := strconv.Atoi(args[1])
	ts.Check(err)
	var b []byte
	switch filepath.Ext(args[0]) {
	case ".png":
		b, err = picture(size)
		ts.Check(err)
	case ".pdf":
		b = document(size)
	case ".zip":
		b, err = archive(size)
		ts.Check(err)
	default:
		b = noise(size)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), b, 0o600))
}

// archive is a ZIP of one file of size bytes.
func archive(size int) ([]byte, error) {
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	w, err := z.Create("index.html")
	if err == nil {
		_, err = w.Write(noise(size))
	}
	err = errors.Join(err, z.Close())
	return buf.Bytes(), err
}

// noise is bytes that do not compress and are the same every time.
func noise(size int) []byte {
	b := make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(b) // never fails
	return b
}

// picture is a PNG of at least size bytes.
func picture(size int) ([]byte, error) {
	side := 1
	for side*side*3 < size {
		side++
	}
	colors := noise(side * side * 3)
	img := image.NewRGBA(image.Rect(0, 0, side, side))
	for i := range side * side {
		img.Set(i%side, i/side, color.RGBA{colors[3*i], colors[3*i+1], colors[3*i+2], 255})
	}
	var buf bytes.Buffer
	err := png.Encode(&buf, img)
	return buf.Bytes(), err
}

// document is a PDF of one empty page and at least size bytes.
func document(size int) []byte {
	buf := bytes.NewBufferString("%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
	var offsets []int
	for i, object := range []string{
		"<</Type/Catalog/Pages 2 0 R>>",
		"<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<>>>>",
		fmt.Sprintf("<</Length %d>>\nstream\n%s\nendstream", size, noise(size)),
	} {
		offsets = append(offsets, buf.Len())
		fmt.Fprintf(buf, "%d 0 obj\n%s\nendobj\n", i+1, object)
	}
	xref := buf.Len()
	fmt.Fprintf(buf, "xref\n0 %d\n0000000000 65535 f \n", len(offsets)+1)
	for _, at := range offsets {
		fmt.Fprintf(buf, "%010d 00000 n \n", at)
	}
	fmt.Fprintf(buf, "trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(offsets)+1, xref)
	return buf.Bytes()
}
