package command

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"latchkey/shared/transcript"
)

// output is what the programs print.
type output struct {
	// Of openai-whisper with --word_timestamps, and of faster-whisper's
	// segments. Times are seconds.
	Segments *[]struct {
		Start float64 `json:"start"`
		End   float64 `json:"end"`
		Text  string  `json:"text"`
		Words []struct {
			Word        string  `json:"word"`
			Start       float64 `json:"start"`
			End         float64 `json:"end"`
			Probability float64 `json:"probability"`
		} `json:"words"`
	} `json:"segments"`
	// Of whisper.cpp with --output-json (-oj), which has no tokens, and
	// --output-json-full (-ojf). Times are milliseconds.
	Transcription *[]struct {
		Offsets offsets `json:"offsets"`
		Text    string  `json:"text"`
		Tokens  []struct {
			Text    string   `json:"text"`
			Offsets *offsets `json:"offsets"` // some have none
			P       float64  `json:"p"`
		} `json:"tokens"`
	} `json:"transcription"`
}

type offsets struct {
	From int64 `json:"from"`
	To   int64 `json:"to"`
}

// read makes words of what a program printed.
func read(printed []byte) ([]transcript.Heard, error) {
	var o output
	if err := json.Unmarshal(printed, &o); err != nil {
		return nil, fmt.Errorf("what it printed is no JSON: %w", err)
	}
	var all words
	switch {
	case o.Segments != nil:
		for _, s := range *o.Segments {
			var pieces words
			for _, w := range s.Words {
				pieces = pieces.add(w.Word, millis(w.Start), millis(w.End), w.Probability)
			}
			all = all.segment(pieces, s.Text, millis(s.Start), millis(s.End))
		}
	case o.Transcription != nil:
		for _, s := range *o.Transcription {
			var pieces words
			at := s.Offsets.From
			for _, t := range s.Tokens {
				if strings.HasPrefix(t.Text, "[_") { // [_BEG_], [_TT_50]
					continue
				}
				if t.Offsets == nil {
					t.Offsets = &offsets{at, at}
				}
				at = t.Offsets.To
				pieces = pieces.add(t.Text, t.Offsets.From, t.Offsets.To, t.P)
			}
			all = all.segment(pieces, s.Text, s.Offsets.From, s.Offsets.To)
		}
	default:
		return nil, errors.New("what it printed has neither segments nor a transcription")
	}
	return all, nil
}

func millis(seconds float64) int64 {
	return int64(math.Round(min(max(seconds, 0)*1000, transcript.MaxTime)))
}

type words []transcript.Heard

// add adds a word, or a piece of one: " Lat", "ch", "key", ".".
func (w words) add(text string, start, end int64, sure float64) words {
	if strings.TrimSpace(text) == "" {
		return w
	}
	first, _ := utf8.DecodeRuneInString(text)
	if last := len(w) - 1; last >= 0 && !unicode.IsSpace(first) && !unspaced(first) {
		w[last].Text += text
		w[last].End = max(w[last].End, end)
		w[last].Confidence = min(w[last].Confidence, sure)
		return w
	}
	return append(w, transcript.Heard{Word: transcript.Word{Text: text, Start: start, End: end, Confidence: sure}})
}

// unspaced reports whether a word begins with a character before which no
// script writes a space.
func unspaced(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

// segment adds a segment's words: without any, or where tokens were cut within
// characters, the words of its text share its time.
func (w words) segment(pieces words, text string, start, end int64) words {
	for _, p := range pieces {
		if strings.ContainsRune(p.Text, utf8.RuneError) {
			pieces = nil
			break
		}
	}
	if len(pieces) == 0 {
		for _, word := range transcript.FromText("", start, max(start, end), text).Words {
			pieces = append(pieces, transcript.Heard{Word: word})
		}
	}
	if len(w) > 0 && len(pieces) > 0 {
		first := strings.TrimSpace(pieces[0].Text)
		pieces[0].Text = transcript.Space(w[len(w)-1].Text, first) + first
	}
	return append(w, pieces...)
}
