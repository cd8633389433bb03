package scriptix

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/recording"
)

type translated struct{ Result translationJSON }

// contract: FF-15
func TestTranslate(t *testing.T) {
	s := newSite(t)
	e := s.Equip()
	one := "POST " + s.document + "/translate"
	body := `{"language":"FR","filename":"Procès-verbal"}`
	var told translated
	a := s.owner(t, one, body)
	a.JSON(t, &told)
	wanted := translationJSON{told.Result.Document, "sess_" + s.rec.ID, "fr", "Procès-verbal", "queued"}
	if diff := cmp.Diff(translated{wanted}, told); a.Status != 200 || diff != "" {
		t.Fatalf("%d (-want +got):\n%s", a.Status, diff)
	}
	document := s.session + "/document/" + told.Result.Document
	want(t, "before it is done", s.owner(t, "GET "+document, ""), 404, `"status":404`)
	s.Work(t)
	a = s.owner(t, one, body)
	a.JSON(t, &told)
	wanted.Status = "done"
	if diff := cmp.Diff(translated{wanted}, told); diff != "" || len(e.Asked) != 1 {
		t.Errorf("asked again, %d times translated (-want +got):\n%s", len(e.Asked), diff)
	}
	want(t, "done", s.owner(t, "GET "+document, ""), 200, `"language":"fr"`)
	want(t, "as captions", s.owner(t, "GET "+document+"?format=srt", ""), 200, "fr:Hello <all>")
	want(t, "into its own", s.owner(t, one, `{"language":"EN"}`), 422, `{"detail":[{"loc":["body","language"],"msg":"is its own already"`)
}

// contract: FF-15
func TestTranslateMultiple(t *testing.T) {
	s := newSite(t)
	s.Equip()
	several := "POST " + s.document + "/translate-multiple"
	a := s.owner(t, several, `{"languages":["FR","de-AT","fr"]}`)
	z, err := zip.NewReader(bytes.NewReader([]byte(a.Body)), int64(len(a.Body)))
	if err != nil || a.Status != 200 || a.Header.Get("Content-Disposition") != `attachment; filename="Minutes.zip"; filename*=UTF-8''Minutes.zip` {
		t.Fatalf("%d %v, %v", a.Status, a.Header, err)
	}
	got := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		got[f.Name] = string(b)
	}
	for name, language := range map[string]string{"fr.json": "fr", "de-at.json": "de-AT"} {
		if !strings.Contains(got[name], fmt.Sprintf(`"language":%q,"filename":"Minutes","status":"queued"}}`, language)) || len(got) != 2 {
			t.Errorf("%s: %s of %v", name, got[name], got)
		}
	}
	s.Work(t)
	want(t, "the documents", s.owner(t, "GET "+s.session+"/document", ""), 200, `"total_results":3`)
}

// few is a translator that is known to have few languages, or none.
type few []string

func (f few) Supports(from, to string) error {
	if slices.Contains(f, to) {
		return nil
	}
	return recording.ErrPair(from, to, f)
}

// contract: FF-15
func TestTranslateRefused(t *testing.T) {
	s := newSite(t)
	one, several := "POST "+s.document+"/translate", "POST "+s.document+"/translate-multiple"
	s.Recordings.Pairs = few{"es", "it"}
	for body, loc := range map[string]string{
		``: `["body","language"]`, `{"language":null}`: `["body","language"]`, `{"language":7}`: `["body","language"]`, `{"language":"French, please"}`: `["body","language"]`,
		`{"language":"fr","filename":"` + strings.Repeat("a", 201) + `"}`: `["body","filename"]`, `{"language":"fr","webhook_url":"https://a.test"}`: `["body","webhook_url"]`,
		`{"language":"FR"}`: `["body","language"],"msg":"fr is not possible from en. Possible are: es, it"`,
	} {
		want(t, body, s.owner(t, one, body), 422, `{"detail":[{"loc":`+loc)
	}
	for body, loc := range map[string]string{
		`{}`: `["body","languages"]`, `{"languages":[]}`: `["body","languages"]`, `{"languages":"fr"}`: `["body","languages"]`, `{"languages":["fr",7]}`: `["body","languages",1]`,
		`{"languages":["fr"` + strings.Repeat(`,"de"`, 50) + `]}`: `["body","languages"]`, `{"languages":["fr"],"filename":"a\nb"}`: `["body","filename"]`,
		`{"languages":["fr"],"webhook_url":"https://a.test"}`: `["body","webhook_url"]`, `{"languages":["es","fr"]}`: `["body","languages",1]`,
	} {
		want(t, body, s.owner(t, several, body), 422, `{"detail":[{"loc":`+loc)
	}
	s.Recordings.Pairs = nil
	want(t, "into its own", s.owner(t, several, `{"languages":["fr","en"]}`), 422, `["body","languages",1]`)
	want(t, "by a link", s.visit(t, one+"?token="+s.link(t)), 403, `"status":403`)
	// Without an engine, the job finds out.
	a := s.owner(t, one, `{"language":"it"}`)
	want(t, "without an engine", a, 200, `"status":"queued"`)
	s.Work(t)
	want(t, "and it failed, so is tried again", s.owner(t, one, `{"language":"it"}`), 200, `"status":"queued"`)
	want(t, "no document came of it", s.owner(t, "GET "+s.session+"/document", ""), 200, `"total_results":1`)
}
