package scriptix

import (
	"mime"
	"net/url"
	"strings"
	"testing"

	"latchkey/shared/fake"
	"latchkey/shared/recording"
	"latchkey/shared/share"
	"latchkey/shared/transcript"
	"latchkey/shared/transcript/export"
)

// contract: SM-38, FF-10, FF-11
func TestExports(t *testing.T) {
	s := newSite(t)
	token := s.link(t)
	for format, part := range map[string]string{
		"srt": "00:00:00,525 --> 00:00:01,900", "vtt": "WEBVTT", "sbv": "0:00:00.525,0:00:01.900", "ttml": "<tt ", "stl": "850STL25.01", "docx": "word/document.xml",
		"txt": "Hello <all>", "html": "Hello", "json": `"segments"`,
	} {
		for _, call := range []string{"GET " + s.document, "GET " + s.document + "?token=" + token, "GET " + s.shared + "?token=" + token} {
			mark := "?"
			if strings.Contains(call, "?") {
				mark = "&"
			}
			a := s.visit(t, call+mark+"format="+format)
			if mark == "?" {
				a = s.owner(t, call+"?format="+format, "")
			}
			want(t, call+" "+format, a, 200, part)
			if format == "json" {
				continue
			}
			_, params, err := mime.ParseMediaType(a.Header.Get("Content-Disposition"))
			if err != nil || params["filename"] != "Minutes."+format || a.Header.Get("X-Content-Type-Options") != "nosniff" ||
				a.Header.Get("Content-Type") != export.ContentType(transcript.Format(format)) || a.Header.Get("ETag") != `"1"` {
				t.Errorf("%s: %v", format, a.Header)
			}
			if mark == "&" && (a.Header.Get("Cache-Control") != "no-store" || a.Header.Get("Referrer-Policy") != "no-referrer") {
				t.Errorf("%s: %v", format, a.Header)
			}
		}
	}
	a := s.visit(t, "GET "+strings.Replace(s.session, "/speech-to-text/session/", "/shared/", 1)+"/document/doc_"+s.doc.ID+"?format=srt&token="+token)
	want(t, "by the alias", a, 200, "-->")
	events := s.Audit.Events()
	if len(events) == 0 || events[len(events)-1].Type != share.Exported || events[len(events)-1].Reason != "srt" {
		t.Errorf("the last of %d events is none of an export", len(events))
	}
	want(t, "media", s.owner(t, "GET "+s.document+"?format=media", ""), 404, "no media")
}

// TestSavedFromAPage: what a button of a page asks for is a file in every format.
func TestSavedFromAPage(t *testing.T) {
	s := newSite(t)
	at := "GET " + s.shared + "?token=" + s.link(t)
	for query, want := range map[string]string{"&format=json": "attachment; filename=\"Minutes.json\"; filename*=UTF-8''Minutes.json", "": ""} {
		a := s.visit(t, at+query, "Sec-Fetch-Mode", "navigate")
		if got := a.Header.Get("Content-Disposition"); a.Status != 200 || got != want {
			t.Errorf("%q: %d %q, want %q", query, a.Status, got, want)
		}
		if got := s.visit(t, at+query, "Sec-Fetch-Mode", "cors").Header.Get("Content-Disposition"); got != "" {
			t.Errorf("%q for a script: %q", query, got)
		}
	}
}

func TestExportOptions(t *testing.T) {
	s := newSite(t)
	s.owner(t, "PUT "+s.document, `{"filename":"../Ünd \"so\".srt","timecode_offset":"01:00:00:05"}`)
	a := s.owner(t, "GET "+s.document+"?format=srt", "")
	want(t, "an offset", a, 200, "01:00:00,725 --> 01:00:02,100")
	if d := a.Header.Get("Content-Disposition"); d != `attachment; filename="__nd _so_.srt"; filename*=UTF-8''_%C3%9Cnd%20_so_.srt` {
		t.Errorf("named %s", d)
	}
	want(t, "the view has none", s.owner(t, "GET "+s.document, ""), 200, `"start":0.525`)
	a = s.owner(t, "GET "+s.document+"?format=txt&without_timestamps=true&without_speakers=1&template_id=7", "")
	want(t, "bare", a, 200, "Hello <all>")
	if strings.Contains(a.Body, "Ann") || strings.Contains(a.Body, ":") {
		t.Errorf("not left out: %s", a.Body)
	}
	for _, q := range []string{"format=exe", "format=", "format=SRT", "without_speakers=maybe", "without_timestamps=", "direct_download=2", "template_id=x", "template_id=-1", "format=srt&format=vtt"} {
		name, _, _ := strings.Cut(q, "=")
		want(t, q, s.owner(t, "GET "+s.document+"?"+q, ""), 400, `"message":"`+name)
	}
}

func TestExportUnchanged(t *testing.T) {
	s := newSite(t)
	for _, q := range []string{"", "?format=srt"} {
		for _, tag := range []string{`"1"`, `W/"1"`, `"7", "1"`, "*"} {
			a := s.owner(t, "GET "+s.document+q, "", "If-None-Match", tag)
			if a.Status != 304 || a.Body != "" || a.Header.Get("ETag") != `"1"` {
				t.Errorf("%s %s: %d %q %v", q, tag, a.Status, a.Body, a.Header)
			}
		}
		want(t, "another", s.owner(t, "GET "+s.document+q, "", "If-None-Match", `"2"`), 200, "Hello")
		a := s.owner(t, "HEAD "+s.document+q, "")
		if a.Status != 200 || a.Body != "" || a.Header.Get("ETag") != `"1"` {
			t.Errorf("HEAD %s: %d %q %v", q, a.Status, a.Body, a.Header)
		}
	}
}

// contract: SM-46, SM-47, SM-76
func TestExportOff(t *testing.T) {
	s := newSite(t)
	token := "?token=" + s.link(t)
	s.allow(t, recording.Change{Export: on(false)})
	want(t, "the view", s.visit(t, "GET "+s.shared+token), 200, "Hello")
	want(t, "the view by name", s.visit(t, "GET "+s.shared+token+"&format=json"), 200, "Hello")
	for _, q := range []string{"format=srt", "format=vtt", "format=sbv", "format=ttml", "format=stl", "format=docx", "format=txt", "format=html", "format=media", "direct_download=true", "format=json&direct_download=true"} {
		want(t, q, s.visit(t, "GET "+s.shared+token+"&"+q), 403, `{"error":"Insufficient permissions"`)
		want(t, q, s.visit(t, "GET "+s.shared+token+"&"+q, "If-None-Match", "*"), 403, `"status":403`)
		if a := s.visit(t, "HEAD "+s.shared+token+"&"+q); a.Status != 403 {
			t.Errorf("HEAD %s: %d", q, a.Status)
		}
	}
	want(t, "its owner's all the same", s.owner(t, "GET "+s.document+"?format=srt", ""), 200, "-->")
}

// contract: FF-10
func TestDirectDownload(t *testing.T) {
	s := newSite(t)
	token := s.link(t)
	for format, contentType := range map[string]string{"srt": "application/x-subrip; charset=utf-8", "json": "application/json"} {
		for _, call := range []string{s.shared + "?token=" + token + "&", s.document + "?"} {
			get := s.visit
			if call == s.document+"?" {
				get = func(t testing.TB, call string, _ ...string) fake.Answer { return s.owner(t, call, "") }
			}
			a := get(t, "GET "+call+"direct_download=true&without_speakers=true&format="+format)
			var body struct{ Result downloadJSON }
			a.JSON(t, &body)
			d := body.Result
			u, err := url.Parse(d.URL)
			if a.Status != 200 || err != nil || u.Scheme != "https" || d.ExpiresIn != 3600 || d.Filename != "Minutes."+format || d.ContentType != contentType {
				t.Fatalf("%d %s", a.Status, a.Body)
			}
			at := get(t, "GET "+u.RequestURI())
			if at.Status != 200 || len(at.Body) != d.Size || strings.Contains(at.Body, "Ann") != (format == "json") {
				t.Errorf("%s leads to %d with %d of %d bytes", d.URL, at.Status, len(at.Body), d.Size)
			}
		}
	}
}
