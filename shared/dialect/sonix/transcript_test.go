package sonix_test

import (
	"encoding/json"
	"strings"
	"testing"

	"latchkey/shared/account"
	"latchkey/shared/recording"
	"latchkey/shared/transcript"
)

// call is the text's sample of a transcript.
const phoneCall = `[{"speaker":"Martin","start_time":1.32,"end_time":8.55,"words":[
{"text":"Hello,","start_time":1.32,"end_time":1.58},{"text":"is","start_time":1.58,"end_time":1.8},{"text":"now","start_time":1.8,"end_time":1.87},
{"text":"still","start_time":1.87,"end_time":2.32},{"text":"a","start_time":3.83,"end_time":3.95},{"text":"good","start_time":3.95,"end_time":4.26},
{"text":"time to","start_time":4.26,"end_time":6.65},{"text":"chat?","start_time":6.69,"end_time":8.55}]},
{"speaker":"John","start_time":10.24,"end_time":16.33,"words":[{"text":"Yes,","start_time":10.24,"end_time":10.46},
{"text":"lets","start_time":10.46,"end_time":10.67},{"text":"chat!","start_time":10.78,"end_time":16.33}]}]`

// contract: SX-082, SX-084, SX-085, SX-086, SX-087, SX-088, SX-100, SX-101, SX-104, SX-105, SX-107
func TestTranscript(t *testing.T) {
	s := newSite(t)
	id := s.completed(t, "Phone Call with John", transcript.Transcript{})
	path := "/v1/media/" + id + "/transcript"
	in := strings.NewReplacer("\n", "").Replace(phoneCall)
	want := func(what, got string) {
		t.Helper()
		var a, b any
		if json.Unmarshal([]byte(`{"name":"Phone Call with John","quality_score":null,"transcript":`+in+`}`), &a) != nil || json.Unmarshal([]byte(got), &b) != nil {
			t.Fatalf("%s: %s", what, got)
		}
		x, _ := json.Marshal(a)
		y, _ := json.Marshal(b)
		if string(x) != string(y) {
			t.Errorf("%s:\n%s, want\n%s", what, y, x)
		}
	}
	body, kind := multipart([3]string{"transcript", "", in})
	put := s.owner(t, "PUT "+path, body, "Content-Type", kind)
	if put.Status != 200 {
		t.Fatalf("%d %s", put.Status, put.Body)
	}
	want("put in a form", put.Body)
	want("put as JSON", s.owner(t, "PUT "+path, in).Body)
	want("put as an object", s.owner(t, "PUT "+path, `{"transcript":`+in+`}`).Body)
	want("read", s.owner(t, "GET "+path+".json", "").Body)
	text := s.owner(t, "GET "+path, "")
	if text.Body != "Phone Call with John\nMartin: [00:00:01] Hello, is now still a good time to chat?\nJohn: [00:00:10] Yes, lets chat!\n" ||
		text.Header.Get("Content-Type") != "text/plain; charset=utf-8" {
		t.Errorf("%q %q", text.Header.Get("Content-Type"), text.Body)
	}
	srt := s.owner(t, "GET "+path+".srt", "speaker_display=uppercase")
	if srt.Body != "1\n00:00:01,320 --> 00:00:08,550\nMARTIN:\nHello, is now still a good time to chat?\n\n2\n00:00:10,240 --> 00:00:16,330\nJOHN:\nYes, lets chat!\n" &&
		srt.Body != "1\n00:00:01,320 --> 00:00:08,550\nMARTIN:\nHello, is now still a good time to chat?\n\n2\n00:00:10,240 --> 00:00:16,330\nJOHN:\nYes, lets chat!\n\n" {
		t.Errorf("%q", srt.Body)
	}
	if vtt := s.owner(t, "GET "+path+".vtt?speaker_display=as_typed", ""); !strings.HasPrefix(vtt.Body, "WEBVTT\n\n") || !strings.Contains(vtt.Body, "00:00:01.320 --> 00:00:08.550\n") || !strings.Contains(vtt.Body, "Martin:\nHello,") {
		t.Errorf("%q", vtt.Body)
	}
}

// contract: SX-083, SX-108, SX-110, SX-014
func TestNotYetTranscribed(t *testing.T) {
	s := newSite(t)
	id := s.made(t, `{"file_url":"https://example.com/a.mp3","language":"en"}`)
	for _, call := range []string{
		"GET /transcript", "GET /transcript.srt", "GET /transcript.vtt", "GET /transcript.json", "PUT /transcript", "PUT /transcript/split",
		"GET /translations/es/transcript", "GET /translations/es/transcript.srt",
	} {
		method, path, _ := strings.Cut(call, " ")
		want(t, call, s.owner(t, method+" /v1/media/"+id+path, ""), 409, `{"code":409,"message":"Media file is being transcribed","error":"Media file is being transcribed"}`)
		want(t, call, s.owner(t, method+" /v1/media/AAAAAAAA"+path, ""), 404, "Media file not found")
	}
}

// contract: SX-116, SX-123, SX-124, FF-35
func TestTranscriptInALanguage(t *testing.T) {
	s := newSite(t)
	said := func(text string) *transcript.Transcript {
		return &transcript.Transcript{Segments: []transcript.Segment{{Speaker: "Ann", End: 900, Words: []transcript.Word{{Text: text, End: 900}}}}}
	}
	id := s.completed(t, "Call", *said("Hello"))
	a, err := s.Recordings.Own(ctx, s.Admin, account.WriteRecordings, id, "")
	if err == nil {
		_, err = s.Recordings.AddDocument(ctx, a, recording.NewDocument{Transcript: said("Hola"), Language: "es"})
	}
	if err != nil {
		t.Fatal(err)
	}
	path := "/v1/media/" + id
	for call, word := range map[string]string{
		"/transcript": "Hello", "/transcript?language=en": "Hello", "/transcript?language=es": "Hola", "/transcript.srt?language=es": "Hola", "/transcript.vtt?language=es": "Hola",
		"/transcript.json?language=es": "Hola", "/translations/es/transcript": "Hola", "/translations/es/transcript.srt": "Hola",
		"/translations/es/transcript.vtt": "Hola", "/translations/es/transcript.json": "Hola", "/transcript.srt?language=": "Hello",
	} {
		want(t, call, s.owner(t, "GET "+path+call, ""), 200, word)
	}
	want(t, "in a GET's body", s.owner(t, "GET "+path+"/transcript", "language=es"), 200, "Hola")
	for _, call := range []string{"GET /transcript?language=fr", "GET /translations/fr/transcript.vtt", "PUT /transcript/split?language=fr", "PUT /transcript?language=fr", "GET /transcript.srt?language=x"} {
		method, at, _ := strings.Cut(call, " ")
		want(t, call, s.owner(t, method+" "+path+at, ""), 404, `"message":"Translation not found"`)
	}
	want(t, "put in one", s.owner(t, "PUT "+path+"/transcript?language=es", `[{"speaker":"Ann","start_time":0,"end_time":1,"words":[{"text":"Adios","start_time":0,"end_time":1}]}]`), 200, "Adios")
	want(t, "the other stays", s.owner(t, "GET "+path+"/transcript", ""), 200, "Hello")
	want(t, "split one", s.owner(t, "PUT "+path+"/transcript/split", "language=es"), 200, "Adios")
}

// contract: SX-109, SX-111
func TestSplitIsStored(t *testing.T) {
	s := newSite(t)
	words := strings.Fields(strings.Repeat("We hold these truths to be self-evident, that all men are created equal. ", 4))
	seg := transcript.Segment{Speaker: "Martin Luther King"}
	for i, w := range words {
		at := int64(i) * 400
		seg.Words = append(seg.Words, transcript.Word{Text: " " + w, Start: at, End: at + 350})
	}
	seg.End = seg.Words[len(seg.Words)-1].End
	id := s.completed(t, "Speech", transcript.Transcript{Segments: []transcript.Segment{seg}})
	path := "/v1/media/" + id + "/transcript"
	a := s.owner(t, "PUT "+path+"/split", "subtitle_lines=2&max_characters=50&max_duration=10&max_cps=10")
	var out struct {
		Transcript []struct{ Words []struct{ Text string } }
	}
	if a.JSON(t, &out); a.Status != 200 || len(out.Transcript) < 5 {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	if read := s.owner(t, "GET "+path+".json", ""); read.Body != a.Body {
		t.Errorf("read: %s\nsplit: %s", read.Body, a.Body)
	}
	srt := s.owner(t, "GET "+path+".srt", "").Body
	if n := strings.Count(srt, " --> "); n != len(out.Transcript) {
		t.Errorf("%d subtitles, of %d segments: %s", n, len(out.Transcript), srt)
	}
	for cue := range strings.SplitSeq(strings.TrimSpace(srt), "\n\n") {
		if lines := strings.Split(cue, "\n")[2:]; len(lines) > 2 || len(strings.Join(lines, " ")) > 50 {
			t.Errorf("%q", cue)
		}
	}
	for field, body := range map[string]string{
		"subtitle_lines": "subtitle_lines=3", "max_characters": "max_characters=0", "max_duration": "max_duration=-1", "max_cps": "max_cps=x",
	} {
		want(t, field, s.owner(t, "PUT "+path+"/split", body), 400, "Invalid request: "+field)
	}
}

// A finished transcript is not changed, and a viewer changes none.
func TestWhoEdits(t *testing.T) {
	s := newSite(t)
	id := s.completed(t, "Call", transcript.Transcript{})
	path := "/v1/media/" + id + "/transcript"
	if _, err := s.Accounts.Invite(ctx, s.Admin, account.NewUser{Name: "Vic", Email: "vic@acme.test", Role: "view_only"}); err != nil {
		t.Fatal(err)
	}
	_, viewer, err := s.Accounts.CreateKey(ctx, s.Admin, "k", "vic@acme.test", account.Once{})
	if err != nil {
		t.Fatal(err)
	}
	want(t, "a viewer reads", s.as(t, viewer, "GET "+path, ""), 200)
	want(t, "a viewer writes", s.as(t, viewer, "PUT "+path, phoneCall), 403, "may not")
	want(t, "a viewer splits", s.as(t, viewer, "PUT "+path+"/split", ""), 403, "may not")
	a, err := s.Recordings.Own(ctx, s.Admin, account.WriteRecordings, id, "")
	if err == nil {
		a, err = s.Recordings.Main(ctx, a, "")
	}
	if err == nil {
		_, err = s.Recordings.Finish(ctx, a, true, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	want(t, "finished", s.owner(t, "PUT "+path, phoneCall), 409, "finished")
	want(t, "finished", s.owner(t, "PUT "+path+"/split", ""), 409, "finished")
}
