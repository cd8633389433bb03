package scriptix

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"latchkey/shared/recording"
)

// upload sends media to where the session says.
func (s *site) upload(t testing.TB, body string) {
	t.Helper()
	a := s.owner(t, "POST "+s.session+"/upload-url", "")
	var got struct{ Result map[string]any }
	a.JSON(t, &got)
	to, err := url.Parse(got.Result["upload_url"].(string))
	if err != nil || a.Status != 200 {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	key := strings.TrimPrefix(to.Path, "/")
	if err := s.Objects.Put(ctx, key, []byte(body), "", ""); err != nil {
		t.Fatal(err)
	}
	f, err := s.Files.Uploaded(ctx, key)
	if err == nil {
		err = s.Recordings.Arrived(ctx, f)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// contract: FF-06
func TestUploadURL(t *testing.T) {
	s := newSite(t)
	a := s.owner(t, "POST "+s.session+"/upload-url", "{}")
	want(t, "asked", a, 200, `"session_id":"sess_`+s.rec.ID+`","max_file_size":5368709120`)
	want(t, "for a day", a, 200, `"expires_at":"`+stamp(s.Clock.Now().Add(24*time.Hour))+`"`)
	if a.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("%v", a.Header)
	}
	want(t, "by link", s.visit(t, "POST "+s.session+"/upload-url?token="+s.link(t)), 403, `"status":403`)
	s.upload(t, "RIFF\x3c\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x08\x00\x00\x00\x10\x00\x00\x00\x02\x00\x10\x00data\x18\x00\x00\x00"+
		"012345678901234567890123")
	want(t, "seen", s.owner(t, "GET "+s.session, ""), 200, `"duration":1.5,"media_type":"audio"`)
	want(t, "again", s.owner(t, "POST "+s.session+"/upload-url", ""), 400, "has its media")
	want(t, "in the result", s.owner(t, "GET "+s.session+"/result", ""), 200, `"duration":1.5,`)
	want(t, "to be played", s.owner(t, "GET "+s.session+"/result", ""), 200, "/document/doc_"+s.doc.ID+`?format=media"`)
}

// contract: SM-37
func TestPlay(t *testing.T) {
	s := newSite(t)
	token := s.link(t)
	want(t, "before there is any", s.visit(t, "GET "+s.shared+"/media?token="+token), 404, `"status":404`)
	s.upload(t, "RIFF\x24\x00\x00\x00WAVEfmt ")
	a := s.visit(t, "GET "+s.shared+"/media?token="+token)
	if a.Status != 302 || !strings.Contains(a.Header.Get("Location"), "type=audio/wav&download=false") ||
		a.Header.Get("Cache-Control") != "no-store" || a.Header.Get("Referrer-Policy") != "no-referrer" {
		t.Errorf("%d %v", a.Status, a.Header)
	}
	head := s.visit(t, "HEAD "+s.shared+"/media?token="+token)
	if head.Status != 200 || head.Header.Get("Location") != "" {
		t.Errorf("HEAD: %d %v", head.Status, head.Header)
	}
	want(t, "in advance", s.visit(t, "GET "+s.shared+"/media?token="+token, "Sec-Purpose", "prefetch"), 403, `"status":403`)
	want(t, "no token", s.visit(t, "GET "+s.shared+"/media"), 401, `"status":401`)
	saved := s.visit(t, "GET "+s.shared+"?format=media&token="+token)
	if saved.Status != 302 || !strings.Contains(saved.Header.Get("Location"), "download=true") {
		t.Errorf("saved: %d %v", saved.Status, saved.Header)
	}
	s.allow(t, recording.Change{Export: on(false)})
	want(t, "saved without the right", s.visit(t, "GET "+s.shared+"?format=media&token="+token), 403, `"status":403`)
	if a := s.visit(t, "GET "+s.shared+"/media?token="+token); a.Status != 302 {
		t.Errorf("played without the right to export: %d", a.Status)
	}
	owner := s.owner(t, "GET "+s.document+"?format=media", "")
	if owner.Status != 302 {
		t.Errorf("by its owner: %d %s", owner.Status, owner.Body)
	}
}
