package sonix

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/dialect"
	"latchkey/shared/fault"
	"latchkey/shared/transcript"
)

// contract: SX-104
func TestBadTranscripts(t *testing.T) {
	seven := make([]string, 7)
	for i := range seven {
		seven[i] = fmt.Sprint("w", i)
	}
	// The eighth word of the fourth segment.
	eighth := func(w string) string {
		s := segment(seven...)
		last := strings.TrimSuffix(s, "]}") + "," + w + "]}"
		return "[" + strings.Repeat(segment("a")+",", 3) + last + "]"
	}
	timed := func(start, end string) string {
		return eighth(`{"text":"x","start_time":` + start + `,"end_time":` + end + `}`)
	}
	const start, end, text = "transcript[3].words[7].start_time", "transcript[3].words[7].end_time", "transcript[3].words[7].text"
	for _, tt := range []struct{ given, field string }{
		{timed("-1", "8"), start}, {timed("-0.0001", "8"), start}, {timed("1e999", "8"), start}, {timed("360000", "360001"), start}, {timed(`"7"`, "8"), start},
		{timed("null", "8"), start}, {timed("true", "8"), start}, {timed("6.999", "8"), start}, {timed("101", "102"), start},
		{timed("7", "-8"), end}, {timed("7", "6.9"), end}, {timed("7", "100.001"), end}, {timed("7", "null"), end}, {timed("7", "359999.9996"), end},
		{eighth(`{"text":"x","end_time":8}`), start}, {eighth(`{"text":"x","start_time":7}`), end},
		{eighth(`{"start_time":7,"end_time":8}`), text}, {eighth(word(7, "")), text}, {eighth(`{"text":5,"start_time":7,"end_time":8}`), text},
		{eighth(`{"text":"a\u0000","start_time":7,"end_time":8}`), text}, {eighth(`{"text":"a\u0007","start_time":7,"end_time":8}`), text},
		{eighth(`{"text":"` + strings.Repeat("a", 20_001) + `","start_time":7,"end_time":8}`), "transcript[3].text"},
		{eighth(`7`), "transcript[3].words[7]"}, {eighth(`null`), "transcript[3].words[7]"},
		{eighth(`{"text":"a","start_time":7,"end_time":8,"highlight":"yes"}`), "transcript[3].words[7].highlight"},
		{eighth(`{"text":"a","start_time":7,"end_time":8,"strikethrough":1}`), "transcript[3].words[7].strikethrough"},
		{eighth(`{"text":"a","start_time":7,"end_time":8,"highlight_color":"no colour"}`), "transcript[3].words[7].highlight_color"},
		{eighth(`{"text":"a","start_time":7,"end_time":8,"highlight_color":"#12345g"}`), "transcript[3].words[7].highlight_color"},
		{eighth(`{"text":"a","start_time":7,"end_time":8,"highlight_color":"#+f0"}`), "transcript[3].words[7].highlight_color"},
		{eighth(`{"text":"a","start_time":7,"end_time":8,"highlight_color":"ff0000"}`), "transcript[3].words[7].highlight_color"},
		{`[{"start_time":1,"end_time":9,"words":[` + word(0, "a") + `]}]`, "transcript[0].words[0].start_time"},
		{`[{"start_time":5,"end_time":6},{"start_time":4.999,"end_time":6}]`, "transcript[1].start_time"},
		{`[{"start_time":5,"end_time":4}]`, "transcript[0].end_time"}, {`[{"start_time":5,"text":"a"}]`, "transcript[0].end_time"}, {`[{"end_time":5}]`, "transcript[0].start_time"},
		{`[{"start_time":5,"end_time":6,"speaker":"a\nb"}]`, "transcript[0].speaker"}, {`[{"start_time":5,"end_time":6,"speaker":7}]`, "transcript[0].speaker"},
		{`[{"start_time":5,"end_time":6,"speaker":"` + strings.Repeat("a", 201) + `"}]`, "transcript[0].speaker"},
		{`[{"start_time":5,"end_time":6,"words":{}}]`, "transcript[0].words"}, {`[{"start_time":5,"end_time":6,"text":{}}]`, "transcript[0].text"},
		{`[7]`, "transcript[0]"}, {`[[]]`, "transcript[0]"}, {`{}`, "transcript"}, {`7`, "transcript"}, {`"[]"`, "transcript"}, {`{"transcript":7}`, "transcript"}, {`{"transcript":"["}`, "transcript"}, {`{"transcript":""}`, "transcript"}, {`{"transcript":null}`, "transcript"},
		{`{"transcript":{"transcript":7}}`, "transcript"}, {`{"transcript":{"a":[]}}`, "transcript"}, {`{"transcript":"[{\"start_time\":NaN,\"end_time\":1}]"}`, "transcript"},
		{"[" + strings.Repeat(`{"start_time":0,"end_time":0},`, transcript.MaxSegments) + `{"start_time":0,"end_time":0}]`, "transcript"},
	} {
		_, _, err := put(t, tt.given)
		refused(t, tt.given[:min(len(tt.given), 300)], err, tt.field)
	}
}

// TestAMillionWords: more than a body can carry, and refused all the same.
func TestAMillionWords(t *testing.T) {
	words := make([]any, 1000)
	for i := range words {
		words[i] = dialect.Object{"text": "a", "start_time": json.Number("0"), "end_time": json.Number("0")}
	}
	list := make([]any, 1000)
	for i := range list {
		list[i] = dialect.Object{"start_time": json.Number("0"), "end_time": json.Number("0"), "words": words}
	}
	_, _, err := readWords(dialect.Form{Value: list})
	refused(t, "a million words", err, "transcript")
}

// FuzzReadWords: what is taken is valid, is answered as it was given, and
// taken again.
func FuzzReadWords(f *testing.F) {
	for _, seed := range []string{callJSON, putJSON, `[` + segment("s", "tepping", " out") + `]`, `[{"start_time":0,"end_time":1,"text":"a\nb"}]`, `[` + segment("你好", "，", "\n世") + `]`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		r := httptest.NewRequest("PUT", "/", bytes.NewReader(in))
		r.Header.Set("Content-Type", "application/json")
		form, err := dialect.ReadForm(r, 0)
		if err != nil {
			return
		}
		tr, bare, err := readWords(form)
		if err != nil {
			if e := fault.As(err); e.Kind != fault.Invalid && e.Kind != fault.Missing || !strings.HasPrefix(e.Field, "transcript") {
				t.Fatalf("%q: %v", in, err)
			}
			return
		}
		if err := tr.Validate(); err != nil {
			t.Fatal(err)
		}
		out := written(t, "n", tr, bare)
		again, bareToo, err := put(t, out)
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		if diff := cmp.Diff(out, written(t, "n", again, bareToo)); diff != "" {
			t.Fatalf("(-first +again)\n%s", diff)
		}
		for _, format := range []transcript.Format{transcript.SRT, transcript.VTT} {
			captioned(t, format, tr, "limit_captions=true&speaker_display=uppercase", "en")
		}
	})
}
