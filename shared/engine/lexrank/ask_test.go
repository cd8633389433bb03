package lexrank

import (
	"testing"

	"latchkey/shared/recording"
)

func TestRead(t *testing.T) {
	for _, tt := range []struct {
		prompt string
		hints  recording.Hints
		want   ask
	}{
		{"Summarize this", recording.Hints{}, ask{kind: summary}},
		{"Summarise in 3 sentences.", recording.Hints{}, ask{kind: summary, count: 3}},
		{"Give me a one-sentence summary", recording.Hints{}, ask{kind: summary, count: 1}},
		{"A short summary, please", recording.Hints{}, ask{kind: summary}},
		{"Summarize in a single paragraph", recording.Hints{}, ask{kind: summary, count: 4}},
		{"Summarize in at most 100 words", recording.Hints{}, ask{kind: summary, words: 100}},
		{"List the five most important bullet points", recording.Hints{}, ask{kind: summary, count: 5, bullets: true}},
		{"What are the key takeaways?", recording.Hints{}, ask{kind: summary, bullets: true}},
		{"Summarize in 5 bullets with timestamps in German", recording.Hints{}, ask{kind: summary, count: 5, bullets: true, times: true, language: "de", named: "German"}},
		{"Fasse das in drei kurzen Sätzen zusammen, auf Englisch", recording.Hints{}, ask{kind: summary, count: 3, language: "en", named: "Englisch"}},
		{"Résume en 2 phrases en français", recording.Hints{}, ask{kind: summary, count: 2, language: "fr", named: "Français"}},
		{"Summarize in the end", recording.Hints{}, ask{kind: summary}},
		{"What did they decide?", recording.Hints{}, ask{kind: passages}},
		{"Can you summarize this?", recording.Hints{}, ask{kind: summary}},
		{"Find the passages on taxes", recording.Hints{}, ask{kind: passages}},
		{"Which topics were discussed?", recording.Hints{}, ask{kind: keywords}},
		{"10 keywords", recording.Hints{}, ask{kind: keywords, count: 10}},
		{"What is the mood?", recording.Hints{}, ask{kind: sentiment}},
		{"x", recording.Hints{Subtype: "chapters", Sentences: 4}, ask{kind: chapters, count: 4}},
		{"x", recording.Hints{Subtype: "entity"}, ask{kind: names}},
		{"What did they decide?", recording.Hints{Subtype: "custom"}, ask{kind: passages}},
		{"What did they decide in 2 sentences?", recording.Hints{Subtype: "summary"}, ask{kind: summary, count: 2}},
		{"Summarize in 999999 sentences", recording.Hints{}, ask{kind: summary, count: maxCount}},
		{"Summarize in 0 sentences", recording.Hints{}, ask{kind: summary}},
	} {
		got := read(recording.Question{Prompt: tt.prompt, Hints: tt.hints})
		got.about = ""
		if got != tt.want {
			t.Errorf("%s: %+v, want %+v", tt.prompt, got, tt.want)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add("Summarize in 3 sentences in German")
	f.Fuzz(func(t *testing.T, prompt string) {
		if a := read(recording.Question{Prompt: prompt}); a.count < 0 || a.count > maxCount || a.words < 0 {
			t.Errorf("%q: %+v", prompt, a)
		}
	})
}
