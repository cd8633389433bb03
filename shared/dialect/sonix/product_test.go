package sonix_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"latchkey/shared/account"
	"latchkey/shared/fake"
	"latchkey/shared/recording"
	"latchkey/shared/transcript"
)

// talk is what the media of these tests say: one word of each kind.
var talk = transcript.Transcript{Segments: []transcript.Segment{{Speaker: "Ann", End: 3000, Words: []transcript.Word{
	{Text: "one", End: 900}, {Text: " two", Start: 1000, End: 1900, Highlight: "#ffff00"}, {Text: " three", Start: 2000, End: 2900, Strikethrough: true},
}}}}

// filmed makes a media with a video, or sound, and a transcript.
func (s *site) filmed(t testing.TB, name, begins string, said transcript.Transcript) string {
	t.Helper()
	id := s.completed(t, name, said)
	a, err := s.Recordings.Own(ctx, s.Admin, account.WriteRecordings, id, "")
	if err != nil {
		t.Fatal(err)
	}
	r, err := s.Recordings.PutMedia(ctx, s.Admin, a.Recording, []byte(begins))
	if err != nil {
		t.Fatal(err)
	}
	f, err := s.Files.Uploaded(ctx, "uploads/"+r.Organization+"/"+r.FileID)
	if err == nil {
		err = s.Recordings.Arrived(ctx, f)
	}
	if err != nil {
		t.Fatal(err)
	}
	return id
}

const (
	film  = "\x00\x00\x00\x20ftypisom"
	sound = "ID3\x04\x00\x00"
)

// field is what a JSON field of an answer has.
func field(t testing.TB, a fake.Answer, name string) string {
	t.Helper()
	var m map[string]any
	a.JSON(t, &m)
	v, ok := m[name].(string)
	if !ok {
		t.Fatalf("no %s: %s", name, a.Body)
	}
	return v
}

func exactly(t *testing.T, what string, a fake.Answer, body string) {
	t.Helper()
	if a.Status != 200 || strings.TrimSpace(a.Body) != body {
		t.Errorf("%s: %d %s, want %s", what, a.Status, a.Body, body)
	}
}

// contract: SX-117, SX-119, SX-120, SX-121, SX-122, SX-123, SX-124, FF-35
func TestTranslations(t *testing.T) {
	s := newSite(t)
	e := s.Equip()
	id := s.completed(t, "Talk", talk)
	want(t, "before it is asked for", s.owner(t, "GET /v1/media/"+id+"/translations/es", ""), 404, `"message":"Translation not found"`)
	for range 2 {
		exactly(t, "asked for", s.owner(t, "POST /v1/media/"+id+"/translations", "language=es"), `{"language":"es","status":"queued"}`)
	}
	exactly(t, "queued", s.owner(t, "GET /v1/media/"+id+"/translations/es", ""), `{"language":"es","status":"queued"}`)
	for _, call := range []string{"/transcript?language=es", "/transcript.srt?language=es", "/translations/es/transcript.json"} {
		want(t, "read meanwhile", s.owner(t, "GET /v1/media/"+id+call, ""), 409, `"message":"The translation is not finished"`)
		want(t, "never asked for", s.owner(t, "GET /v1/media/"+id+strings.ReplaceAll(call, "es", "it"), ""), 404, "ot found")
	}
	e.Before = func() {
		exactly(t, "worked on", s.owner(t, "GET /v1/media/"+id+"/translations/es", ""), `{"language":"es","status":"processing"}`)
	}
	s.Work(t)
	exactly(t, "completed", s.owner(t, "GET /v1/media/"+id+"/translations/es", ""), `{"language":"es","status":"completed"}`)
	exactly(t, "asked for again", s.owner(t, "POST /v1/media/"+id+"/translations", `{"language":"es"}`), `{"language":"es","status":"completed"}`)
	for _, call := range []string{"/transcript?language=es", "/transcript.vtt?language=es", "/transcript.json?language=es", "/translations/es/transcript.srt"} {
		want(t, "read", s.owner(t, "GET /v1/media/"+id+call, ""), 200, "es:one")
	}
	want(t, "its own stays", s.owner(t, "GET /v1/media/"+id+"/transcript", ""), 200, "one two three")
	if len(e.Asked) != 1 {
		t.Errorf("translated %d times", len(e.Asked))
	}
}

// known is a translator that is known to have no languages but one.
type known string

func (k known) Supports(from, to string) error {
	if to == string(k) {
		return nil
	}
	return recording.ErrPair(from, to, []string{string(k)})
}

// contract: SX-117
func TestTranslationsThatAreNotPossible(t *testing.T) {
	s := newSite(t)
	id := s.completed(t, "Talk", talk)
	s.Recordings.Pairs = known("es")
	want(t, "into Cantonese", s.owner(t, "POST /v1/media/"+id+"/translations", "language=yue"), 400, `"message":"Invalid request: language yue is not possible from en. Possible are: es"`)
	want(t, "nothing is asked for", s.owner(t, "GET /v1/media/"+id+"/translations/yue", ""), 404)
	exactly(t, "into Spanish", s.owner(t, "POST /v1/media/"+id+"/translations", "language=es"), `{"language":"es","status":"queued"}`)
}

// contract: SX-006, SX-120, SX-122
func TestTranslationsFail(t *testing.T) {
	s := newSite(t)
	id := s.completed(t, "Talk", talk)
	s.owner(t, "POST /v1/media/"+id+"/translations", "language=yue")
	s.Work(t)
	exactly(t, "failed", s.owner(t, "GET /v1/media/"+id+"/translations/yue", ""),
		`{"language":"yue","status":"failed","failure_reason":"no translation engine is set up"}`)
	exactly(t, "tried again", s.owner(t, "POST /v1/media/"+id+"/translations", "language=yue"), `{"language":"yue","status":"queued"}`)
}

var stable = regexp.MustCompile(`^` + regexp.QuoteMeta(origin) + `(/v1/video_burn_ins/file/[0-9A-Za-z]{27})$`)

// contract: SX-125, SX-128, SX-142, SX-143, SX-144
func TestBurnIns(t *testing.T) {
	s := newSite(t)
	s.Equip()
	id := s.filmed(t, "Film", film, talk)
	want(t, "before there is one", s.owner(t, "GET /v1/video_burn_ins/"+id, ""), 404, `"message":"Video burn-in not found"`)
	a := s.owner(t, "POST /v1/media/"+id+"/video_burn_ins", "")
	made, link := field(t, a, "video_export_id"), field(t, a, "url")
	exactly(t, "asked for", a, `{"video_export_id":"`+made+`","status":"processing","url":"`+link+`"}`)
	path := stable.FindStringSubmatch(link)
	if path == nil {
		t.Fatalf("%s", link)
	}
	for _, by := range []string{made, id} {
		if got := s.owner(t, "GET /v1/video_burn_ins/"+by, ""); got.Body != a.Body {
			t.Errorf("by %s: %s", by, got.Body)
		}
	}
	want(t, "its URL meanwhile", s.as(t, "", "GET "+path[1], ""), 409, `"message":"The file is not finished"`)
	s.Work(t)
	exactly(t, "completed", s.owner(t, "GET /v1/video_burn_ins/"+made, ""), `{"video_export_id":"`+made+`","status":"completed","url":"`+link+`"}`)
	follow := s.as(t, "", "GET "+path[1], "")
	if to := follow.Header.Get("Location"); follow.Status != 302 || !strings.HasPrefix(to, "https://bucket.test/media/") || follow.Header.Get("Referrer-Policy") != "no-referrer" ||
		follow.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("%d %v", follow.Status, follow.Header)
	}
	if head := s.as(t, "", "HEAD "+path[1], ""); head.Status != 200 || head.Header.Get("Location") != "" {
		t.Errorf("%d %v", head.Status, head.Header)
	}
	s.Clock.Advance(1e9)
	newer := field(t, s.owner(t, "POST /v1/media/"+id+"/video_burn_ins", "bold=true"), "video_export_id")
	if by := field(t, s.owner(t, "GET /v1/video_burn_ins/"+id, ""), "video_export_id"); newer == made || by != newer {
		t.Errorf("the newest is %s, not %s", by, newer)
	}
	s.owner(t, "POST /v1/media/"+id+"/translations", "language=es")
	want(t, "before the translation", s.owner(t, "POST /v1/media/"+id+"/video_burn_ins", "language=es"), 409)
	s.Work(t)
	want(t, "in a translation", s.owner(t, "POST /v1/media/"+id+"/video_burn_ins", "language=es"), 200)
	want(t, "in none", s.owner(t, "POST /v1/media/"+id+"/video_burn_ins", "language=it"), 404, `"message":"Translation not found"`)
	s.owner(t, "DELETE /v1/media/"+id, "")
	want(t, "its URL when the media is deleted", s.as(t, "", "GET "+path[1], ""), 404, `"message":"File not found"`)
	s.Work(t)
	want(t, "and is gone", s.as(t, "", "GET "+path[1], ""), 404, `"message":"File not found"`)
}

// burnInValues are those of the text's table, and others, for each parameter.
var burnInValues = map[string]struct{ good, bad []string }{
	"font":             {recording.Fonts(), []string{"Helvetica", "arial"}},
	"font_size":        {[]string{"10", "16", "42"}, []string{"9", "43", "0", "-1", "16.5", "large", "99999999999999999999"}},
	"font_color":       {[]string{"#FFFFFF", "#00ff00"}, []string{"white", "#FFF"}},
	"bold":             {[]string{"true", "false"}, []string{"yes", "2"}},
	"italic":           {[]string{"true", "false"}, []string{"slightly"}},
	"h_align":          {[]string{"center", "right", "left"}, []string{"middle"}},
	"v_align":          {[]string{"top", "middle", "bottom"}, []string{"center"}},
	"border_style":     {[]string{"none", "outline", "wrap", "full"}, []string{"dotted"}},
	"border_color":     {[]string{"#000000"}, []string{"black"}},
	"ratio":            {[]string{"original", "1:1", "9:16", "16:9", "5:4", "4:5"}, []string{"4:3"}},
	"export_position":  {[]string{"fit", "fill"}, []string{"crop"}},
	"background_color": {[]string{"#000000"}, []string{"none"}},
	"language":         {[]string{"en"}, []string{"xx", "english"}},
}

// contract: SX-129, SX-130, SX-131, SX-132, SX-133, SX-134, SX-135, SX-136, SX-137, SX-138, SX-139, SX-140, SX-141
func TestBurnInValues(t *testing.T) {
	s := newSite(t)
	id := s.filmed(t, "Film", film, talk)
	for name, values := range burnInValues {
		for _, v := range values.good {
			want(t, name+"="+v, s.owner(t, "POST /v1/media/"+id+"/video_burn_ins", url.Values{name: {v}}.Encode()), 200)
		}
		for _, v := range values.bad {
			a := s.owner(t, "POST /v1/media/"+id+"/video_burn_ins", url.Values{name: {v}}.Encode())
			want(t, name+"="+v, a, 400, `"message":"Invalid request: `+name+` `)
		}
	}
}

// contract: SX-074, SX-075, SX-076, SX-077, SX-078, SX-079, SX-080, SX-081
func TestMediaExports(t *testing.T) {
	s := newSite(t)
	e := s.Equip()
	id, heard := s.filmed(t, "Film", film, talk), s.filmed(t, "Sound", sound, talk)
	plain := s.filmed(t, "Plain", sound, transcript.Transcript{Segments: []transcript.Segment{transcript.FromText("", 0, 900, "one")}})
	a := s.owner(t, "POST /v1/media/"+heard+"/media_exports", "")
	made := field(t, a, "id")
	exactly(t, "asked for", a, `{"id":"`+made+`","status":"processing","file_url":null}`)
	want(t, "with all", s.owner(t, "POST /v1/media/"+heard+"/media_exports", "media_format=wav&remove_strikethrough=true"), 200)
	s.Work(t)
	a = s.owner(t, "GET /v1/media_exports/"+made, "")
	link := field(t, a, "file_url")
	exactly(t, "completed", a, `{"id":"`+made+`","status":"completed","file_url":"`+link+`"}`)
	follow := s.as(t, "", "GET "+strings.TrimPrefix(link, origin), "")
	if follow.Status != 302 || !strings.Contains(follow.Header.Get("Location"), "type=audio/mpeg") {
		t.Errorf("%s: %d %v", link, follow.Status, follow.Header)
	}
	for _, spans := range e.Asked {
		if spans := spans.([]recording.Span); len(spans) == 1 && (spans[0] != recording.Span{Start: 1000, End: 1900}) || len(spans) == 2 && spans[1].Start != 2900 {
			t.Errorf("%v", spans)
		}
	}
	for _, v := range []string{"mp3", "wav", "mp4"} {
		want(t, v, s.owner(t, "POST /v1/media/"+id+"/media_exports", "media_format="+v), 200)
	}
	for what, tt := range map[string]struct{ id, body, field string }{
		"another format":        {id, "media_format=ogg", "media_format"},
		"a video of sound":      {heard, "media_format=mp4", "media_format"},
		"nothing highlighted":   {plain, "", "remove_strikethrough"},
		"what is no yes or no":  {id, "remove_strikethrough=perhaps", "remove_strikethrough"},
		"nothing, and it is so": {plain, "remove_strikethrough=false", "remove_strikethrough"},
	} {
		want(t, what, s.owner(t, "POST /v1/media/"+tt.id+"/media_exports", tt.body), 400, `"message":"Invalid request: `+tt.field+` `)
	}
	want(t, "all of what is plain", s.owner(t, "POST /v1/media/"+plain+"/media_exports", "remove_strikethrough=true"), 200)
}

// contract: SX-145, SX-147, SX-148, FF-36
func TestSummarizations(t *testing.T) {
	s := newSite(t)
	e := s.Equip()
	id := s.completed(t, "Talk", talk)
	a := s.owner(t, "POST /v1/media/"+id+"/summarizations", "prompt=Summarize&subtype=chapters&sentence_count=3")
	made := field(t, a, "summarization_id")
	exactly(t, "asked for", a, `{"summarization_id":"`+made+`","status":"processing","prompt":"Summarize","summary":null}`)
	s.Work(t)
	exactly(t, "completed", s.owner(t, "GET /v1/summarizations/"+made, ""),
		`{"summarization_id":"`+made+`","status":"completed","prompt":"Summarize","summary":"Summarize: 29 characters"}`)
	if q := e.Asked[0].(recording.Question); q.Hints != (recording.Hints{Subtype: "chapters", Sentences: 3}) || q.Text() != "[00:00:00] Ann: one two three" {
		t.Errorf("%+v", q)
	}
	for body, field := range map[string]string{
		"": "prompt", "prompt=": "prompt", "prompt=+": "prompt", "prompt=x&subtype=poem": "subtype", "prompt=x&sentence_count=0": "sentence_count",
		"prompt=x&sentence_count=101": "sentence_count", "prompt=x&sentence_count=few": "sentence_count", "prompt=" + strings.Repeat("x", 10_001): "prompt",
	} {
		want(t, body[:min(len(body), 30)], s.owner(t, "POST /v1/media/"+id+"/summarizations", body), 400, `"message":"Invalid request: `+field+` `)
	}
}

// contract: SX-014, SX-118, SX-126, SX-127, SX-146
func TestProductsNeedATranscript(t *testing.T) {
	s := newSite(t)
	id := s.made(t, waiting)
	for route, body := range map[string]string{
		"translations": "language=es", "video_burn_ins": "", "summarizations": "prompt=x", "media_exports": "",
	} {
		a := s.owner(t, "POST /v1/media/"+id+"/"+route, body)
		want(t, route, a, 409, `"message":"Media file is being transcribed"`)
	}
	heard := s.filmed(t, "Sound", sound, talk)
	want(t, "burnt into sound", s.owner(t, "POST /v1/media/"+heard+"/video_burn_ins", ""), 400, "is no video")
	for body, says := range map[string]string{
		"": "language is missing", "language=xx": "language is not a supported language", "language=en": "language is its own already",
	} {
		want(t, "translated to "+body, s.owner(t, "POST /v1/media/"+heard+"/translations", body), 400, "Invalid request: "+says)
	}
}

// A request that is repeated with its key makes one thing, and one that says
// something else is told so.
func TestProductsOnce(t *testing.T) {
	s := newSite(t)
	id := s.filmed(t, "Film", film, talk)
	for call, bodies := range map[string][2]string{
		"POST /v1/media/" + id + "/summarizations":   {"prompt=x", "prompt=y"},
		"POST /v1/media/" + id + "/media_exports":    {"media_format=mp3", "media_format=wav"},
		"POST /v1/media/" + id + "/video_burn_ins":   {"", "italic=true"},
		"POST /v1/folders/root/batch_summarizations": {"prompt=x", "prompt=y"},
	} {
		first := s.owner(t, call, bodies[0], "Idempotency-Key", "k")
		if again := s.owner(t, call, bodies[0], "Idempotency-Key", "k"); first.Status != 200 || again.Body != first.Body {
			t.Errorf("%s: %s, then %s", call, first.Body, again.Body)
		}
		if other := s.owner(t, call, bodies[0]); other.Body == first.Body {
			t.Errorf("%s: without a key: %s", call, other.Body)
		}
		want(t, call, s.owner(t, call, bodies[1], "Idempotency-Key", "k"), 400, "Idempotency-Key was used with another request")
		want(t, call, s.owner(t, call, bodies[0], "Idempotency-Key", "k k"), 400, "Idempotency-Key must be")
	}
}
