package command

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"latchkey/shared/transcript"
)

// The shapes are those that the programs' projects show: openai-whisper's
// --word_timestamps, whisper.cpp's -oj and -ojf.
var printed = []struct {
	name, json string
	want       []string
}{
	{"openai-whisper", `{"text": " Welcome to English in a minute.", "segments": [{"id": 0, "seek": 0, "start": 1.22, "end": 7.98, "text": " Welcome to English",
		"tokens": [50364, 4027], "temperature": 0, "avg_logprob": -0.3057987576439267, "no_speech_prob": 0.07,
		"words": [{"word": " Welcome", "start": 1.22, "end": 1.84, "probability": 0.7827746272087097}, {"word": " to", "start": 1.84, "end": 2.14, "probability": 0.99},
			{"word": " English", "start": 2.14, "end": 2.52, "probability": 0.96}]}, {"id": 1, "start": 8, "end": 9.5, "text": "Thanks.", "words": []}], "language": "en"}`,
		[]string{" Welcome 1220-1840 0.78", " to 1840-2140 0.99", " English 2140-2520 0.96", " Thanks. 8000-9500 0.00"}},
	{"the server of whisper.cpp, words in pieces", `{"segments": [{"id": 0, "text": " That's one", "start": 0, "end": 5, "tokens": [1320, 338, 530],
		"words": [{"word": " That", "start": 0.16, "end": 0.31, "probability": 0.31}, {"word": "'s", "start": 0.38, "end": 0.49, "probability": 0.83}, {"word": " one", "start": 0.5, "end": 0.6, "probability": 1}]}]}`,
		[]string{" That's 160-490 0.31", " one 500-600 1.00"}},
	{"whisper.cpp -oj", `{"systeminfo": "AVX = 1", "model": {"type": "base"}, "params": {"language": "en"}, "result": {"language": "en"}, "transcription": [
		{"timestamps": {"from": "00:00:00,000", "to": "00:00:01,000"}, "offsets": {"from": 0, "to": 1000}, "text": " And so"},
		{"timestamps": {"from": "00:00:01,000", "to": "00:00:02,000"}, "offsets": {"from": 1000, "to": 2000}, "text": " my fellow"}]}`,
		[]string{" And 0-600 0.00", " so 600-1000 0.00", " my 1000-1250 0.00", " fellow 1250-2000 0.00"}},
	{"whisper.cpp -ojf, one token without times", `{"transcription": [{"timestamps": {"from": "00:00:00,000", "to": "00:00:06,240"}, "offsets": {"from": 0, "to": 6240}, "text": " Hello everybody, welcome.", "tokens": [
		{"text": "[_BEG_]", "timestamps": {"from": "00:00:00,000", "to": "00:00:00,000"}, "offsets": {"from": 0, "to": 0}, "id": 50363, "p": 0.914895, "t_dtw": -1},
		{"text": " Hello", "timestamps": {"from": "00:00:00,360", "to": "00:00:00,430"}, "offsets": {"from": 360, "to": 430}, "id": 18435, "p": 0.811479, "t_dtw": -1},
		{"text": " every", "offsets": {"from": 430, "to": 800}, "id": 7288, "p": 0.784304, "t_dtw": -1}, {"text": "body", "offsets": {"from": 800, "to": 1200}, "id": 1, "p": 0.9},
		{"text": ",", "offsets": {"from": 1210, "to": 1380}, "id": 11, "p": 0.508538}, {"text": " welcome", "id": 7062, "p": 0.948503, "t_dtw": -1}, {"text": "[_TT_50]", "id": 50413, "p": 0.1}]}]}`,
		[]string{" Hello 360-430 0.81", " everybody, 430-1380 0.51", " welcome 1380-1380 0.95"}},
	{"tokens cut within characters", `{"transcription": [{"offsets": {"from": 0, "to": 400}, "text": "言葉", "tokens": [{"text": "` + "\xe8\xa8" + `", "offsets": {"from": 0, "to": 100}, "p": 0.9}, {"text": "` + "\x80葉" + `", "offsets": {"from": 100, "to": 400}, "p": 0.9}]}]}`,
		[]string{"言 0-200 0.00", "葉 200-400 0.00"}},
	{"a script without spaces", `{"segments": [{"start": 0, "end": 1, "text": "言葉", "words": [{"word": "言", "start": 0, "end": 0.5, "probability": 0.5}, {"word": "葉", "start": 0.5, "end": 1, "probability": 0.5}]}]}`,
		[]string{"言 0-500 0.50", "葉 500-1000 0.50"}},
	{"silence", `{"text": "", "segments": [], "language": "en"}`, nil},
	{"times that are none", `{"segments": [{"start": -5, "end": 1e300, "text": "a b", "words": []}]}`, []string{"a 0-179999999 0.00", " b 179999999-359999999 0.00"}},
}

func TestRead(t *testing.T) {
	for _, tt := range printed {
		t.Run(tt.name, func(t *testing.T) {
			all, err := read([]byte(tt.json))
			var got []string
			for _, w := range all {
				got = append(got, fmt.Sprintf("%s %d-%d %.2f", w.Text, w.Start, w.End, w.Confidence))
			}
			if err != nil || !slices.Equal(got, tt.want) {
				t.Errorf("%q, %v, not %q", got, err, tt.want)
			}
		})
	}
	for _, bad := range []string{"", "hello", "null", "{}", `{"text": "hello"}`, `{"segments": 5}`, `{"transcription": [{"tokens": [{"p": NaN}]}]}`} {
		if all, err := read([]byte(bad)); err == nil {
			t.Errorf("%q: %v", bad, all)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, p := range printed {
		f.Add([]byte(p.json))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		all, err := read(in)
		if err == nil {
			if err := transcript.Written(all).Validate(); err != nil && !strings.Contains(err.Error(), "more than") {
				t.Error(err)
			}
		}
	})
}

func TestSplit(t *testing.T) {
	for line, want := range map[string][]string{
		"whisper -l {language}":             {"whisper", "-l", "{language}"},
		` a  'b c' "d \" e" f\ g "" h'i'j `: {"a", "b c", `d " e`, "f g", "", "hij"},
		`sh -c 'x "$1" | y' -`:              {"sh", "-c", `x "$1" | y`, "-"},
		`"C:\dir" $HOME *`:                  {`C:\dir`, "$HOME", "*"},
		"":                                  nil, "  ": nil, "a 'b": nil, `a\`: nil,
	} {
		if got, err := split(line); !slices.Equal(got, want) || (err == nil) != (want != nil) {
			t.Errorf("%q: %q, %v", line, got, err)
		}
	}
}

func TestParse(t *testing.T) {
	if p, err := Parse("sh -c 'true'"); err != nil || p.String() != "sh" || !filepath.IsAbs(p[0]) || len(p) != 3 {
		t.Errorf("%q, %v", p, err)
	}
	for _, bad := range []string{"", "/no/such/program", "sh 'a"} {
		if p, err := Parse(bad); err == nil {
			t.Errorf("%q: %q", bad, p)
		}
	}
}
