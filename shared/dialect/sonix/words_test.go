package sonix

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"mime/multipart"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/dialect"
	"latchkey/shared/transcript"
)

// The sample of .json, of which the white space is not kept.
const callJSON = `{"name": "Phone Call with John", "transcript": [
	{"speaker": "Martin", "start_time": 1.32, "end_time": 8.55, "words": [
		{"text": "Hello,", "start_time": 1.32, "end_time": 1.58},
		{"text": "is", "start_time": 1.58, "end_time": 1.8},
		{"text": "now", "start_time": 1.8, "end_time": 1.87},
		{"text": "still", "start_time": 1.87, "end_time": 2.32},
		{"text": "a", "start_time": 3.83, "end_time": 3.95},
		{"text": "good", "start_time": 3.95, "end_time": 4.26},
		{"text": "time to", "start_time": 4.26, "end_time": 6.65},
		{"text": "chat?", "start_time": 6.69, "end_time": 8.55}]},
	{"speaker": "John", "start_time": 10.24, "end_time": 16.33, "words": [
		{"text": "Yes,", "start_time": 10.24, "end_time": 10.46},
		{"text": "lets", "start_time": 10.46, "end_time": 10.67},
		{"text": "chat!", "start_time": 10.78, "end_time": 16.33}]}]}`

// The sample of a PUT, with one word where "…" stands for more, and closed by
// ]}] where it has ]}.
const putJSON = `[{"speaker": "Martin","start_time": 1.32,"end_time": 8.55,"words": [{"text": "Hello,","start_time": 1.32,"end_time": 1.58,"highlight": true}, {"text": "is","start_time": 1.58,"end_time": 1.8}]}]`

// body is a form of a request with a body.
func body(t testing.TB, contentType, content string) dialect.Form {
	t.Helper()
	r := httptest.NewRequest("PUT", "/", strings.NewReader(content))
	r.Header.Set("Content-Type", contentType)
	f, err := dialect.ReadForm(r, MaxFile)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// put reads JSON as a PUT of it.
func put(t testing.TB, content string) (transcript.Transcript, bool, error) {
	t.Helper()
	return readWords(body(t, "application/json", content))
}

func written(t testing.TB, name string, tr transcript.Transcript, bare bool) string {
	t.Helper()
	var b strings.Builder
	if err := writeWords(&b, name, tr, bare); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// same compares JSON by what it says.
func same(t *testing.T, want, got string) {
	t.Helper()
	var a, b any
	if err := errors.Join(json.Unmarshal([]byte(want), &a), json.Unmarshal([]byte(got), &b)); err != nil {
		t.Fatalf("%v: %s", err, got)
	}
	if diff := cmp.Diff(a, b); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func texts(tr transcript.Transcript) (out []string) {
	for _, s := range tr.Segments {
		out = append(out, s.Speaker+": "+s.Text())
	}
	return out
}

// contract: SX-100, SX-101, SX-102, SX-103, SX-105, SX-107, FF-32
func TestWordsSample(t *testing.T) {
	tr, bare, err := put(t, callJSON)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"Martin: Hello, is now still a good time to chat?", "John: Yes, lets chat!"}
	if diff := cmp.Diff(want, texts(tr)); diff != "" || !bare {
		t.Errorf("bare %v (-want +got)\n%s", bare, diff)
	}
	withQuality := strings.Replace(callJSON, `"transcript"`, `"quality_score": null, "transcript"`, 1)
	same(t, withQuality, written(t, "Phone Call with John", tr, bare))
}

// contract: SX-082, SX-084, SX-085
func TestTextSample(t *testing.T) {
	tr, _, err := put(t, `[{"speaker":"Martin","start_time":1.32,"end_time":8.55,"text":"Hello, is now still a good time to chat?"},
		{"speaker":"John","start_time":13.999,"end_time":16.33,"words":[{"text":"Yes,","start_time":14,"end_time":14},{"text":"lets\nchat.","start_time":14,"end_time":16}]},
		{"start_time":3723,"end_time":3724,"text":"nobody"},{"speaker":"John","start_time":3724,"end_time":3724}]`)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := writeText(&b, "Phone Call\nwith John", tr); err != nil {
		t.Fatal(err)
	}
	want := "Phone Call with John\nMartin: [00:00:01] Hello, is now still a good time to chat?\nJohn: [00:00:13] Yes, lets chat.\n[01:02:03] nobody\nJohn: [01:02:04]\n"
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// contract: SX-104, SX-105, FF-30
func TestEveryWayToPut(t *testing.T) {
	var form bytes.Buffer
	parts := multipart.NewWriter(&form)
	if err := errors.Join(parts.WriteField("transcript", putJSON), parts.Close()); err != nil {
		t.Fatal(err)
	}
	var withFile bytes.Buffer
	files := multipart.NewWriter(&withFile)
	file, err := files.CreateFormFile("transcript", "t.json")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(file, putJSON); errors.Join(err, files.Close()) != nil {
		t.Fatal(err)
	}
	quoted, err := json.Marshal(putJSON)
	if err != nil {
		t.Fatal(err)
	}
	object := `{"transcript":` + putJSON + `}`
	for name, f := range map[string]dialect.Form{
		"multipart":            body(t, parts.FormDataContentType(), form.String()),
		"a file":               body(t, files.FormDataContentType(), withFile.String()),
		"urlencoded":           body(t, "application/x-www-form-urlencoded", "transcript="+url.QueryEscape(putJSON)),
		"urlencoded object":    body(t, "application/x-www-form-urlencoded", "transcript="+url.QueryEscape(object)),
		"JSON array":           body(t, "application/json", putJSON),
		"JSON object":          body(t, "application/json", object),
		"JSON text":            body(t, "application/json", `{"transcript":`+string(quoted)+`}`),
		"JSON of no type":      body(t, "", object),
		"as it was answered":   body(t, "application/json", `{"name":"x","quality_score":null,"transcript":`+putJSON+`}`),
		"an object in a field": body(t, "application/json", `{"transcript":`+object+`}`),
	} {
		tr, bare, err := readWords(f)
		if err != nil || !bare {
			t.Errorf("%s: %v, bare %v", name, err, bare)
			continue
		}
		want := `{"name":"n","quality_score":null,"transcript":` + strings.Replace(putJSON, `"highlight": true`, `"highlight": true, "highlight_color": "#ffff00"`, 1) + `}`
		same(t, want, written(t, "n", tr, bare))
	}
}

// word is one of a second, as JSON.
func word(i int, text string) string {
	return fmt.Sprintf(`{"text":%q,"start_time":%d,"end_time":%d}`, text, i, i+1)
}

func segment(texts ...string) string {
	words := make([]string, len(texts))
	for i, text := range texts {
		words[i] = word(i, text)
	}
	return `{"speaker":"","start_time":0,"end_time":100,"words":[` + strings.Join(words, ",") + `]}`
}

// What was given is what is answered, to the letter, and the text is what a
// reader would have made of it.
//
// contract: SX-103, SX-106, SX-107, FF-33
func TestTextsStayAsTheyWereGiven(t *testing.T) {
	for _, tt := range []struct {
		name, given string
		want        []string
		bare        bool
	}{
		{"with spaces", segment("Hello,", " you", " two", ""+"s"), []string{"Hello, you twos"}, false},
		{"a word in pieces", segment("s", "tepping", " out"), []string{"stepping out"}, false},
		{"spaces behind", segment("Hello ", "you"), []string{"Hello you"}, false},
		{"without spaces", segment("Hello", "time to", "you"), []string{"Hello time to you"}, true},
		{"a space before the first", segment(" Hello", "you"), []string{" Hello you"}, true},
		{"marks apart", segment("Hello", ",", "you", "!", "?"), []string{"Hello, you!?"}, true},
		{"spaces elsewhere", segment("s", "tepping") + "," + segment("a", " b"), []string{"stepping", "a b"}, false},
		{"Chinese", segment("你好", "，", "世界", "OK", "。"), []string{"你好，世界 OK 。"}, true},
		{"Thai", segment("สวัสดี", "ครับ"), []string{"สวัสดีครับ"}, true},
		{"Korean", segment("안녕", "세상"), []string{"안녕 세상"}, true},
		{"lines", segment("We", "hold", "\nthat", "all"), []string{"We hold\nthat all"}, true},
		{"lines and spaces", segment("We", " hold", "\nthat", " all"), []string{"We hold\nthat all"}, false},
		{"white space alone", segment("a", " ", "b"), []string{"a b"}, false},
		{"one word", segment("a"), []string{"a"}, true},
		{"marks", `{"speaker":"S","start_time":0,"end_time":1.001,"words":[{"text":"a","start_time":0.001,"end_time":1,"highlight":true,"highlight_color":"#aB12cD","strikethrough":true},
			{"text":"b","start_time":1,"end_time":1.001,"strikethrough":true}]}`, []string{"a b"}, true},
		{"nothing said", `{"speaker":"S","start_time":1,"end_time":2,"words":[]}`, []string{""}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			given := "[" + tt.given + "]"
			tr, bare, err := put(t, given)
			if err != nil || bare != tt.bare {
				t.Fatalf("%v, bare %v", err, bare)
			}
			var got []string
			for _, s := range tr.Segments {
				got = append(got, s.Text())
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			same(t, `{"name":"","quality_score":null,"transcript":`+given+`}`, written(t, "", tr, bare))
		})
	}
}

// contract: SX-106, FF-33
func TestMarks(t *testing.T) {
	for marks, want := range map[string]string{
		`"highlight":true`:                                        "#ffff00",
		`"highlight":true,"highlight_color":null`:                 "#ffff00",
		`"highlight":true,"highlight_color":""`:                   "#ffff00",
		`"highlight":true,"highlight_color":"LightGreen"`:         "#90ee90",
		`"highlight_color":"#0f8"`:                                "#00ff88",
		`"highlight_color":"red","highlight":null`:                "#ff0000",
		`"highlight":false,"highlight_color":"red"`:               "",
		`"highlight":false`:                                       "",
		`"highlight":null,"strikethrough":null,"unknown":{"a":1}`: "",
	} {
		tr, _, err := put(t, `[{"start_time":0,"end_time":1,"words":[{"text":"a","start_time":0,"end_time":1,`+marks+`}]}]`)
		if err != nil || tr.Segments[0].Words[0].Highlight != want {
			t.Errorf("%s: %v, %v, want %q", marks, tr, err, want)
		}
	}
}

// What was split, answered and put back is what it was: no line break is lost,
// nor a space invented.
//
// contract: SX-111
func TestWhatWasSplitCanBePutBack(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 2))
		given := spoken(r)
		for i := range given.Segments {
			for j := range given.Segments[i].Words {
				w := &given.Segments[i].Words[j]
				w.Text = oneLine(w.Text)
			}
		}
		tr, bare, err := put(t, written(t, "", given, true))
		if err != nil || !bare {
			t.Fatalf("seed %d: %v, bare %v", seed, err, bare)
		}
		l, err := readSplit(form(t, "subtitle_lines=2&max_characters=30&max_duration=4"))
		if err != nil {
			t.Fatal(err)
		}
		split := tr.Split(l)
		again, bare, err := put(t, written(t, "", split, true))
		if diff := cmp.Diff(split, again); diff != "" || !bare || err != nil {
			t.Fatalf("seed %d: %v, bare %v (-split +again)\n%s", seed, err, bare, diff)
		}
	}
}

// What was given bare and then edited elsewhere is answered with its white
// space, where it would be lost without.
func TestBareTextsThatWereEdited(t *testing.T) {
	for _, edited := range [][]string{{"a", "  b", " c"}, {"s", "tepping", " out"}, {"a ", "b", " c"}, {"a", " b\n", "c"}, {"a", "\u00a0b", " c"}, {"a", " ,", " b"}} {
		tr := transcript.Transcript{Segments: []transcript.Segment{{End: 3000}}}
		for i, text := range edited {
			tr.Segments[0].Words = append(tr.Segments[0].Words, transcript.Word{Text: text, Start: int64(i) * 1000, End: int64(i+1) * 1000})
		}
		again, _, err := put(t, written(t, "", tr, true))
		if diff := cmp.Diff(tr, again); diff != "" || err != nil {
			t.Errorf("%v (-want +got)\n%s", err, diff)
		}
	}
}

// A segment may leave out what its words tell, or its words.
func TestWhatMayBeLeftOut(t *testing.T) {
	tr, bare, err := put(t, `[{"speaker":null,"words":[`+word(3, "a")+`,`+word(5, "b")+`]},{"start_time":7,"end_time":9,"text":" two \r\n\t lines  of it\n"}, {"speaker":"X","start_time":8,"end_time":8}]`)
	if err != nil || !bare {
		t.Fatal(err, bare)
	}
	want := `{"name":"","quality_score":null,"transcript":[{"speaker":"","start_time":3,"end_time":6,"words":[` + word(3, "a") + `,` + word(5, "b") + `]},
		{"speaker":"","start_time":7,"end_time":9,"words":[{"text":"two","start_time":7,"end_time":7.5},{"text":"\nlines","start_time":7.5,"end_time":8.333},{"text":"of","start_time":8.333,"end_time":8.666},{"text":"it","start_time":8.666,"end_time":9}]},
		{"speaker":"X","start_time":8,"end_time":8,"words":[]}]}`
	same(t, want, written(t, "", tr, bare))
	// What was made of text is put together rightly also where the others
	// have spaces.
	tr, bare, err = put(t, `[`+segment("a", " b")+`,{"start_time":7,"end_time":9,"text":"c d"}]`)
	if diff := cmp.Diff([]string{": a b", ": c d"}, texts(tr)); diff != "" || bare || err != nil {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
}

// Words that came from elsewhere may overlap; here they do not, so that what
// is answered can be put back.
func TestWrittenWordsDoNotOverlap(t *testing.T) {
	tr := transcript.Transcript{Segments: []transcript.Segment{{End: 100, Words: []transcript.Word{
		{Text: "a", Start: 0, End: 50}, {Text: " b", Start: 20, End: 30}, {Text: " <c>\n", Start: 30, End: 100, Highlight: "#ffffff", Strikethrough: true}}}}}
	const want = `{"name":"\"<&>\"","quality_score":null,"transcript":[{"speaker":"","start_time":0,"end_time":0.1,"words":[{"text":"a","start_time":0,"end_time":0.02},
		{"text":" b","start_time":0.02,"end_time":0.03},{"text":" <c>\n","start_time":0.03,"end_time":0.1,"highlight":true,"highlight_color":"#ffffff","strikethrough":true}]}]}`
	got := written(t, `"<&>"`, tr, false)
	same(t, want, got)
	if _, _, err := put(t, got); err != nil {
		t.Error(err)
	}
}
