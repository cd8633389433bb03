package export

import (
	"bytes"
	"strings"
	"testing"

	"latchkey/shared/transcript"
)

func TestEveryFormat(t *testing.T) {
	tr := transcript.Transcript{Segments: []transcript.Segment{transcript.FromText("Ann", 0, 1000, "Hello.")}}
	for f, want := range map[transcript.Format]struct{ contentType, begin string }{
		transcript.SRT:  {"application/x-subrip; charset=utf-8", "1\n"},
		transcript.DOCX: {"application/vnd.openxmlformats-officedocument.wordprocessingml.document", "PK\x03\x04"},
		transcript.PDF:  {"application/pdf", "%PDF-"},
	} {
		var b bytes.Buffer
		if err := Write(&b, f, tr, transcript.Options{}); err != nil || !strings.HasPrefix(b.String(), want.begin) {
			t.Errorf("%s: %v, begins %.10q", f, err, b.String())
		}
		if ContentType(f) != want.contentType || Extension(f) != string(f) {
			t.Errorf("%s is a %s named .%s", f, ContentType(f), Extension(f))
		}
	}
	if err := Write(&bytes.Buffer{}, "exe", tr, transcript.Options{}); err == nil || ContentType("exe")+Extension("exe") != "" {
		t.Errorf("an unknown format: %v", err)
	}
}
