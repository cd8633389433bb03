package transcribe

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/transcribe/types"
	"github.com/google/go-cmp/cmp"

	"latchkey/shared/engine/enginetest"
	"latchkey/shared/fake"
	"latchkey/shared/fault"
	"latchkey/shared/job"
	"latchkey/shared/recording"
	"latchkey/shared/transcript"
)

func speech() recording.Speech {
	return recording.Speech{
		ID: "transcribe-P3t53uWY-6fvkvN09", Media: recording.Media{Object: "media/o/f", Type: "audio/wav"}, Language: "en", Punctuation: true,
	}
}

func TestTranscriber(t *testing.T) {
	e, a := newEngine(t)
	enginetest.Transcriber(t, enginetest.Transcription{
		Transcriber: e, Aligner: e, Speech: speech(), Channels: speech(), Length: 10_000, Hears: "i've been on hold for an hour sorry about that", None: "tlh",
	})
	if len(a.jobs)+len(a.lists)+len(a.objects) > 0 {
		t.Errorf("left: %v, %v, %v", a.jobs, a.lists, a.objects)
	}
}

// done is what comes of a Speech when it is asked about until it is done.
func done(t *testing.T, e *Engine, s recording.Speech) (got transcript.Transcript, err error) {
	t.Helper()
	for range 9 {
		got, err = e.Transcribe(t.Context(), s)
		if _, later := errors.AsType[job.Later](err); !later {
			return got, err
		}
	}
	t.Fatal("it is never done")
	return got, nil
}

func lines(t transcript.Transcript) (out []string) {
	for _, s := range t.Segments {
		out = append(out, fmt.Sprintf("%d-%d %s: %s", s.Start, s.End, s.Speaker, s.Text()))
	}
	return out
}

func TestResults(t *testing.T) {
	for _, tt := range []struct {
		file, name string
		s          recording.Speech
		want       []string
	}{
		{"plain.json", "one voice", recording.Speech{Punctuation: true}, []string{"4870-6880 : I've been on hold for an hour.", "8490-9240 : Sorry about that."}},
		{"plain.json", "without punctuation", recording.Speech{}, []string{"4870-6880 : I've been on hold for an hour", "8490-9240 : Sorry about that"}},
		{"speakers.json", "voices", recording.Speech{Punctuation: true, Diarization: true}, []string{"4870-6880 Speaker 1: I've been on hold for an hour.", "8490-9240 Speaker 2: Sorry about that."}},
		{"labels.json", "voices whose words have no labels", recording.Speech{Punctuation: true, Diarization: true}, []string{"4870-6880 Speaker 1: I've been on hold for an hour.", "8490-9240 Speaker 2: Sorry about that."}},
		{"speakers.json", "voices that were not asked for", recording.Speech{Punctuation: true}, []string{"4870-6880 : I've been on hold for an hour.", "8490-9240 : Sorry about that."}},
		{"channels.json", "channels, at the same time", recording.Speech{Punctuation: true, PerChannel: true, Speakers: []string{"Ann", "Ben"}}, []string{"4870-6880 Ann: I've been on hold for an hour.", "6500-6900 Ben: Sorry", "8890-9250 Ben: about that."}},
		{"channels.json", "channels of one name", recording.Speech{Punctuation: true, PerChannel: true, Speakers: []string{"", "Ben"}}, []string{"4870-6880 Speaker 1: I've been on hold for an hour.", "6500-6900 Ben: Sorry", "8890-9250 Ben: about that."}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			body, err := os.ReadFile("testdata/" + tt.file)
			if err != nil {
				t.Fatal(err)
			}
			got, err := parse(body, tt.s)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, lines(got)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if w := got.Segments[len(got.Segments)-1].Words; w[0].Confidence != 1 && w[1].Confidence != 0.902 && w[0].Confidence != 0.9176 {
				t.Errorf("confidence: %+v", w)
			}
		})
	}
}

// TestJapanese is written without spaces.
func TestJapanese(t *testing.T) {
	item := func(kind, start, text string) string {
		return fmt.Sprintf(`{"type":%q,"start_time":%q,"end_time":%q,"alternatives":[{"confidence":"0.9","content":%q}]}`, kind, start, start, text)
	}
	body := `{"results":{"items":[` + strings.Join([]string{
		item("punctuation", "", "。"), item("pronunciation", "1", "言葉"), item("pronunciation", "1.5", "は"), item("punctuation", "", "。"), item("pronunciation", "2", "NHK"),
	}, ",") + `]}}`
	got, err := parse([]byte(body), recording.Speech{Punctuation: true})
	if diff := cmp.Diff([]string{"1000-2000 : 言葉は。 NHK"}, lines(got)); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestNoResult(t *testing.T) {
	for _, body := range []string{"", "{}", "[]", `{"results":{"items":[{"type":"pronunciation","start_time":"x","end_time":"1","alternatives":[{"content":"a"}]}]}}`,
		`{"results":{"items":[{"type":"pronunciation","start_time":"NaN","end_time":"1e99","alternatives":[{"content":"a"}]}]}}`} {
		if got, err := parse([]byte(body), recording.Speech{}); err == nil || fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %+v, %v", body, got, err)
		}
	}
	if got, err := parse([]byte(`{"results":{"transcripts":[{"transcript":""}],"items":[]}}`), recording.Speech{}); err != nil || len(got.Segments) != 0 {
		t.Errorf("of silence: %+v, %v", got, err)
	}
}

func FuzzResult(f *testing.F) {
	for _, name := range []string{"speakers.json", "channels.json", "labels.json"} {
		body, err := os.ReadFile("testdata/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body, true)
		f.Add(body, false)
	}
	f.Fuzz(func(t *testing.T, body []byte, channels bool) {
		got, err := parse(body, recording.Speech{PerChannel: channels, Diarization: true, Punctuation: true})
		if err == nil && len(got.Segments) < transcript.MaxSegments {
			if err := got.Validate(); err != nil {
				t.Error(err)
			}
		}
	})
}

func TestWhatIsAsked(t *testing.T) {
	for _, tt := range []struct {
		name     string
		change   func(*recording.Speech)
		language string
		format   any
		settings map[string]any
	}{
		{"nothing", func(*recording.Speech) {}, "en-US", "wav", map[string]any{}},
		{"a dialect", func(s *recording.Speech) { s.Language = "en-gb" }, "en-GB", "wav", map[string]any{}},
		{"another's dialect", func(s *recording.Speech) { s.Language = "de-AT" }, "de-DE", "wav", map[string]any{}},
		{"spanish of America", func(s *recording.Speech) { s.Language = "es-419" }, "es-US", "wav", map[string]any{}},
		{"a language of one dialect", func(s *recording.Speech) { s.Language = "it" }, "it-IT", "wav", map[string]any{}},
		{"norwegian", func(s *recording.Speech) { s.Language = "nb" }, "no-NO", "wav", map[string]any{}},
		{"traditional", func(s *recording.Speech) { s.Language = "zh-Hant" }, "zh-TW", "wav", map[string]any{}},
		{"a type that it may know", func(s *recording.Speech) { s.Type = "video/quicktime" }, "en-US", nil, map[string]any{}},
		{"a type that has two names", func(s *recording.Speech) { s.Type = "audio/mp4" }, "en-US", nil, map[string]any{}},
		{"voices", func(s *recording.Speech) { s.Diarization = true }, "en-US", "wav", map[string]any{"ShowSpeakerLabels": true, "MaxSpeakerLabels": 10.0}},
		{"as many as there are names", func(s *recording.Speech) { s.Diarization, s.Speakers = true, []string{"A", "B", "C"} }, "en-US", "wav", map[string]any{"ShowSpeakerLabels": true, "MaxSpeakerLabels": 3.0}},
		{"too many", func(s *recording.Speech) { s.Diarization, s.Speakers = true, make([]string, 40) }, "en-US", "wav", map[string]any{"ShowSpeakerLabels": true, "MaxSpeakerLabels": 30.0}},
		{"channels, whose voices are known", func(s *recording.Speech) { s.Diarization, s.PerChannel = true, true }, "en-US", "wav", map[string]any{"ChannelIdentification": true}},
		{"keywords", func(s *recording.Speech) { s.Keywords = []string{"Los Angeles"} }, "en-US", "wav", map[string]any{"VocabularyName": "latchkey-transcribe-P3t53uWY-6fvkvN09"}},
		{"keywords that cannot be said", func(s *recording.Speech) { s.Keywords = []string{"R2D2"} }, "en-US", "wav", map[string]any{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e, a := newEngine(t)
			s := speech()
			tt.change(&s)
			if _, err := done(t, e, s); err != nil {
				t.Fatal(err)
			}
			want := map[string]any{
				"TranscriptionJobName": "latchkey-transcribe-P3t53uWY-6fvkvN09", "LanguageCode": tt.language, "Settings": tt.settings,
				"Media": map[string]any{"MediaFileUri": "s3://the-bucket/media/o/f"}, "OutputBucketName": "the-bucket",
				"OutputKey": "engines/latchkey-transcribe-P3t53uWY-6fvkvN09.json",
			}
			if tt.format != nil {
				want["MediaFormat"] = tt.format
			}
			if diff := cmp.Diff(want, a.last("StartTranscriptionJob")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestMixed: who speaks Spanish and English is understood in both, without
// keywords.
func TestMixed(t *testing.T) {
	e, a := newEngine(t)
	s := speech()
	s.Language, s.Keywords = "es-en", []string{"word"}
	if _, err := done(t, e, s); err != nil {
		t.Fatal(err)
	}
	in := a.last("StartTranscriptionJob")
	if in["LanguageCode"] != nil || in["IdentifyMultipleLanguages"] != true || !cmp.Equal(in["LanguageOptions"], []any{"es-US", "en-US"}) || len(a.lists) > 0 {
		t.Errorf("%v", in)
	}
}

// TestLanguages: of those that Sonix's text lists Amazon knows all but one.
// contract: SX-004, SX-005, SX-006
func TestLanguages(t *testing.T) {
	const listed = `en fr de es es-en ar hy ba eu be bg bn ca hr yue cmn cs da nl et fi el he hi hu id it ja ko lv lt ms mr mn no fa pl pt ro ru sr sk sl sv sw
		ta th tl tr ug uk ur vi cy`
	for _, tag := range strings.Fields(listed) {
		codes, err := languagesOf(tag)
		if (err == nil) != (tag != "ur") {
			t.Errorf("%s: %v, %v", tag, codes, err)
		}
		if region, _ := languagesOf(tag + "-XX"); err == nil && len(region) != 1 {
			t.Errorf("%s with a region: %v", tag, region)
		}
	}
	for tag, want := range map[string]types.LanguageCode{
		"yue": "zh-HK", "cmn": "zh-CN", "cmn-TW": "zh-CN", "no": "no-NO", "tl": "tl-PH", "es-ES": "es-ES", "es-MX": "es-US", "es": "es-ES", "pt-PT": "pt-PT", "fr-BE": "fr-FR",
		"zh-TW": "zh-TW", "zh-Hant-HK": "zh-TW", "sr-Latn-RS": "sr-RS", "DE": "de-DE", "en-in": "en-IN",
	} {
		if got, err := languagesOf(tag); err != nil || got[0] != want {
			t.Errorf("%s: %v, %v, want %s", tag, got, err, want)
		}
	}
	for _, tag := range []string{"", "-", "x-klingon", "tlh-US", "e"} {
		if got, err := languagesOf(tag); err == nil {
			t.Errorf("%q: %v", tag, got)
		}
	}
}

// TestOnce: two who were told of it start it once.
func TestOnce(t *testing.T) {
	e, a := newEngine(t)
	for range 2 {
		err := e.begin(t.Context(), e.name("x"), []types.LanguageCode{"en-US"}, speech())
		if later, ok := errors.AsType[job.Later](err); !ok || later.After != 2*time.Minute {
			t.Fatal(err)
		}
	}
	if len(a.jobs) != 1 {
		t.Errorf("%d jobs", len(a.jobs))
	}
}

func TestFailures(t *testing.T) {
	const ever, passes = true, false
	long := recording.Speech{ID: "x", Language: "en", PerChannel: true, Speakers: []string{"a", "b", "c"}}
	for _, tt := range []struct {
		name      string
		operation string
		refusal   refusal
		change    func(*recording.Speech)
		ever      bool
		message   string // or a part of it
	}{
		{"too fast", "StartTranscriptionJob", refusal{400, "LimitExceededException", "You have too many concurrent jobs running.", nil, ""}, nil, passes, ""},
		{"throttled", "GetTranscriptionJob", refusal{400, "ThrottlingException", "Rate exceeded", nil, ""}, nil, passes, ""},
		{"down", "GetTranscriptionJob", refusal{500, "InternalFailureException", "try again", nil, ""}, nil, passes, ""},
		{"forbidden", "StartTranscriptionJob", refusal{400, "AccessDeniedException", "User: arn:aws:sts::1:x is not authorized", nil, ""}, nil, passes, ""},
		{"a bad request", "StartTranscriptionJob", refusal{400, "BadRequestException", "The language isn't supported in this region.", nil, ""}, nil, ever, "Amazon Transcribe cannot transcribe it: The language isn't supported in this region."},
		{"a bucket is named", "StartTranscriptionJob", refusal{400, "BadRequestException", "The S3 URI that you provided can't be accessed: the-bucket.", nil, ""}, nil, ever, "Amazon Transcribe cannot read it"},
		{"failed", "StartTranscriptionJob", refusal{states: []string{"IN_PROGRESS", "FAILED"}, reason: "Unsupported media format."}, nil, ever, "Amazon Transcribe cannot transcribe it: Unsupported media format."},
		{"failed without a reason", "StartTranscriptionJob", refusal{states: []string{"FAILED"}}, nil, ever, "Amazon Transcribe cannot transcribe it"},
		{"failed for a key", "StartTranscriptionJob", refusal{states: []string{"FAILED"}, reason: "Cannot parse s3://the-bucket/media/o/f"}, nil, ever, "Amazon Transcribe cannot read it"},
		{"channels at Amazon", "StartTranscriptionJob", refusal{states: []string{"FAILED"}, reason: "Invalid number of channels: number of channels too large."}, nil, ever, "no more"},
		{"channels here", "", refusal{}, func(s *recording.Speech) { *s = long }, ever, "no more"},
		{"no such language", "", refusal{}, func(s *recording.Speech) { s.Language = "tlh" }, ever, "no language that Amazon Transcribe knows"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e, a := newEngine(t)
			a.refuse[tt.operation] = tt.refusal
			s := speech()
			if tt.change != nil {
				tt.change(&s)
			}
			_, err := done(t, e, s)
			if err == nil || fault.Is(err, fault.Invalid) != tt.ever {
				t.Fatalf("%v", err)
			}
			if got := fault.As(err).Message; tt.ever && !strings.Contains(got, tt.message) {
				t.Errorf("%q, want %q", got, tt.message)
			}
			if _, err := e.Align(t.Context(), s, "a text"); err == nil {
				t.Error("it is aligned all the same")
			}
		})
	}
}

// TestInternalFailures of Amazon's are no matter of the media: the next attempt
// starts anew.
func TestInternalFailures(t *testing.T) {
	e, a := newEngine(t)
	a.refuse["StartTranscriptionJob"] = refusal{states: []string{"FAILED"}, reason: "Internal failure. Please try your request again."}
	if _, err := done(t, e, speech()); err == nil || fault.Is(err, fault.Invalid) || len(a.jobs) > 0 {
		t.Fatalf("%v, %v", err, a.jobs)
	}
	delete(a.refuse, "StartTranscriptionJob")
	if got, err := done(t, e, speech()); err != nil || len(got.Segments) != 2 {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestSilence: nothing is said, and nothing can be aligned.
func TestSilence(t *testing.T) {
	e, a := newEngine(t)
	if _, err := done(t, e, speech()); err != nil {
		t.Fatal(err)
	}
	a.objects["engines/latchkey-transcribe-P3t53uWY-6fvkvN09.json"] = []byte(`{"results":{"transcripts":[{"transcript":""}],"items":[]}}`)
	if got, err := done(t, e, speech()); err != nil || len(got.Segments) != 0 {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := e.Align(t.Context(), speech(), "a text"); !fault.Is(err, fault.Invalid) {
		t.Error(err)
	}
}

func TestKeywords(t *testing.T) {
	e, a := newEngine(t)
	s := speech()
	s.Keywords = []string{"Los Angeles", "Müller", "O’Neill", "C.L.I.", "R2D2", " los  Angeles ", "Los Angeles", "日本", "—", "", strings.Repeat("a", 257), "A/B (test)"}
	if _, err := done(t, e, s); err != nil {
		t.Fatal(err)
	}
	in := a.last("CreateVocabulary")
	if diff := cmp.Diff(map[string]any{
		"VocabularyName": "latchkey-" + s.ID, "LanguageCode": "en-US", "VocabularyFileUri": "s3://the-bucket/engines/latchkey-" + s.ID + ".txt",
	}, in); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	const want = `Phrase	SoundsLike	IPA	DisplayAs
Los-Angeles			Los Angeles
Muller			Müller
O'Neill			O’Neill
C.L.I.			C.L.I.
los-Angeles			los Angeles
A-B-test			A/B (test)
`
	if diff := cmp.Diff(want, string(a.objects["engines/latchkey-"+s.ID+".txt"])); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := string(tableOf([]string{"Mu\u0308ller", "日本"}, "de-DE")); !strings.HasSuffix(got, "DisplayAs\nMüller\t\t\tMu\u0308ller\n日本\t\t\t日本\n") {
		t.Errorf("%q", got)
	}
	if got := tableOf(strings.Fields(strings.Repeat("word ", 10)+longWords(20_000)), "de-DE"); len(got) > 50_000 || len(got) < 49_900 {
		t.Errorf("%d bytes", len(got))
	}
	if err := e.Forget(t.Context(), s.ID); err != nil || len(a.lists)+len(a.jobs)+len(a.objects) > 0 {
		t.Errorf("%v, left: %v", err, a)
	}
}

// longWords are n words, each another.
func longWords(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("w" + strings.Map(func(r rune) rune { return r - '0' + 'a' }, fmt.Sprint(i)) + " ")
	}
	return b.String()
}

// TestKeywordsThatAreRefused are done without.
func TestKeywordsThatAreRefused(t *testing.T) {
	for name, no := range map[string]refusal{
		"at once": {400, "BadRequestException", "The vocabulary has characters that are not supported.", nil, ""},
		"later":   {states: []string{"PENDING", "FAILED"}, reason: "not supported"},
	} {
		e, a := newEngine(t)
		a.refuse["CreateVocabulary"] = no
		s := speech()
		s.Keywords = []string{"word"}
		if _, err := done(t, e, s); err != nil || a.last("StartTranscriptionJob")["Settings"].(map[string]any)["VocabularyName"] != nil {
			t.Errorf("%s: %v, %v", name, err, a.last("StartTranscriptionJob"))
		}
	}
}

// TestLeftVocabularies are removed by who makes the next, unless they may be
// in use or are another stack's.
func TestLeftVocabularies(t *testing.T) {
	e, a := newEngine(t)
	for name, age := range map[string]time.Duration{"latchkey-transcribe-old": 49 * time.Hour, "latchkey-transcribe-young": 47 * time.Hour, "my-latchkey-transcribe-old": 49 * time.Hour} {
		a.lists[name] = &record{states: []string{"READY"}, at: fake.Start.Add(-age)}
	}
	s := speech()
	s.Keywords = []string{"word"}
	if _, err := done(t, e, s); err != nil {
		t.Fatal(err)
	}
	if a.lists["latchkey-transcribe-old"] != nil || a.lists["latchkey-transcribe-young"] == nil || a.lists["my-latchkey-transcribe-old"] == nil {
		t.Errorf("%v", a.lists)
	}
}
