package viewer_test

import (
	"regexp"
	"strings"
	"testing"

	"latchkey/shared/transcript"
	"latchkey/shared/transcript/export"
)

// TestAssets: each file that a page names is there, for ever; one of another
// version is not kept.
func TestAssets(t *testing.T) {
	s := newSite(t, transcript.FromText("Ann", 0, 1000, "hello"))
	pages := s.get(s.path()).Body.String() + s.get("/shared/transcript/"+s.doc.ID).Body.String()
	found := regexp.MustCompile(`"(/shared/assets/[^"]+)"`).FindAllStringSubmatch(pages, -1)
	if len(found) < 5 {
		t.Fatalf("assets %v", found)
	}
	for _, m := range found {
		w := s.get(m[1])
		if w.Code != 200 || w.Body.Len() == 0 || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") || w.Header().Get("Content-Type") == "" {
			t.Errorf("%s: %d %v", m[1], w.Code, w.Header())
		}
	}
	if w := s.get("/shared/assets/0000000000000000/viewer.css"); w.Code != 200 || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("another version's: %d %v", w.Code, w.Header())
	}
	for _, no := range []string{"/shared/assets/x/viewer.html", "/shared/assets/x/%2e%2e%2fviewer.go", "/shared/assets/x/none.js"} {
		if w := s.get(no); w.Code != 404 {
			t.Errorf("%s: %d", no, w.Code)
		}
	}
}

// TestFormats: each format that is offered can be written, and none is
// missing.
func TestFormats(t *testing.T) {
	s := newSite(t, transcript.FromText("Ann", 0, 1000, "hello"))
	var offered []string
	for _, m := range regexp.MustCompile(`name="format" value="([a-z]+)"`).FindAllStringSubmatch(s.get(s.path()).Body.String(), -1) {
		offered = append(offered, m[1])
		if export.ContentType(transcript.Format(m[1])) == "" {
			t.Errorf("%s cannot be written", m[1])
		}
	}
	if len(offered) != 10 {
		t.Errorf("offered %v", offered)
	}
}
