package lexrank

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/engine/enginetest"
	"latchkey/shared/fault"
	"latchkey/shared/recording"
	"latchkey/shared/transcript"
)

// interpreter is a Translator with German only.
type interpreter struct{ err error }

func (i interpreter) Translate(_ context.Context, from, to string, texts []string) ([]string, error) {
	if to != "de" {
		return nil, recording.ErrPair(from, to, []string{"de"})
	}
	out := make([]string, len(texts))
	for i, text := range texts {
		out[i] = "DE(" + text + ")"
	}
	return out, i.err
}

const (
	cost = "The bridge cost about 4.5 million euros, which is more than the city planned."
	cars = "So cyclists get the old bridge, and cars get the new bridge."
	hope = "The city hopes that the traffic in the old town becomes less."
)

func TestSummarize(t *testing.T) {
	for _, tt := range []struct{ name, prompt, want string }{
		{"so many sentences", "Summarize in two sentences", cost + " " + cars},
		{"bullets", "Summarize in 3 bullet points", "• " + cost + "\n• " + cars + "\n• " + hope},
		{"so many words", "Summarize in 12 words", cars},
		{"too few words", "Summarize in 4 words", "So cyclists get the …"},
		{"with times", "Summarize in two sentences with time codes", "[00:00:12] Anna: " + cost + "\n[00:00:42] Ben: " + cars},
		{"about something", "Summarize in one sentence what they say about the school", "The budget also paid for the school in Lindau, and the school was expensive."},
		{"no question", "What is it about?", cost + " " + cars + " " + hope},
		{"a question", "What did the bridge cost?", "[00:00:06] Ben: How much did the bridge cost in the end? – Anna: " + cost},
		{"a question that nobody spoke of", "Who won the lottery?", "Nothing that was said has words of the question."},
		{"chapters", "Give me 2 chapters", "00:00:00 bridge, old, school: " + cars + "\n00:00:48 Anna, Thank, becomes: " + hope},
		{"keywords", "3 keywords", "• [00:00:01] 8 × bridge\n• [00:00:30] 4 × old\n• [00:00:12] 3 × city"},
		{"names", "Which names are mentioned?", "• [00:00:01] 1 × March\n• [00:00:18] 1 × Keller\n• [00:00:24] 1 × Lindau\n• [00:00:54] 1 × Anna"},
		{"in German", "Summarize in two sentences in German", "DE(" + cost + ") DE(" + cars + ")"},
		{"as it was said", "Summarize in one sentence in English", cars},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for range 2 { // it is the same each time
				got, err := Engine{Translator: interpreter{}}.Summarize(t.Context(), recording.Question{Prompt: tt.prompt, Language: "en-GB", Transcript: enginetest.Talk()})
				answer, note, ok := strings.Cut(got, "\n\n"+Extractive)
				if diff := cmp.Diff(tt.want, answer); err != nil || !ok || diff != "" {
					t.Fatalf("%v (-want +got):\n%s", err, diff)
				}
				if want := map[bool]string{true: ", then translated.", false: "."}[tt.name == "in German"]; note != want {
					t.Errorf("it says %q", note)
				}
			}
		})
	}
}

func TestNotInThatLanguage(t *testing.T) {
	q := recording.Question{Prompt: "Summarize in French", Language: "en", Transcript: enginetest.Talk()}
	for _, tt := range []struct {
		engine Engine
		want   string
	}{
		{Engine{}, ". Not in French: no translation engine is set up."},
		{Engine{Translator: interpreter{}}, ". Not in French: fr is not possible from en. Possible are: de."},
	} {
		if got, err := tt.engine.Summarize(t.Context(), q); err != nil || !strings.HasSuffix(got, Extractive+tt.want) {
			t.Errorf("%q, %v", got, err)
		}
	}
	down := errors.New("down")
	q.Prompt = "Summarize in German"
	if got, err := (Engine{Translator: interpreter{down}}).Summarize(t.Context(), q); !errors.Is(err, down) {
		t.Errorf("%q, %v", got, err)
	}
}

// TestMoods: what nobody said is not made up.
func TestMoods(t *testing.T) {
	for _, q := range []recording.Question{{Prompt: "What is the mood?"}, {Prompt: "x", Hints: recording.Hints{Subtype: "sentiment"}}} {
		q.Language, q.Transcript = "en", enginetest.Talk()
		if got, err := (Engine{}).Summarize(t.Context(), q); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q, %v", got, err)
		}
	}
}

// TestAsMuchAsThereIs: who asks for more sentences than there are gets all,
// and nobody gets the same twice.
func TestAsMuchAsThereIs(t *testing.T) {
	var said transcript.Transcript
	for i, text := range []string{"Yes.", "The sea is very blue today.", "The sea is very blue today.", "The sea is very blue, today!", "Really?"} {
		said.Segments = append(said.Segments, transcript.FromText("", int64(i)*1000, int64(i)*1000+900, text))
	}
	got, err := Engine{}.Summarize(t.Context(), recording.Question{Prompt: "Summarize", Hints: recording.Hints{Sentences: 9}, Language: "en", Transcript: said})
	want := "Yes. The sea is very blue today. The sea is very blue, today! Really?"
	if answer, _, _ := strings.Cut(got, "\n\n"); err != nil || answer != want {
		t.Errorf("%q, %v", answer, err)
	}
}

// TestAboutSomething: three sentences of a long talk are what it is to be about.
func TestAboutSomething(t *testing.T) {
	said := long(9_000)
	for i, text := range []string{"The zebra lives in worda3 and worda4.", "Nobody saw the zebra near worda9 after wordx2.", "That zebra likes wordx8 or worda0."} {
		said.Segments[100+200*i] = transcript.FromText("Ann", said.Segments[100+200*i].Start, said.Segments[100+200*i].End, text)
	}
	got, err := Engine{}.Summarize(t.Context(), recording.Question{Prompt: "Summarize what they say about the zebra in 3 sentences", Language: "en", Transcript: said})
	if answer, _, _ := strings.Cut(got, "\n"); err != nil || strings.Count(answer, "zebra") != 3 {
		t.Errorf("%s, %v", answer, err)
	}
}

// TestNothingTwice: what two sentences say alike is told once.
func TestNothingTwice(t *testing.T) {
	said := transcript.Transcript{Segments: []transcript.Segment{transcript.FromText("", 0, 9000,
		"The calm blue sea of the harbour town sold fish. Fish sold in the harbour town by the calm blue sea! The harbour is near the fish market. The town has a calm market. Blue fish are in the sea.")}}
	got, err := Engine{}.Summarize(t.Context(), recording.Question{Prompt: "Summarize in 2 sentences", Language: "en", Transcript: said})
	if answer, _, _ := strings.Cut(got, "\n"); err != nil || strings.Count(answer, "calm") > 1 {
		t.Errorf("%s, %v", answer, err)
	}
}

// TestEveryPartOfALongTalkIsHeard: of more than a block of sentences, each
// block has its best.
func TestEveryPartOfALongTalkIsHeard(t *testing.T) {
	said := long(60_000)
	x := vectors(split(said, "en"), stops("en"))
	all := make([]int, len(x.vectors))
	for i := range all {
		all[i] = i
	}
	got := x.ranked(t.Context(), all, nil)
	if len(all) <= 2*block || len(got) > block || len(got) < block/2 {
		t.Fatalf("of %d sentences %d are ranked", len(all), len(got))
	}
	in := map[int]int{}
	for _, i := range got {
		in[i/block]++
	}
	for b := range len(all) / block {
		if in[b] < 100 {
			t.Errorf("%d sentences of block %d", in[b], b)
		}
	}
}

// TestNoFullStops: speech that was recognised without them is cut at pauses,
// and told in sentences.
func TestNoFullStops(t *testing.T) {
	var said transcript.Transcript
	for i, text := range []string{"so the bridge cost four million", "the bridge is more than the city planned", "well you know", "the city plans a second bridge"} {
		said.Segments = append(said.Segments, transcript.FromText("", int64(i)*2000, int64(i)*2000+1000, text))
	}
	got, err := Engine{}.Summarize(t.Context(), recording.Question{Prompt: "Summarize in 2 sentences", Language: "en", Transcript: said})
	if answer, _, _ := strings.Cut(got, "\n"); err != nil || answer != "so the bridge cost four million. the bridge is more than the city planned." {
		t.Errorf("%q, %v", answer, err)
	}
}

// TestOtherScripts: words without spaces between them are compared as well.
func TestOtherScripts(t *testing.T) {
	said := transcript.Transcript{Segments: []transcript.Segment{transcript.FromText("", 0, 9000, "新しい橋は三月に開きます。今日は天気がいいです。橋の費用は四百万ユーロでした。")}}
	got, err := Engine{}.Summarize(t.Context(), recording.Question{Prompt: "橋の費用は?", Language: "ja", Transcript: said})
	if answer, _, _ := strings.Cut(got, "\n"); err != nil || !strings.HasSuffix(answer, "橋の費用は四百万ユーロでした。") {
		t.Errorf("%q, %v", got, err)
	}
}
